"""Commands that ask: search for passages, ask for an answer, evaluate retrieval on a folder of questions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.panel import Panel
from rich.text import Text

from resources.bots import chatbots, model_config_versions
from resources.bots.records import Chatbot
from resources.conversations import answers, retrieval
from resources.conversations.records import Answered, Asked
from resources.foundation.errors import Missing, Refused, Unavailable
from resources.foundation.statements import Connection
from serving.commands.reporting import AsJson, console, note, print_json
from serving.commands.workplace import Workplace, workplace

ChatbotName = Annotated[str | None, typer.Option(help="Whose sources and settings to use; the only one unless named.")]


def chosen_chatbot(connection: Connection, organization_id: UUID, name: str | None) -> Chatbot:
    """The named chatbot, or the only one. Raises Missing or Refused with the names there are."""
    known = chatbots.select_all(connection, organization_id)
    names = ", ".join(bot.name for bot in known)
    if not known:
        raise Missing("there is no chatbot yet: 'millrace source add FOLDER' makes one")
    if name is None:
        if len(known) > 1:
            raise Refused(f"there are several chatbots: name one with --chatbot ({names})")
        return known[0]
    for bot in known:
        if bot.name == name:
            return bot
    raise Missing(f"there is no chatbot {name!r}; there are: {names}")


def search(
    words: Annotated[str, typer.Argument(help="What to look for.")],
    k: Annotated[int, typer.Option("-k", min=1, max=200, help="How many passages.")] = 10,
    chatbot: ChatbotName = None,
    as_json: AsJson = False,
) -> None:
    """Search the documents: the best passages with their scores.

    \b
    Example:
        millrace search "sluice maintenance" -k 5
    """
    with workplace() as place:
        with place.database.transaction(place.organization_id) as connection:
            bot = chosen_chatbot(connection, place.organization_id, chatbot)
            config = model_config_versions.get_active(connection, place.organization_id, bot.id)
        found = retrieval.search(
            place.database, place.organization_id, chatbot=bot, config=config, question=words,
            embedder=place.models.embedder(config.embedding_model), k=k,
        )  # fmt: skip
    if as_json:
        print_json(found)
        return
    if not found:
        note("Nothing was found. 'millrace status' says what has been read.")
    for number, hit in enumerate(found, start=1):
        where = " › ".join(part for part in (hit.title, hit.section_title) if part)
        page = f", page {hit.page}" if hit.page else ""
        scores = f"score {hit.score:.3f}, words {hit.lexical_score:.2f}, meaning {hit.dense_score:.2f}"
        title = Text.assemble((f"{number} ", "bold"), where)
        console.print(Panel(Text(_shortened(hit.content)), title=title, title_align="left",
                            subtitle=Text(f"{hit.source_name}: {hit.file_path}{page} · {scores}"),
                            subtitle_align="left"))  # fmt: skip


def ask(
    question: Annotated[str, typer.Argument(help="In your own words.")],
    chatbot: ChatbotName = None,
    as_json: AsJson = False,
) -> None:
    """Ask a question: an answer with the places in the documents that it rests on.

    \b
    Example:
        millrace ask "Who is on call at night?" --chatbot handbook
    """
    with workplace() as place:
        answered = answer_to(place, question, chatbot)
    if as_json:
        print_json(answered)
    else:
        print_answer(question, answered)


def answer_to(place: Workplace, question: str, chatbot: str | None) -> Answered:
    """The whole answer, as the API would give it. Raises Missing, Refused or Unavailable."""
    with place.database.transaction(place.organization_id) as connection:
        bot = chosen_chatbot(connection, place.organization_id, chatbot)
    asked = Asked(question, request_data={"door": "command line"})
    events = answers.answer(place.database, place.organization_id, chatbot=bot, asked=asked, models=place.models)
    *_, answered = events
    if not isinstance(answered, Answered):
        raise Unavailable("the answer broke off before it was kept: try again")
    return answered


def print_answer(question: str, answered: Answered) -> None:
    """A question, its answer, and below it where each citation stands."""
    console.print(Panel(Text(answered.text), title=Text(question, "bold"), title_align="left"))
    for citation in answered.citations:
        where = " › ".join(part for part in (citation.title, citation.section_title) if part)
        page = f", page {citation.page}" if citation.page else ""
        console.print(Text.assemble((f" [{citation.index}] ", "bold"), where))
        place = f"{citation.source_name}: {citation.location}{page}, characters {citation.start}-{citation.end}"
        console.print(Text(f"     {place}, version {citation.version_number}", "dim"))
    seconds = answered.elapsed_ms / 1000
    console.print(Text(f" answered by {answered.answered_by} in {seconds:.2f} s", "dim"))
    if answered.failure:
        note(answered.failure)


def _shortened(text: str, most: int = 500) -> str:
    return text if len(text) <= most else text[:most].rsplit(" ", 1)[0] + " …"


def evaluate(
    folder: Annotated[Path, typer.Argument(help="With corpus.jsonl, queries.jsonl, qrels.tsv and maybe spans.jsonl.")],
    keep: Annotated[bool, typer.Option("--keep", help="Keep what was loaded, for a second run.")] = False,
    as_json: AsJson = False,
) -> None:
    """Measure retrieval on a folder of judged questions, by the search that serves."""
    raise Unavailable("not yet")
