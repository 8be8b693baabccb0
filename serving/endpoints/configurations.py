"""Configurations of chatbots: built beside the one that serves, measured, activated. /v1/configurations"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, FastAPI, Request
from pydantic import BaseModel, ConfigDict, Field

from resources.bots import chatbots
from resources.bots.configurations import configuration_requests, model_config_versions, naming
from resources.bots.configurations.configuration_requests import Job
from resources.bots.configurations.naming import Reach
from resources.bots.evaluation import readiness
from resources.bots.evaluation import version_comparisons as comparisons
from resources.bots.evaluation.readiness import Terms
from resources.bots.records import ModelConfigVersion, NewVersion, QueryUnderstanding, VersionStatus
from resources.foundation.errors import Conflict, Missing, Refused
from resources.identity import audit_log, provider_keys
from resources.identity.records import Caller
from serving import collections
from serving.authentication import Holder
from serving.collections import Collection, IfMatch, Made, Page, Work, by_id, given, record
from serving.failures import refusals
from serving.house import desk_of
from serving.wire_managing import Description, Long, Name, Strict, Words

MayManage = Annotated[Caller, Depends(Holder("manage"))]
ModelName = Annotated[Words, Field(min_length=1, max_length=200)]
Share = Annotated[float, Field(ge=0, le=1)]
_ONE = "/v1/configurations/{id}"


class RequestBody(BaseModel):
    """What was asked for; it waits while `begun_at` is null. What came of it stands in the configuration."""

    id: UUID
    job: Job
    created_at: datetime
    begun_at: datetime | None


class DifferenceBody(BaseModel):
    """How it differed from the one that serves, over so many questions, with the 95 % interval. Null: not defined."""

    metric: str
    set: str | None = Field(description="The set of questions; null: all of them together.")
    queries: int
    difference: float | None
    low: float | None
    high: float | None
    won: int
    lost: int
    moved: int


class ConfigurationBody(BaseModel):
    """A numbered recipe of a chatbot. Frozen once it is no draft; one of a chatbot's is active."""

    object: Literal["configuration"] = "configuration"
    id: UUID
    chatbot: str
    number: int
    status: VersionStatus
    active: bool
    description: str
    embedding_model: str
    llm_model: str
    reranker_model: str | None
    retrieval_k: int
    similarity_threshold: float
    lexical_weight: float
    chunk_size: int
    chunk_overlap: int
    system_prompt: str | None
    off_topic_threshold: float
    query_understanding: QueryUnderstanding
    max_per_document: int | None
    created_at: datetime
    created_by: str | None
    built_at: datetime | None
    build_problem: str | None
    evaluated_at: datetime | None
    activated_at: datetime | None
    activated_by: str | None
    forced_reason: str | None
    retired_at: datetime | None
    kept_until: datetime | None
    objections: list[str] | None = Field(
        default=None, description="What speaks against activating it, on its own address."
    )
    requests: list[RequestBody] | None = Field(default=None, description="What was asked for, on its own address.")
    differences: list[DifferenceBody] | None = Field(
        default=None, description="How it differed when it was last measured, on its own address."
    )


class NewConfiguration(BaseModel):
    """A draft, made from another configuration of the chatbot: what is left out is as there. It changes nothing yet."""

    model_config = ConfigDict(
        **Strict,
        json_schema_extra={
            "examples": [{"chatbot": "support", "chunk_size": 800, "description": "shorter passages"}]
        },
    )  # fmt: skip
    chatbot: Name
    based_on: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(
        default=None, description="The number of the one to begin with; the active one unless given."
    )
    description: Description = ""
    embedding_model: ModelName = Field(default_factory=collections.left_out)
    llm_model: ModelName = Field(default_factory=collections.left_out)
    reranker_model: ModelName | None = None
    retrieval_k: Annotated[int, Field(ge=1, le=200)] = Field(default_factory=collections.left_out)
    similarity_threshold: Annotated[float, Field(ge=-1, le=1)] = Field(default_factory=collections.left_out)
    lexical_weight: Share = Field(default_factory=collections.left_out)
    chunk_size: Annotated[int, Field(ge=100, le=20_000)] = Field(default_factory=collections.left_out)
    chunk_overlap: Annotated[int, Field(ge=0, le=19_999)] = Field(default_factory=collections.left_out)
    system_prompt: Long | None = None
    off_topic_threshold: Share = Field(default_factory=collections.left_out)
    query_understanding: QueryUnderstanding = Field(default_factory=collections.left_out)
    max_per_document: Annotated[int, Field(ge=1, le=200)] | None = None


