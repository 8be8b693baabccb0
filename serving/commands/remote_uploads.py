"""Push files to a server elsewhere, in parts, going on where an earlier try was cut off (tus 1.0.0)."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from urllib.parse import quote

import httpx

from resources.foundation.errors import Missing, Refused, Unavailable

PART_BYTES = 4 << 20
TRIES = 6
FIRST_PAUSE_S = 0.5
_TIMEOUT = httpx.Timeout(60.0, connect=10.0)


@dataclass(frozen=True)
class Server:
    """Where files are pushed to, and with which key (of the scope `manage`)."""

    address: str
    key: str

    def __repr__(self) -> str:
        return f"Server({self.address!r})"


@contextmanager
def connected(server: Server, source: str) -> Iterator[Pusher]:
    """Who pushes files into a source of a server. Raises Refused for an address that is none."""
    if not server.address.startswith(("http://", "https://")):
        raise Refused("the address of the server must begin with http:// or https://")
    headers = {"Authorization": f"Bearer {server.key}", "Tus-Resumable": "1.0.0"}
    with httpx.Client(base_url=server.address.rstrip("/"), headers=headers, timeout=_TIMEOUT) as client:
        yield Pusher(client, f"/v1/sources/{quote(source, safe='')}/uploads")


class Pusher:
    """Pushes one file after the other. What breaks off is tried again a few times, from where it stands."""

    def __init__(
        self,
        client: httpx.Client,
        collection: str,
        *,
        part_bytes: int = PART_BYTES,
        pause_s: float = FIRST_PAUSE_S,
    ) -> None:
        self._client = client
        self._collection = collection
        self._part_bytes = part_bytes
        self._pause_s = pause_s

    def push(self, path: str, data: bytes, *, media_type: str, told: Callable[[int, int], None]) -> None:
        """Push the bytes as a document; `told` hears how many of how many have come.

        Raises Refused for what the server does not take, Missing for a source that it does not have, Unavailable where
        it cannot be reached: the next try goes on from there.
        """
        try:
            self._push(path, data, media_type, told)
        except Missing:
            # it has expired, or somebody ended it; where it is the source that is not there, that is said again
            self._push(path, data, media_type, told)

    def _push(self, path: str, data: bytes, media_type: str, told: Callable[[int, int], None]) -> None:
        checksum = sha256(data).hexdigest()
        address, received = self._unfinished(path, len(data), checksum)
        if not address:
            address, received = self._begun(path, data, checksum, media_type), 0
        while received < len(data):
            told(received, len(data))
            received = self._sent(address, received, data[received : received + self._part_bytes])
        told(received, len(data))

    def _unfinished(self, path: str, size: int, checksum: str) -> tuple[str, int]:
        """Where an earlier try stands; no address where there was none."""
        for one in self._asked("GET", self._collection).json()["data"]:
            if (one["path"], one["file_size"], one["sha256"]) == (path, size, checksum):
                return str(one["address"]), int(one["received"])
        return "", 0

    def _begun(self, path: str, data: bytes, checksum: str, media_type: str) -> str:
        about = {"path": path, "sha256": checksum, "filetype": media_type}
        metadata = ",".join(
            f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in about.items() if value
        )
        headers = {"Upload-Length": str(len(data)), "Upload-Metadata": metadata}
        return str(self._asked("POST", self._collection, headers=headers).headers["location"])

    def _sent(self, address: str, start: int, part: bytes) -> int:
        """How many bytes have come after this part, which is sent again from where it stands while it breaks off."""
        for attempt in range(TRIES):
            try:
                return int(self._patched(address, start, part).headers["upload-offset"])
            except Unavailable:
                if attempt == TRIES - 1:
                    raise
                time.sleep(self._pause_s * 2**attempt)
            stands = self._stands(address, start)
            if stands > start:
                return stands
        raise Unavailable("the server does not take the part")

    def _patched(self, address: str, start: int, part: bytes) -> httpx.Response:
        digest = base64.b64encode(sha256(part).digest()).decode()
        headers = {
            "Upload-Offset": str(start), "Upload-Checksum": f"sha256 {digest}",
            "Content-Type": "application/offset+octet-stream",
        }  # fmt: skip
        return self._asked("PATCH", address, headers=headers, content=part)

    def _stands(self, address: str, at_least: int) -> int:
        try:
            return int(self._asked("HEAD", address).headers["upload-offset"])
        except Unavailable:
            return at_least

    def _asked(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, content: bytes | None = None
    ) -> httpx.Response:
        try:
            answer = self._client.request(method, path, headers=headers, content=content)
        except httpx.HTTPError as error:
            raise Unavailable(f"the server cannot be reached, or broke off ({type(error).__name__})") from None
        if answer.is_success:
            return answer
        said = _said(answer)
        if answer.status_code == HTTPStatus.NOT_FOUND:
            raise Missing(said)
        # these are no faults of the file: a part that was torn on the way (460), or sent by somebody else beside us
        if answer.status_code in (460, HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS) or answer.is_server_error:
            raise Unavailable(said)
        raise Refused(said)


def _said(answer: httpx.Response) -> str:
    """The server's own sentence, if it is one of ours."""
    try:
        return f"the server answered {answer.status_code}: {str(answer.json()['error']['message'])[:500]}"
    except (ValueError, KeyError, TypeError):
        return f"the server answered {answer.status_code}"
