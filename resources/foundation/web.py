"""The one way to other people's addresses: an HTTP client that cannot be led astray. Nothing else may fetch from them.

    web = Web(allowed_hosts=settings.allowed_hosts)
    answer = web.get("https://example.org/page", headers={"If-None-Match": '"abc"'})

Only http and https, at ports 80 and 443. A name is resolved once, every address it has is checked, and the connection
goes to the address that was checked: a name that means another address a moment later gains nothing. Redirects are
followed by this module, five at most, each checked like the first; secret headers stay with the origin they were meant
for. Proxies of the environment are not used, cookies not kept. Time, size after decompression, and headers are bounded.

A host that the operator named (MILLRACE_ALLOWED_HOSTS) may be private, or at another port.
Errors name the host and the reason; never a path, a query, a header or a credential.
"""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from queue import Empty, SimpleQueue
from time import monotonic, sleep
from types import TracebackType
from typing import TYPE_CHECKING

import httpcore
import httpx

from resources.foundation import addressing, inflating
from resources.foundation.errors import Refused, Unavailable

if TYPE_CHECKING:
    import ssl

USER_AGENT = "millrace/0.1"
MOST_HOPS = 5
MOST_HEADER_BYTES = 64 << 10
DEFAULT_MAX_BYTES = 50 << 20
LONGEST_WAIT_SECONDS = 60.0
_REDIRECTS = (301, 302, 303, 307, 308)
_PASSING = (429, 502, 503, 504)
_CONNECTIONS = 16
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_HEADER_VALUE = re.compile(r"(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?")

Resolve = Callable[[str, int], list[str]]
"""The addresses, as numbers, of a host and port. Raises OSError where it has none."""


class NotPermitted(Refused):
    """An address that Millrace does not fetch from, for its own sake or for that of others."""


class TooLarge(Refused):
    """There is more than may be fetched."""


class Unreachable(Unavailable):
    """A host that does not answer, or not in time, or not properly."""