class ConfigurationPage(Page):
    """A page of configurations: by chatbot, the oldest first."""

    sort: Annotated[
        Literal["created_at", "-created_at"], Field(description="A hyphen: the other way round.")
    ] = "created_at"  # fmt: skip
    chatbot: Annotated[Words | None, Field(max_length=100, description="Those of this chatbot, by name.")] = None
    status: VersionStatus | None = None


class Activation(BaseModel):
    """By which terms a configuration may serve."""

    model_config = ConfigDict(**Strict, json_schema_extra={"examples": [{}, {"tolerance": 0.02}]})
    tolerance: Annotated[
        float, Field(ge=0, le=1, description="So much of nDCG@10 it may lose, at the lower end of the interval.")
    ] = readiness.TOLERANCE
    unmeasured: Annotated[bool, Field(description="Although too few questions are known to measure it by.")] = False
    force: Annotated[
        Words | None,
        Field(min_length=1, max_length=1000, description="Although the checks refuse it, why; that is kept."),
    ] = None


def add_to(app: FastAPI) -> None:
    """Serve these addresses."""
    collections.add_to(app, CONFIGURATIONS)
    about: dict[str, Any] = {"tags": ["configurations"], "responses": refusals(400, 401, 403, 404, 409, 412, 503)}
    app.post(_ONE + "/build", summary="Ask for its build", status_code=202, **about)(build_configuration)
    app.post(_ONE + "/evaluate", summary="Ask that it be measured", status_code=202, **about)(evaluate_configuration)
    app.post(_ONE + "/activate", summary="Let it serve", **about)(activate_configuration)
    app.post("/v1/chatbots/{id}/rollback", summary="Let the former configuration serve again", **about)(
        roll_back_configuration
    )


def build_configuration(id: str, request: Request, caller: MayManage) -> RequestBody:
    """Ask for its passages and vectors, from stored texts, beside those that serve. It is frozen when the build begins.

    Asked for again while it waits, it is the same request; built again, it goes on where it was.
    """
    return _ask(id, "build", request, caller)


def evaluate_configuration(id: str, request: Request, caller: MayManage) -> RequestBody:
    """Ask the same questions by it and by the active one, judged ones and what was asked lately."""
    return _ask(id, "evaluate", request, caller)


def activate_configuration(
    id: str, request: Request, caller: MayManage, body: Activation | None = None, if_match: IfMatch = None
) -> ConfigurationBody:
    """Let it answer from now on: refused while it is not whole, not measured, or possibly worse than the active one."""
    desk, terms = desk_of(request), body or Activation()
    with desk.database.transaction(caller.organization_id) as connection:
        work = Work(connection, caller, desk)
        version = _get(work, id)
        audit_log.hold(connection, caller.organization_id, entity="chatbot", entity_id=version.chatbot_id)
        version = _get(work, id)
        if if_match is not None:
            collections.require_match(if_match, collections.etag(_told(work, version), _PASSING))
        readiness.activate(
            connection, caller.organization_id, version, activated_by=caller.name,
            terms=Terms(terms.tolerance, terms.unmeasured, terms.force),
        )  # fmt: skip
        record(work, "activate", "configuration", version.id, frozenset(terms.model_fields_set))
        return _told(work, _get(work, id))


def roll_back_configuration(id: str, request: Request, caller: MayManage) -> ConfigurationBody:
    """Let the configuration of the chatbot answer again that did before, at once; the one that serves from now on."""
    desk = desk_of(request)
    with desk.database.transaction(caller.organization_id) as connection:
        work = Work(connection, caller, desk)
        chatbot = _one_chatbot(work, id)
        audit_log.hold(connection, caller.organization_id, entity="chatbot", entity_id=chatbot.id)
        former = readiness.roll_back(connection, caller.organization_id, chatbot.id, activated_by=caller.name)
        record(work, "roll_back", "configuration", former.id)
        return _told(work, _get(work, str(former.id)))


