"""The pages without a browser: who may see which, failures as people read them, and texts that stay texts."""

from __future__ import annotations

from urllib.parse import quote
from uuid import UUID, uuid4

import httpx
import pytest
from lxml import html

from resources.foundation.database import Database
from resources.knowledge.documents import document_states
from resources.knowledge.records import DocumentState
from tests.factories.library import MILL, shelve
from tests.serving.conftest import Office, Served
from tests.serving.endpoints.test_documents import open_inbox
from tests.serving.endpoints.test_sign_in import browser, link

PAGE = {"Accept": "text/html,application/xhtml+xml"}
PAYLOADS = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", '"><svg onload=alert(1)>', "javascript:alert(1)",
    "{{ 7 * 7 }}", "</title><script>alert(1)</script>", "' autofocus onfocus=alert(1) x='", "<!--", "]]>", "&lt;b&gt;",
]  # fmt: skip


def get(client: httpx.Client, address: str) -> httpx.Response:
    return client.get(address, headers=PAGE)


def documents(database: Database, organization_id: UUID, source_id: UUID) -> list[DocumentState]:
    with database.transaction(organization_id) as connection:
        return document_states.select_page(connection, organization_id, source_id=source_id)


@pytest.fixture
def source_id(database: Database, office: Office) -> UUID:
    """The source that the office's chatbot reads."""
    with database.transaction(office.organization_id) as connection:
        row = connection.execute(
            "select id from knowledge.data_sources where organization_id = %s", [office.organization_id]
        ).fetchone()
    assert row is not None
    found: UUID = row[0]
    return found


@pytest.mark.parametrize(
    "address", ["/", "/search", "/sources", f"/sources/{UUID(int=1)}", f"/documents/{UUID(int=1)}"]
)
def test_who_is_not_signed_in_is_led_to_where_that_can_be_done(served: Served, office: Office, address: str) -> None:
    with browser(served) as client:
        person = get(client, address)
        program = client.get(address)
    assert (person.status_code, person.headers["location"]) == (303, f"/sign-in?next={quote(address, safe='')}")
    assert program.status_code == 401
    assert program.json()["error"]["code"] == "missing_api_key"


def test_each_role_sees_what_it_may(served: Served, database: Database, office: Office, source_id: UUID) -> None:
    document = documents(database, office.organization_id, source_id)[0]
    with browser(served, link(database, office, "member")) as client:
        assert "/sources" not in html.fromstring(get(client, "/").text).xpath("//nav//a/@href")
        refused = get(client, "/sources")
        read = get(client, f"/documents/{document.id}")
    with browser(served, link(database, office, "analyst")) as client:
        looked_at = get(client, f"/sources/{source_id}")
        standing = get(client, f"/documents/{document.id}")
    with browser(served, link(database, office, "engineer")) as client:
        managed = get(client, f"/sources/{source_id}")
    assert refused.status_code == 403
    assert "another role" in refused.text
    assert "weighs every load" in read.text
    assert "Can it be found?" not in read.text
    assert "Can it be found?" in standing.text
    assert "data-send" not in looked_at.text
    assert 'data-send="POST /v1/sources/handbook/sync"' in managed.text


def test_documents_are_added_on_the_page_of_an_upload_source_by_those_who_manage_it(
    served: Served, database: Database, office: Office, source_id: UUID
) -> None:
    inbox_id = open_inbox(database, office)
    with browser(served, link(database, office, "analyst")) as client:
        looked_at = get(client, f"/sources/{inbox_id}").text
    with browser(served, link(database, office, "engineer")) as client:
        managed, followed = (get(client, f"/sources/{id}").text for id in (inbox_id, source_id))
    assert ["Add documents" in page for page in (looked_at, managed, followed)] == [False, True, False]
    assert "uploads.js" not in looked_at + followed


