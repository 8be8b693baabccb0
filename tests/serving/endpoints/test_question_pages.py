"""One question in full over HTTP: read by whoever analyzes, acted on by whoever manages, unknown to everybody else."""

from __future__ import annotations

from uuid import UUID, uuid4

import httpx
import pytest
from lxml import html

from resources.conversations import message_feedback
from resources.conversations.answering import answers
from resources.conversations.answering.models import ProviderModels
from resources.conversations.records import Answered, Asked
from resources.foundation.database import Database
from resources.identity import audit_log, notifications
from tests.serving.conftest import Office, Served, make_key
from tests.serving.endpoints.test_sign_in import browser, link

PAGE = {"Accept": "text/html,application/xhtml+xml"}
QUESTION = "How often is the sluice gate <b>greased</b>?"
WORDS = "It is greased every Friday <i>since May</i>."


@pytest.fixture
def answered(database: Database, office: Office) -> Answered:
    """An answer that was disliked."""
    return disliked(database, office)


def disliked(database: Database, office: Office) -> Answered:
    *_, last = answers.answer(
        database, office.organization_id, chatbot=office.chatbot, asked=Asked(QUESTION), models=ProviderModels()
    )  # fmt: skip
    assert isinstance(last, Answered)
    with database.transaction(office.organization_id) as connection:
        message_feedback.replace(
            connection, office.organization_id, message_id=last.message_id, user_id=None, feedback="negative",
            reason="out of date",
        )  # fmt: skip
    return last


def api(served: Served, key: str) -> httpx.Client:
    return httpx.Client(base_url=served.address, headers={"Authorization": f"Bearer {key}"}, timeout=30)


def test_an_analyst_reads_it_and_only_a_manager_acts_on_it(
    served: Served, database: Database, office: Office, answered: Answered
) -> None:
    address = f"/analytics/questions/{answered.message_id}"
    acts: dict[str, dict[str, object]] = {
        "replay": {"configuration": 1}, "promotion": {"state": "proposed"}, "issues": {"words": "x", "about": "y"},
    }  # fmt: skip
    with api(served, make_key(database, office.organization_id, "analyze")) as client:
        shown = client.get(address, headers=PAGE)
        assert shown.status_code == 200
        assert "&lt;b&gt;greased&lt;/b&gt;" in shown.text
        assert html.fromstring(shown.text).xpath("//main//form") == []
        assert client.get("/analytics/questions?period=1").text.count(address) == 1
        assert {client.post(f"{address}/{act}", data=said).status_code for act, said in acts.items()} == {403}
        assert client.post("/v1/replays", json={}).status_code == 403
    with api(served, office.key) as client:
        assert {client.get(one).status_code for one in (address, "/analytics/questions")} == {403}
    with api(served, make_key(database, office.organization_id, "manage")) as client:
        assert client.get(address).status_code == 403


def test_another_organizations_answer_is_as_unknown_as_none(
    served: Served, database: Database, office: Office, other_office: Office, answered: Answered
) -> None:
    theirs = disliked(database, other_office)
    with browser(served, link(database, office)) as client:
        for act, said in {
            "": None, "/replay": {"configuration": 1}, "/promotion": {"state": "proposed"},
            "/issues": {"words": "x", "about": f"source {uuid4()}"},
        }.items():  # fmt: skip
            known, unknown = (
                client.request(
                    "GET" if said is None else "POST", f"/analytics/questions/{id}{act}", data=said, headers=PAGE
                )
                for id in (theirs.message_id, UUID(int=1))
            )
            assert (known.status_code, unknown.status_code) == (404, 404)
            assert known.text.replace(str(theirs.message_id), "") == unknown.text.replace(str(UUID(int=1)), "")
        assert str(theirs.message_id) not in client.get("/analytics/questions?period=1", headers=PAGE).text
    with api(served, make_key(database, office.organization_id, "manage")) as client:
        for id in (theirs.message_id, UUID(int=1)):
            asked = {"message_id": str(id)}
            assert client.post("/v1/replays", json={**asked, "configuration": 1}).status_code == 404
            assert client.post("/v1/promotions", json=asked).status_code == 404
            opened = {**asked, "source": "handbook", "words": "x"}
            assert client.post("/v1/source-issues", json=opened).status_code == 404