def _ask(id: str, job: Job, request: Request, caller: Caller) -> RequestBody:
    desk = desk_of(request)
    with desk.database.transaction(caller.organization_id) as connection:
        work = Work(connection, caller, desk)
        version = _get(work, id)
        if version.active:
            raise Conflict("this configuration is the active one: syncs keep it ready, and it is measured every night")
        if job == "evaluate" and version.built_at is None:
            raise Conflict("this configuration is not built yet: POST …/build comes first")
        asked = configuration_requests.ask(connection, caller.organization_id, version.id, job)
        record(work, job, "configuration", version.id)
    return RequestBody.model_validate(asdict(asked))


def _select(work: Work, page: ConfigurationPage) -> Sequence[ModelConfigVersion]:
    return [
        version
        for chatbot in chatbots.select_all(work.connection, work.organization_id)
        if page.chatbot in (None, chatbot.name)
        for version in model_config_versions.select_all(work.connection, work.organization_id, chatbot.id)
        if page.status in (None, version.status)
    ]


def _get(work: Work, part: str) -> ModelConfigVersion:
    version = _one(work, part)
    try:
        chatbots.get(work.connection, work.organization_id, version.chatbot_id)
    except Missing:
        raise collections.missing("configuration", "/v1/configurations") from None
    return version


def _create(work: Work, body: NewConfiguration) -> Made[ModelConfigVersion]:
    connection, whose = work.connection, work.organization_id
    chatbot = _one_chatbot(work, body.chatbot)
    base = (
        model_config_versions.get_active(connection, whose, chatbot.id)
        if body.based_on is None
        else model_config_versions.get_numbered(connection, whose, chatbot.id, body.based_on)
    )
    values = {
        name: value for name, value in given(body).items() if name not in ("chatbot", "based_on", "description")
    }  # fmt: skip
    wanted = model_config_versions.changed(base, values)
    _require_models(work, wanted)
    made = model_config_versions.create(
        connection, whose, chatbot.id, wanted, created_by=work.caller.name, description=body.description
    )  # fmt: skip
    return Made(made)


def _require_models(work: Work, wanted: NewVersion) -> None:
    """Raise Refused for models that cannot be asked here, and for paths of this machine."""
    if (wanted.reranker_model or "").startswith("local:"):
        raise Refused("a reranker of the kind local: is the operator's to name, with 'millrace config create'")
    has_own = bool(provider_keys.select_all(work.connection, work.organization_id))
    reach = Reach(work.desk.has_provider or has_own, work.desk.has_reranker)
    if found := naming.problems(wanted, reach):
        raise Refused("this configuration cannot be made: " + "; ".join(found))


def _retire(work: Work, version: ModelConfigVersion) -> None:
    """Keep nothing of it ready any more; it is still there to be read."""
    model_config_versions.retire(work.connection, work.organization_id, version)


def _briefly(work: Work, version: ModelConfigVersion) -> ConfigurationBody:
    chatbot = chatbots.get(work.connection, work.organization_id, version.chatbot_id)
    return ConfigurationBody.model_validate({**asdict(version), "chatbot": chatbot.name})


def _told(work: Work, version: ModelConfigVersion) -> ConfigurationBody:
    connection, whose = work.connection, work.organization_id
    asked = configuration_requests.select_of_version(connection, whose, version.id)
    active = model_config_versions.find_active(connection, whose, version.chatbot_id)
    objections, found = [], []
    if active is not None and not version.active:
        objections = readiness.select_objections(connection, whose, version)
        found = comparisons.select_latest(connection, whose, baseline_id=active.id, candidate_id=version.id)
    return _briefly(work, version).model_copy(
        update={
            "objections": objections,
            "requests": [RequestBody.model_validate(asdict(each)) for each in asked],
            "differences": [
                DifferenceBody.model_validate({**asdict(each), "set": each.evaluation_set}) for each in found
            ],
        }
    )  # fmt: skip


_PASSING = frozenset({"objections", "requests", "differences"})
_one = by_id(model_config_versions.get, "configuration", "/v1/configurations")
_one_chatbot = collections.by_id_or_name(chatbots.select_all, "chatbot", "/v1/chatbots")
CONFIGURATIONS = Collection(
    name="configurations", noun="configuration", scope="manage", body=ConfigurationBody, told=_told, briefly=_briefly,
    select=_select, get=_get, page=ConfigurationPage, new=NewConfiguration, create=_create, remove=_retire,
    passing=_PASSING,
)  # fmt: skip
