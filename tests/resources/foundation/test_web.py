"""What may be fetched is fetched within bounds; what may not gets no packet."""

from __future__ import annotations

import gzip
import os
import socket
import sys
import time
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from threading import Event

import pytest

from resources.foundation import addressing
from resources.foundation.errors import MillraceError
from resources.foundation.web import NotPermitted, TooLarge, Unreachable, Web, resolved
from tests.fixtures.website import (
    Website,
    breaking_off,
    dripping_headers,
    endless,
    failing,
    in_turn,
    packed,
    page,
    redirecting,
    stalling,
)

SECRET = "s3cr3t-token"  # noqa: S105


@pytest.fixture
def site() -> Iterator[Website]:
    with Website() as site:
        yield site


@pytest.fixture
def web(site: Website) -> Iterator[Web]:
    with Web(allowed_hosts={site.host}, max_bytes=1_000_000, first_wait_seconds=0.2) as web:
        yield web


# --- what may not be fetched -----------------------------------------------------------------------------------------

# {port} is the port of a listener on loopback that must never see a connection; names resolve as NAMES says.
FORBIDDEN = [
    "http://127.0.0.1/", "http://127.0.0.1:{port}/", "https://127.0.0.1/", "http://127.1/", "http://127.0.1/",
    "http://2130706433/", "http://0x7f000001/", "http://0x7f.0x0.0x0.0x1/", "http://0177.0.0.1/", "http://017700000001/",
    "http://127.0.0.2/", "http://127.255.255.254/", "http://0.0.0.0/", "http://0/", "http://0.0.0.0:{port}/",
    "http://localhost/", "http://localhost:{port}/", "http://LOCALHOST/", "http://localhost./", "http://127.0.0.1./",
    "http://[::1]/", "http://[::1]:{port}/", "http://[::]/", "http://[0:0:0:0:0:0:0:1]/", "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/", "http://[::127.0.0.1]/", "http://[64:ff9b::127.0.0.1]/", "http://[64:ff9b::7f00:1]/",
    "http://[64:ff9b:1::7f00:1]/", "http://[2002:7f00:1::]/", "http://[2002:a00:1::1]/", "http://[fe80::1]/",
    "http://[fe80::1%25lo]/", "http://[fc00::1]/", "http://[fd00:ec2::254]/", "http://[fec0::1]/", "http://[ff02::1]/",
    "http://[2001:db8::1]/", "http://[2001:0:7f00:1::]/", "http://[3fff::1]/", "http://[100::1]/", "http://[5f00::1]/",
    "http://10.0.0.1/", "http://10.255.255.255/", "http://172.16.0.1/", "http://172.31.255.255/", "http://192.168.0.1/",
    "http://192.168.1.1:80/", "http://169.254.169.254/latest/meta-data/", "http://169.254.1.1/",
    "http://[::ffff:169.254.169.254]/", "http://[::ffff:a9fe:a9fe]/", "http://0xa9fea9fe/", "http://2852039166/",
    "http://100.64.0.1/", "http://100.100.100.200/", "http://100.127.255.254/", "http://168.63.129.16/",
    "http://192.0.0.192/", "http://192.0.0.1/", "http://192.0.2.1/", "http://198.51.100.1/", "http://203.0.113.1/",
    "http://198.18.0.1/", "http://192.88.99.1/", "http://224.0.0.1/", "http://239.255.255.250/", "http://240.0.0.1/",
    "http://255.255.255.255/", "http://private.example/", "http://mixed.example/", "http://mixed-six.example/",
    "http://metadata.example/", "http://mapped.example/", "http://looped.example:{port}/", "http://127。0。0。1/",
    "http://1۲7.0.0.1/", "http://user@1.1.1.1/", "http://user:password@1.1.1.1/", "http://1.1.1.1@127.0.0.1/",
    "http://1.1.1.1\\@127.0.0.1/", "http://127.0.0.1:{port}#@1.1.1.1/", "http://1.1.1.1:22/", "http://1.1.1.1:6379/",
    "http://1.1.1.1:8080/", "http://1.1.1.1:{port}/", "https://1.1.1.1:80443/", "ftp://1.1.1.1/", "file:///etc/passwd",
    "gopher://1.1.1.1/", "dict://127.0.0.1:{port}/", "javascript:alert(1)", "data:text/html,x", "//127.0.0.1/", "",
    "http://", "http:///", "http:127.0.0.1", "http://127.0.0.1 /", "http://1.1.1.1\t/", "http://[::1", "http://%31%32%37/",
    "http://unknown.example/", "ws://1.1.1.1/",
]  # fmt: skip
NAMES = {
    "private.example": ["10.0.0.7"], "mixed.example": ["93.184.216.34", "127.0.0.1"],
    "mixed-six.example": ["2606:4700:4700::1111", "::1"], "metadata.example": ["169.254.169.254"],
    "mapped.example": ["::ffff:10.0.0.1"], "looped.example": ["127.0.0.1"],
}  # fmt: skip


