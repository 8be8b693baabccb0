"""Declarations: how an organization's sources and chatbots are, as a file would say it, and making them so."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from resources.bots import chatbots
from resources.bots.agents import agent_file_types, agents, canned_answers
from resources.bots.configurations import model_config_versions, naming
from resources.bots.configurations.naming import Reach
from resources.bots.declaring import (
    Change,
    Declaration,
    DeclaredAgent,
    DeclaredChatbot,
    DeclaredConfiguration,
    DeclaredSource,
    differences,
)
from resources.bots.evaluation import readiness
from resources.bots.evaluation.readiness import Adopted, Terms
from resources.bots.records import Agent, Chatbot, NewVersion
from resources.foundation.errors import Missing, Refused
from resources.foundation.model_names import EMBEDDED_MODEL
from resources.foundation.secrets import Keyring
from resources.foundation.statements import Connection
from resources.knowledge.connectors import configuring, credentials
from resources.knowledge.records import DataSource
from resources.knowledge.sources import data_sources, file_types, tags

Secrets = Mapping[str, Mapping[str, str]]
"""Credentials by source and name."""

Model = TypeVar("Model", DeclaredAgent, DeclaredConfiguration)
# What is said of an agent and stands in other tables than its own.
_BESIDE_ROW = {"sources", "tags", "file_types", "canned_answers"}
_NEEDS_A_BUILD = ("embedding_model", "chunk_size", "chunk_overlap")


@dataclass(frozen=True)
class Defaults:
    """The installation's models, for chatbots whose declaration names none, and on which terms recipes change."""

    embedding_model: str
    llm_model: str
    terms: Terms | None = None
    applied_by: str | None = None


@dataclass(frozen=True)
class Waiting:
    """A configuration that a file asks for and that does not serve yet, and why."""

    chatbot: str
    number: int
    objections: Sequence[str]


def present(connection: Connection, organization_id: UUID) -> Declaration:
    """How things are now. Credentials are not told."""
    sources = data_sources.select_all(connection, organization_id)
    names = {source.id: source.name for source in sources}
    return Declaration(
        version=1,
        sources={source.name: _declared_source(connection, organization_id, source) for source in sources},
        chatbots={
            chatbot.name: _declared_chatbot(connection, organization_id, chatbot, names)
            for chatbot in chatbots.select_all(connection, organization_id)
        },
    )


def plan(
    connection: Connection,
    organization_id: UUID,
    wanted: Declaration,
    *,
    secrets: Secrets,
    keyring: Keyring,
    prune: bool = False,
    reach: Reach | None = None,
) -> list[Change]:
    """What applying a declaration would do. Raises Refused for what cannot be done.

    `reach`: the models that can be asked; without it none is refused.
    """
    there = present(connection, organization_id)
    changes = differences(there, wanted, prune=prune)
    _require_possible(there, wanted, changes, reach)
    return [_with_credentials(connection, organization_id, change, secrets, keyring) for change in changes]


def apply(
    connection: Connection,
    organization_id: UUID,
    wanted: Declaration,
    changes: Iterable[Change],
    *,
    secrets: Secrets,
    keyring: Keyring,
    defaults: Defaults,
) -> list[Waiting]:
    """Make these changes, all or none: it is the caller's transaction.

    A configuration that may not serve yet is no reason to make none of them: it waits as a draft, and is returned.
    """
    waiting = []
    doing = [change for change in changes if change.action != "keep"]
    # what chatbots read must be there before them, and what is removed goes last
    for change in sorted(doing, key=lambda one: (one.action == "remove", one.kind == "chatbot", one.name)):
        if change.kind == "source":
            _apply_source(connection, organization_id, change, wanted.sources.get(change.name))
            if change.action != "remove" and secrets.get(change.name):
                source = _source(connection, organization_id, change.name)
                credentials.replace(connection, organization_id, source.id, secrets[change.name], keyring=keyring)
        else:
            adopted = _apply_chatbot(connection, organization_id, change, wanted.chatbots.get(change.name), defaults)
            if adopted is not None and adopted.objections:
                waiting.append(Waiting(change.name, adopted.version.number, adopted.objections))
    return waiting


