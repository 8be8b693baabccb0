"""Parse files and unpack containers in bounded worker processes: the door that ingestion uses.

with workers.parsers(count=2) as pool:
    outcome = pool.parse(data, media_type="text/html", filename="page.html")           # Parsed | ParseFailure
    members = pool.unpack(data, filename="a.zip", unpacker="zip", file_types=types)    # Unpacked …, or a ParseFailure
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from resources.foundation.workers import Answer, Failure, Limits, WorkerPool
from resources.knowledge.readers import conveying, parsing, reading_scans
from resources.knowledge.readers.conveying import ParseFailure, Unpacked
from resources.knowledge.readers.reading_scans import MOST_PAGES
from resources.knowledge.readers.refusing import MOST_MEMBERS, MOST_UNPACKED_BYTES
from resources.knowledge.records import Parsed

__all__ = ["ParseFailure", "ParserPool", "Unpacked", "parsers"]

_WEAR_OF_UNPACKING = 0.2
_ENVIRONMENT = {"SCARF_NO_ANALYTICS": "true", "UNSTRUCTURED_DISABLE_NOTICE": "1"}


class ParserPool:
    """Parses in child processes. Several threads may call it at once; `count` of them run at a time.

    `peak_bytes`: the most memory that a child held for any request until now.
    """

    def __init__(self, pool: WorkerPool) -> None:
        self._pool = pool
        self._reads_pictures = reading_scans.is_installed()
        self.peak_bytes = 0

    def parse(self, data: bytes, *, media_type: str, filename: str, parser: str | None = None) -> Parsed | ParseFailure:
        """The text of these bytes, or why there is none. Never raises for what is in the bytes.

        Where it shows pictures of text and OCR is installed, it is read once more, with time for each of these pages.
        """
        parsed = self._parse(data, conveying.request(media_type=media_type, filename=filename, parser=parser))
        if not parsed.pictured_pages or not self._reads_pictures:
            return parsed
        asked = conveying.request(media_type=media_type, filename=filename, parser=parser, by_ocr=True)
        read = self._parse(data, asked, patience=1.0 + min(parsed.pictured_pages, MOST_PAGES))
        return parsed if isinstance(parsed, Parsed) and isinstance(read, ParseFailure) else read

    def _parse(self, data: bytes, asked: dict[str, Any], *, patience: float = 1.0) -> Parsed | ParseFailure:
        wear = parsing.wear(asked["filename"], asked["parser"])
        result = self._pool.ask(asked, data, wear=wear, patience=patience)
        self.peak_bytes = max(self.peak_bytes, result.peak_bytes)
        if isinstance(result, Failure):
            return ParseFailure(result.outcome, result.reason)
        try:
            return conveying.received(result.header, result.body)
        except (ValueError, KeyError, TypeError) as error:
            return _senseless(error)

    def unpack(
        self, data: bytes, *, filename: str, unpacker: str, file_types: Sequence[parsing.FileType]
    ) -> Generator[Unpacked | ParseFailure, None, None]:
        """The members of a container, one by one, as they are unpacked. Never raises for what is in the bytes.

        A ParseFailure is of the container as a whole and comes last: what came before it does not count.
        """
        asked = conveying.unpacking_request(filename=filename, unpacker=unpacker, file_types=file_types)
        count, total = 0, 0
        for result in self._pool.stream(asked, data, wear=_WEAR_OF_UNPACKING):
            member = self._received_member(result)
            count, total = count + 1, total + len(result.body if isinstance(result, Answer) else b"")
            if count > MOST_MEMBERS + 1 or total > MOST_UNPACKED_BYTES:  # a sound child stops before
                yield ParseFailure("too_large", "the container has too many members, or too large ones")
                return
            yield member

    def _received_member(self, result: Answer | Failure) -> Unpacked | ParseFailure:
        self.peak_bytes = max(self.peak_bytes, result.peak_bytes)
        if isinstance(result, Failure):
            return ParseFailure(result.outcome, result.reason)
        try:
            return conveying.received_member(result.header, result.body)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return _senseless(error)

    def network_is_closed(self) -> bool:
        """Whether parsers have no network; False where the kernel refuses to take it from them."""
        return self._pool.network_is_closed()

    def process_ids(self) -> list[int]:
        """The worker processes that run now."""
        return self._pool.process_ids()


def _senseless(error: Exception) -> ParseFailure:
    return ParseFailure("crashed", f"the worker's answer makes no sense: {error}"[:500])


@contextmanager
def parsers(*, count: int = 2, limits: Limits | None = None) -> Iterator[ParserPool]:
    """A pool of up to `count` parsing processes, started when needed, all ended on leaving."""
    task = "resources.knowledge.readers.conveying:answer"
    with WorkerPool(task, count=count, limits=limits or Limits(), environment=_ENVIRONMENT) as pool:
        yield ParserPool(pool)
