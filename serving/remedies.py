"""What a person can do about a document that cannot be found, by how it failed."""

from __future__ import annotations

from collections.abc import Mapping

REMEDIES: Mapping[str, str] = {
    "budget": "Raise the budget, or approve more for this month; it goes on by itself.",
    "bytes_lost": "Its stored bytes are gone. The next sync fetches them again.",
    "damaged": "Open it in the program that made it, save it again, and let the source bring it anew.",
    "empty_extraction": "There is no text in it. If it shows pictures of text, have them read (OCR), or ignore it.",
    "needs_ocr": "It shows pictures of text. Install what reads them (the extra 'ocr'), then try again.",
    "too_deep": "Take it out of the archives that it stands in, one in the other, and put it there by itself.",
    "too_large": "Split it, or leave it out of the source.",
    "type_mismatch": "Its name says one kind of file, its content another. Give it the right ending.",
    "unsupported_encrypted": "Save it without a password.",
    "unsupported_format": "Save it in a format that is read, or leave it out of the source.",
    "unsupported_name": "Give it a name that can be kept.",
    "cut_short": "Nothing: the next sync goes on where this one ended.",
}
_OTHERS = "It is tried again by itself. If it stays, look whether the source can be reached, and try again."


def remedy(outcome: str) -> str:
    """One sentence of what to do."""
    return REMEDIES.get(outcome, _OTHERS)