def test_it_is_asked_again_put_into_a_set_and_told_to_the_owner_from_its_page(
    served: Served, database: Database, office: Office, answered: Answered
) -> None:
    address = f"/analytics/questions/{answered.message_id}"
    with browser(served, link(database, office)) as client:
        again = client.post(f"{address}/replay", data={"configuration": 1}, headers=PAGE)
        assert again.status_code == 200
        assert "asked again now" in again.text
        assert client.post(f"{address}/replay", data={"configuration": 7}, headers=PAGE).status_code == 404
        done = client.post(f"{address}/promotion", data={"state": "accepted", "passage": ["1"]})
        assert (done.status_code, done.headers["location"]) == (303, f"{address}#question-set")
        page = client.get(address, headers=PAGE).text
        assert "It stands in the set <strong>from conversations</strong>" in page
        refused = client.post(f"{address}/promotion", data={"state": "accepted", "passage": ["99"]}, headers=PAGE)
        assert (refused.status_code, "hat passage is gone" in refused.text) == (400, True)
        [about] = html.fromstring(page).xpath("//select[@name='about']/option[contains(., 'sluice.md')]/@value")
        opened = client.post(f"{address}/issues", data={"about": about, "words": WORDS})
        assert opened.status_code == 303
        assert "&lt;i&gt;since May&lt;/i&gt;" in client.get(address, headers=PAGE).text
        [source] = html.fromstring(client.get(address, headers=PAGE).text).xpath(
            "//section[@id='issues']//a[starts-with(@href, '/sources/')]/@href"
        )
        shown = client.get(source, headers=PAGE).text
        [close] = html.fromstring(shown).xpath("//form[starts-with(@action, '/source-issues/')]/@action")
        assert client.post(close, data={"state": "closed", "note": "corrected"}).status_code == 303
        assert "corrected" in client.get(source, headers=PAGE).text
        assert client.post(f"/source-issues/{uuid4()}", data={"state": "closed"}).status_code == 404
        strange = client.post(f"{address}/issues", data={"about": f"source {uuid4()}", "words": "x"}, headers=PAGE)
        assert strange.status_code == 400
    with database.transaction(office.organization_id) as connection:
        [told] = notifications.select_latest(connection, office.organization_id)
        done_by = audit_log.select_page(connection, office.organization_id, at_most=10)
    assert told.event == "source_issue_opened"
    assert {(one.action, one.entity) for one in done_by} == {
        ("promote", "question"), ("create", "source_issue"), ("change", "source_issue"),
    }  # fmt: skip


def test_programs_do_the_same(served: Served, database: Database, office: Office, answered: Answered) -> None:
    id = str(answered.message_id)
    with api(served, make_key(database, office.organization_id, "manage")) as client:
        again = client.post("/v1/replays", json={"message_id": f"chatcmpl-{id}", "configuration": 1}).json()
        assert (again["answer"], again["outcome"], again["cost"]) == (answered.text, "answered", "0")
        assert again["passages"][0]["location"] == "sluice.md"
        assert [one["quote"] for one in again["citations"]] == [one.quote for one in answered.citations]
        placed = client.post("/v1/promotions", json={"message_id": id, "answers": [{"document": "sluice.md"}]}).json()
        assert (placed["state"], placed["answers"][0]["document"]) == ("proposed", "sluice.md")
        accepted = client.post("/v1/promotions", json={"message_id": id, "state": "accepted"}).json()
        assert (accepted["id"], accepted["state"]) == (placed["id"], "accepted")
        asked = {"source": "handbook", "path": "sluice.md", "message_id": id, "words": WORDS}
        issue = client.post("/v1/source-issues", json=asked).json()
        assert (issue["state"], issue["words"], issue["message_id"]) == ("open", WORDS, id)
        listed = client.get("/v1/source-issues", params={"source": "handbook", "state": "open"}).json()
        assert [one["id"] for one in listed["data"]] == [issue["id"]]
        closed = client.patch(f"/v1/source-issues/{issue['id']}", json={"state": "closed", "note": "done"}).json()
        assert (closed["state"], closed["note"], closed["closed_at"] is not None) == ("closed", "done", True)
        assert client.get("/v1/source-issues", params={"state": "open"}).json()["data"] == []
        assert client.delete(f"/v1/source-issues/{issue['id']}").status_code == 204
