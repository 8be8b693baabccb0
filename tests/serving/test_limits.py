"""Who asks more than they may is told so in OpenAI's way, before it costs anything; who waits for a slow model starves
nobody; and what is too much is turned away."""

from __future__ import annotations

import socket
import time
from collections import Counter
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from threading import Event, Lock, Thread
from uuid import UUID, uuid4

import anyio
import httpx
import openai
import pytest
import uvicorn
from fastapi import FastAPI

from resources.bots.agents import agents
from resources.conversations.answering.models import ProviderModels
from resources.conversations.answering.speakers import Speaker
from resources.conversations.records import Prompt
from resources.foundation.database import Database, Server, open_database
from resources.foundation.errors import TooMany
from resources.foundation.inference import Ending, Speech
from resources.identity import api_keys, budgets, memberships, model_prices, sign_in_links
from resources.identity.records import Price
from resources.knowledge.chunks import embedding_models
from serving.bodies import DEEPEST
from serving.house import House
from serving.pacing import AT_FIRST
from serving.patience import PatientProtocol
from serving.seats import FEW, MOST_WAITING, Overloaded, Seats
from tests.conftest import make_organization
from tests.factories.waiting import PATIENCE_S, wait_until
from tests.fixtures.openai_server import OpenAIServer
from tests.serving.conftest import Office, Serve, Served, make_key, make_office, running

QUESTION = [{"role": "user", "content": "How often is the sluice gate greased?"}]


def asking(served: Served, key: str, **more: object) -> httpx.Response:
    return httpx.post(
        f"{served.address}/v1/chat/completions", json={"model": "handbook", "messages": QUESTION, **more},
        headers={"Authorization": f"Bearer {key}"}, timeout=120,
    )  # fmt: skip


def limited_key(database: Database, office: Office, *, per_hour: int | None = None, per_day: int | None = None) -> str:
    with database.transaction(office.organization_id) as connection:
        _, text = api_keys.create(
            connection, office.organization_id, name="limited", scopes=["chat"],
            rate_limit_per_hour=per_hour, rate_limit_per_day=per_day,
        )  # fmt: skip
    return text


def test_a_key_asks_as_often_as_it_may_and_is_told_what_is_left(
    database: Database, served: Served, office: Office
) -> None:
    key = limited_key(database, office, per_hour=2, per_day=50)
    first, second, third = (asking(served, key) for _ in range(3))
    told = [
        (one.status_code, one.headers["x-ratelimit-limit-requests"], one.headers["x-ratelimit-remaining-requests"])
        for one in (first, second, third)
    ]
    assert told == [(200, "2", "1"), (200, "2", "0"), (429, "2", "0")]
    assert first.headers["x-ratelimit-reset-requests"] == "30m0s"
    error = third.json()["error"]
    assert (error["type"], error["code"]) == ("requests", "rate_limit_exceeded")
    assert error["message"].startswith("This key may ask 2 times an hour: the next time in ")
    # half an hour after the first of them
    assert 1800 - PATIENCE_S <= int(third.headers["retry-after"]) <= 1800
    with pytest.raises(openai.RateLimitError):
        served.client(key).chat.completions.create(model="handbook", messages=QUESTION)  # type: ignore[arg-type]
    # reading costs nothing, and other keys have their own
    assert (
        httpx.get(f"{served.address}/v1/models", headers={"Authorization": f"Bearer {key}"}, timeout=60).status_code
        == 200
    )
    plain = asking(served, office.key)
    assert (plain.status_code, "x-ratelimit-limit-requests" in plain.headers) == (200, False)


def test_what_is_refused_cost_nothing(database: Database, served: Served, office: Office) -> None:
    key = limited_key(database, office, per_day=1)
    asked = [asking(served, key).status_code for _ in range(3)]
    with database.transaction(office.organization_id) as connection:
        rows = connection.execute(
            "select (select count(*) from conversations.retrieval_logs), (select count(*) from conversations.usage), "
            "(select count(*) from conversations.messages)"
        ).fetchone()
    assert (asked, rows) == ([200, 429, 429], (1, 1, 2))


