"""Every address of the description under made-up requests, right and wrong ones: no fault of the server, no answer that
the description does not know, and nothing of the inside in a body."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable

from resources.foundation.database import Database
from resources.identity import api_keys
from resources.identity.records import SCOPES_OF_ROLE
from tests.factories.library import MILL, open_chatbot, shelve
from tests.factories.rows import insert_rows, row_ids
from tests.serving.conftest import PLACE, Served
from tests.serving.permissions import NAMED

INSIDE = re.compile(r'Traceback|psycopg|/site-packages/|SELECT |File "|pg_catalog|millrace_api|' + re.escape(PLACE))
# What changes or takes away what the others ask for comes after them, in this order.
LAST = (
    r"POST /v1/configurations/{id}/activate", r"POST /v1/chatbots/{id}/rollback|DELETE ", r"POST /v1/erasures",
    r"POST /v1/(holds|provider-keys)", r"DELETE /v1/(chatbots|sources)/{\w+}$",
)  # fmt: skip
# What begins a document of six bytes at a/b.md, and sends the first of it.
TUS = {
    "Tus-Resumable": "1.0.0", "Upload-Length": "6", "Upload-Offset": "0", "Upload-Metadata": "path YS9iLm1k",
    "Content-Type": "application/offset+octet-stream",
}  # fmt: skip
# However busy the machine is: how fast an answer is, others measure.
PATIENCE_S = 300


@dataclass
class Report:
    """How often each address told each status, and what should not have been."""

    told: Counter[tuple[str, int]] = field(default_factory=Counter)
    wrong: dict[str, str] = field(default_factory=dict)

    def unmet(self) -> list[str]:
        """The addresses that never did what was asked."""
        return sorted({label for label, _ in self.told} - {label for label, status in self.told if status < 300})

    def __str__(self) -> str:
        """A line for each address and one for all: how often each status was told."""
        lines: dict[str, Counter[int]] = {}
        for (label, status), times in sorted(self.told.items()):
            for line in (label, "all"):
                lines.setdefault(line, Counter())[status] += times
        return "\n".join(f"{label}: {dict(sorted(told.items()))}" for label, told in sorted(lines.items()))


@dataclass(frozen=True)
class Mill:
    """An organization that has something of everything: a key that may do all there, and how what is there is named."""

    key: str
    in_addresses: Mapping[str, str]
    elsewhere: Mapping[str, object]

    def point(self, case: Any, example: Mapping[str, object] | None) -> None:
        """Let a request ask for what is there wherever it names something; its body is the example, if there is one."""
        prefix, _, rest = case.operation.path.partition("}")
        named = {prefix.partition("{")[2]: self.in_addresses.get(prefix + "}"), **self.elsewhere}
        if "/uploads" in rest:
            case.headers.update(TUS)
            named["id"] = named["upload"]
        if example is not None:
            case.body = dict(example)
        for said in (case.path_parameters, case.query, case.headers, case.body):
            if isinstance(said, MutableMapping):
                known = {name: named[name] for name in said if named.get(name) is not None}
                # only a body holds more than texts
                said.update({name: one for name, one in known.items() if said is case.body or isinstance(one, str)})
            named.pop("name", None)  # in bodies it is that of something new


def make_mill(served: Served, database: Database, number: int) -> Mill:
    """A row in every table, and what only a running server makes whole: a document, a part of one, and an answer."""
    organization_id = uuid5(NAMESPACE_URL, str(number))
    with database.transaction(organization_id) as connection:
        insert_rows(connection, organization_id)
        # a source that documents are pushed into, with a document
        connection.execute("update knowledge.data_sources set source_type = 'upload'")
        connection.execute("update identity.memberships set role = 'member'")
        connection.execute("update identity.budgets set action = 'ask'")
        connection.execute("update identity.model_prices set since = '2999-01-01'")
        connection.execute("update knowledge.file_types set parsers = '{text}'")
        connection.execute("update knowledge.documents set file_type_id = null")
        connection.execute("delete from bots.agent_file_types")
        connection.execute("update knowledge.legal_holds set released_at = null")
        _, key = api_keys.create(connection, organization_id, name="fuzz", scopes=sorted(SCOPES_OF_ROLE["owner"]))
    open_chatbot(database, organization_id, shelve(database, organization_id, MILL, name="mill"), name="mill")
    with httpx.Client(
        base_url=served.address, headers={"Authorization": f"Bearer {key}"}, timeout=PATIENCE_S
    ) as client:
        begun = client.post("/v1/sources/handbook/uploads", headers=TUS).raise_for_status()
        question = {"model": "mill", "messages": [{"role": "user", "content": "When is the sluice gate greased?"}]}
        answer = client.post("/v1/chat/completions", json=question).raise_for_status().json()
        configuration = client.post("/v1/configurations", json={"chatbot": "mill"}).raise_for_status().json()
    with database.transaction(organization_id) as connection:
        connection.execute("update bots.model_config_versions set built_at = now()")
    ids = row_ids(organization_id)
    there = {
        "source": "handbook", "path": "rules.txt", "upload": begun.headers["location"].rpartition("/")[2],
        "chatbot": "mill", "model": "mill", "configuration": 1, "based_on": 1, "tag": "safety", "tags": ["safety"],
        "message_id": answer["id"].removeprefix("chatcmpl-"), "session": answer["session_id"],
        "session_id": answer["session_id"], "x-session-id": answer["session_id"], "if-match": "*",
        "messages": question["messages"], "provider": "openai", "chatbots": ["mill"], "target": "office@mill.example",
        "amount": "2.50", "external_id": "q2", "parser": "text", "set": str(ids["evaluation_sets"]),
        "user_id": str(ids["users"]), "answers": [{"source": "handbook", "document": "rules.txt"}],
    }  # fmt: skip
    in_addresses = {
        **{prefix: str(ids[names[0]]) for prefix, names in NAMED.items()},
        "/v1/sources/{source}": "handbook", "/v1/sessions/{session}": answer["session_id"], "/v1/models/{name}": "mill",
        "/v1/configurations/{id}": configuration["id"], "/v1/chatbots/{id}": "mill",
        "/v1/receipts/{id}": "1", "/v1/provider-keys/{id}": "openai", "/v1/analytics/views/{name}": "daily_usage",
    }  # fmt: skip
    return Mill(key, in_addresses, there)


def test_made_up_requests_meet_no_fault_and_no_undeclared_answer(served: Served, database: Database) -> None:
    report = Report()
    fuzz(served, make_mill(served, database, 7), report, examples=1, number=7)
    assert report.wrong == {}
    assert report.told.total() > 150


@pytest.mark.campaign
@pytest.mark.parametrize("quarter", [1, 2, 3, 4])
def test_20_000_made_up_requests_meet_no_fault_and_tell_nothing_of_the_inside(
    served: Served, database: Database, quarter: int
) -> None:
    report, number = Report(), 100 * quarter
    while report.told.total() < 5_000:
        number += 1
        fuzz(served, make_mill(served, database, number), report, examples=5, number=number)
    print(report)  # noqa: T201
    assert report.wrong == {}
    assert report.unmet() == []


def fuzz(served: Served, mill: Mill, report: Report, *, examples: int, number: int) -> None:
    """So many right and as many wrong requests to each address, the other way round for every other number."""
    from schemathesis import GenerationMode

    everything = operations(served.address)[:: 1 if number % 2 else -1]
    for operation in sorted(everything, key=lambda each: place(each.label)):
        ask(served, mill, operation, operation.as_strategy(), report, examples, number)
        # an address alone cannot be wrong: any text may stand in its braces
        if any(len(said) for said in (operation.query, operation.headers, operation.body)):
            wrong = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
            with suppress(Unsatisfiable):
                ask(served, mill, operation, wrong, report, examples, number)


def place(label: str) -> int:
    """When an address is asked: 0 for most, more for those of LAST."""
    return max((n for n, those in enumerate(LAST, 1) if re.match(those, label)), default=0)


def ask(
    served: Served,
    mill: Mill,
    operation: Any,
    cases: st.SearchStrategy[Any],
    report: Report,
    examples: int,
    number: int,
) -> None:
    """Ask one address, two times of three for what is there; what should not have been is noted once for each."""
    from schemathesis.checks import not_a_server_error
    from schemathesis.core.failures import FailureGroup
    from schemathesis.specs.openapi import checks

    bodies: list[Mapping[str, object] | None] = [*described_examples(operation)]
    held_to = [
        not_a_server_error, checks.status_code_conformance, checks.content_type_conformance,
        checks.response_schema_conformance,
    ]  # fmt: skip

    @seed(number)
    @settings(
        max_examples=examples, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(cases, st.sampled_from([*({"example": each} for each in bodies or [None]), {"example": None}, {}]))
    def once(case: Any, way: dict[str, Any]) -> None:
        if way:
            mill.point(case, **way)
        case.headers.pop("transfer-encoding", None)  # what is no HTTP is not for the description to know
        response = case.call(
            base_url=served.address, headers={"Authorization": f"Bearer {mill.key}"}, timeout=PATIENCE_S
        )
        report.told[operation.label, response.status_code] += 1
        if found := INSIDE.search(response.text):
            report.wrong[operation.label] = f"told {found.group()!r}: {response.text[:300]}"
        try:
            case.validate_response(response, checks=held_to)
        except FailureGroup as failures:
            said = "; ".join(f"{one.title}: {one.message}" for one in failures.exceptions)
            report.wrong[operation.label] = f"{response.status_code} {said[:600]} {case.as_curl_command()[:600]}"

    once()


@cache
def operations(address: str) -> list[Any]:
    """Every address and method of the description that the server gives."""
    import schemathesis
    from schemathesis.core.result import Ok

    schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")
    description = httpx.get(f"{address}/openapi.json", timeout=PATIENCE_S).json()
    for said in (said for of_path in description["paths"].values() for said in of_path.values()):
        said.pop("security", None)  # else each wrong request would have a wrong key, and never come past the door
    results = list(schemathesis.openapi.from_dict(description).get_all_operations())
    assert [result for result in results if not isinstance(result, Ok)] == []
    return [result.ok() for result in results if isinstance(result, Ok)]


def described_examples(operation: Any) -> list[Mapping[str, object]]:
    """The examples that the description gives of a body."""
    schemas = operation.schema.raw_schema["components"]["schemas"]
    content = operation.definition.raw.get("requestBody", {}).get("content", {})
    about = content.get("application/json", {}).get("schema", {})
    examples = schemas.get(about.get("$ref", "").rpartition("/")[2], {}).get("examples", [])
    return list(examples)