class NoSuchRoad(OSError):
    """A public address was about to be asked: no test may."""


def pretended(host: str, port: int) -> list[str]:
    """A resolver that reads numbers as the system does, and names as NAMES says."""
    if host in NAMES:
        return NAMES[host]
    if host.endswith(".example"):
        raise OSError("unknown")
    return resolved(host, port)


class Watch:
    """Hears of every connection that this process is about to make: an audit hook, which nothing gets round."""

    def __init__(self) -> None:
        self.connections: list[object] = []
        self.is_awake = False
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[object, ...]) -> None:
        if self.is_awake and event == "socket.connect":
            self.connections.append(arguments[1])


WATCH = Watch()


@pytest.fixture
def connections() -> Iterator[list[object]]:
    """The addresses that this test connects to."""
    WATCH.connections.clear()
    WATCH.is_awake = True
    yield WATCH.connections
    WATCH.is_awake = False


@pytest.fixture(scope="module")
def canaries() -> Iterator[list[Website]]:
    with ExitStack() as stack:
        yield [stack.enter_context(Website(host)) for host in ("127.0.0.1", "::1")]


@pytest.mark.parametrize("address", FORBIDDEN)
def test_no_packet_goes_to_what_is_not_on_the_public_internet(
    canaries: list[Website], connections: list[object], address: str
) -> None:
    for canary in canaries:
        with Web(resolve=pretended, total_seconds=2) as web, pytest.raises((NotPermitted, Unreachable)) as failure:
            web.get(address.replace("{port}", str(canary.port)))
        assert "password" not in str(failure.value).replace("user or password", "")
    assert connections == []
    assert [canary.connections for canary in canaries] == [0, 0]


def test_connections_are_noticed(site: Website, web: Web, connections: list[object]) -> None:
    web.get(site.address())
    assert connections == [("127.0.0.1", site.port)]


def test_there_are_ninety_of_them() -> None:
    assert len(FORBIDDEN) >= 90


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("93.184.216.34", True), ("8.8.8.8", True), ("2606:4700:4700::1111", True), ("64:ff9b::808:808", True),
        ("::ffff:8.8.8.8", True), ("172.32.0.1", True), ("100.128.0.1", True), ("192.0.1.1", True),
        ("192.169.0.1", True), ("11.0.0.1", True), ("nonsense", False), ("", False),
    ],
)  # fmt: skip
def test_public_addresses_are_told_from_others(text: str, expected: bool) -> None:
    assert addressing.is_public(text) is expected


@pytest.mark.parametrize("address", ["169.254.169.254", "fd00:ec2::254", "100.100.100.200", "168.63.129.16", "ff02::1"])
def test_not_even_an_allowed_name_may_mean_where_clouds_tell_machines_their_secrets(address: str) -> None:
    with (
        Web(allowed_hosts={"intranet.example"}, resolve=lambda host, port: [address]) as web,
        pytest.raises(NotPermitted, match=r"intranet\.example is not on the public internet"),
    ):
        web.get("http://intranet.example/")