def _apply_source(connection: Connection, organization_id: UUID, change: Change, asked: DeclaredSource | None) -> None:
    if asked is None:
        data_sources.remove(connection, organization_id, _source(connection, organization_id, change.name).id)
        return
    config = configuring.checked(asked.type, asked.config)
    if change.action == "create":
        data_sources.create(
            connection, organization_id, name=change.name, source_type=asked.type, config=config
        )  # fmt: skip
    source = _source(connection, organization_id, change.name)
    data_sources.replace(
        connection, organization_id,
        dataclasses.replace(
            source, description=asked.description, config=config, auto_sync=asked.auto_sync,
            status="inactive" if asked.paused else ("active" if source.status == "inactive" else source.status),
            sync_frequency=asked.every, cron=asked.cron, time_zone=asked.time_zone,
            deletion_share=asked.deletion_share, deletion_floor=asked.deletion_floor,
        ),
    )  # fmt: skip
    _tag(connection, organization_id, source.id, asked.tags)


def _tag(connection: Connection, organization_id: UUID, source_id: UUID, names: Sequence[str]) -> None:
    """Tags that there are not yet are made."""
    known = {tag.name for tag in tags.select_all(connection, organization_id)}
    for name in sorted(set(names) - known):
        tags.create(connection, organization_id, name=name)
    tags.set_of_source(connection, organization_id, source_id, names)


def _apply_chatbot(
    connection: Connection, organization_id: UUID, change: Change, asked: DeclaredChatbot | None, defaults: Defaults
) -> Adopted | None:
    known = chatbots.find_by_name(connection, organization_id, change.name)
    if asked is None:
        if known is not None:
            chatbots.remove(connection, organization_id, known.id)
        return None
    is_new = known is None
    chatbot = known or chatbots.create(connection, organization_id, name=change.name)
    chatbots.replace(
        connection, organization_id,
        dataclasses.replace(
            chatbot, description=asked.description, visibility=asked.visibility, system_prompt=asked.system_prompt,
            show_citations=asked.show_citations, temperature=asked.temperature,
            dispatching=asked.dispatching,
        ),
    )  # fmt: skip
    _attach(connection, organization_id, chatbot.id, asked.sources)
    adopted = _configure(connection, organization_id, chatbot.id, asked, defaults)
    if asked.agents is not None or is_new:
        _staff(connection, organization_id, chatbot.id, asked.agents or {"answers": DeclaredAgent()})
    return adopted


def _attach(connection: Connection, organization_id: UUID, chatbot_id: UUID, names: Sequence[str]) -> None:
    wanted = {_source(connection, organization_id, name).id for name in names}
    attached = set(chatbots.select_source_ids(connection, organization_id, chatbot_id))
    for source_id in attached - wanted:
        chatbots.detach_source(connection, organization_id, chatbot_id, source_id)
    for source_id in wanted - attached:
        chatbots.attach_source(connection, organization_id, chatbot_id, source_id)


def _configure(
    connection: Connection, organization_id: UUID, chatbot_id: UUID, asked: DeclaredChatbot, defaults: Defaults
) -> Adopted | None:
    """Let serve what is asked for, if the gate lets it; None where nothing is.

    Where no configuration is asked for, the active one stays, with the instructions asked for.
    """
    active = model_config_versions.find_active(connection, organization_id, chatbot_id)
    if active is not None and asked.configuration is None and active.system_prompt in (None, asked.system_prompt):
        return None
    recipe = (asked.configuration or DeclaredConfiguration()).model_dump()
    if active is not None and asked.configuration is None:
        recipe = {name: getattr(active, name) for name in recipe}
    for name in ("embedding_model", "llm_model"):
        recipe[name] = recipe[name] or getattr(active or defaults, name)
    # instructions that were frozen with the active version are the chatbot's own again once others are asked for
    frozen = active.system_prompt if active is not None and active.system_prompt == asked.system_prompt else None
    default = model_config_versions.off_topic_default(recipe["embedding_model"])
    threshold = active.off_topic_threshold if active is not None else default
    if recipe["off_topic_threshold"] is None:
        recipe["off_topic_threshold"] = threshold
    return readiness.adopt(
        connection, organization_id, chatbot_id, NewVersion(**recipe, system_prompt=frozen), terms=defaults.terms,
        activated_by=defaults.applied_by,
    )  # fmt: skip