def test_where_the_budget_is_spent_what_is_free_answers_and_what_costs_money_is_refused(
    database: Database, organization_id: UUID, serve: Serve
) -> None:
    office = make_office(database, organization_id, llm_model="chatty")
    with database.transaction(organization_id) as connection:
        embedding_models.register(connection, organization_id, name="dear", version="1", dimension=8)
        for model in ("chatty", "dear"):
            model_prices.replace(connection, organization_id, Price(model, Decimal(1), Decimal(1)))
        budgets.replace(connection, organization_id, amount=Decimal(0), currency="EUR", action="ask")
    with OpenAIServer() as provider:
        served = serve(ProviderModels(base_url=provider.base_url, api_key="sk-test"))
        answer = asking(served, office.key).json()
        with pytest.raises(openai.RateLimitError) as refused:
            served.client(office.key).embeddings.create(model="dear", input="rye")
        free = served.client(office.key).embeddings.create(model="handbook", input="rye")
        assert provider.requests == []
    assert (answer["answered_by"], answer["instead_of"], answer["outcome"]) == ("extractive", "chatty", "answered")
    assert refused.value.code == "insufficient_quota"
    assert len(free.data) == 1


def test_searches_embeddings_and_tools_of_agents_count_too(database: Database, served: Served, office: Office) -> None:
    with database.transaction(office.organization_id) as connection:
        _, key = api_keys.create(
            connection, office.organization_id, name="agent", scopes=["chat", "search"], rate_limit_per_hour=3
        )
    headers = {"Authorization": f"Bearer {key}", "Accept": "application/json, text/event-stream"}
    call = {
        "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {"name": "search", "arguments": {"query": "sluice", "chatbot": "handbook"}},
    }  # fmt: skip
    with httpx.Client(base_url=served.address, headers=headers, timeout=30) as client:
        assert client.post("/v1/search", json={"model": "handbook", "query": "sluice"}).status_code == 200
        assert client.post("/v1/embeddings", json={"model": "handbook", "input": "sluice"}).status_code == 200
        answers = [client.post("/mcp", json=call).json()["result"] for _ in range(2)]
        assert client.post("/v1/search", json={"model": "handbook", "query": "sluice"}).status_code == 429
    assert [bool(answer.get("isError")) for answer in answers] == [False, True]
    assert "may ask 3 times an hour" in answers[1]["content"][0]["text"]


