"""The stream of an answer, read to the end of its body: its connection serves the next answer only then."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from openai import APIConnectionError, Stream

# What ends the body comes with the last event, or hardly later; where it does not, the connection is closed.
LINGERS_S = 0.25


class WholeStream(Stream[object]):
    """As the client's own, which leaves the body at its last event: each answer needs a connection of its own then, and
    to a provider far away that is some round trips before the first word.
    """

    def _iter_events(self) -> Iterator[Any]:
        events = super()._iter_events()
        for event in events:
            if event.data.startswith("[DONE]"):
                with (
                    self.response.extensions["network_stream"].for_at_most(LINGERS_S),
                    suppress(APIConnectionError, TimeoutError),
                ):
                    for _ in events:
                        pass
            yield event
