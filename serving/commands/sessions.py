"""Commands for conversations: which there are, which wait for a person, what was said, and answering in them."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable
from typing import Annotated

import typer
from rich.panel import Panel
from rich.text import Text

from resources.conversations import background, background_tasks, handovers, sessions, transcripts
from resources.conversations.records import Session
from resources.conversations.transcripts import Entry
from resources.foundation.errors import Refused
from resources.foundation.statements import Connection
from serving.commands.questions import OfChatbot, chosen_chatbot
from serving.commands.reporting import AsJson, console, note, print_json, print_table
from serving.commands.workplace import Workplace, workplace
from serving.identifying import identified

SessionId = Annotated[str, typer.Argument(help="As `millrace session list` shows it; its first characters will do.")]
_MOST = 1_000
_SHORTEST_PREFIX = 4


def list_sessions(
    waiting: Annotated[bool, typer.Option("--waiting", help="Only those that wait for a person.")] = False,
    chatbot: OfChatbot = None,
    agent: Annotated[str | None, typer.Option(help="Only those in which this agent answered last.")] = None,
    topic: Annotated[str | None, typer.Option(help="Only those about this topic, as `show` names it.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=_MOST, help="How many.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Conversations, the latest used first.

    \b
    Examples:
        millrace session list --waiting    # those in which somebody must answer
    """
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        bot = chosen_chatbot(connection, place.organization_id, chatbot) if chatbot else None
        found = sessions.select_page(
            connection, place.organization_id, chatbot_id=bot.id if bot else None, agent=agent, topic=topic,
            is_handed_over=waiting, limit=limit,
        )  # fmt: skip
    if as_json:
        print_json(found)
        return
    rows = [
        [str(one.id)[:8], one.chatbot, one.title, one.messages, one.updated_at, one.handed_over_because or one.status]
        for one in found
    ]
    print_table("Conversations", ["Id", "Chatbot", "Title", "Said ", "Last", "Stands"], rows)


def show(session: SessionId, as_json: AsJson = False) -> None:
    """What was said in a conversation, from which documents, who answered and why.

    \b
    Example:
        millrace session show 5f0c9a52
    """
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        found = _session(connection, place, session)
        entries = transcripts.select_page(connection, place.organization_id, found.id, limit=_MOST)
        tasks = background_tasks.select_for_session(connection, place.organization_id, found.id)
    if as_json:
        print_json({"session": found, "messages": entries, "background_tasks": tasks})
        return
    console.print(Text.assemble((found.title, "bold"), f"  {found.id}, {found.status}"))
    if found.handed_over_at:
        note(f"It waits for a person since {found.handed_over_at:%Y-%m-%d %H:%M}: {found.handed_over_because}.")
    for name in ("summary", "topics", "remembered"):
        made = found.context.get(name)
        if made:
            shown = ", ".join(map(str, made)) if isinstance(made, list) else str(made)
            console.print(Text(f"{name}: {shown}", "dim"))
    for entry in entries:
        _print_entry(entry)
    failed = [task for task in tasks if task.failure]
    if failed:
        note(f"{failed[0].agent} failed {failed[0].attempts} times: {failed[0].failure}")


def answer(
    session: SessionId,
    text: Annotated[
        str | None, typer.Argument(help="What to say; read from standard input where it is left out.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Who says it, as it is shown; your user name unless said.")] = None,
    hand_back: Annotated[bool, typer.Option("--hand-back", help="Let the chatbot answer again from here on.")] = False,
    as_json: AsJson = False,
) -> None:
    """Answer in a conversation as a person; whoever asked reads it in the same session.

    \b
    Examples:
        millrace session answer 5f0c9a52 "I have booked it for you." --hand-back
    """
    if text is None and sys.stdin.isatty():
        raise Refused("say what to answer, or pipe it in")
    content = sys.stdin.read() if text is None else text
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        found = _session(connection, place, session)
        said = handovers.answer(
            connection, place.organization_id, found.id, content=content, user_id=None,
            name=name or getpass.getuser(), hands_back=hand_back,
        )  # fmt: skip
        place.record(connection, "answer", "session", found.id)
    if as_json:
        print_json(said)
    else:
        console.print("Answered." + (" The chatbot answers again." if hand_back else ""))


def close(
    session: SessionId,
    hand_back: Annotated[
        bool, typer.Option("--hand-back", help="Only stop waiting for a person; the conversation goes on.")
    ] = False,
) -> None:
    """End a conversation; it waits for nobody any more. A further question in it begins it again.

    \b
    Examples:
        millrace session close 5f0c9a52
        millrace session close 5f0c9a52 --hand-back    # the chatbot answers again
    """
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        found = _session(connection, place, session)
        if hand_back:
            handovers.hand_back(connection, place.organization_id, found.id)
        else:
            handovers.close(connection, place.organization_id, found.id)
        place.record(connection, "hand_back" if hand_back else "close", "session", found.id)
    console.print("The chatbot answers again." if hand_back else "Closed.")


def tend(as_json: AsJson = False) -> None:
    """Let background agents do now what waits for them; the API's server does it by itself.

    \b
    Example:
        millrace session tend
    """
    with workplace() as place:
        done = background.work(place.database, place.organization_id, place.budgeted_models)
    if as_json:
        print_json({"done": done})
    else:
        console.print(f"{done} tasks of background agents were worked on.")


COMMANDS: dict[str, Callable[..., None]] = {
    "list": list_sessions,
    "show": show,
    "answer": answer,
    "close": close,
    "tend": tend,
}


def _session(connection: Connection, place: Workplace, id: str) -> Session:
    """The session of an id or of its first characters. Raises Missing, Refused where several begin so."""
    if len(id) >= _SHORTEST_PREFIX and "-" not in id and len(id) < 32:
        listed = sessions.select_page(connection, place.organization_id, limit=_MOST)
        found = [one.id for one in listed if str(one.id).startswith(id.lower())]
        if len(found) > 1:
            raise Refused(f"{len(found)} sessions begin with {id}: give more of the id")
        if found:
            return sessions.get(connection, place.organization_id, found[0])
    return sessions.get(connection, place.organization_id, identified(id, sessions.missing))


def _print_entry(entry: Entry) -> None:
    message = entry.message
    who = "question" if message.role == "user" else str(message.metadata.get("agent") or "answer")
    by = message.metadata.get("answered_by")
    title = Text.assemble((who, "bold"), f"  {message.created_at:%Y-%m-%d %H:%M}" + (f", {by}" if by else ""))
    why = message.metadata.get("routed_because")
    console.print(
        Panel(
            Text(message.content), title=title, title_align="left",
            subtitle=Text(f"why: {why}", "dim") if why else None, subtitle_align="left",
        )
    )  # fmt: skip
    for cited in entry.citations:
        place = f"{cited.source_name}: {cited.location}, characters {cited.start_char}-{cited.end_char}"
        console.print(Text(f" [{cited.citation_index}] {cited.title}  {place}" if cited.quote else " (purged)", "dim"))
    for judged in entry.feedback:
        console.print(Text(f" {judged.feedback}" + (f": {judged.reason}" if judged.reason else ""), "italic"))
