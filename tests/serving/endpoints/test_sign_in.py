"""Signing in with a browser: a button, a cookie that no script reads, and pages of other servers that get nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from lxml import html

from resources.foundation.database import Database
from resources.identity import memberships, sign_in_links, users
from resources.identity.records import MemberRole
from serving.endpoints.sign_in import local
from tests.serving.conftest import Office, Served


def link(database: Database, office: Office, role: MemberRole = "owner") -> str:
    """The token of a link for a new person of this role."""
    with database.transaction(office.organization_id) as connection:
        user = users.create(connection, office.organization_id, username=role, email=f"{role}@mill.example")
        memberships.set_role(connection, office.organization_id, user.id, role)
        return sign_in_links.create(connection, office.organization_id, user.id)


@contextmanager
def browser(served: Served, token: str = "") -> Iterator[httpx.Client]:
    """A browser, signed in where a token is given; it says which page sent what, as browsers do."""
    with httpx.Client(base_url=served.address, headers={"Origin": served.address}, timeout=30) as client:
        if token:
            assert client.post("/sign-in", data={"token": token}).status_code == 303
        yield client


def test_one_is_led_to_the_page_one_wanted(served: Served, database: Database, office: Office) -> None:
    token = link(database, office)
    with browser(served) as client:
        sent_away = client.get("/sources?type=web", headers={"Accept": "text/html"})
        assert sent_away.headers["location"] == "/sign-in?next=%2Fsources%3Ftype%3Dweb"
        client.get(sent_away.headers["location"])
        shown = client.get("/sign-in", params={"token": token})  # the link that was printed knows nothing of that
        (next,) = html.fromstring(shown.text).xpath("//input[@name = 'next']/@value")
        came_in = client.post("/sign-in", data={"token": token, "next": next})
        assert came_in.headers["location"] == "/sources?type=web"
        assert client.get(came_in.headers["location"], headers={"Accept": "text/html"}).status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "evil",
        "",
    ],
)
def test_no_link_leads_to_another_server(address: str) -> None:
    assert local(address) == "/"


def test_looking_at_the_link_does_not_use_it_up(served: Served, database: Database, office: Office) -> None:
    token = link(database, office)
    with browser(served) as client:
        looked = [client.get("/sign-in", params={"token": token}) for _ in range(3)]
        came_in = client.post("/sign-in", data={"token": token})
        again = client.post("/sign-in", data={"token": token})
    assert all(page.status_code == 200 and "<button" in page.text for page in looked)
    assert came_in.status_code == 303
    cookie = came_in.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert again.status_code == 403
    assert "works no more" in again.text


def test_who_is_signed_in_uses_the_api_without_a_key(served: Served, database: Database, office: Office) -> None:
    with browser(served, link(database, office)) as client:
        models = client.get("/v1/models")
        answer = client.post(
            "/v1/chat/completions",
            json={"model": "handbook", "messages": [{"role": "user", "content": "When is the sluice greased?"}]},
        )
    assert [model["id"] for model in models.json()["data"]] == ["handbook"]
    assert "second Monday" in answer.json()["choices"][0]["message"]["content"]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "", "http://127.0.0.1:1"])
def test_a_page_of_another_server_gets_nowhere(served: Served, database: Database, office: Office, origin: str) -> None:
    with browser(served, link(database, office)) as client:
        client.headers["Origin"] = origin
        asked = client.post("/v1/chat/completions", json={"model": "handbook", "messages": []})
        left = client.post("/sign-out")
        client.headers["Origin"] = served.address
        still = client.get("/v1/models")
    assert (asked.status_code, left.status_code, still.status_code) == (403, 403, 200)
    assert asked.json()["error"]["code"] == "cross_site_request"


def test_a_role_opens_what_it_may_and_nothing_else(served: Served, database: Database, office: Office) -> None:
    with browser(served, link(database, office, "member")) as client:
        assert client.get("/v1/models").status_code == 200
        refused = client.get("/v1/sources")
    assert refused.status_code == 403
    assert "another role" in refused.json()["error"]["message"]


def test_signing_out_ends_copies_of_the_cookie_too(served: Served, database: Database, office: Office) -> None:
    with browser(served, link(database, office)) as client, browser(served) as thief:
        thief.cookies.update(client.cookies)
        assert thief.get("/v1/models").status_code == 200
        assert client.post("/sign-out").status_code == 303
        assert client.get("/v1/models").status_code == 401
        assert thief.get("/v1/models").status_code == 401


def test_words_in_the_address_stay_words(served: Served) -> None:
    with browser(served) as client:
        page = client.get("/sign-in", params={"token": '"><script>alert(1)</script>'})
    assert "<script" not in page.text


def test_only_files_of_pages_are_given(served: Served) -> None:
    with browser(served) as client:
        assert client.get("/static/millrace.css").headers["content-type"].startswith("text/css")
        assert client.get("/static/..%2Frendering.py").status_code == 404
        assert client.get("/static/rendering.py").status_code == 404
