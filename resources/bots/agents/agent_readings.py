"""What agents read and chatbots answer from, set by names and as a whole: sources, their tags, kinds of file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from resources.bots import chatbots
from resources.bots.agents import agent_file_types, agents
from resources.foundation.errors import Missing
from resources.foundation.statements import Connection
from resources.knowledge.sources import data_sources, file_types, tags


@dataclass(frozen=True)
class Reading:
    """What an agent is bound to. Where it uses all sources, only the kinds of file count; none of them: all kinds."""

    sources: Sequence[str]
    tags: Sequence[str]
    file_types: Sequence[str]


def get(connection: Connection, organization_id: UUID, agent_id: UUID) -> Reading:
    """What an agent is bound to."""
    sources, borne = agents.select_bound(connection, organization_id, agent_id)
    return Reading(sources, borne, agent_file_types.select_names(connection, organization_id, agent_id))


def replace(connection: Connection, organization_id: UUID, agent_id: UUID, reading: Reading) -> None:
    """Bind an agent to these and to nothing else. Raises Missing, naming what there is not."""
    sources = _ids(_sources(connection, organization_id), reading.sources, "source")
    borne = _ids({t.name: t.id for t in tags.select_all(connection, organization_id)}, reading.tags, "tag")
    file_types.seed(connection, organization_id)
    known = {each.name: each.id for each in file_types.select_all(connection, organization_id)}
    kinds = _ids(known, reading.file_types, "kind of file")
    agents.detach_all(connection, organization_id, agent_id)
    agent_file_types.detach_all(connection, organization_id, agent_id=agent_id)
    for id in sources:
        agents.attach_source(connection, organization_id, agent_id, id)
    for id in borne:
        agents.attach_tag(connection, organization_id, agent_id, id)
    for id in kinds:
        agent_file_types.attach(connection, organization_id, agent_id=agent_id, file_type_id=id)


def select_sources(connection: Connection, organization_id: UUID, chatbot_id: UUID) -> list[str]:
    """The names of the sources that a chatbot answers from, in order."""
    read = set(chatbots.select_source_ids(connection, organization_id, chatbot_id))
    return sorted(name for name, id in _sources(connection, organization_id).items() if id in read)


def set_sources(connection: Connection, organization_id: UUID, chatbot_id: UUID, names: Sequence[str]) -> None:
    """Let a chatbot answer from these sources and from no others. Raises Missing, naming what there is not."""
    wanted = set(_ids(_sources(connection, organization_id), names, "source"))
    present = set(chatbots.select_source_ids(connection, organization_id, chatbot_id))
    for id in present - wanted:
        chatbots.detach_source(connection, organization_id, chatbot_id, id)
    for id in wanted - present:
        chatbots.attach_source(connection, organization_id, chatbot_id, id)


def _sources(connection: Connection, organization_id: UUID) -> dict[str, UUID]:
    return {source.name: source.id for source in data_sources.select_all(connection, organization_id)}


def _ids(known: Mapping[str, UUID], names: Sequence[str], what: str) -> list[UUID]:
    if unknown := next((name for name in names if name not in known), None):
        raise Missing(f"there is no {what} {unknown!r}: there are {', '.join(sorted(known)) or 'none yet'}")
    return [known[name] for name in dict.fromkeys(names)]
