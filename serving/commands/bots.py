"""Commands about chatbots and their agents: make them, change them, let them rest."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, TypeVar

import typer
from pydantic import TypeAdapter, ValidationError

from resources.bots import chatbots, starter
from resources.bots.agents import agent_readings, agents, canned_answers
from resources.bots.records import Agent, Chatbot
from resources.foundation.errors import Conflict, Missing, Refused
from resources.foundation.statements import Connection
from serving.commands.assigning import config_with
from serving.commands.reporting import AsJson, console, print_json, print_table
from serving.commands.workplace import Workplace, workplace

Record = TypeVar("Record", Chatbot, Agent)
BotName = Annotated[str, typer.Argument(help="The chatbot's name.", metavar="CHATBOT")]
AgentName = Annotated[str, typer.Argument(help="The agent's name.", metavar="AGENT")]
Setting = Annotated[
    list[str] | None, typer.Option("--set", help="FIELD=VALUE, as JSON where it can be read so; may be repeated.")
]
Sources = Annotated[
    list[str] | None, typer.Option("--source", help="A source that it reads; those named replace what it read.")
]
_FIXED = {"id", "name", "chatbot_id", "created"}
_READING = ("sources", "tags", "file_types")


def list_chatbots(as_json: AsJson = False) -> None:
    """List the chatbots, and the sources that each answers from."""
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        found = [
            (bot, agent_readings.select_sources(connection, place.organization_id, bot.id))
            for bot in chatbots.select_all(connection, place.organization_id)
        ]
    if as_json:
        print_json([{**vars(bot), "sources": sources} for bot, sources in found])
    else:
        rows = [(bot.name, bot.visibility, ", ".join(sources), bot.description) for bot, sources in found]
        print_table("Chatbots", ["Chatbot", "Visibility", "Sources", "Description"], rows)


def create_chatbot(name: BotName, source: Sources = None, settings: Setting = None, as_json: AsJson = False) -> None:
    """Make a chatbot with an agent that answers and a configuration of the installation's models.

    \b
    Examples:
        millrace chatbot create support --source handbook --set show_citations=false
    """
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        if chatbots.find_by_name(connection, place.organization_id, name) is not None:
            raise Conflict(f"a chatbot {name!r} exists already: choose another name, or change that one")
        bot = starter.ensure_chatbot(
            connection, place.organization_id, name=name, embedding_model=place.settings.embedding_model,
            llm_model=place.settings.chat_model,
        )  # fmt: skip
        bot = _keep_chatbot(connection, place, bot, source, settings)
        place.record(connection, "create", "chatbot", bot.id)
    print_json(bot) if as_json else console.print(f"Chatbot [bold]{bot.name}[/bold] is made.")


def change_chatbot(name: BotName, source: Sources = None, settings: Setting = None, as_json: AsJson = False) -> None:
    """Change a chatbot: its fields by --set, and with --source what it answers from.

    \b
    Examples:
        millrace chatbot set support --set temperature=0.2 --set 'system_prompt=Be brief.'
    """
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        bot = _keep_chatbot(connection, place, _bot(connection, place, name), source, settings)
        place.record(connection, "change", "chatbot", bot.id, *config_with({}, settings or []))
    print_json(bot) if as_json else console.print(f"Chatbot [bold]{bot.name}[/bold] is changed.")


def remove_chatbot(name: BotName) -> None:
    """Remove a chatbot: nobody can ask it any more; its conversations stay."""
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        bot = _bot(connection, place, name)
        chatbots.remove(connection, place.organization_id, bot.id)
        place.record(connection, "remove", "chatbot", bot.id)
    console.print(f"Chatbot [bold]{name}[/bold] is removed.")


def list_agents(chatbot: BotName, as_json: AsJson = False) -> None:
    """List the agents of a chatbot: what each is for, and what it reads."""
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        bot = _bot(connection, place, chatbot)
        found = [
            (agent, agent_readings.get(connection, place.organization_id, agent.id))
            for agent in agents.select_all(connection, place.organization_id, bot.id)
        ]
    if as_json:
        print_json([{**vars(agent), **vars(reading)} for agent, reading in found])
        return
    print_table(
        f"Agents of {chatbot}", ["Agent", "Type", "Active", "Reads", "Keywords"],
        [
            (
                agent.name, agent.type, agent.is_active,
                "all" if agent.use_all_sources else ", ".join((*reading.sources, *(f"#{tag}" for tag in reading.tags))),
                ", ".join(agent.domain_keywords),
            )
            for agent, reading in found
        ],
    )  # fmt: skip


def create_agent(chatbot: BotName, name: AgentName, settings: Setting = None, as_json: AsJson = False) -> None:
    """Make an agent of a chatbot.

    \b
    Examples:
        millrace agent create support billing --set use_all_sources=false --set 'tags=["billing"]' \\
            --set 'domain_keywords=["invoice"]'
    """
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        bot = _bot(connection, place, chatbot)
        agent = agents.create(connection, place.organization_id, chatbot_id=bot.id, name=name)
        agent = _keep_agent(connection, place, agent, settings)
        place.record(connection, "create", "agent", agent.id)
    print_json(agent) if as_json else console.print(f"Agent [bold]{name}[/bold] of {chatbot} is made.")


def change_agent(chatbot: BotName, name: AgentName, settings: Setting = None, as_json: AsJson = False) -> None:
    """Change an agent: any of its fields, what it reads (sources, tags, file_types) and its canned_answers.

    \b
    Examples:
        millrace agent set support billing --set is_active=false
        millrace agent set support hours --set type=pre-canned --set 'canned_answers={"Open?": "At nine."}'
    """
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        agent = _keep_agent(connection, place, _agent(connection, place, chatbot, name), settings)
        place.record(connection, "change", "agent", agent.id, *config_with({}, settings or []))
    print_json(agent) if as_json else console.print(f"Agent [bold]{name}[/bold] of {chatbot} is changed.")


def remove_agent(chatbot: BotName, name: AgentName) -> None:
    """Remove an agent: it takes no questions any more; what it answered stays."""
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        agent = _agent(connection, place, chatbot, name)
        agents.remove(connection, place.organization_id, agent.id)
        place.record(connection, "remove", "agent", agent.id)
    console.print(f"Agent [bold]{name}[/bold] of {chatbot} is removed.")


def _keep_chatbot(
    connection: Connection, place: Workplace, bot: Chatbot, sources: Sequence[str] | None, settings: Setting
) -> Chatbot:
    if sources is not None:
        agent_readings.set_sources(connection, place.organization_id, bot.id, sources)
    return chatbots.replace(connection, place.organization_id, _with(bot, config_with({}, settings or [])))


def _keep_agent(connection: Connection, place: Workplace, agent: Agent, settings: Setting) -> Agent:
    said = config_with({}, settings or [])
    reading = {name: _texts(name, said.pop(name)) for name in _READING if name in said}
    known = said.pop("canned_answers", None)
    agent = agents.replace(connection, place.organization_id, _with(agent, said))
    if reading:
        present = agent_readings.get(connection, place.organization_id, agent.id)
        agent_readings.replace(
            connection, place.organization_id, agent.id, dataclasses.replace(present, **reading)
        )  # fmt: skip
    if known is not None:
        if not isinstance(known, Mapping):
            raise Refused('canned_answers are written as {"question": "answer"}')
        answers = {str(question): str(answer) for question, answer in known.items()}
        canned_answers.replace_all(connection, place.organization_id, agent.id, answers)
    return agent


def _with(record: Record, said: Mapping[str, object]) -> Record:
    """The record with what is said of it. Raises Refused for what it has not, or for what makes no sense there."""
    known = {field.name for field in dataclasses.fields(record)} - _FIXED
    if unknown := next((name for name in said if name not in known), None):
        raise Refused(f"there is no field {unknown!r} to be set: there are {', '.join(sorted(known))}")
    try:
        return TypeAdapter(type(record)).validate_python({**dataclasses.asdict(record), **said})
    except ValidationError as error:
        first = error.errors()[0]
        raise Refused(f"{first['loc'][0]} cannot be so: {first['msg']}") from None


def _texts(name: str, said: object) -> list[str]:
    if not isinstance(said, list) or not all(isinstance(each, str) for each in said):
        raise Refused(f'{name} are written as ["one", "other"]')
    return said


def _bot(connection: Connection, place: Workplace, name: str) -> Chatbot:
    bot = chatbots.find_by_name(connection, place.organization_id, name)
    if bot is None:
        raise Missing(f"there is no chatbot {name!r}: 'millrace chatbot list' shows them")
    return bot


def _agent(connection: Connection, place: Workplace, chatbot: str, name: str) -> Agent:
    bot = _bot(connection, place, chatbot)
    for agent in agents.select_all(connection, place.organization_id, bot.id):
        if agent.name == name:
            return agent
    raise Missing(f"the chatbot has no agent {name!r}: 'millrace agent list {chatbot}' shows them")


CHATBOT_COMMANDS: dict[str, Callable[..., None]] = {
    "list": list_chatbots, "create": create_chatbot, "set": change_chatbot, "remove": remove_chatbot,
}  # fmt: skip
AGENT_COMMANDS: dict[str, Callable[..., None]] = {
    "list": list_agents, "create": create_agent, "set": change_agent, "remove": remove_agent,
}  # fmt: skip
