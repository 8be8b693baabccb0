"""Every address of the description under made-up requests, right and wrong ones: no fault of the server, no answer that
the description does not know, and nothing of the inside in a body."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable

from resources.foundation.database import Database
from resources.identity import api_keys
from resources.identity.records import SCOPES_OF_ROLE
from tests.serving.conftest import PLACE, Office, Served, make_key

INSIDE = re.compile(r'Traceback|psycopg|/site-packages/|SELECT |File "|pg_catalog|millrace_api|' + re.escape(PLACE))


@dataclass
class Report:
    """How often each status was told, and what should not have been."""

    told: Counter[int] = field(default_factory=Counter)
    wrong: dict[str, str] = field(default_factory=dict)


@pytest.fixture
def key(database: Database, office: Office) -> str:
    """A key that may do everything."""
    with database.transaction(office.organization_id) as connection:
        scopes = sorted(SCOPES_OF_ROLE["owner"])
        return api_keys.create(connection, office.organization_id, name="fuzz", scopes=scopes)[1]


def test_made_up_requests_meet_no_fault_and_no_undeclared_answer(served: Served, key: str) -> None:
    report = Report()
    fuzz(served, key, report, examples=1, number=7)
    assert report.wrong == {}
    assert sum(report.told.values()) > 150


@pytest.mark.campaign
def test_20_000_made_up_requests_meet_no_fault_and_tell_nothing_of_the_inside(
    served: Served, key: str, database: Database, office: Office
) -> None:
    others = sorted(SCOPES_OF_ROLE["owner"] - {"chat"})
    keys = [key, office.key, *(make_key(database, office.organization_id, scope) for scope in others)]
    report, number = Report(), 0
    while sum(report.told.values()) < 20_000:
        number += 1
        fuzz(served, keys[(number - 1) % len(keys)], report, examples=8, number=number)
    print(dict(report.told))  # noqa: T201
    assert report.wrong == {}


def fuzz(served: Served, key: str, report: Report, *, examples: int, number: int) -> None:
    """So many right and as many wrong requests to each address."""
    from schemathesis import GenerationMode

    for operation in operations(served):
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            # there is no wrong way to ask where nothing is asked
            with suppress(Unsatisfiable):
                ask(served, key, operation, operation.as_strategy(generation_mode=mode), report, examples, number)


def ask(
    served: Served, key: str, operation: Any, cases: st.SearchStrategy[Any], report: Report, examples: int, number: int
) -> None:
    """Ask one address; what should not have been is noted once for each address."""
    from schemathesis.checks import not_a_server_error
    from schemathesis.core.failures import FailureGroup
    from schemathesis.specs.openapi import checks

    held_to = [
        not_a_server_error, checks.status_code_conformance, checks.content_type_conformance,
        checks.response_schema_conformance,
    ]  # fmt: skip

    @seed(number)
    @settings(
        max_examples=examples, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(cases)
    def once(case: Any) -> None:
        response = case.call(base_url=served.address, headers={"Authorization": f"Bearer {key}"}, timeout=60)
        report.told[response.status_code] += 1
        if found := INSIDE.search(response.text):
            report.wrong[operation.label] = f"told {found.group()!r}: {response.text[:300]}"
        try:
            case.validate_response(response, checks=held_to)
        except FailureGroup as failures:
            said = "; ".join(f"{one.title}: {one.message}" for one in failures.exceptions)
            report.wrong[operation.label] = f"{response.status_code} {said[:600]} {case.as_curl_command()[:600]}"

    once()


def operations(served: Served) -> Iterator[Any]:
    """Every address and method of the description that the server gives."""
    import schemathesis
    from schemathesis.core.result import Ok

    schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")
    description = httpx.get(f"{served.address}/openapi.json", timeout=30).json()
    for result in schemathesis.openapi.from_dict(description).get_all_operations():
        assert isinstance(result, Ok), result
        yield result.ok()
