"""Conversations over several requests: gone on with, read back just as answered, ended, deleted, kept apart."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from resources.bots.agents import agents
from resources.conversations import sessions
from resources.conversations.answering.models import ProviderModels
from resources.foundation.database import Database
from resources.identity import api_keys, notifications
from tests.fixtures.openai_server import OpenAIServer
from tests.serving.conftest import Office, Serve, Served, make_key, make_office

QUESTION = "How often is the sluice gate greased?"
OTHER = "What does rye flour cost?"


class Client:
    """Asks the server as one key."""

    def __init__(self, served: Served, key: str) -> None:
        self._http = httpx.Client(
            base_url=f"{served.address}/v1", headers={"Authorization": f"Bearer {key}"}, timeout=30
        )  # fmt: skip

    def ask(self, question: str, session: object = None, **body: Any) -> httpx.Response:
        payload = {"model": "handbook", "messages": [{"role": "user", "content": question}], **body}
        headers = {"X-Session-Id": str(session)} if session else {}
        return self._http.post("/chat/completions", json=payload, headers=headers)

    def get(self, path: str, **query: Any) -> httpx.Response:
        return self._http.get(path, params=query)

    def send(self, method: str, path: str, **body: Any) -> httpx.Response:
        return self._http.request(method, path, json=body or None)


@pytest.fixture
def client(served: Served, office: Office) -> Client:
    return Client(served, office.key)


def test_a_session_keeps_a_conversation_and_is_read_back_just_as_it_was_answered(client: Client) -> None:
    first = client.ask(QUESTION)
    session = first.headers["X-Session-Id"]
    assert first.json()["session_id"] == session
    second = client.ask(OTHER, session).json()
    third = client.ask(QUESTION, session_id=session, stream=True)
    assert (second["session_id"], third.headers["X-Session-Id"]) == (session, session)
    read = client.get(f"/sessions/{session}").json()
    assert [one["role"] for one in read["messages"]] == ["user", "assistant"] * 3
    answer = read["messages"][1]
    assert answer["content"] == first.json()["choices"][0]["message"]["content"]
    assert answer["citations"] == first.json()["citations"]
    assert read["messages"][3]["citations"] == second["citations"]
    assert [one["status"] for one in read["messages"]] == ["read", "read", "read", "read", "read", "delivered"]
    threads = [(one["id"], one["reply_to"]) for one in read["messages"]]
    assert [parent for _, parent in threads] == [None, *(id for id, _ in threads[:-1])]
    assert (answer["agent"], answer["why"], answer["outcome"]) == ("answers", "the only agent", "answered")


def test_a_transcript_and_a_list_come_in_pages(client: Client) -> None:
    session = client.ask(QUESTION).headers["X-Session-Id"]
    client.ask(OTHER, session)
    others = [client.ask(OTHER).headers["X-Session-Id"] for _ in range(2)]
    whole = client.get(f"/sessions/{session}").json()["messages"]
    page = client.get(f"/sessions/{session}", limit=3).json()
    rest = client.get(f"/sessions/{session}", limit=3, after=page["last_id"]).json()
    assert page["messages"] + rest["messages"] == whole
    assert (page["has_more"], rest["has_more"]) == (True, False)
    listed = client.get("/sessions", limit=2).json()
    more = client.get("/sessions", limit=2, after=listed["last_id"]).json()
    assert [one["id"] for one in listed["data"] + more["data"]] == [*others[::-1], session]
    assert (more["data"][0]["messages"], more["data"][0]["title"], more["has_more"]) == (4, QUESTION, False)


def test_conversations_are_found_by_their_topic_agent_and_status(
    client: Client, database: Database, office: Office
) -> None:
    about, other, ended = (UUID(client.ask(QUESTION).headers["X-Session-Id"]) for _ in range(3))
    made = {"topics": ["the sluice", "100 % grease"]}
    with database.transaction(office.organization_id) as connection:
        sessions.set_context(connection, office.organization_id, about, context=made, title=None)
        agent_id = sessions.get(connection, office.organization_id, other).agent_id
    client.send("PATCH", f"/sessions/{ended}", status="completed")

    def found(**wanted: str) -> list[UUID]:
        return [UUID(one["id"]) for one in client.get("/sessions", sort="updated_at", **wanted).json()["data"]]

    everything = found()
    assert set(everything) == {about, other, ended}
    assert found(topic="the sluice") == found(topic="100 % grease", agent="answers") == [about]
    assert found(topic="sluice") == found(topic="the sluice", status="completed") == found(agent="nobody") == []
    assert found(agent="answers") == found(agent=str(agent_id)) == everything
    assert found(status="completed") == [ended]
    assert {one["agent"] for one in client.get("/sessions").json()["data"]} == {"answers"}


def test_a_model_is_told_what_was_said_before_once_whoever_sends_it(
    database: Database, organization_id: UUID, serve: Serve
) -> None:
    office = make_office(database, organization_id, llm_model="chatty")
    with OpenAIServer() as provider:
        provider.says = lambda messages: "Every second Monday [1]."
        client = Client(serve(ProviderModels(base_url=provider.base_url, api_key="sk-test")), office.key)
        session = client.ask(QUESTION).headers["X-Session-Id"]
        client.ask("And in a flood?", session)
        told = [one["content"] for one in provider.requests[-1].body["messages"][1:-1]]
        said = [
            {"role": "user", "content": QUESTION},
            {"role": "assistant", "content": "Every second Monday [1]."},
            {"role": "user", "content": "And in winter?"},
        ]
        client.ask("", session, messages=said)
        told_by_client = [one["content"] for one in provider.requests[-1].body["messages"][1:-1]]
        client.ask("And where?", session, messages=[{"role": "system", "content": "Be brief."}, said[-1]])
        told_with_system = [one["content"] for one in provider.requests[-1].body["messages"][1:-1]]
    assert told == told_by_client == [QUESTION, "Every second Monday [1]."]
    assert told_with_system[:3] == ["Be brief.", QUESTION, "Every second Monday [1]."]


def test_a_thread_is_taken_up_where_it_was_left(database: Database, organization_id: UUID, serve: Serve) -> None:
    office = make_office(database, organization_id, llm_model="chatty")
    with OpenAIServer() as provider:
        provider.says = lambda messages: "Every second Monday."
        client = Client(serve(ProviderModels(base_url=provider.base_url, api_key="sk-test")), office.key)
        first = client.ask(QUESTION).json()
        session = first["session_id"]
        client.ask(OTHER, session)
        assert client.ask("And in a flood?", session, reply_to=first["id"]).status_code == 200
        told = [one["content"] for one in provider.requests[-1].body["messages"][1:-1]]
        elsewhere = client.ask("Hello?").json()
        assert client.ask("And?", session, reply_to=elsewhere["id"]).status_code == 404
        assert client.ask("And?", reply_to=first["id"]).status_code == 400
    assert told == [QUESTION, "Every second Monday."]


def test_an_agent_that_forgets_is_told_nothing_older_and_one_of_single_turns_nothing(
    database: Database, organization_id: UUID, serve: Serve
) -> None:
    office = make_office(database, organization_id, llm_model="chatty")

    def set_agent(change: str) -> None:
        with database.transaction(organization_id) as connection:
            connection.execute(change.encode())

    with OpenAIServer() as provider:
        client = Client(serve(ProviderModels(base_url=provider.base_url, api_key="sk-test")), office.key)
        session = client.ask(QUESTION).headers["X-Session-Id"]
        with database.transaction(organization_id) as connection:
            connection.execute("update conversations.messages set created_at = now() - interval '3 days'")
        told = []
        for change in (
            "update bots.agents set memory_retention_days = 2",
            "update bots.agents set memory_retention_days = 4",
            "update bots.agents set conversation_mode = 'single-turn'",
        ):
            set_agent(change)
            client.ask(OTHER, session)
            told.append([one["content"] for one in provider.requests[-1].body["messages"][1:-1]])
    assert told[0] == []
    assert QUESTION in told[1]
    assert told[2] == []


def test_a_session_is_named_ended_begun_again_and_deleted(client: Client) -> None:
    session = client.ask(QUESTION).headers["X-Session-Id"]
    changed = client.send("PATCH", f"/sessions/{session}", title="The sluice", status="completed").json()
    assert (changed["title"], changed["status"], changed["ended_at"] is None) == ("The sluice", "completed", False)
    assert client.get("/sessions", status="completed").json()["data"][0]["id"] == session
    client.ask(OTHER, session)
    again = client.get(f"/sessions/{session}").json()
    assert (again["title"], again["status"], again["ended_at"]) == ("The sluice", "active", None)
    assert client.send("DELETE", f"/sessions/{session}").status_code == 204
    assert client.get(f"/sessions/{session}").status_code == 404
    assert client.ask(OTHER, session).status_code == 404
    assert client.get("/sessions").json()["data"] == []
    assert client.send("PATCH", f"/sessions/{uuid4()}", colour="red").status_code == 400


def test_characters_that_the_database_cannot_keep_harm_nothing(client: Client) -> None:
    answer = client.ask("rye\0 flour?", stop=["\0", "x"], user="\0").json()
    session = answer["session_id"]
    for method, path, body in (
        ("PATCH", f"/sessions/{session}", {"title": "a\0b"}),
        ("POST", "/feedback", {"message_id": answer["id"], "feedback": "negative", "reason": "\0"}),
        ("PATCH", f"/sessions/{session}", {"title": "\0"}),
    ):
        assert client.send(method, path, **body).status_code == 200
    assert client.get(f"/sessions/{session}", after="\0").status_code == 404
    assert client.get("/sessions/%00").status_code == 404


def test_anothers_session_is_as_unknown_as_one_that_never_was(
    served: Served, office: Office, other_office: Office
) -> None:
    mine, theirs = Client(served, office.key), Client(served, other_office.key)
    answer = mine.ask(QUESTION).json()
    session = answer["session_id"]
    for unknown in (str(uuid4()), "nonsense", "' or 1=1"):
        for foreign, invented in (
            (theirs.get(f"/sessions/{session}"), theirs.get(f"/sessions/{unknown}")),
            (
                theirs.send("PATCH", f"/sessions/{session}", title="x"),
                theirs.send("PATCH", f"/sessions/{unknown}", title="x"),
            ),
            (theirs.send("DELETE", f"/sessions/{session}"), theirs.send("DELETE", f"/sessions/{unknown}")),
            (theirs.ask(OTHER, session, model="kettles"), theirs.ask(OTHER, unknown, model="kettles")),
        ):  # fmt: skip
            assert (foreign.status_code, invented.status_code) == (404, 404)
            assert foreign.json()["error"]["code"] == invented.json()["error"]["code"] == "not_found"
    feedback = {"message_id": answer["id"], "feedback": "negative"}
    assert theirs.send("POST", "/feedback", **feedback).status_code == 404
    assert theirs.get("/sessions").json()["data"] == []
    assert len(mine.get(f"/sessions/{session}").json()["messages"]) == 2


def test_a_person_sees_only_their_own_conversations(database: Database, served: Served, office: Office) -> None:
    with database.transaction(office.organization_id) as connection:
        ids = [uuid4(), uuid4()]
        for name, id in zip(("mia", "tom"), ids, strict=True):
            connection.execute(
                "insert into identity.users (organization_id, id, username, email) values (%s, %s, %s, %s)",
                [office.organization_id, id, name, f"{name}@mill.example"],
            )
        keys = [
            api_keys.create(connection, office.organization_id, name=str(id), scopes=["chat"], user_id=id)[1]
            for id in ids
        ]
    mia, tom = (Client(served, key) for key in keys)
    session = mia.ask(QUESTION).headers["X-Session-Id"]
    assert [one["id"] for one in mia.get("/sessions").json()["data"]] == [session]
    assert tom.get("/sessions").json()["data"] == []
    assert (tom.get(f"/sessions/{session}").status_code, tom.ask(OTHER, session).status_code) == (404, 404)
    assert [one["id"] for one in Client(served, office.key).get("/sessions").json()["data"]] == [session]


def test_feedback_is_one_of_each_user_and_may_be_changed(client: Client) -> None:
    answer = client.ask(QUESTION).json()
    client.send("POST", "/feedback", message_id=answer["id"], feedback="positive", appreciation=90)
    changed = client.send("POST", "/feedback", message_id=answer["id"], feedback="negative", reason="Outdated").json()
    assert (changed["feedback"], changed["reason"], changed["appreciation"]) == ("negative", "Outdated", 90)
    question, reply = client.get(f"/sessions/{answer['session_id']}").json()["messages"]
    assert [(one["feedback"], one["reason"]) for one in reply["feedback"]] == [("negative", "Outdated")]
    assert reply["appreciation"] == 90
    assert client.send("POST", "/feedback", message_id=question["id"], feedback="positive").status_code == 400
    assert client.send("POST", "/feedback", message_id=answer["id"]).status_code == 400
    assert client.send("POST", "/feedback", message_id=answer["id"], appreciation=101).status_code == 400
    saying_nothing = client.send("POST", "/feedback", message_id=answer["id"])
    assert saying_nothing.json()["error"]["message"].startswith("Say feedback ('positive' or 'negative')")


def test_a_person_takes_over_answers_in_the_session_and_gives_it_back(
    database: Database, served: Served, office: Office
) -> None:
    with database.transaction(office.organization_id) as connection:
        agents.create(
            connection, office.organization_id, chatbot_id=office.chatbot.id, name="people", type="human-escalation"
        )
    asker, person = Client(served, office.key), Client(served, make_key(database, office.organization_id, "manage"))
    session = asker.ask(QUESTION).headers["X-Session-Id"]
    handed = asker.ask("I want to talk to a human, please", session).json()
    assert (handed["outcome"], handed["answered_by"]) == ("handed_over", "human-escalation")
    assert "a person will answer" in handed["choices"][0]["message"]["content"]
    waiting = asker.ask(OTHER, session).json()
    assert (waiting["outcome"], waiting["usage"]["total_tokens"]) == ("handed_over", 0)
    [listed] = asker.get("/sessions", waiting=True).json()["data"]
    assert (listed["id"], listed["waits_because"]) == (session, "a person was asked for")
    with database.transaction(office.organization_id) as connection:
        [told] = [
            one for one in notifications.select_latest(connection, office.organization_id)
            if one.event == "session_handed_over"
        ]  # fmt: skip
    assert (told.body["session"], told.closed_at) == (session, None)

    assert asker.send("POST", f"/sessions/{session}/answers", content="I am no person").status_code == 403
    said = person.send("POST", f"/sessions/{session}/answers", content="Rye is 3 euros.", hands_back=True)
    assert (said.status_code, said.json()["answered_by"], said.json()["status"]) == (201, "person", "sent")
    last = asker.get(f"/sessions/{session}").json()["messages"][-1]
    assert (last["content"], last["status"], last["agent"]) == ("Rye is 3 euros.", "delivered", "for manage")
    again = asker.ask(OTHER, session).json()
    assert (again["outcome"], asker.get("/sessions", waiting=True).json()["data"]) == ("answered", [])
    with database.transaction(office.organization_id) as connection:
        closed = notifications.select_latest(connection, office.organization_id)[0]
    assert closed.closed_at is not None