def _staff(connection: Connection, organization_id: UUID, chatbot_id: UUID, asked: Mapping[str, DeclaredAgent]) -> None:
    known = {agent.name: agent for agent in agents.select_all(connection, organization_id, chatbot_id)}
    for name in known.keys() - asked.keys():
        agents.remove(connection, organization_id, known[name].id)
    for name, declared in asked.items():
        agent = known.get(name) or agents.create(connection, organization_id, chatbot_id=chatbot_id, name=name)
        values = declared.model_dump(exclude=_BESIDE_ROW)
        values["default_message"] = declared.default_message or agents.DEFAULT_MESSAGE
        values["use_all_sources"] = declared.sources is None and not declared.tags
        agents.replace(connection, organization_id, dataclasses.replace(agent, **values))
        _bind(connection, organization_id, agent.id, declared)


def _bind(connection: Connection, organization_id: UUID, agent_id: UUID, declared: DeclaredAgent) -> None:
    """What an agent reads, and what it knows by heart."""
    agents.detach_all(connection, organization_id, agent_id)
    for name in declared.sources or ():
        agents.attach_source(connection, organization_id, agent_id, _source(connection, organization_id, name).id)
    for name in declared.tags:
        tag = tags.find_by_name(connection, organization_id, name)
        if tag is None:
            raise Missing(f"there is no tag {name!r}: let a source bear it")
        agents.attach_tag(connection, organization_id, agent_id, tag.id)
    agent_file_types.detach_all(connection, organization_id, agent_id=agent_id)
    kinds = {kind.name: kind.id for kind in file_types.select_active(connection, organization_id)}
    for name in declared.file_types:
        if name not in kinds:
            raise Missing(f"there is no kind of file {name!r}; there are: {', '.join(sorted(kinds))}")
        agent_file_types.attach(connection, organization_id, agent_id=agent_id, file_type_id=kinds[name])
    canned_answers.replace_all(connection, organization_id, agent_id, declared.canned_answers)


def _declared_source(connection: Connection, organization_id: UUID, source: DataSource) -> DeclaredSource:
    return DeclaredSource.model_construct(
        type=source.source_type, config=source.config, description=source.description, every=source.sync_frequency,
        cron=source.cron, time_zone=source.time_zone, auto_sync=source.auto_sync, paused=source.status == "inactive",
        deletion_share=source.deletion_share, deletion_floor=source.deletion_floor,
        tags=[tag.name for tag in tags.select_of_source(connection, organization_id, source.id)],
    )  # fmt: skip


def _declared_chatbot(
    connection: Connection, organization_id: UUID, chatbot: Chatbot, names: Mapping[UUID, str]
) -> DeclaredChatbot:
    active = model_config_versions.find_active(connection, organization_id, chatbot.id)
    return DeclaredChatbot(
        description=chatbot.description, visibility=chatbot.visibility,
        system_prompt=active.instructions(chatbot) if active else chatbot.system_prompt,
        show_citations=chatbot.show_citations, temperature=chatbot.temperature, dispatching=chatbot.dispatching,
        sources=sorted(names[id] for id in chatbots.select_source_ids(connection, organization_id, chatbot.id)),
        configuration=None if active is None else _of_record(DeclaredConfiguration, active),
        agents={
            agent.name: _declared_agent(connection, organization_id, agent)
            for agent in agents.select_all(connection, organization_id, chatbot.id)
        },
    )  # fmt: skip