def test_a_name_that_means_another_address_a_moment_later_gains_nothing(site: Website) -> None:
    said = iter([["93.184.216.34", "127.0.0.1"], ["127.0.0.1"], ["127.0.0.1"]])
    asked = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return next(said)

    with Web(resolve=rebinding) as web:
        for _ in range(3):
            with pytest.raises(NotPermitted):
                web.get("http://rebinding.example/")
    assert len(asked) == 3  # once for each request: nobody looks the name up again between check and connection
    assert site.connections == 0


def test_a_name_is_looked_up_once_for_a_connection_and_the_connection_goes_to_what_was_said(site: Website) -> None:
    site.pages["/"] = page("hello")
    said = iter([["127.0.0.1"], ["10.0.0.1"]])
    name = f"mill.example:{site.port}"
    with Web(allowed_hosts={name}, resolve=lambda host, port: next(said)) as web:
        assert web.get(f"http://{name}/").body == b"hello"
    assert site.requests[0].headers["host"] == name


def test_a_resolver_that_hangs_does_not_hold_a_request_up() -> None:
    is_over = Event()

    def hanging(host: str, port: int) -> list[str]:
        is_over.wait(60)
        return ["127.0.0.1"]

    with Web(resolve=hanging, connect_seconds=0.2) as web, pytest.raises(Unreachable, match="in time"):
        web.get("http://slow.example/")
    is_over.set()


def test_another_port_of_an_allowed_host_stays_closed(site: Website) -> None:
    with Website() as other, Web(allowed_hosts={site.host, "127.0.0.1"}) as web:
        with pytest.raises(NotPermitted, match="MILLRACE_ALLOWED_HOSTS"):
            web.get(other.address())
        assert other.connections == 0


# --- redirects -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1/", "http://127.0.0.1:{port}/", "http://[::1]:{port}/", "http://localhost:{port}/",
        "http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/", "http://0x7f000001/", "//127.0.0.1:{port}/",
        "http://private.example/", "file:///etc/passwd", "ftp://127.0.0.1:{port}/", "http://user:x@127.0.0.1:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/", "http://mixed.example/", "http://metadata.example/",
    ],
)  # fmt: skip
def test_a_redirect_is_checked_like_the_first_address(site: Website, connections: list[object], location: str) -> None:
    with Website() as canary, Website("::1") as six:
        target = location.replace("{port}", str(six.port if "[::1]" in location else canary.port))
        site.pages |= {"/1": redirecting("/2"), "/2": redirecting(target)}
        with Web(allowed_hosts={site.host}, resolve=pretended) as web, pytest.raises(NotPermitted):
            web.get(site.address("/1"))
        assert (canary.connections, six.connections) == (0, 0)
        assert set(connections) == {("127.0.0.1", site.port)}


def test_five_redirects_are_followed_and_a_sixth_is_not(site: Website, web: Web) -> None:
    site.pages |= {f"/{n}": redirecting(f"/{n + 1}") for n in range(6)} | {"/6": page("there")}
    assert web.get(site.address("/1")).body == b"there"
    assert web.get(site.address("/1")).address == site.address("/6")
    with pytest.raises(Unreachable, match="redirects more than 5 times"):
        web.get(site.address("/0"))


def test_redirects_in_a_circle_end(site: Website, web: Web) -> None:
    site.pages |= {"/a": redirecting("/b"), "/b": redirecting("/a")}
    with pytest.raises(Unreachable, match="redirects"):
        web.get(site.address("/a"))
    assert len(site.requests) == 6


