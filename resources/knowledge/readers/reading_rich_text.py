"""Read RTF through striprtf, paragraph by paragraph. Pure."""

from __future__ import annotations

import re
from importlib.metadata import version
from itertools import groupby

from resources.knowledge.readers.assembling import Draft, Reading, table_text

_TITLE = re.compile(r"\{\\info\b[^{}]*\{\\title ([^{}\\]+)\}")


def read_rtf(data: bytes) -> Reading:
    """The text of an RTF document; table cells come parted by " | "."""
    from striprtf.striprtf import rtf_to_text

    source = data.decode("latin-1")
    text = rtf_to_text(source, encoding="cp1252", errors="replace")
    draft = Draft()
    for is_table, lines in groupby(text.split("\n"), lambda line: line.count("|") > 1):
        if is_table:
            draft.add("table", table_text([line.strip().removesuffix("|").split("|") for line in lines]))
        else:
            for line in lines:
                draft.add("paragraph", line)
    title = _TITLE.search(source)
    return draft.reading(title=title.group(1).strip() if title else None, library=f"striprtf {version('striprtf')}")