def test_what_is_anothers_looks_as_what_is_not_there(
    served: Served, database: Database, office: Office, other_office: Office, source_id: UUID
) -> None:
    document = documents(database, office.organization_id, source_id)[0]
    with browser(served, link(database, other_office)) as client:
        for kind, foreign in (("documents", document.id), ("sources", source_id)):
            unknown = uuid4()
            answers = {id: get(client, f"/{kind}/{id}") for id in (str(foreign), str(unknown), "no-id")}
            told = {answer.text.replace(f"&#39;{id}&#39;", "ID").replace(id, "ID") for id, answer in answers.items()}
            assert {answer.status_code for answer in answers.values()} == {404}
            assert len(told) == 1


def test_failures_are_pages_for_people_and_json_for_programs(
    served: Served, database: Database, office: Office
) -> None:
    with browser(served, link(database, office)) as client:
        page, body = get(client, "/nowhere"), client.get("/nowhere")
        of_the_api = get(client, "/v1/nowhere")
        senseless = get(client, f"/documents/{uuid4()}?start=x")
    assert (page.status_code, body.status_code, of_the_api.status_code) == (404, 404, 404)
    assert html.fromstring(page.text).xpath("string(//h1)") == "There is nothing here"
    assert body.json()["error"]["code"] == of_the_api.json()["error"]["code"] == "unknown_url"
    assert senseless.status_code == 400
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_a_form_of_an_own_page_is_taken_though_browsers_tell_no_origin_of_it(
    served: Served, database: Database, office: Office
) -> None:
    token = link(database, office)
    with browser(served) as client:
        client.headers["Origin"] = "null"
        foreign = client.post("/sign-in", data={"token": token}, headers={"Sec-Fetch-Site": "cross-site"})
        unsaid = client.post("/sign-in", data={"token": token})
        own = client.post("/sign-in", data={"token": token}, headers={"Sec-Fetch-Site": "same-origin"})
    assert (foreign.status_code, unsaid.status_code, own.status_code) == (403, 403, 303)


def test_texts_titles_and_paths_stay_texts(served: Served, database: Database, office: Office) -> None:
    texts = {f"{number} {payload}.md": f"The wheel {payload} turns." for number, payload in enumerate(PAYLOADS)}
    source_id = shelve(database, office.organization_id, texts, name="odd")
    allowed = {"/static/page.js", "/static/chat.js", "/static/search.js"}
    with database.transaction(office.organization_id) as connection:
        connection.execute(
            "update knowledge.documents set title = file_path, address = 'javascript:alert(1)' "
            "where data_source_id = %s and organization_id = %s",
            [source_id, office.organization_id],
        )
    known = documents(database, office.organization_id, source_id)
    with browser(served, link(database, office)) as client:
        pages = [get(client, address) for address in ("/", "/search", "/sources", f"/sources/{source_id}")]
        pages += [get(client, f"/documents/{one.id}?start=0&end=12") for one in known]
        pages += [get(client, f"/sources/{source_id}?words={payload}") for payload in PAYLOADS]
    assert {page.status_code for page in pages} == {200}
    for page in pages:
        parsed = html.fromstring(page.text)
        assert set(parsed.xpath("//script/@src")) <= allowed
        assert parsed.xpath("//script[not(@src)] | //img | //iframe | //style | //object | //base") == []
        assert parsed.xpath("//@*[starts-with(name(), 'on') or name() = 'style']") == []
        assert not [to for to in parsed.xpath("//@href | //@action | //@src") if "javascript:" in to.lower()]
    shown = [html.fromstring(page.text) for page in pages[4 : 4 + len(known)]]
    assert [page.xpath("string(//div[contains(@class, 'text')])").strip() for page in shown] == [
        texts[one.path] for one in known
    ]
    assert all(page.xpath("string(//mark)") == texts[one.path][:12] for page, one in zip(shown, known, strict=True))


def test_a_long_text_is_read_in_parts_that_lead_to_each_other(
    served: Served, database: Database, office: Office
) -> None:
    long = "\n\n".join(f"Paragraph {number} of a long, long text about mills." for number in range(1500))
    source_id = shelve(database, office.organization_id, {"long.md": long}, name="library")
    document = documents(database, office.organization_id, source_id)[0]
    at = long.index("Paragraph 1200 ")
    with browser(served, link(database, office)) as client:
        address, read = f"/documents/{document.id}", ""
        while address:
            parsed = html.fromstring(get(client, address).text)
            read += parsed.xpath("string(//div[contains(@class, 'text')])")
            following = parsed.xpath("//a[text() = 'Next part']/@href")
            address = f"/documents/{document.id}{following[0]}" if following else ""
        cited = html.fromstring(get(client, f"/documents/{document.id}?start={at}&end={at + 14}#passage").text)
    assert "".join(read.split()) == "".join(long.split())
    assert cited.xpath("string(//mark[@id = 'passage'])") == "Paragraph 1200"