def test_secret_headers_stay_with_the_origin_they_were_meant_for(site: Website) -> None:
    with Website() as other:
        site.pages |= {"/a": redirecting("/b"), "/b": redirecting(other.address("/c"))}
        other.pages |= {"/c": redirecting(site.address("/d"))}
        site.pages["/d"] = page("home again")
        with Web(allowed_hosts={site.host, other.host}) as web:
            web.get(site.address("/a"), headers={"X-Plain": "1"}, secret_headers={"Authorization": f"Bearer {SECRET}"})
        assert "authorization" not in other.requests[0].headers
        assert other.requests[0].headers["x-plain"] == "1"
        assert [request.headers.get("authorization") is not None for request in site.requests] == [True, True, True]


def test_a_redirect_is_shown_to_who_does_not_follow(site: Website, web: Web) -> None:
    site.pages["/a"] = redirecting("/b", 301)
    answer = web.get(site.address("/a"), follows=False)
    assert (answer.status, answer.headers["location"]) == (301, "/b")


def test_what_is_sent_goes_to_no_other_address(site: Website, web: Web) -> None:
    site.pages["/a"] = redirecting("/b", 307)
    assert web.post(site.address("/a"), b"{}").status == 307
    assert [(request.method, request.body) for request in site.requests] == [("POST", b"{}")]


# --- bounds ----------------------------------------------------------------------------------------------------------


def test_an_answer_comes_with_its_status_headers_and_unpacked_body(site: Website, web: Web) -> None:
    site.pages["/a?q=1"] = packed(b"<p>Rye</p>" * 100, media_type="text/html; charset=x")
    answer = web.get(site.address("/a?q=1#part"), headers={"Accept": "text/html"})
    assert (answer.status, answer.body, answer.media_type) == (200, b"<p>Rye</p>" * 100, "text/html")
    assert answer.address == site.address("/a?q=1")
    assert site.requests[0].headers["accept"] == "text/html"
    assert "cookie" not in site.requests[0].headers


@pytest.mark.parametrize("data", [zlib.compress(b"rye"), zlib.compress(b"rye", wbits=-15)])
def test_both_kinds_of_deflate_are_read(site: Website, web: Web, data: bytes) -> None:
    site.pages["/"] = page(data, Content_Encoding="deflate")
    assert web.get(site.address()).body == b"rye"


@pytest.mark.parametrize("size", [1_000_001, 300 << 20])
def test_a_page_that_is_too_large_when_unpacked_is_stopped(site: Website, web: Web, size: int) -> None:
    machine = zlib.compressobj(9, wbits=31)
    data = b"".join(machine.compress(b" " * (1 << 20)) for _ in range(size >> 20))
    data += machine.compress(b" " * (size % (1 << 20))) + machine.flush()
    site.pages["/"] = page(data, Content_Encoding="gzip")
    with pytest.raises(TooLarge, match="more than 1,000,000 bytes"):
        web.get(site.address())


def test_a_page_without_an_end_is_stopped_by_its_size(site: Website, web: Web) -> None:
    site.pages["/"] = endless()
    with pytest.raises(TooLarge):
        web.get(site.address())


@pytest.mark.parametrize("behaviour", [stalling, dripping_headers, endless(b"x", pause_s=0.05)])
def test_a_page_that_is_slow_at_any_step_is_stopped_by_the_clock(site: Website, behaviour: object) -> None:
    site.pages["/"] = behaviour  # type: ignore[assignment]
    started = time.monotonic()
    with Web(allowed_hosts={site.host}, total_seconds=0.6) as web, pytest.raises(Unreachable, match="in time"):
        web.get(site.address())
    assert time.monotonic() - started < 20


def test_headers_without_an_end_are_stopped(site: Website, web: Web) -> None:
    site.pages["/"] = page("x", headers={f"X-{n}": "y" * 1000 for n in range(90)})
    with pytest.raises((TooLarge, Unreachable)):
        web.get(site.address())