def test_the_limit_of_an_agent_binds_all_who_ask_it_together(
    database: Database, served: Served, office: Office
) -> None:
    with database.transaction(office.organization_id) as connection:
        [agent] = agents.select_all(connection, office.organization_id, office.chatbot.id)
        agents.replace(connection, office.organization_id, replace(agent, rate_limit_per_hour=2))
    with database.transaction(office.organization_id) as connection:
        _, second = api_keys.create(connection, office.organization_id, name="second", scopes=["chat"])
    answers = [asking(served, key) for key in (office.key, second, second)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert "The users of the agent" in answers[2].json()["error"]["message"]


def test_a_person_asks_as_often_as_their_membership_says(database: Database, served: Served, office: Office) -> None:
    with database.transaction(office.organization_id) as connection:
        owner = sign_in_links.ensure_owner(connection, office.organization_id)
        memberships.set_rate_limits(connection, office.organization_id, owner.id, per_hour=1, per_day=None)
        token = sign_in_links.create(connection, office.organization_id, owner.id)
    with httpx.Client(base_url=served.address, headers={"Origin": served.address}, timeout=30) as browser:
        browser.post("/sign-in", data={"token": token})
        answers = [
            browser.post("/v1/chat/completions", json={"model": "handbook", "messages": QUESTION}) for _ in range(2)
        ]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert answers[1].json()["error"]["message"].startswith("You may ask 1 time")


class SlowSpeaker:
    """Says one word, and the next one when it is let."""

    name = "slow"

    def __init__(self, go_on: Event) -> None:
        self._go_on = go_on
        self._counting = Lock()
        self.waiting = 0

    def speak(self, prompt: Prompt) -> Speech:
        return Speech(self._words(), prompt_tokens=1)

    def _words(self) -> Generator[str, None, Ending]:
        yield "Slowly"
        with self._counting:
            self.waiting += 1
        self._go_on.wait(PATIENCE_S)
        yield " and surely."
        return Ending("stop", 1, 2)


class SlowModels(ProviderModels):
    """The embedded models, and one that waits."""

    def __init__(self, speaker: SlowSpeaker) -> None:
        super().__init__()
        self._slow = speaker

    def speaker(self, name: str) -> Speaker:
        return self._slow if name == "slow" else super().speaker(name)


def test_many_slow_streams_at_once_starve_nobody_and_each_organization_has_its_own(
    server: Server, database: Database, office: Office
) -> None:
    """60 streams, where the threads that serve everything else are 40."""
    slow = make_office(database, make_organization(database, "slow"), name="slow-one", llm_model="slow")
    go_on = Event()
    speaker = SlowSpeaker(go_on)
    with open_database(server, "millrace_api", most=4) as api, ThreadPoolExecutor(61) as threads:
        house = House(api, SlowModels(speaker), seats=Seats(of_organization=60, patience_s=PATIENCE_S))
        with running(house) as served:
            asked = [threads.submit(asking, served, slow.key, model="slow-one", stream=True) for _ in range(60)]
            wait_until(lambda: speaker.waiting == 60)
            assert house.seats.taken == 60
            refused = asking(served, slow.key, model="slow-one", stream=True)
            quick = [
                httpx.get(f"{served.address}/v1/models", headers={"Authorization": f"Bearer {office.key}"}, timeout=60)
            ]
            quick.append(httpx.get(f"{served.address}/readyz", timeout=60))
            go_on.set()
            answers = [one.result(PATIENCE_S) for one in asked]
            wait_until(lambda: house.seats.taken == 0)
    assert [one.status_code for one in quick] == [200, 200]
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "2")
    assert "60 answers of your organization are under way" in refused.json()["error"]["message"]
    for answer in answers:
        assert "surely" in answer.text
        assert "[DONE]" in answer.text


def test_seats_are_so_many_in_all_and_come_back() -> None:
    mine, other = uuid4(), uuid4()
    seats = Seats(at_once=3, of_organization=2)
    first = seats.take(mine)
    seats.take(mine)
    with pytest.raises(TooMany, match="2 answers of your organization"):
        seats.take(mine)
    seats.take(other)
    with pytest.raises(Overloaded):
        seats.take(other)
    first.leave()
    first.leave()
    assert seats.taken == 2
    seats.take(other)


def test_who_would_wait_behind_too_many_is_turned_away_at_once() -> None:
    go_on = Event()
    outcomes: Counter[str] = Counter()
    seats = Seats(waiting=20, patience_s=60)

    async def one() -> None:
        try:
            await seats.prepare(go_on.wait, 30)
            outcomes["searched"] += 1
        except Overloaded:
            outcomes["turned away"] += 1
            if outcomes["turned away"] == 5:
                go_on.set()

    async def all_of_them() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(25):
                group.start_soon(one)

    anyio.run(all_of_them)
    assert outcomes == {"searched": 20, "turned away": 5}
    assert seats.waiting == 0


def test_who_would_wait_long_is_turned_away_in_time_and_those_who_search_are_not() -> None:
    go_on = Event()
    waited: list[float] = []
    searched: list[bool] = []
    seats = Seats(patience_s=0.3)

    async def one() -> None:
        began = time.monotonic()
        try:
            searched.append(await seats.prepare(go_on.wait, 30))
        except Overloaded:
            waited.append(time.monotonic() - began)
            if len(waited) == 3:
                go_on.set()

    async def all_of_them() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(AT_FIRST + 3):
                group.start_soon(one)

    anyio.run(all_of_them)
    assert searched == [True] * AT_FIRST
    assert len(waited) == 3
    assert all(0.25 < seconds < 20 for seconds in waited)
    assert (seats.waiting, seats.has_room(0)) == (0, True)


def test_so_few_are_never_too_many_and_those_behind_them_are_as_soon_as_their_wait_is_foreseen() -> None:
    seats = Seats(waiting=100_001, patience_s=60)

    async def all_of_them() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(60):
                group.start_soon(seats.prepare, time.sleep, 0.05)

    anyio.run(all_of_them)
    assert seats.has_room(FEW - 1)
    assert not seats.has_room(100_000)  # at a few milliseconds each


