"""Parse files in bounded worker processes: the door that ingestion uses.

with workers.parsers(count=2) as pool:
    outcome = pool.parse(data, media_type="text/html", filename="page.html")   # Parsed | ParseFailure
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from resources.foundation.workers import Failure, Limits, WorkerPool
from resources.knowledge import conveying, parsing
from resources.knowledge.conveying import ParseFailure
from resources.knowledge.records import Parsed

__all__ = ["ParseFailure", "ParserPool", "parsers"]

_LIGHT_WEAR = 0.1
_ENVIRONMENT = {"SCARF_NO_ANALYTICS": "true", "UNSTRUCTURED_DISABLE_NOTICE": "1"}


class ParserPool:
    """Parses in child processes. Several threads may call `parse` at once; `count` of them run at a time."""

    def __init__(self, pool: WorkerPool) -> None:
        self._pool = pool

    def parse(self, data: bytes, *, media_type: str, filename: str, parser: str | None = None) -> Parsed | ParseFailure:
        """The text of these bytes, or why there is none. Never raises for what is in the bytes."""
        asked = conveying.request(media_type=media_type, filename=filename, parser=parser)
        result = self._pool.ask(asked, data, wear=_LIGHT_WEAR if parsing.is_light(filename, parser) else 1.0)
        if isinstance(result, Failure):
            return ParseFailure(result.outcome, result.reason)
        try:
            return conveying.received(result.header, result.body)
        except (ValueError, KeyError, TypeError) as error:
            return ParseFailure("crashed", f"the worker's answer makes no sense: {error}"[:500])

    def network_is_closed(self) -> bool:
        """Whether parsers have no network; False where the kernel refuses to take it from them."""
        return self._pool.network_is_closed()

    def process_ids(self) -> list[int]:
        """The worker processes that run now."""
        return self._pool.process_ids()


@contextmanager
def parsers(*, count: int = 2, limits: Limits | None = None) -> Iterator[ParserPool]:
    """A pool of up to `count` parsing processes, started when needed, all ended on leaving."""
    task = "resources.knowledge.conveying:answer"
    with WorkerPool(task, count=count, limits=limits or Limits(), environment=_ENVIRONMENT) as pool:
        yield ParserPool(pool)
