"""Analysts read metrics, tables and their words over HTTP; others read none of it, and each their own alone."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from resources.analytics import views
from resources.analytics.defining import METRICS
from resources.foundation.database import Database
from tests.serving.conftest import Office, Served, make_key

Get = Callable[..., httpx.Response]


@pytest.fixture
def get(served: Served, office: Office, database: Database) -> Get:
    """Asks as an analyst of the office, where one question was answered, another was not, and one thumb is down."""
    client = served.client(office.key)
    for question in ("How often is the sluice gate greased?", "=Who wrote Hamlet, prince of Denmark?"):
        answer = client.chat.completions.create(model="handbook", messages=[{"role": "user", "content": question}])
    sent = httpx.post(
        f"{served.address}/v1/feedback",
        json={"message_id": answer.id, "feedback": "negative", "reason": "not an answer"},
        headers={"Authorization": f"Bearer {office.key}"},
    )  # fmt: skip
    assert sent.status_code in (200, 201)
    key = make_key(database, office.organization_id, "analyze")
    return _asker(served, key)


def _asker(served: Served, key: str) -> Get:
    tomorrow = str(datetime.now(UTC).date() + timedelta(days=1))

    def ask(path: str, **query: object) -> httpx.Response:
        params: dict[str, Any] = {"until": tomorrow} | query
        return httpx.get(
            f"{served.address}/v1/analytics/{path}", params=params, headers={"Authorization": f"Bearer {key}"}
        )  # fmt: skip

    return ask


def test_an_analyst_reads_what_changed_with_its_words(get: Get) -> None:
    told = get("overview").json()
    now = {change["key"]: change["now"] for change in told["changes"]}
    assert list(now) == list(METRICS)
    assert (now["questions"]["value"], now["answered_rate"]["value"], now["answered_rate"]["n"]) == (2, 0.5, 2)
    assert now["answered_rate"]["low"] < 0.5 < now["answered_rate"]["high"]
    assert (now["liked_rate"]["value"], now["liked_rate"]["n"]) == (0, 1)
    before = {change["key"]: change["before"] for change in told["changes"]}
    assert before["answered_rate"]["value"] is None
    assert [source["source"] for source in told["sources"]] == ["handbook"]
    words = {one["key"]: one["says"] for one in get("definitions").json()}
    assert "nothing" not in words["answered_rate"]
    assert {"kind": "chatbot", "name": "handbook"} in get("choices").json()


def test_series_and_parts_come_as_json_and_as_csv(get: Get) -> None:
    [today] = get("series", each="day").json()
    assert today["measures"][0] == {"key": "questions", "value": 2, "n": 2, "low": None, "high": None}
    assert [group["part"] for group in get("breakdown", by="chatbot").json()] == ["handbook"]
    answer = get("breakdown", by="agent", format="csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert {row["metric"] for row in rows} == set(METRICS)
    assert next(row["value"] for row in rows if row["metric"] == "seconds") != ""


def test_every_view_is_a_table_with_its_words(get: Get) -> None:
    described = {row["view"] for row in get("views").json()}
    assert described == {*views.NAMES, "all_sources", "answers", "answers_feedback"}
    for name in views.NAMES:
        told = get(f"views/{name}").json()
        assert told["name"] == name
        assert all(len(row) == len(told["columns"]) for row in told["rows"])
    [row] = csv.DictReader(io.StringIO(get("views/queries_without_result", format="csv").text))
    # a spreadsheet would compute what begins with an equals sign
    assert (row["question"], row["is_disliked"]) == ("'=Who wrote Hamlet, prince of Denmark?", "True")


WRONG: list[tuple[str, dict[str, str], int]] = [
    ("overview", {"chatbot": "kettles"}, 404),
    ("overview", {"since": "2026-11-23", "until": "2026-11-22"}, 400),
    ("overview", {"since": "2020-01-01", "until": "2026-11-22"}, 400),
    ("overview", {"until": "0001-01-02"}, 400),
    ("overview", {"since": "9999-12-25", "until": "9999-12-31"}, 200),
    ("overview", {"model": "a\0b"}, 400),
    ("views/pg_roles", {}, 404),
    ("views/daily_usage", {"limit": "100001"}, 400),
    ("breakdown", {"by": "password"}, 400),
    ("breakdown", {}, 400),
]


def test_what_is_asked_for_wrongly_is_refused(get: Get) -> None:
    assert [(path, query, get(path, **query).status_code) for path, query, _ in WRONG] == WRONG


def test_nobody_else_reads_it(
    get: Get, served: Served, office: Office, other_office: Office, database: Database
) -> None:
    assert _asker(served, office.key)("overview").status_code == 403
    other = _asker(served, make_key(database, other_office.organization_id, "analyze"))
    assert {change["now"]["value"] for change in other("overview").json()["changes"]} == {0, None}
    assert other("views/queries_without_result").json()["rows"] == []
    assert other("overview", chatbot="handbook").status_code == 404
