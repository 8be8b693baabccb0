"""What documents, models, sources and people say never becomes markup: 80 payloads in every place that a page shows."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote
from uuid import UUID

import httpx
import pytest
from lxml import html

from resources.conversations.answering.models import ProviderModels
from resources.foundation.database import Database
from tests.conftest import make_organization
from tests.factories.library import shelve
from tests.fixtures.openai_server import OpenAIServer
from tests.serving.conftest import Office, Serve, make_office
from tests.serving.endpoints.test_sign_in import browser, link

_SCRIPTS = [
    "<script>{}</script>",
    "<ScRiPt>{}</sCrIpT>",
    "<script/src=//evil.example/x.js></script>",
    "<script\t>{}</script >",
    "<<script>{}//<</script>",
    "<scr<script>ipt>{}</script>",
    "<script type=module>{}</script>",
    "<svg><script>{}</script></svg>",
]
_HANDLERS = [
    "<img src=x onerror={}>",
    "<svg onload={}>",
    "<body onload={}>",
    "<details open ontoggle={}>",
    "<video src onerror={}>",
    "<input autofocus onfocus={}>",
    "<marquee onstart={}>",
    "<audio src=x onerror={}>",
    "<div onpointerover={}>x</div>",
    "<math><mtext><img src=x onerror={}></math>",
    "<select autofocus onfocus={}>",
    "<iframe onload={}>",
]
_ADDRESSES = [
    "javascript:{}",
    "JaVaScRiPt:{}",
    "java\tscript:{}",
    "data:text/html,<script>{}</script>",
    "vbscript:{}",
    "<a href=javascript:{}>x</a>",
    "<iframe src=javascript:{}>",
    "<form action=javascript:{}><button>x</form>",
    "[x](javascript:{})",
    "![x](https://evil.example/?{})",
    "[x][1]\u2028[1]: javascript:{}",
    "<https://evil.example/{}>",
]
_ENDINGS = [
    '"><script>{}</script>',
    "'><script>{}</script>",
    "</title><script>{}</script>",
    "</textarea><script>{}</script>",
    "</script><script>{}</script>",
    "--><script>{}</script>",
    "]]><script>{}</script>",
    "</style><script>{}</script>",
    '" onmouseover="{}',
    "' onmouseover='{}",
    '" autofocus onfocus="{}" x="',
    "` onmouseover=`{}",
    "</p></main><h1>{}</h1>",
    "</td></tr></table><script>{}</script>",
    '"/><base href="//evil.example/{}',
    "&quot;&gt;&lt;script&gt;{}&lt;/script&gt;",
]
_OTHERS = [
    "<!--{}",
    "<!doctype html><h1>{}</h1>",
    "<base href=//evil.example/{}>",
    "<meta http-equiv=refresh content=0;url={}>",
    "<link rel=stylesheet href=//evil.example/{}>",
    "<style>@import '//evil.example/{}'</style>",
    "<object data={}>",
    "<embed src={}>",
    "<template><script>{}</script></template>",
    "<noscript><p title='</noscript><img src=x onerror={}>'>",
    "{{{{ {} }}}}",
    "{{% include '{}' %}}",
    "${{{}}}",
    "#{{{}}}",
    "<%= {} %>",
    "%3Cscript%3E{}%3C/script%3E",
    "\\u003cscript\\u003e{}\\u003c/script\\u003e",
    "&#60;script&#62;{}&#60;/script&#62;",
    "+ADw-script+AD4-{}+ADw-/script+AD4-",
    "\u202e<script>{}</script>",
    "＜script＞{}＜/script＞",
    "<\u200bscript>{}</script>",
    "<a\u00a0onclick={}>x</a>",
    "<b/onclick={}>x",
    "<plaintext>{}",
    "<xmp>{}",
    "<listing>{}",
    "<title>{}</title>",
    "<textarea>{}",
    "<h1 style=color:red>{}</h1>",
    "<button formaction=javascript:{}>x",
    "<dialog open>{}</dialog>",
]
PAYLOADS = [one.format("alert(1)") for one in [*_SCRIPTS, *_HANDLERS, *_ADDRESSES, *_ENDINGS, *_OTHERS]]
PAGE = {"Accept": "text/html"}
HARMLESS = "rye"
Shape = list[tuple[str, tuple[str, ...]]]


@pytest.fixture
def person(database: Database, office: Office, serve: Serve) -> Iterator[httpx.Client]:
    """Somebody who may see everything of the office."""
    with browser(serve(ProviderModels()), link(database, office, "owner")) as client:
        yield client


def test_there_are_80_payloads() -> None:
    assert len(set(PAYLOADS)) == 80


def test_payloads_are_shown_as_they_are_written(database: Database, office: Office, person: httpx.Client) -> None:
    show(database, office, person, PAYLOADS[::8])


@pytest.mark.campaign
def test_all_payloads_are_shown_as_they_are_written(database: Database, office: Office, person: httpx.Client) -> None:
    show(database, office, person, PAYLOADS)


def show(database: Database, office: Office, person: httpx.Client, payloads: list[str]) -> None:
    """With a payload in every place, each page has the elements and attributes that it has with a harmless word."""
    expected = pages(database, office, person, HARMLESS)
    assert len(expected) == 6
    for payload in payloads:
        found = pages(database, office, person, payload)
        for address, (shape, text) in found.items():
            assert shape == expected[address][0], (address, payload)
            assert address == "/sign-in" or _words(payload) in text, (address, payload)
        for folder in ("documents", "nowhere"):
            _sound(person.get(f"/{folder}/{quote(payload)}", headers=PAGE, follow_redirects=True))


def pages(database: Database, office: Office, person: httpx.Client, word: str) -> dict[str, tuple[Shape, str]]:
    """The shape and the words of each page, with this word in all that others can say."""
    source_id, document_id = _say(database, office.organization_id, word)
    addresses = {
        "/": {}, "/sources": {}, f"/sources/{source_id}": {"words": word}, f"/documents/{document_id}": {},
        "/sign-in": {"token": word}, "/search": {"model": word, "words": word, "paths": word},
    }  # fmt: skip
    found = {}
    for address, query in addresses.items():
        answer = person.get(address, params=query, headers=PAGE)
        assert answer.status_code == 200, (address, answer.text)
        page = _sound(answer)
        found[address.rpartition("/")[0] + "/…" if address.count("/") > 1 else address] = (
            [(str(one.tag), tuple(sorted(one.attrib))) for one in page.iter()],
            _words(page.text_content()),
        )
    return found


def _sound(answer: httpx.Response) -> html.HtmlElement:
    """The page, with no script but ours, no handler, and no address that is more than an address."""
    assert answer.headers["content-type"].startswith("text/html")
    page = html.fromstring(answer.text)
    for element in page.iter():
        assert not [
            name for name in element.attrib if name.startswith("on") or name in ("style", "srcdoc", "formaction")
        ]
        assert element.tag not in ("iframe", "object", "embed", "base", "style", "img", "video", "audio", "math")
        if element.tag == "script":
            assert element.get("src", "").startswith("/static/")
            assert not (element.text or "").strip()
        for name in ("href", "src", "action"):
            address = element.get(name, "/")
            assert address.startswith(("/", "?", "#", "https://", "http://")) or address == "data:,", address
    return page


def _say(database: Database, organization_id: UUID, word: str) -> tuple[UUID, UUID]:
    """Let all say so: a source's address and description, its only document, a failure, a chatbot and a person."""
    with database.transaction(organization_id) as connection:
        connection.execute("delete from knowledge.data_sources")
        connection.execute("update bots.chatbots set description = %s", [word])
        connection.execute("update identity.users set username = %s", [word])
    source_id = shelve(database, organization_id, {word: word}, name="mill")
    with database.transaction(organization_id) as connection:
        connection.execute(
            "update knowledge.data_sources set config = jsonb_build_object('location', %s::text), description = %s "
            "where id = %s",
            [word, word, source_id],
        )
        connection.execute(
            "insert into knowledge.sync_failures (organization_id, data_source_id, file_path, stage, outcome, reason, "
            "next_attempt_at) values (%s, %s, %s, 'parsing', 'broken', %s, now())",
            [organization_id, source_id, word, word],
        )
        row = connection.execute("select id from knowledge.documents").fetchone()
    assert row is not None
    return source_id, row[0]