@dataclass(frozen=True)
class Answer:
    """What a server said. `address`: where the last redirect led, without its fragment; header names in lower case."""

    address: str
    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def media_type(self) -> str:
        """The type that the server states, without parameters; '' where it states none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class Web:
    """An HTTP client; safe to share between threads. `allowed_hosts`: `host` or `host:port`, in lower case.

    `first_wait_seconds` doubles with each further attempt, where a request has several.
    """

    def __init__(
        self,
        *,
        allowed_hosts: Collection[str] = (),
        resolve: Resolve | None = None,
        user_agent: str = USER_AGENT,
        connect_seconds: float = 5.0,
        total_seconds: float = 30.0,
        max_bytes: int = DEFAULT_MAX_BYTES,
        first_wait_seconds: float = 0.5,
    ) -> None:
        self._first_wait_seconds = first_wait_seconds
        self._user_agent = user_agent
        self._total_seconds = total_seconds
        self._max_bytes = max_bytes
        self._allowed_hosts = frozenset(allowed_hosts)
        self._deadlines = threading.local()
        self._making = threading.Lock()
        self._backend = _CheckedBackend(
            self._allowed_hosts, resolve or resolved, connect_seconds=connect_seconds, remaining=self._remaining
        )

    def __enter__(self) -> Web:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of all connections."""
        with self._making:
            pool = self.__dict__.pop("_made_pool", None)
        if pool is not None:
            pool.close()

    def get(
        self,
        address: str,
        *,
        headers: Mapping[str, str] | None = None,
        secret_headers: Mapping[str, str] | None = None,
        max_bytes: int | None = None,
        follows: bool = True,
        attempts: int = 1,
    ) -> Answer:
        """Fetch an address, whatever the status of the answer.

        `secret_headers` go to the origin of `address` alone. `follows` False: a redirect is returned as it is.
        `attempts`: how often in all, where the host does not answer or asks for patience (429, 502, 503, 504); waits as
        it says, up to a minute.
        Raises NotPermitted, TooLarge, Unreachable.
        """
        ask = _Ask("GET", address, dict(headers or {}), dict(secret_headers or {}), b"", max_bytes, follows)
        return self._patiently(ask, attempts)

    def post(
        self,
        address: str,
        body: bytes,
        *,
        headers: Mapping[str, str] | None = None,
        secret_headers: Mapping[str, str] | None = None,
        max_bytes: int | None = None,
        attempts: int = 1,
    ) -> Answer:
        """Send bytes to an address. Redirects are not followed: what is sent is meant for this address."""
        ask = _Ask("POST", address, dict(headers or {}), dict(secret_headers or {}), body, max_bytes, follows=False)
        return self._patiently(ask, attempts)

    def _patiently(self, ask: _Ask, attempts: int) -> Answer:
        waited = 0.0
        for attempt in range(1, attempts + 1):
            answer, failure = self._attempt(ask)
            wait = self._first_wait_seconds * 2 ** (attempt - 1)
            if answer is not None:
                wait = max(wait, retry_after_seconds(answer) or 0.0) if answer.status in _PASSING else 0.0
            if attempt == attempts or not wait or waited + wait > LONGEST_WAIT_SECONDS:
                break
            sleep(wait)
            waited += wait
        if answer is None:
            assert failure is not None
            raise failure
        return answer

    def _attempt(self, ask: _Ask) -> tuple[Answer | None, Unreachable | None]:
        try:
            return self._asked(ask), None
        except Unreachable as error:
            return None, error

    def _asked(self, ask: _Ask) -> Answer:
        self._deadlines.at = monotonic() + self._total_seconds
        address = checked(ask.address, self._allowed_hosts)
        origin = _origin(address)
        for _ in range(MOST_HOPS + 1):
            headers = ask.headers | (ask.secret_headers if _origin(address) == origin else {})
            answer = self._exchange(ask, address, headers)
            location = answer.headers.get("location") if answer.status in _REDIRECTS else None
            if not ask.follows or location is None:
                return answer
            address = checked(_joined(address, location), self._allowed_hosts)
        raise Unreachable(f"{shown(ask.address)} redirects more than {MOST_HOPS} times")

    def _exchange(self, ask: _Ask, address: httpx.URL, headers: Mapping[str, str]) -> Answer:
        try:
            return self._exchanged(ask, address, headers)
        except (httpcore.RemoteProtocolError, httpcore.ReadError, httpcore.WriteError) as error:
            if ask.method != "GET":
                raise _unreachable(address, error) from None
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise _unreachable(address, error) from None
        try:
            # perhaps a kept connection that the server closed just now: a GET may be asked again, on a new one
            return self._exchanged(ask, address, {**headers, "Connection": "close"})
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise _unreachable(address, error) from None

    def _exchanged(self, ask: _Ask, address: httpx.URL, headers: Mapping[str, str]) -> Answer:
        most = self._max_bytes if ask.max_bytes is None else ask.max_bytes
        with self._pool.stream(
            ask.method,
            httpcore.URL(scheme=address.raw_scheme, host=address.raw_host, port=address.port, target=address.raw_path),
            headers=self._headers(address, headers),
            content=ask.body or None,
            extensions={"timeout": dict.fromkeys(("connect", "read", "write", "pool"), self._total_seconds)},
        ) as response:
            told = _told(response.headers, address)
            body = _body(response.iter_stream(), told, most, address)
            where = str(address.copy_with(fragment=None))
            return Answer(where, response.status, told, body)

    def _headers(self, address: httpx.URL, headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
        all_headers = {
            "Host": address.netloc.decode("ascii"), "User-Agent": self._user_agent,
            "Accept-Encoding": "gzip, deflate", "Accept": "*/*",
        }  # fmt: skip
        names = {name.lower() for name in headers}
        kept = {name: value for name, value in all_headers.items() if name.lower() not in names}
        if not all(_HEADER_NAME.fullmatch(name) and _HEADER_VALUE.fullmatch(value) for name, value in headers.items()):
            raise NotPermitted(f"a header for {_place(address)} holds characters that no header may have")
        return [(name.encode("ascii"), value.encode("latin-1")) for name, value in {**kept, **headers}.items()]

    def _remaining(self) -> float:
        left: float = self._deadlines.at - monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("out of time")
        return left

    @property
    def _pool(self) -> httpcore.ConnectionPool:
        with self._making:
            return self._made_pool

    @cached_property
    def _made_pool(self) -> httpcore.ConnectionPool:
        return httpcore.ConnectionPool(
            ssl_context=_trusting(), max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS // 2,
            keepalive_expiry=5.0, network_backend=self._backend,
        )  # fmt: skip


@dataclass(frozen=True)
class _Ask:
    """One request, before anything of it is checked."""

    method: str
    address: str = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    secret_headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    max_bytes: int | None = None
    follows: bool = True


def checked(address: str, allowed_hosts: Collection[str] = ()) -> httpx.URL:
    """The parsed address, if its form is one that may be fetched. Raises NotPermitted."""
    try:
        url = httpx.URL(_printable(address))
    except httpx.InvalidURL:
        raise NotPermitted("this is no address of the web: it begins with http:// or https:// and a host") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise NotPermitted("only addresses that begin with http:// or https:// and name a host are fetched")
    if url.userinfo:
        raise NotPermitted(f"the address at {_place(url)} holds a user or password: keep it among the credentials")
    host = url.host.rstrip(".")
    if not host or "%" in host:
        raise NotPermitted("this is no host of the web")
    url = url.copy_with(host=host)
    port = url.port or {"http": 80, "https": 443}[url.scheme]
    if not addressing.is_web_port(port) and not addressing.is_allowed(host, port, allowed_hosts):
        raise NotPermitted(
            f"{_place(url)} is not at port 80 or 443: the operator can allow it (MILLRACE_ALLOWED_HOSTS={host}:{port})"
        )
    return url


def shown(address: str) -> str:
    """The host of an address, and its port if it is unusual: all that errors may tell of it."""
    try:
        return _place(httpx.URL(_printable(address)))
    except (httpx.InvalidURL, NotPermitted):
        return "the address"


def retry_after_seconds(answer: Answer) -> float | None:
    """How long a server asks to wait, in seconds or until a date (RFC 9110 10.2.3); None where it does not say."""
    text = answer.headers.get("retry-after", "").strip()
    try:
        return max(0.0, float(text)) if text else None
    except ValueError:
        pass
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def resolved(host: str, port: int) -> list[str]:
    """The addresses that a name has now, in the order of the system's resolver."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class _CheckedBackend(httpcore.NetworkBackend):
    """Makes connections: resolves a name once, and connects to an address that was checked."""

    def __init__(
        self,
        allowed_hosts: Collection[str],
        resolve: Resolve,
        *,
        connect_seconds: float,
        remaining: Callable[[], float],
    ) -> None:
        self._allowed_hosts = allowed_hosts
        self._resolve = resolve
        self._connect_seconds = connect_seconds
        self._remaining = remaining
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        deadline = monotonic() + min(self._connect_seconds, self._remaining())
        failure: httpcore.NetworkError | httpcore.TimeoutException = httpcore.ConnectError("it has no address")
        for address in self._addresses(host, port, deadline):
            left = deadline - monotonic()
            if left <= 0:
                raise httpcore.ConnectTimeout("out of time")
            try:
                stream = self._backend.connect_tcp(address, port, timeout=left, socket_options=socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _TimedStream(stream, self._remaining)
        raise failure

    def _addresses(self, host: str, port: int, deadline: float) -> list[str]:
        addresses = _in_time(lambda: self._resolve(host, port), deadline)
        is_allowed = addressing.is_allowed(host, port, self._allowed_hosts)
        for address in addresses:
            if not (addressing.is_reachable_by_name(address) if is_allowed else addressing.is_public(address)):
                raise NotPermitted(
                    f"{host} is not on the public internet"
                    + ("" if is_allowed else f": the operator can allow it (MILLRACE_ALLOWED_HOSTS={host})")
                )
        return addresses


class _TimedStream(httpcore.NetworkStream):
    """A connection whose every step ends by the deadline of the request it now serves."""

    def __init__(self, stream: httpcore.NetworkStream, remaining: Callable[[], float]) -> None:
        self._stream = stream
        self._remaining = remaining

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._remaining())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._remaining())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, min(timeout or 5.0, self._remaining()))
        return _TimedStream(stream, self._remaining)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


def _in_time(resolve: Callable[[], list[str]], deadline: float) -> list[str]:
    """What a resolver says, which cannot be told to hurry: in a thread that is left behind when it takes too long."""
    said: SimpleQueue[list[str] | OSError] = SimpleQueue()

    def ask() -> None:
        try:
            said.put(resolve())
        except (OSError, UnicodeError) as error:
            said.put(error if isinstance(error, OSError) else OSError("the name cannot be resolved"))

    threading.Thread(target=ask, daemon=True).start()
    try:
        answer = said.get(timeout=max(0.0, deadline - monotonic()))
    except Empty:
        raise httpcore.ConnectTimeout("its name was not resolved in time") from None
    if isinstance(answer, OSError):
        raise httpcore.ConnectError("its name cannot be resolved")
    return answer


def _trusting() -> ssl.SSLContext:
    return httpx.create_ssl_context()


def _printable(address: str) -> str:
    """Blanks, controls and backslashes mean different things to different readers of an address."""
    if any(character <= " " or character in "\\\x7f" for character in address):
        raise NotPermitted("the address holds blanks, backslashes or control characters: write them as %XX")
    return address


def _joined(base: httpx.URL, location: str) -> str:
    try:
        # servers send what browsers forgive: blanks around it, and characters that ought to be escaped
        text = location.strip().encode("latin-1", "replace").decode("utf-8", "replace").replace(" ", "%20")
        return str(base.join(_printable(text)))
    except (httpx.InvalidURL, UnicodeError):
        raise NotPermitted(f"{_place(base)} redirects to something that is no address") from None


def _origin(address: httpx.URL) -> tuple[str, str, int | None]:
    return address.scheme, address.host, address.port


def _place(address: httpx.URL) -> str:
    host = f"[{address.host}]" if ":" in address.host else address.host
    return f"{host}:{address.port}" if address.port else host or "the address"


def _unreachable(address: httpx.URL, error: Exception) -> Unreachable:
    if isinstance(error, httpcore.TimeoutException):
        return Unreachable(f"{_place(address)} did not answer in time")
    if isinstance(error, httpcore.ConnectError):
        return Unreachable(f"{_place(address)} cannot be reached: {_reason(error)}")
    return Unreachable(f"{_place(address)} broke off, or does not speak HTTP")


def _reason(error: Exception) -> str:
    """A word on what failed below HTTP; only constant texts of the system and of TLS."""
    cause = error.__cause__ or error.__context__
    if isinstance(cause, OSError):
        said = getattr(cause, "verify_message", None) or getattr(cause, "reason", None) or cause.strerror
        return str(said or "the connection failed")
    return str(error)[:100] or "the connection failed"


def _told(headers: list[tuple[bytes, bytes]], address: httpx.URL) -> dict[str, str]:
    if sum(len(name) + len(value) for name, value in headers) > MOST_HEADER_BYTES:
        raise TooLarge(f"{_place(address)} sends more than {MOST_HEADER_BYTES:,} bytes of headers")
    told: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        told[name] = f"{told[name]}, {value}" if name in told else value
    return told


def _body(pieces: Iterable[bytes], told: Mapping[str, str], most: int, address: httpx.URL) -> bytes:
    try:
        return inflating.inflated(pieces, encoding=told.get("content-encoding", ""), most=most)
    except inflating.TooMuch:
        raise TooLarge(f"{_place(address)} sends more than {most:,} bytes") from None
    except inflating.Torn as error:
        raise Unreachable(f"{_place(address)} sends compressed bytes that make no sense: {error}") from None
    except ValueError as error:
        raise Unreachable(f"{_place(address)} sends what cannot be unpacked: {error}") from None