def _declared_agent(connection: Connection, organization_id: UUID, agent: Agent) -> DeclaredAgent:
    own = {name: getattr(agent, name) for name in DeclaredAgent.model_fields.keys() - _BESIDE_ROW}
    sources, borne = agents.select_bound(connection, organization_id, agent.id)
    known = canned_answers.select_of_agent(connection, organization_id, agent.id)
    return DeclaredAgent.model_validate(
        {
            **own, "sources": None if agent.use_all_sources or (borne and not sources) else sources, "tags": borne,
            "file_types": agent_file_types.select_names(connection, organization_id, agent.id),
            "canned_answers": {one.question: one.answer for one in known},
        }
    )  # fmt: skip


def _of_record(model: type[Model], record: object) -> Model:
    return model.model_validate({name: getattr(record, name) for name in model.model_fields})


def _require_possible(there: Declaration, wanted: Declaration, changes: Sequence[Change], reach: Reach | None) -> None:
    """Raise Refused for what no file may ask for, all of it at once."""
    problems = []
    if reach is not None:
        problems += _unknown_models(there, wanted, changes, reach)
    kept = {*there.sources, *wanted.sources} - {c.name for c in changes if (c.kind, c.action) == ("source", "remove")}
    for name, chatbot in wanted.chatbots.items():
        problems += [
            f"chatbot {name!r} reads {source!r}, which is no source: declare it" for source in chatbot.sources
            if source not in kept
        ]  # fmt: skip
    for change in changes:
        for field, former, _ in change.fields if change.action == "change" else ():
            if (change.kind, field) == ("source", "type"):
                problems.append(
                    f"source {change.name!r} is of type {former!r} and stays so: declare one of another name instead"
                )
            if field.removeprefix("configuration.") in _NEEDS_A_BUILD:
                problems.append(
                    f"chatbot {change.name!r}: {field} cannot change under a chatbot that answers, since all of its "
                    "passages would have to be made anew first: 'millrace config create', 'build' and 'activate' do "
                    "that beside what answers now"
                )
    if problems:
        raise Refused("the file cannot be applied:\n" + "\n".join(f"  {problem}" for problem in problems))


def _unknown_models(there: Declaration, wanted: Declaration, changes: Sequence[Change], reach: Reach) -> list[str]:
    """What is wrong with the models that changed chatbots are to have."""
    problems = []
    for change in changes:
        chatbot = wanted.chatbots.get(change.name) if change.kind == "chatbot" and change.action != "keep" else None
        recipe = chatbot.configuration if chatbot else None
        if recipe is not None:
            former = there.chatbots.get(change.name)
            own = former.configuration.llm_model if former and former.configuration else None
            named = NewVersion(
                recipe.embedding_model or EMBEDDED_MODEL, recipe.llm_model or own or reach.llm_model,
                recipe.reranker_model, query_understanding=recipe.query_understanding,
            )  # fmt: skip
            problems += [f"chatbot {change.name!r}: {problem}" for problem in naming.problems(named, reach)]
    return problems


def _with_credentials(
    connection: Connection, organization_id: UUID, change: Change, secrets: Secrets, keyring: Keyring
) -> Change:
    """The change with what becomes of the source's credentials, which are not shown."""
    wanted = secrets.get(change.name) if change.kind == "source" else None
    if not wanted or change.action == "remove":
        return change
    source = data_sources.find_by_name(connection, organization_id, change.name)
    stored = {} if source is None else credentials.get(connection, organization_id, source.id, keyring=keyring)
    if {name: stored.get(name) for name in wanted} == dict(wanted):
        return change
    fields = (*change.fields, ("credentials", "others" if stored else None, f"given: {', '.join(sorted(wanted))}"))
    return dataclasses.replace(change, action="change" if change.action == "keep" else change.action, fields=fields)


def _source(connection: Connection, organization_id: UUID, name: str) -> DataSource:
    source = data_sources.find_by_name(connection, organization_id, name)
    if source is None:
        raise Missing(f"there is no source {name!r}")
    return source