def test_a_body_may_be_nested_so_deep_and_no_deeper(served: Served, office: Office) -> None:
    def post(depth: int) -> httpx.Response:
        nested = b"[" * depth + b"]" * depth
        return httpx.post(
            f"{served.address}/v1/chat/completions", content=b'{"tools": ' + nested + b"}",
            headers={"Authorization": f"Bearer {office.key}", "Content-Type": "application/json"},
            timeout=60,
        )  # fmt: skip

    assert "nested" not in post(DEEPEST - 2).text
    assert f"nested {DEEPEST} deep" in post(DEEPEST + 2).json()["error"]["message"]
    assert f"nested {DEEPEST} deep" in post(100_000).json()["error"]["message"]


def test_numbers_that_json_does_not_have_are_refused(database: Database, served: Served, office: Office) -> None:
    answer = httpx.post(
        f"{served.address}/v1/search", content=b'{"model": "handbook", "query": "x", "k": NaN}',
        headers={"Authorization": f"Bearer {make_key(database, office.organization_id, 'search')}",
                 "Content-Type": "application/json"},
        timeout=60,
    )  # fmt: skip
    assert (answer.status_code, answer.json()["error"]["message"]) == (400, "The body is not valid JSON.")


class Impatient(PatientProtocol):
    """Waits a moment only."""

    header_seconds = 0.3


def test_a_connection_on_which_no_request_comes_is_closed() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        server = uvicorn.Server(uvicorn.Config(FastAPI(), http=Impatient, log_config=None, lifespan="off"))
        thread = Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            for said in (b"", b"GET /healthz HTTP/1.1\r\nHost: mi"):
                with socket.create_connection(listener.getsockname(), timeout=20) as connection:
                    connection.sendall(said)
                    assert connection.recv(100) == b""
            assert httpx.get(f"http://127.0.0.1:{listener.getsockname()[1]}/", timeout=60).status_code == 404
        finally:
            server.should_exit = True
            thread.join(20)


def test_headers_without_end_are_refused_also_behind_a_request_that_is_being_answered(served: Served) -> None:
    request = b"GET /healthz HTTP/1.1\r\nHost: mill\r\n"
    host, port = served.address.removeprefix("http://").split(":")
    for begins in (request, request + b"\r\n" + request):
        with socket.create_connection((host, int(port)), timeout=60) as connection:
            connection.sendall(begins)
            with pytest.raises(ConnectionError):
                _send_headers(connection, 8 * 2**20)


def _send_headers(connection: socket.socket, count: int) -> None:
    """So many bytes of headers, in pieces."""
    for _ in range(count // 8_192):
        connection.sendall(b"X-Long: ".ljust(8_190, b"x") + b"\r\n")


def test_where_too_many_search_a_question_is_turned_away_before_anybody_asks_who_asks(
    server: Server, office: Office
) -> None:
    """The only connection to the database is taken: whoever is answered was answered without it."""
    with (
        open_database(server, "millrace_api", most=1) as api,
        ThreadPoolExecutor(MOST_WAITING) as threads,
        running(House(api, ProviderModels(), seats=Seats(patience_s=60))) as served,
    ):
        with api.directory():
            waiting = [threads.submit(asking, served, office.key) for _ in range(MOST_WAITING)]
            wait_until(lambda: _is_turned_away(served))
            assert httpx.get(f"{served.address}/healthz", timeout=60).status_code == 200
        told = Counter(one.result(120).status_code for one in waiting)
        assert asking(served, office.key).status_code == 200
    assert set(told) <= {200, 429, 503}
    assert told[200] > 0


def _is_turned_away(served: Served) -> bool:
    """Whether an unknown key is told to come again, instead of that it is unknown."""
    try:
        answer = httpx.post(f"{served.address}/v1/chat/completions", headers={"Authorization": "Bearer x"}, timeout=0.5)
    except httpx.TimeoutException:
        return False
    return (answer.status_code, answer.headers.get("retry-after")) == (503, "2")