@pytest.mark.parametrize(
    "behaviour",
    [breaking_off(), packed(b"rye" * 1000, cut=5), page(b"no gzip", Content_Encoding="gzip"),
     page(gzip.compress(b"x"), Content_Encoding="gzip, gzip"), page(b"x", Content_Encoding="br")],
)  # fmt: skip
def test_half_a_page_is_no_page(site: Website, web: Web, behaviour: object) -> None:
    site.pages["/"] = behaviour  # type: ignore[assignment]
    with pytest.raises(Unreachable):
        web.get(site.address())


def test_a_host_that_nobody_listens_at_is_named(web: Web, site: Website) -> None:
    with socket.socket() as placeholder:
        placeholder.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{placeholder.getsockname()[1]}"
        with Web(allowed_hosts={host}) as web, pytest.raises(Unreachable, match=f"{host} cannot be reached: .*refused"):
            web.get(f"http://{host}/secret-path?key={SECRET}")


def test_a_server_that_does_not_speak_tls_is_named(site: Website, web: Web) -> None:
    with pytest.raises(Unreachable, match=site.host):
        web.get(site.address().replace("http:", "https:"))


@pytest.mark.parametrize(
    "behaviour",
    [stalling, breaking_off(), redirecting(f"ftp://x/{SECRET}"), redirecting(f"http://10.0.0.1/{SECRET}"),
     redirecting(f"http://u:{SECRET}@x/"), endless(), page(b"x", Content_Encoding="gzip")],
)  # fmt: skip
def test_errors_tell_no_path_no_query_and_no_credential(site: Website, behaviour: object) -> None:
    site.pages["/"] = behaviour  # type: ignore[assignment]
    with (
        Web(allowed_hosts={site.host}, total_seconds=0.5, max_bytes=1000) as web,
        pytest.raises(MillraceError) as failure,
    ):
        web.get(site.address(f"/?key={SECRET}"), secret_headers={"Authorization": SECRET})
    chain: BaseException | None = failure.value
    assert SECRET not in repr(chain)
    assert chain is not None
    assert chain.__suppress_context__ or chain.__context__ is None or SECRET not in repr(chain.__context__)


@pytest.mark.parametrize("headers", [{"X": "a\r\nHost: b"}, {"X Y": "a"}, {"X": "€"}, {"X": "a\0"}, {"": "a"}])
def test_headers_that_are_none_are_refused(site: Website, web: Web, headers: dict[str, str]) -> None:
    with pytest.raises(NotPermitted, match="header"):
        web.get(site.address(), secret_headers=headers)
    assert site.requests == []


def test_the_proxies_of_the_environment_are_not_used(site: Website, monkeypatch: pytest.MonkeyPatch) -> None:
    site.pages["/"] = page("direct")
    with Website() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.address())
        assert os.environ["http_proxy"]
        with Web(allowed_hosts={site.host}) as web:
            assert web.get(site.address()).body == b"direct"
        assert proxy.connections == 0


def test_connections_are_kept_and_one_that_was_closed_meanwhile_does_no_harm(site: Website, web: Web) -> None:
    site.pages["/"] = page("x")
    for _ in range(5):
        web.get(site.address())
    assert site.connections == 1
    site.pages["/"] = page("y", Connection="close")
    for _ in range(3):
        assert web.get(site.address()).body == b"y"


# --- patience --------------------------------------------------------------------------------------------------------


def test_a_server_that_asks_for_patience_is_asked_again_as_late_as_it_says(site: Website, web: Web) -> None:
    site.pages["/"] = in_turn(failing(429, Retry_After="1"), failing(503), page("now"))
    started = time.monotonic()
    assert web.get(site.address(), attempts=3).body == b"now"
    assert time.monotonic() - started > 1.3


def test_a_server_that_asks_for_too_much_patience_is_left(site: Website, web: Web) -> None:
    site.pages["/"] = failing(429, Retry_After="3600")
    assert web.get(site.address(), attempts=3).status == 429
    assert len(site.requests) == 1


def test_other_failures_are_answers(site: Website, web: Web) -> None:
    site.pages["/"] = failing(500)
    assert web.get(site.address(), attempts=3).status == 500
    assert len(site.requests) == 1