def _words(text: str) -> str:
    return "".join(text.split())


def test_what_a_model_says_and_people_reply_is_json_and_nothing_else(
    serve: Serve, database: Database, office: Office
) -> None:
    spoken = make_office(database, make_organization(database, "mill"), name="spoken", llm_model="gpt-mill")
    key = {"Authorization": f"Bearer {spoken.key}", "Accept": "text/html"}
    with OpenAIServer() as provider:
        served = serve(ProviderModels(base_url=provider.base_url, api_key="sk-test"))
        with httpx.Client(base_url=served.address, headers=key, timeout=30) as client:
            for payload in PAYLOADS[::10]:
                provider.says = lambda messages, said=payload: said  # type: ignore[misc]
                question = [{"role": "user", "content": f"How often is the sluice gate greased? {payload}"}]
                answers = [
                    client.post("/v1/chat/completions", json={"model": "spoken", "messages": question}),
                    client.post("/v1/chat/completions", json={"model": payload, "messages": question}),
                ]
                said = {"message_id": answers[0].json()["id"], "feedback": "negative", "reason": payload}
                answers.append(client.post("/v1/feedback", json=said))
                answers.append(client.get(f"/v1/sessions/{answers[0].json()['session_id']}"))
                answers.append(client.get("/v1/models/" + payload.replace("#", "%23")))
                for answer in answers:
                    assert answer.headers["content-type"] == "application/json"
                    assert answer.headers["x-content-type-options"] == "nosniff"
