"""Whatever a provider of vectors does to a sync: nothing wrong is stored, nothing is lost, and the next sync ends it.

Each behaviour meets the first, a middle and the last request of a batch, through a real server and the whole intake.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy
import psycopg
import pytest
from psycopg import sql

from resources.foundation.database import Database, Server, open_database
from resources.foundation.errors import MillraceError
from resources.foundation.openai_provider import RemoteEmbedder
from tests.conftest import make_organization
from tests.factories.workshops import Workshop, make_workshop
from tests.fixtures.openai_server import (
    Behaviour,
    OpenAIServer,
    Payload,
    altering,
    answering,
    breaking_off_after,
    embed,
    failing,
    resetting,
    stalling,
)

DOCUMENTS = 9
TEXTS_PER_REQUEST = 3
POSITIONS = [
    pytest.param(0, id="first", marks=pytest.mark.campaign),
    pytest.param(1, id="middle"),
    pytest.param(2, id="last", marks=pytest.mark.campaign),
]
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Fault:
    """What the provider does once. `ends`: how the sync ends that meets it; `retries`: what the client may try."""

    behaviour: Behaviour
    ends: str = "failed"
    retries: int = 0


def _each(change: Callable[[Payload], Payload]) -> Behaviour:
    return altering(lambda items: [change(item) for item in items])


def _second(change: Callable[[Payload], Payload]) -> Behaviour:
    return altering(lambda items: [change(item) if at == 1 else item for at, item in enumerate(items)])


def _number(value: object) -> Callable[[Payload], Payload]:
    return lambda item: {**item, "embedding": [value, *item["embedding"][1:]]}


def _vector(value: object) -> Callable[[Payload], Payload]:
    return lambda item: {**item, "embedding": value}


PAGE = b"<html><body><h1>Bad gateway</h1></body></html>"
FAULTS: dict[str, Fault] = {
    "429": Fault(failing(429)),
    "429, quota used up": Fault(failing(429, code="insufficient_quota")),
    "429, and answers after Retry-After": Fault(failing(429, retry_after=0.01), ends="completed", retries=1),
    "429, and would have to wait longer than two minutes": Fault(failing(429, retry_after=3600), retries=1),
    "500": Fault(failing(500)),
    "500, and answers when asked again": Fault(failing(500, retry_after=0.01), ends="completed", retries=1),
    "502": Fault(failing(502)),
    "503": Fault(failing(503)),
    "503, and answers when asked again": Fault(failing(503, retry_after=0.01), ends="completed", retries=1),
    "504": Fault(failing(504)),
    "408": Fault(failing(408)),
    "409": Fault(failing(409)),
    "401": Fault(failing(401)),
    "403": Fault(failing(403)),
    "404": Fault(failing(404)),
    "418": Fault(failing(418)),
    "no answer in time": Fault(stalling),
    "reset before the answer": Fault(resetting),
    "reset in the middle of the answer": Fault(breaking_off_after(40, by="reset")),
    "closed in the middle of the answer": Fault(breaking_off_after(40, by="close")),
    "reset in the middle, and answers when asked again": Fault(
        breaking_off_after(40, by="reset"), ends="completed", retries=1
    ),
    "200 with a page": Fault(answering(PAGE, "text/html")),
    "200 with a page that claims to be JSON": Fault(answering(PAGE)),
    "200 with half of the JSON": Fault(answering(b'{"object": "list", "data": [{"object": "embedding", "ind')),
    "200 with nothing": Fault(answering(b"")),
    "200 with null": Fault(answering(b"null")),
    "200 with an error object": Fault(answering(b'{"error": {"message": "overloaded", "code": 500}}')),
    "200 with a list": Fault(answering(b"[]")),
    "one too few": Fault(altering(lambda items: items[:-1])),
    "one too many": Fault(altering(lambda items: [*items, {**items[0], "index": len(items)}])),
    "one twice": Fault(altering(lambda items: [*items[:-1], items[0]])),
    "none": Fault(altering(lambda items: [])),
    "in another order, each with its index": Fault(altering(lambda items: items[::-1]), ends="completed"),
    "without indexes": Fault(_each(lambda item: {"embedding": item["embedding"]})),
    "all with the same index": Fault(_each(lambda item: {**item, "index": 0})),
    "indexes that count from one": Fault(_each(lambda item: {**item, "index": item["index"] + 1})),
    "of another dimension": Fault(_each(_vector([0.5] * 16))),
    "one of another dimension": Fault(_second(_vector([0.5] * 33))),
    "null for one": Fault(_second(_vector(None))),
    "full of nulls": Fault(_second(_vector([None] * 32))),
    "empty for one": Fault(_second(_vector([]))),
    "empty for all": Fault(_each(_vector([]))),
    "NaN in one": Fault(_second(_number(float("nan")))),
    "infinity in one": Fault(_second(_number(float("inf")))),
    "beyond floats in one": Fault(_second(_number(10**400))),
    "zero for one": Fault(_second(_vector([0.0] * 32))),
    "base64 instead of numbers": Fault(_second(_vector("AAAAAA=="))),
}


@pytest.fixture(scope="module")
def shared_database(template_server: Server) -> Iterator[Database]:
    """One database for all of these tests, with a pool of one connection; each has an organization of its own."""
    postgres = template_server.with_database("postgres").admin_conninfo()
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("create database embedding_faults template millrace")
    with open_database(template_server.with_database("embedding_faults"), "millrace_pipeline", most=1) as database:
        yield database
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier("embedding_faults")))


@pytest.fixture
def provider() -> Iterator[OpenAIServer]:
    """A server that behaves until it is told otherwise."""
    with OpenAIServer() as server:
        yield server


@pytest.fixture
def workshop(shared_database: Database, provider: OpenAIServer, tmp_path: Path) -> Workshop:
    """Nine documents of one chunk each, cut and waiting for their vectors: a batch of three requests."""
    organization_id = make_organization(shared_database, f"faults-{next(_numbers)}")
    made = make_workshop(shared_database, organization_id, tmp_path)
    for number in range(DOCUMENTS):
        made.write(f"{number}.txt", f"Sack number {number} holds the rye of village {number}.")
    made.embedder = _embedder(provider)
    made.bring()
    made.cut()
    return made


def _embedder(provider: OpenAIServer, *, retries: int = 0, seconds: float = 60.0) -> RemoteEmbedder:
    return RemoteEmbedder(
        "any", base_url=provider.base_url, dimension=provider.dimension, retries=retries, timeout_seconds=seconds,
        texts_per_request=TEXTS_PER_REQUEST,
    )  # fmt: skip


@pytest.mark.parametrize("position", POSITIONS)
@pytest.mark.parametrize("name", FAULTS)
def test_nothing_wrong_is_stored_and_the_next_sync_ends_it(
    workshop: Workshop, provider: OpenAIServer, name: str, position: int
) -> None:
    fault = FAULTS[name]
    # what stalls is met within the time of a request, and the requests before it are not
    seconds = 2.0 if fault.behaviour is stalling else 60.0
    workshop.embedder = _embedder(provider, retries=fault.retries, seconds=seconds)
    provider.script(*[embed] * position, fault.behaviour)
    if fault.ends == "failed":
        with pytest.raises(MillraceError):
            workshop.embed()
        assert workshop.visible() == {}
    else:
        assert workshop.embed().embedded == DOCUMENTS
    ((status, reason),) = workshop.rows(
        b"select status, reason from knowledge.training_jobs order by created_at desc limit 1"
    )
    assert status == fault.ends
    assert (reason is None) == (fault.ends == "completed")
    _assert_sound(workshop, provider)
    workshop.embedder = _embedder(provider)
    workshop.sync()
    _assert_sound(workshop, provider)
    assert len(workshop.visible()) == workshop.vectors() == DOCUMENTS
    assert workshop.rows(b"select 1 from knowledge.sync_failures where stage = 'embedding'") == []


@pytest.mark.parametrize(("status", "poisoned"), [(400, 0), (413, 4), (422, 8)])
def test_a_text_that_poisons_its_request_fails_its_own_document_only(
    workshop: Workshop, provider: OpenAIServer, status: int, poisoned: int
) -> None:
    provider.refuses = lambda text: f"number {poisoned} " in text
    provider.refusal = failing(status, code="context_length_exceeded")
    counts = workshop.embed()
    assert (counts.embedded, counts.failed) == (DOCUMENTS - 1, 1)
    assert list(workshop.visible()) == [f"{number}.txt" for number in range(DOCUMENTS) if number != poisoned]
    assert workshop.rows(b"select file_path, stage, outcome from knowledge.sync_failures") == [
        (f"{poisoned}.txt", "embedding", "refused")
    ]
    _assert_sound(workshop, provider)
    provider.refuses = lambda text: False
    workshop.rows(b"update knowledge.sync_failures set next_attempt_at = now() returning 1")
    assert workshop.sync().embedded == 1
    assert len(workshop.visible()) == workshop.vectors() == DOCUMENTS
    _assert_sound(workshop, provider)


def test_a_provider_that_refuses_every_text_fails_the_sync_and_no_document(
    workshop: Workshop, provider: OpenAIServer
) -> None:
    provider.refuses = lambda text: True
    with pytest.raises(MillraceError):
        workshop.embed()
    assert workshop.rows(b"select 1 from knowledge.sync_failures where stage = 'embedding'") == []
    provider.refuses = lambda text: False
    workshop.sync()
    assert len(workshop.visible()) == workshop.vectors() == DOCUMENTS
    _assert_sound(workshop, provider)


def _assert_sound(workshop: Workshop, provider: OpenAIServer) -> None:
    """Each stored vector is the one of its text; what readers see is whole."""
    asked = {text for request in provider.requests for text in request.body["input"]}
    right = {sha256(text.encode()).digest(): numpy.array(provider.vector(text)) for text in asked}
    for content_hash, vector in workshop.rows(b"select content_hash, embedding from knowledge.embeddings"):
        expected = right[bytes(content_hash)]  # type: ignore[call-overload]
        stored = vector.to_numpy()  # type: ignore[attr-defined]
        assert numpy.allclose(stored, expected / numpy.linalg.norm(expected), atol=1e-6)
    assert (
        workshop.rows(
            b"""select c.id from knowledge.chunks c left join knowledge.embeddings e
                on e.organization_id = c.organization_id and e.content_hash = c.content_hash
            where c.is_active and e.content_hash is null"""
        )
        == []
    )
