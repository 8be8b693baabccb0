"""How long a client may take to say what it wants, and with how much: else its connection is closed after seconds."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from serving import failures
from serving.envelope import HEADERS, MOST_HEADER_BYTES


class PatientProtocol(HttpToolsProtocol):
    """uvicorn's, which reads headers without end. (Bodies are waited for, and bounded, in the envelope.)"""

    header_seconds = 10.0
    _late: asyncio.TimerHandle | None = None
    _reads_headers = False
    _header_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect()

    def data_received(self, data: bytes) -> None:
        # those that begin in this piece are bounded by it, and looked at in the envelope
        self._header_bytes = self._header_bytes + len(data) if self._reads_headers else 0
        super().data_received(data)
        if self._reads_headers and self._header_bytes > MOST_HEADER_BYTES:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        elif self.cycle is not None and not self.cycle.response_complete:
            self._stop_expecting()
        elif self._late is None:
            self._expect()

    def send_400_response(self, msg: str) -> None:
        """As every failure is told, though what came is no request that the application could be asked."""
        self._refuse(HTTPStatus.BAD_REQUEST)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._reads_headers = True

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self._reads_headers = False

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_expecting()
        super().connection_lost(exc)

    def _refuse(self, status: HTTPStatus) -> None:
        if self.cycle is None or self.cycle.response_complete:
            told = failures.of_status(status, {**HEADERS, "Connection": "close"})
            head = [f"HTTP/1.1 {status} {status.phrase}".encode(), *(b": ".join(each) for each in told.raw_headers)]
            self.transport.write(b"\r\n".join([*head, b"", bytes(told.body)]))
        self.transport.close()

    def _expect(self) -> None:
        self._late = self.loop.call_later(self.header_seconds, self._give_up)

    def _give_up(self) -> None:
        self._late = None
        self.transport.close()

    def _stop_expecting(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None