def test_a_document_that_failed_says_why_and_what_to_do(
    served: Served, database: Database, office: Office, source_id: UUID
) -> None:
    with database.transaction(office.organization_id) as connection:
        connection.execute(
            "insert into knowledge.documents (organization_id, data_source_id, title, original_filename, file_path, "
            "file_size, status) values (%s, %s, 'Plan', 'plan.pdf', 'plan.pdf', 9, 'failed')",
            [office.organization_id, source_id],
        )
        connection.execute(
            "insert into knowledge.sync_failures (organization_id, data_source_id, document_id, file_path, stage, "
            "outcome, reason, next_attempt_at) select organization_id, data_source_id, id, file_path, 'parsing', "
            "'unsupported_encrypted', 'plan.pdf needs a password', now() from knowledge.documents "
            "where organization_id = %s and file_path = 'plan.pdf'",
            [office.organization_id],
        )
    failed = next(one for one in documents(database, office.organization_id, source_id) if one.path == "plan.pdf")
    with browser(served, link(database, office)) as client:
        page = html.fromstring(get(client, f"/documents/{failed.id}").text).text_content()
        listed = html.fromstring(get(client, f"/sources/{source_id}?state=failed").text)
    with browser(served, link(database, office, "member")) as client:
        assert get(client, f"/documents/{failed.id}").status_code == 404
    assert "plan.pdf needs a password" in page
    assert "Save it without a password" in page
    assert "Nothing of it can be read" in page
    assert listed.xpath("//table[1]/tbody/tr/td[1]/a/text()") == ["Plan"]
    assert len(listed.xpath("//ul[@class = 'failures']//button[contains(@data-send, '/retry')]")) == 1


def test_documents_of_a_source_are_paged_and_looked_for(served: Served, database: Database, office: Office) -> None:
    source_id = shelve(
        database, office.organization_id, {f"{n:03}.md": f"Sack {n} holds rye." for n in range(60)}, name="sacks"
    )
    with browser(served, link(database, office)) as client:
        first = html.fromstring(get(client, f"/sources/{source_id}").text)
        more = first.xpath("//a[@rel = 'next']/@href")[0]
        second = html.fromstring(get(client, f"/sources/{source_id}{more}").text)
        found = html.fromstring(get(client, f"/sources/{source_id}?words=03&state=ready").text)
    names = [page.xpath("//table[1]/tbody/tr/td[1]/span/text()") for page in (first, second, found)]
    assert names[0] + names[1] == [f"{n:03}.md" for n in range(60)]
    assert names[2] == ["003.md", *(f"03{n}.md" for n in range(10))]


def test_only_some_sources_answer_for_a_chatbot(served: Served, database: Database, office: Office) -> None:
    lonely = shelve(database, office.organization_id, MILL, name="attic")
    document = documents(database, office.organization_id, lonely)[0]
    with browser(served, link(database, office)) as client:
        page = get(client, f"/documents/{document.id}").text
    assert "No chatbot answers from this source" in page


def test_a_persons_list_of_conversations_is_their_own_though_they_may_see_all(
    served: Served, database: Database, office: Office
) -> None:
    asked = {"model": "handbook", "messages": [{"role": "user", "content": "When is the shop open?"}]}
    with browser(served, link(database, office, "member")) as member:
        assert member.post("/v1/chat/completions", json=asked).status_code == 200
    with browser(served, link(database, office)) as owner:
        own = owner.post("/v1/chat/completions", json=asked).json()["session_id"]
        all_of_them = owner.get("/v1/sessions").json()["data"]
        mine = owner.get("/v1/sessions?mine=true").json()["data"]
    assert len(all_of_them) == 2
    assert [one["id"] for one in mine] == [own]
