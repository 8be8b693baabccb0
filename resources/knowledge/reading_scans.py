"""Read pictures of text. Pure."""

from __future__ import annotations

from resources.knowledge.assembling import Reading
from resources.knowledge.refusing import NeedsOcr

REMEDY = "pip install 'millrace[ocr]' reads it"


def read_image(_data: bytes) -> Reading:
    """The text of an image. Raises NeedsOcr where nothing is installed that reads pictures."""
    raise NeedsOcr(f"this is an image, whose text only OCR can read: {REMEDY}")
