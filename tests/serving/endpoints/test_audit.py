"""Whatever requests change stands in the audit log; an address that is added must say here what it leaves there."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx
from fastapi.routing import APIRoute

from resources.conversations.answering.models import ProviderModels
from resources.foundation.database import Database
from resources.identity import api_keys, audit_log
from resources.identity.records import SCOPES_OF_ROLE, AuditEntry
from resources.knowledge.documents import sync_failures
from serving.app import create_app
from serving.house import House
from tests.serving.conftest import Office, Served

# Of these nothing that is managed changes: each with what remembers it instead, if anything does.
UNLOGGED = {
    "POST /analytics/questions/{message}/replay": "it is kept nowhere; what models took is paid as always",
    "POST /mcp": "it searches and fetches",
    "DELETE /mcp": "it ends a connection",
    "POST /sign-in": "the browser's session and the link",
    "POST /sign-out": "the browser's session",
    "POST /v1/chat/completions": "the conversation",
    "POST /v1/embeddings": "usage",
    "POST /v1/feedback": "the feedback",
    "POST /v1/replays": "it is kept nowhere; what models took is paid as always",
    "POST /v1/search": "usage",
    "POST /v1/sources/{source}/uploads": "nothing yet: the last part makes it a document, and leaves its entry",
    "DELETE /v1/sources/{source}/uploads/{id}": "nothing is changed: it was no document yet",
}
# Whatever people wrote and whatever is secret has this in it, and no entry does.
PRIVATE = "hunter2"
TUS = {"Tus-Resumable": "1.0.0"}
PART = {**TUS, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
Left = tuple[str, str, str]


@dataclass(frozen=True)
class Step:
    """A request and the one entry that it leaves: action, entity, and the fields that were given.

    The `{}` in an address and in a body are filled with what earlier steps have `kept`: the id that was told then.
    """

    request: str
    left: Left
    body: dict[str, Any] | None = None
    kept: str = ""
    sent: dict[str, Any] = field(default_factory=dict)


# fmt: off
STORY = [
    Step("PATCH /v1/organization", ("change", "organization", "name"), {"name": PRIVATE}),
    Step("PATCH /v1/settings/retention", ("change", "retention_settings", "audit_days"), {"audit_days": 400}),
    Step("POST /v1/tags", ("create", "tag", "name"), {"name": PRIVATE}, "tag"),
    Step("PATCH /v1/tags/{tag}", ("change", "tag", "description"), {"description": PRIVATE}),
    Step("DELETE /v1/tags/{tag}", ("remove", "tag", "")),
    Step("POST /v1/users", ("create", "user", "email role username"),
         {"username": PRIVATE, "email": f"{PRIVATE}@mill.example", "role": "member"}, "user"),
    Step("PATCH /v1/users/{user}", ("change", "user", "first_name"), {"first_name": PRIVATE}),
    Step("PATCH /v1/users/{user}/knowledge-settings", ("change", "knowledge_settings", "default_chunk_size"),
         {"default_chunk_size": 800}),
    Step("DELETE /v1/users/{user}", ("remove", "user", "")),
    Step("POST /v1/keys", ("create", "key", "name scopes"), {"name": PRIVATE, "scopes": ["chat"]}, "key"),
    Step("PATCH /v1/keys/{key}", ("change", "key", "name"), {"name": f"{PRIVATE} too"}),
    Step("DELETE /v1/keys/{key}", ("remove", "key", "")),
    Step("POST /v1/provider-keys", ("create", "provider_key", "key provider"),
         {"provider": "openai", "key": f"sk-{PRIVATE}"}),
    Step("PATCH /v1/provider-keys/openai", ("change", "provider_key", "key"), {"key": f"sk-{PRIVATE}-too"}),
    Step("DELETE /v1/provider-keys/openai", ("remove", "provider_key", "")),
    Step("POST /v1/channels", ("create", "channel", "kind name target"),
         {"name": PRIVATE, "kind": "email", "target": f"{PRIVATE}@mill.example"}, "channel"),
    Step("PATCH /v1/channels/{channel}", ("change", "channel", "is_active"), {"is_active": False}),
    Step("DELETE /v1/channels/{channel}", ("remove", "channel", "")),
    Step("POST /v1/prices", ("create", "price", "input model since"),
         {"model": "small", "input": "0.02", "since": "2999-01-01"}, "price"),
    Step("PATCH /v1/prices/{price}", ("change", "price", "output"), {"output": "0.04"}),
    Step("DELETE /v1/prices/{price}", ("remove", "price", "")),
    Step("PUT /v1/budget", ("change", "budget", "action amount"), {"amount": "25", "action": "ask"}),
    Step("POST /v1/budget/approvals", ("approve", "budget", "amount"), {"amount": "2.50"}),
    Step("DELETE /v1/budget", ("remove", "budget", "")),
    Step("POST /v1/file-types", ("create", "file_type", "extensions name parser"),
         {"name": PRIVATE, "extensions": ["recipe"], "parser": "markdown"}, "kind"),
    Step("PATCH /v1/file-types/{kind}", ("change", "file_type", "category"), {"category": PRIVATE}),
    Step("POST /v1/file-types/{kind}/reread", ("reread", "file_type", "")),
    Step("DELETE /v1/file-types/{kind}", ("remove", "file_type", "")),
    Step("POST /v1/sources", ("create", "source", "name type"), {"name": "inbox", "type": "upload"}, "source"),
    Step("PATCH /v1/sources/inbox", ("change", "source", "description"), {"description": PRIVATE}),
    Step("PUT /v1/sources/inbox/credentials", ("set_credentials", "source", "password"),
         {"values": {"password": PRIVATE}}),
    Step("PUT /v1/sources/inbox/documents/a.md", ("push", "source", ""), sent={"content": PRIVATE}),
    Step("PATCH /v1/sources/inbox/uploads/{upload}", ("push", "source", ""),
         sent={"content": PRIVATE[:4], "headers": PART}),
    Step("DELETE /v1/sources/inbox/documents/a.md", ("take_back", "source", "")),
    Step("POST /v1/sources/inbox/sync", ("sync", "source", "")),
    Step("PATCH /v1/sources/handbook/documents/shop.md", ("change", "document", "expires_at"),
         {"expires_at": "2999-01-31T00:00:00Z"}),
    Step("POST /v1/holds", ("create", "hold", "name reason source"),
         {"name": PRIVATE, "source": "handbook", "reason": PRIVATE}, "hold"),
    Step("DELETE /v1/holds/{hold}", ("remove", "hold", "")),
    Step("POST /v1/failures/{failure}/retry", ("retry", "failure", "")),
    Step("POST /v1/failures/{failure}/ignore", ("ignore", "failure", "")),
    Step("POST /v1/sources/handbook/failures/retry", ("retry", "failures", "")),
    Step("POST /v1/deletions/{batch}/reject", ("reject", "deletions", "")),
    Step("POST /v1/deletions/{batch}/approve", ("approve", "deletions", "")),
    Step("POST /v1/chatbots", ("create", "chatbot", "name sources"), {"name": PRIVATE, "sources": ["handbook"]}, "bot"),
    Step("PATCH /v1/chatbots/{bot}", ("change", "chatbot", "temperature"), {"temperature": 0.5}),
    Step("POST /v1/agents", ("create", "agent", "chatbot name"), {"chatbot": PRIVATE, "name": PRIVATE}, "agent"),
    Step("PATCH /v1/agents/{agent}", ("change", "agent", "system_prompt"), {"system_prompt": PRIVATE}),
    Step("DELETE /v1/agents/{agent}", ("remove", "agent", "")),
    Step("DELETE /v1/chatbots/{bot}", ("remove", "chatbot", "")),
    Step("POST /v1/configurations", ("create", "configuration", "chatbot chunk_size"),
         {"chatbot": "handbook", "chunk_size": 500}, "version"),
    Step("POST /v1/configurations/{version}/build", ("build", "configuration", "")),
    Step("POST /v1/configurations/{built}/evaluate", ("evaluate", "configuration", "")),
    Step("DELETE /v1/configurations/{version}", ("remove", "configuration", "")),
    Step("POST /v1/configurations/{built}/activate", ("activate", "configuration", "force"), {"force": PRIVATE}),
    Step("POST /v1/chatbots/handbook/rollback", ("roll_back", "configuration", "")),
    Step("POST /v1/question-sets", ("create", "question_set", "chatbot name"),
         {"chatbot": "handbook", "name": PRIVATE}, "set"),
    Step("PATCH /v1/question-sets/{set}", ("change", "question_set", "description"), {"description": PRIVATE}),
    Step("POST /v1/questions", ("create", "question", "external_id is_answerable question set"),
         {"set": "{set}", "external_id": PRIVATE, "question": PRIVATE, "is_answerable": False}, "question"),
    Step("PATCH /v1/questions/{question}", ("change", "question", "state"), {"state": "rejected"}),
    Step("DELETE /v1/questions/{question}", ("remove", "question", "")),
    Step("DELETE /v1/question-sets/{set}", ("remove", "question_set", "")),
    Step("POST /v1/promotions", ("promote", "question", "message_id set"), {"message_id": "{message}", "set": PRIVATE}),
    Step("POST /analytics/questions/{message}/promotion", ("promote", "question", "answers state"),
         sent={"data": {"state": "proposed"}}),
    Step("POST /analytics/questions/{message}/issues", ("create", "source_issue", "words"),
         sent={"data": {"about": "source {handbook}", "words": PRIVATE}}),
    Step("POST /v1/source-issues", ("create", "source_issue", "source words"),
         {"source": "handbook", "words": PRIVATE}, "issue"),
    Step("PATCH /v1/source-issues/{issue}", ("change", "source_issue", "note"), {"note": PRIVATE}),
    Step("POST /source-issues/{issue}", ("change", "source_issue", "note state"),
         sent={"data": {"state": "closed", "note": PRIVATE}}),
    Step("DELETE /v1/source-issues/{issue}", ("remove", "source_issue", "")),
    Step("PATCH /v1/sessions/{session}", ("change", "session", "title"), {"title": PRIVATE}),
    Step("POST /v1/sessions/{session}/answers", ("answer", "session", ""), {"content": PRIVATE}),
    Step("POST /v1/sessions/{session}/hand-back", ("hand_back", "session", "")),
    Step("DELETE /v1/sessions/{session}", ("remove", "session", "")),
    Step("POST /v1/erasures", ("erase", "document", ""),
         {"kind": "document", "source": "handbook", "path": "shop.md", "reason": PRIVATE}),
    Step("DELETE /v1/sources/inbox", ("remove", "source", "")),
]
# fmt: on


def test_whatever_requests_change_stands_in_the_audit_log(served: Served, database: Database, office: Office) -> None:
    whose = office.organization_id
    with database.transaction(whose) as connection:
        _, key = api_keys.create(connection, whose, name="auditor", scopes=sorted(SCOPES_OF_ROLE["owner"]))
    wrong = []
    with httpx.Client(base_url=served.address, headers={"Authorization": f"Bearer {key}"}, timeout=60) as client:
        kept = furnish(client, database, office)
        for step in STORY:
            if "{upload}" in step.request:
                kept["upload"] = begun(client)
            before = {entry.id for entry in entries(database, whose)}
            method, address = filled(step.request, kept).split(" ", 1)
            answer = client.request(method, address, **filled({"json": step.body, **step.sent}, kept))
            new = [entry for entry in entries(database, whose) if entry.id not in before]
            left = [(entry.action, entry.entity, " ".join(entry.changed)) for entry in new]
            if left != [step.left] or new[0].door != "key" or answer.status_code >= 400:
                wrong.append((step.request, answer.status_code, left, answer.text[:300]))
            if step.kept and answer.is_success:
                kept[step.kept] = answer.json()["id"]
    assert wrong == [], wrong
    assert PRIVATE not in repr(entries(database, whose))


def test_every_address_says_whether_it_changes_anything(database: Database) -> None:
    routes = {
        f"{method} {route.path}": route
        for route in create_app(House(database, ProviderModels())).routes
        if isinstance(route, APIRoute)
        for method in (route.methods or set()) - {"GET", "HEAD", "OPTIONS"}
    }
    logged = {
        label
        for method, address in (re.sub("{[^}]*}", str(uuid4()), step.request).split(" ") for step in STORY)
        for label, route in routes.items()
        if label.startswith(f"{method} ") and route.path_regex.match(address)
    }
    assert logged & UNLOGGED.keys() == set()
    assert routes.keys() == logged | UNLOGGED.keys()


def furnish(client: httpx.Client, database: Database, office: Office) -> dict[str, str]:
    """An answer, a configuration that is built, and what waits for somebody's word; the ids of all that."""
    whose = office.organization_id
    question = {"model": "handbook", "messages": [{"role": "user", "content": "When is the sluice gate greased?"}]}
    answer = client.post("/v1/chat/completions", json=question).raise_for_status().json()
    same = {"chatbot": "handbook", "description": "the same"}
    built = client.post("/v1/configurations", json=same).raise_for_status().json()["id"]
    with database.transaction(whose) as connection:
        row = connection.execute("select id from knowledge.data_sources where name = 'handbook'").fetchone()
        assert row is not None
        sync_failures.record(
            connection, whose, source_id=row[0], path="a.pdf", document_id=None, stage="parsing", outcome="unreadable",
            reason="it is torn",
        )  # fmt: skip
        connection.execute("update bots.model_config_versions set built_at = now() where id = %s", [built])
        batch = connection.execute(
            "insert into knowledge.deletion_batches (organization_id, data_source_id, documents, known) "
            "values (%s, %s, 1, 1) returning id",
            [whose, row[0]],
        ).fetchone()
        assert batch is not None
        [failure] = sync_failures.select_all(connection, whose)
    return {
        "message": answer["id"].removeprefix("chatcmpl-"), "session": answer["session_id"], "built": built,
        "handbook": str(row[0]), "failure": str(failure.id), "batch": str(batch[0]),
    }  # fmt: skip


def begun(client: httpx.Client) -> str:
    """The id of an upload in parts."""
    told = {**TUS, "Upload-Length": "4", "Upload-Metadata": "path Yi5tZA=="}
    return client.post("/v1/sources/inbox/uploads", headers=told).headers["location"].rpartition("/")[2]


def filled(said: Any, kept: dict[str, str]) -> Any:
    """With the ids that are known by now."""
    if isinstance(said, dict):
        return {name: filled(value, kept) for name, value in said.items()}
    return re.sub("{([^}]*)}", lambda name: kept[name[1]], said) if isinstance(said, str) else said


def entries(database: Database, organization_id: UUID) -> list[AuditEntry]:
    with database.transaction(organization_id) as connection:
        return audit_log.select_page(connection, organization_id, at_most=1000)
