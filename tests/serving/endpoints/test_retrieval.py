"""Vectors, passages and what was used, over the real server: in OpenAI's shapes where it has any, bounded, apart."""

from __future__ import annotations

import base64

import httpx
import numpy
import openai
import pytest

from resources.foundation.database import Database
from resources.identity import api_keys
from tests.factories.library import MILL
from tests.serving.conftest import Office, Served, make_key

QUESTION = "How often is the sluice gate greased?"


def post(served: Served, key: str, path: str, **body: object) -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.post(f"{served.address}/v1/{path}", json=body, headers=headers, timeout=30)


def test_the_openai_client_gets_vectors_of_length_one_in_both_encodings(served: Served, office: Office) -> None:
    client = served.client(office.key)
    as_numbers = client.embeddings.create(model="wordllama-256", input=["rye", "flour"], encoding_format="float")
    in_base64 = client.embeddings.create(model="handbook", input=["rye", "flour"])
    vectors = numpy.array([one.embedding for one in as_numbers.data])
    assert vectors.shape == (2, 256)
    assert numpy.allclose(numpy.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert numpy.allclose(vectors, [one.embedding for one in in_base64.data], atol=1e-6)
    assert as_numbers.usage.total_tokens == as_numbers.usage.prompt_tokens > 0
    raw = post(served, office.key, "embeddings", model="handbook", input="rye", encoding_format="base64").json()
    assert len(base64.b64decode(raw["data"][0]["embedding"])) == 4 * 256


def test_vectors_are_cut_to_the_dimensions_asked_for_where_the_model_is_made_for_it(
    served: Served, office: Office
) -> None:
    whole = served.client(office.key).embeddings.create(model="handbook", input="rye").data[0].embedding
    cut = served.client(office.key).embeddings.create(model="handbook", input="rye", dimensions=64).data[0].embedding
    expected = numpy.array(whole[:64]) / numpy.linalg.norm(whole[:64])
    assert numpy.allclose(cut, expected, atol=1e-5)
    with pytest.raises(openai.BadRequestError, match="256 dimensions"):
        served.client(office.key).embeddings.create(model="handbook", input="rye", dimensions=512)


def test_what_cannot_be_embedded_is_refused_by_its_parameter(served: Served, office: Office) -> None:
    for body, param in (
        ({"input": ""}, "input"),
        ({"input": []}, "input"),
        ({"input": ["rye", ""]}, "input"),
        ({"input": [[1, 2]]}, "input"),
        ({"input": ["rye"] * 2049}, "input"),
        ({"input": "rye", "encoding_format": "hex"}, "encoding_format"),
        ({"input": "rye", "dimensions": 0}, "dimensions"),
    ):
        refused = post(served, office.key, "embeddings", **{"model": "handbook", **body})
        assert (refused.status_code, refused.json()["error"]["param"]) == (400, param)
    unknown = post(served, office.key, "embeddings", model="nobody", input="rye")
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "model_not_found")


def test_a_search_gives_the_passages_that_an_answer_would_rest_on_and_says_why(
    database: Database, served: Served, office: Office
) -> None:
    key = make_key(database, office.organization_id, "search")
    found = post(served, key, "search", model="handbook", query=QUESTION, k=2).json()
    best, second = found["data"]
    assert best["content"] == MILL["sluice.md"][best["start"] : best["end"]]
    assert (best["rank"], best["location"], best["explained"]["searched_rank"]) == (1, "sluice.md", 1)
    assert best["score"] >= second["score"]
    assert best["explained"]["words"] > 0 < best["explained"]["meaning"]
    assert found["reranker"] is None
    assert post(served, office.key, "search", model="handbook", query="rye").status_code == 403


def test_a_filter_binds_searches_and_answers_and_one_that_is_not_known_is_refused(
    database: Database, served: Served, office: Office
) -> None:
    key = make_key(database, office.organization_id, "search")
    only = {"paths": "shop.md"}
    found = post(served, key, "search", model="handbook", query=QUESTION, filter=only).json()
    assert {one["location"] for one in found["data"]} == {"shop.md"}
    asked = [{"role": "user", "content": "What does rye flour cost?"}]
    answer = post(served, office.key, "chat/completions", model="handbook", messages=asked, filter=only).json()
    assert {one["location"] for one in answer["citations"]} == {"shop.md"}
    nothing = {"paths": "nowhere/**"}
    empty = post(served, office.key, "chat/completions", model="handbook", messages=asked, filter=nothing).json()
    assert (empty["outcome"], empty["citations"]) == ("no_answer", [])
    for body in ({"filter": {"organization_id": "x"}}, {"filter": {"paths": 7}}, {"query": " "}, {"k": 0}):
        given: dict[str, object] = {"model": "handbook", "query": "rye", **body}
        refused = post(served, key, "search", **given)
        assert refused.status_code == 400


def test_usage_is_told_by_day_chatbot_agent_model_and_key(
    database: Database, served: Served, office: Office, other_office: Office
) -> None:
    with database.transaction(office.organization_id) as connection:
        _, key = api_keys.create(connection, office.organization_id, name="analyst", scopes=["analyze"])
    client = served.client(office.key)
    client.chat.completions.create(model="handbook", messages=[{"role": "user", "content": QUESTION}])
    client.chat.completions.create(model="handbook", messages=[{"role": "user", "content": "Hello?"}])
    client.embeddings.create(model="handbook", input=["rye", "flour"])
    served.client(other_office.key).embeddings.create(model="kettles", input="rye")

    def usage(**query: object) -> list[dict[str, object]]:
        headers = {"Authorization": f"Bearer {key}"}
        answer = httpx.get(f"{served.address}/v1/usage", params=query, headers=headers, timeout=60)  # type: ignore[arg-type]
        assert answer.status_code == 200
        rows: list[dict[str, object]] = answer.json()["data"]
        return rows

    [day] = usage()
    assert (day["requests"], day["unpriced_tokens"], float(str(day["cost"]))) == (3, 0, 0.0)
    models = {row["model"]: row["requests"] for row in usage(by="model")}
    assert models["wordllama-256"] == 1
    assert "extractive" in models
    assert {(row["chatbot"], row["agent"], row["key"]) for row in usage(by=["chatbot", "agent", "key"])} == {
        ("handbook", "answers", "for chat"), (None, None, "for chat"),
    }  # fmt: skip
    assert sum(int(str(row["requests"])) for row in usage(chatbot="handbook")) == 2
    assert usage(since="2020-01-01T00:00:00Z", until="2020-01-02T00:00:00Z") == []
    wrong = httpx.get(
        f"{served.address}/v1/usage", params={"since": "2020-01-01T00:00:00Z"},
        headers={"Authorization": f"Bearer {key}"},
        timeout=60,
    )  # fmt: skip
    assert wrong.status_code == 400
