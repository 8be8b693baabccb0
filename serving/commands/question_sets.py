"""Commands about a chatbot's questions: bring them in, have some written, take them from conversations, review."""

from __future__ import annotations

import getpass
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.panel import Panel
from rich.text import Text

from resources.bots.configurations import model_config_versions
from resources.bots.evaluation import retrieval_quality
from resources.bots.question_sets import (
    evaluation_queries,
    evaluation_sets,
    generated_questions,
    generating,
    questions,
    splitting,
)
from resources.bots.question_sets.generated_questions import Ask, Foreseen, Generation
from resources.bots.question_sets.questions import Imported, Known
from resources.bots.question_sets.reading_questions import Answer, Draft
from resources.bots.records import Chatbot, QuestionOrigin, QuestionState, Split
from resources.bots.retrieval import retrieval
from resources.conversations import promotions
from resources.conversations.answering.speakers import EXTRACTIVE, Speaker
from resources.conversations.promotions import Asking, Offered, Signal
from resources.conversations.records import Prompt
from resources.foundation.counting import counted
from resources.foundation.errors import Misconfigured, Refused
from resources.foundation.inference import Speech
from resources.foundation.statements import Connection
from resources.identity import pricing
from serving.commands.questions import ChatbotName, OfChatbot, chosen_chatbot
from serving.commands.reporting import AsJson, complain, console, note, print_json, print_table, progress
from serving.commands.workplace import Workplace, workplace

SetName = Annotated[str, typer.Argument(metavar="SET", help="The set, as 'millrace questions list' shows it.")]
SetOption = Annotated[str | None, typer.Option("--set", help="The set, where several have a question of this id.")]
QuestionIds = Annotated[list[str], typer.Argument(metavar="ID...", help="The questions.")]
Documents = Annotated[
    list[str] | None,
    typer.Option("--document", help="What answers it: path, title or SOURCE:PATH; may be given several times."),
]
Quote = Annotated[str | None, typer.Option(help="The words of the document that answer, as they stand in it.")]
Grade = Annotated[int, typer.Option(min=1, max=1000, help="How well: 1, or more where some answer better than others.")]
_SIDES: dict[Split, str] = {"tune": "tuning", "report": "reporting"}
_SIGNALS: dict[Signal, str] = {"negative": "not content", "positive": "content", "no_answer": "no answer"}
_SHOWN = 5


def list_sets(chatbot: OfChatbot = None, as_json: AsJson = False) -> None:
    """List the sets of questions that chatbots have, and how many of each are accepted, proposed or rejected."""
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        bot = chosen_chatbot(connection, place.organization_id, chatbot) if chatbot else None
        found = evaluation_sets.count_all(connection, place.organization_id, bot.id if bot else None)
    if as_json:
        print_json(found)
        return
    print_table(
        "Questions",
        [
            "Chatbot", "Set", "Questions ", "Accepted ", "Judged ", "No answer ", "Report ", "Tune ", "Proposed ",
            "Rejected ",
        ],
        [
            (
                one.chatbot, one.name, one.questions, one.accepted, one.judged, one.unanswerable, one.report, one.tune,
                one.proposed, one.rejected,
            )
            for one in found
        ],
    )  # fmt: skip
    if any(one.proposed for one in found):
        note("Proposed ones count for nothing until somebody accepts them: millrace questions review")


def show(
    name: SetName,
    chatbot: ChatbotName = None,
    state: Annotated[QuestionState | None, typer.Option(help="Only those.")] = None,
    origin: Annotated[QuestionOrigin | None, typer.Option(help="Only those.")] = None,
    split: Annotated[Split | None, typer.Option(help="Only those.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show the questions of a set: what is known to answer each, where it comes from and what became of it."""
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        bot = chosen_chatbot(connection, place.organization_id, chatbot)
        chosen = questions.get_set(connection, place.organization_id, chatbot_id=bot.id, name=name)
        found = [
            one
            for one in questions.select(connection, place.organization_id, chosen)
            if state in (None, one.query.state)
            and origin in (None, one.query.origin)
            and split in (None, one.query.split)
        ]
    if as_json:
        print_json(found)
        return
    print_table(
        f"{name} of {bot.name}", ["Id", "Question", "Answered by", "Origin", "State", "Split"],
        [
            (one.query.external_id, one.query.question, _answered_by(one), one.query.origin, one.query.state,
             one.query.split)
            for one in found
        ],
    )  # fmt: skip


def bring_in(
    path: Annotated[Path, typer.Argument(help="A .jsonl or .csv file, or a folder with queries.jsonl and qrels.tsv.")],
    into: Annotated[str | None, typer.Option("--set", help="The set; named as the file unless given.")] = None,
    chatbot: ChatbotName = None,
    skip_unmatched: Annotated[
        bool, typer.Option("--skip-unmatched", help="Leave judgments out whose document or quote is not found.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Bring questions in, all of them or none; doing so again changes nothing.

    \b
    A line of JSON:
        {"id": "q1", "question": "Who is on call?", "document": "oncall.md", "quote": "The engineer of the week"}
        {"question": "…", "documents": ["a.md", {"document": "docs:b.md", "grade": 2}], "split": "tune"}
        {"question": "Who is the king?", "answerable": false}
    A .csv has the same names as its heading; rows of one id are documents of one question. A folder in BEIR's layout
    needs no corpus: its documents are found among those that the chatbot reads, by path, title or file name.
    """
    drafts = questions.read(path)
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        bot = chosen_chatbot(connection, place.organization_id, chatbot)
        brought = questions.bring_in(
            connection, place.organization_id, chatbot_id=bot.id, set_name=into or path.resolve().stem, drafts=drafts,
            skips_unmatched=skip_unmatched,
        )  # fmt: skip
        _record(connection, place, "import", bot, brought.evaluation_set)
    _report_brought(brought, as_json=as_json)


def write_out(
    name: SetName,
    to: Annotated[Path | None, typer.Option(help="A file; the terminal unless given.")] = None,
    chatbot: ChatbotName = None,
) -> None:
    """Write a set out as lines of JSON, which can be brought in again."""
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        bot = chosen_chatbot(connection, place.organization_id, chatbot)
        chosen = questions.get_set(connection, place.organization_id, chatbot_id=bot.id, name=name)
        lines = list(questions.as_lines(questions.select(connection, place.organization_id, chosen)))
    if to is None:
        for line in lines:
            print(line)  # noqa: T201
        return
    try:
        to.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    except OSError as error:
        raise Refused(f"{to} cannot be written: {error.strerror}") from None
    note(f"{counted(len(lines), 'question is', 'questions are')} in {to}.")


def add(
    question: Annotated[str, typer.Argument(help="The question, as people ask it.")],
    document: Documents = None,
    quote: Quote = None,
    grade: Grade = 1,
    unanswerable: Annotated[bool, typer.Option("--unanswerable", help="No document answers it.")] = False,
    into: Annotated[str, typer.Option("--set", help="The set.")] = questions.SET_NAME,
    chatbot: ChatbotName = None,
    as_json: AsJson = False,
) -> None:
    """Add a question, with the documents that answer it.

    \b
    Example:
        millrace questions add "Who is on call at night?" --document handbook:oncall.md
    """
    if bool(document) == unanswerable:
        raise Refused("name what answers it with --document, or say --unanswerable")
    draft = Draft(
        "the question", splitting.id_of(question), " ".join(question.split()), _answers(document, quote, grade),
        is_answerable=not unanswerable,
    )  # fmt: skip
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        bot = chosen_chatbot(connection, place.organization_id, chatbot)
        brought = questions.bring_in(
            connection, place.organization_id, chatbot_id=bot.id, set_name=into, drafts=[draft], origin="written"
        )
        _record(connection, place, "add_questions", bot, into)
    _report_brought(brought, as_json=as_json)


def remove(
    name: SetName,
    ids: Annotated[list[str] | None, typer.Argument(metavar="ID...", help="The questions; see --all.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="The whole set, with what was measured on it.")] = False,
    chatbot: ChatbotName = None,
    as_json: AsJson = False,
) -> None:
    """Remove questions from a set, or the set."""
    if bool(ids) == everything:
        raise Refused("name the questions to remove, or --all for the whole set")
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        bot = chosen_chatbot(connection, place.organization_id, chatbot)
        chosen = questions.get_set(connection, place.organization_id, chatbot_id=bot.id, name=name)
        if everything:
            gone = len(evaluation_queries.select_all(connection, place.organization_id, chosen.id))
            evaluation_sets.remove(connection, place.organization_id, chosen.id)
            place.record(connection, "remove", "question_set", chosen.id)
        else:
            found = _named(connection, place, bot, ids or (), name)
            gone = evaluation_queries.remove(connection, place.organization_id, [one.query.id for one in found])
            for one in found:
                place.record(connection, "remove", "question", one.query.id)
    if as_json:
        print_json({"set": name, "removed": gone})
    else:
        console.print(f"Removed {counted(gone, 'question')} of [bold]{name}[/bold].")


def generate(
    number: Annotated[int, typer.Option("-n", min=1, max=10_000, help="From so many passages.")] = 20,
    each: Annotated[int, typer.Option(min=1, max=5, help="At most so many questions from each.")] = 1,
    into: Annotated[str, typer.Option("--set", help="The set.")] = generated_questions.SET_NAME,
    model: Annotated[str | None, typer.Option(help="Who asks; the chatbot's model unless named.")] = None,
    accept: Annotated[bool, typer.Option("--accept", help="Accept them unseen.")] = False,
    plan: Annotated[bool, typer.Option("--plan", help="Only say what it would take, and cost.")] = False,
    chatbot: ChatbotName = None,
    as_json: AsJson = False,
) -> None:
    """Have a model write questions that the documents answer, each with the words that do.

    They are marked as generated, and proposed until somebody accepts them. Answers that are not quoted from the
    passage are not taken. It goes on where it stopped, with passages that have no question yet.
    """
    with workplace() as place:
        with place.database.transaction(place.organization_id) as connection:
            bot = chosen_chatbot(connection, place.organization_id, chatbot)
            active = model_config_versions.get_active(connection, place.organization_id, bot.id)
        name = model or (active.llm_model if active.llm_model != EXTRACTIVE else place.settings.chat_model)
        if name == EXTRACTIVE:
            raise Misconfigured(
                "no model is configured that writes: set OPENAI_API_KEY or OPENAI_BASE_URL, and name one with --model"
            )
        foreseen = generated_questions.foresee(
            place.database, place.organization_id, chatbot_id=bot.id, model=name, passages=number, each=each
        )
        if plan:
            print_json(foreseen) if as_json else console.print(_foreseen(foreseen, name))
            return
        if not as_json:
            console.print(_foreseen(foreseen, name))
        with progress(quiet=as_json) as bars:
            made = generated_questions.generate(
                place.database, place.organization_id, chatbot_id=bot.id, set_name=into, model=name,
                ask=_asking(place.models.speaker(name), each), passages=number, each=each,
                accepted_by=getpass.getuser() if accept else None, progress=bars,
            )  # fmt: skip
        with place.database.transaction(place.organization_id) as connection:
            _record(connection, place, "generate", bot, made.evaluation_set)
    if as_json:
        print_json(made)
    else:
        _report_generation(made, accept=accept)
    if made.stopped:
        raise typer.Exit(1)


def promote(
    days: Annotated[int, typer.Option(min=1, max=3650, help="Of the answers of so many days.")] = promotions.DAYS,
    signal: Annotated[
        list[str] | None, typer.Option(help="Only these: negative or positive feedback, or no_answer.")
    ] = None,
    into: Annotated[str, typer.Option("--set", help="The set.")] = promotions.SET_NAME,
    chatbot: ChatbotName = None,
    as_json: AsJson = False,
) -> None:
    """Propose questions that were really asked: answers that people marked as wrong or right, or that found nothing."""
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        bot = chosen_chatbot(connection, place.organization_id, chatbot)
        done = promotions.promote(
            connection, place.organization_id, chatbot_id=bot.id, set_name=into, days=days,
            signals=_signals(signal),
        )  # fmt: skip
        if done.added:
            _record(connection, place, "promote", bot, into)
    if as_json:
        print_json(done)
        return
    told = (
        ", ".join(f"{done.answers[why]:,} {says}" for why, says in _SIGNALS.items() if why in done.answers)
        or "none that are new"
    )
    console.print(
        f"Answers that are worth a look: {told}. "
        f"{counted(done.added, 'question is', 'questions are')} proposed in [bold]{into}[/bold]"
        + (f"; {done.known:,} stood there already." if done.known else ".")
    )
    if done.added:
        note("Look at them: millrace questions review")


def review(
    id: Annotated[str | None, typer.Argument(metavar="ID", help="One of them, with all that was found for it.")] = None,
    of_set: SetOption = None,
    chatbot: ChatbotName = None,
    as_json: AsJson = False,
) -> None:
    """Show what waits for a word: each proposed question, why it is, and the documents to choose the right one from.

    \b
    Then:
        millrace questions accept ID                          the proposed documents answer it
        millrace questions accept ID --document handbook:a.md this one does
        millrace questions accept ID --unanswerable           none does, and nothing should be found
        millrace questions reject ID
    """
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        bot = chosen_chatbot(connection, place.organization_id, chatbot)
        waiting = (
            _waiting(connection, place, bot, of_set)
            if id is None
            else _named(connection, place, bot, [id], of_set)
        )  # fmt: skip
        asked: dict[UUID, list[Asking]] = defaultdict(list)
        for asking in promotions.select_asked(connection, place.organization_id, [one.query.id for one in waiting]):
            asked[asking.evaluation_query_id].append(asking)
        offered = {
            each.query.id: promotions.select_offered(connection, place.organization_id, message)
            for each in waiting
            if (message := next((one.message_id for one in asked[each.query.id] if one.message_id), None))
        }
    if as_json:
        print_json(
            [
                {"question": one, "asked": asked[one.query.id], "offered": offered.get(one.query.id, [])}
                for one in waiting
            ]
        )  # fmt: skip
        return
    for one in waiting:
        _print_waiting(one, asked[one.query.id], offered.get(one.query.id, []), most=None if id else _SHOWN)
    proposed = sum(one.query.state == "proposed" for one in waiting)
    if proposed:
        console.print(
            f"{counted(proposed, 'question waits', 'questions wait')}: 'millrace questions accept ID' or 'reject ID'."
        )
    elif id is None:
        console.print("Nothing waits for a word.")


def accept(
    ids: QuestionIds,
    document: Documents = None,
    quote: Quote = None,
    grade: Grade = 1,
    unanswerable: Annotated[
        bool, typer.Option("--unanswerable", help="No document answers it, and nothing should be found.")
    ] = False,
    of_set: SetOption = None,
    chatbot: ChatbotName = None,
    as_json: AsJson = False,
) -> None:
    """Accept questions: from now on they measure configurations. --document corrects what answers."""
    if document and unanswerable:
        raise Refused("--unanswerable says that no document answers: leave --document out")
    _decide(
        ids, "accepted", chatbot, of_set, answers=_answers(document, quote, grade),
        is_answerable=False if unanswerable else None, as_json=as_json,
    )  # fmt: skip


def reject(
    ids: QuestionIds, of_set: SetOption = None, chatbot: ChatbotName = None, as_json: AsJson = False
) -> None:  # fmt: skip
    """Reject questions: they stay, so that they are not proposed again, and count for nothing."""
    _decide(ids, "rejected", chatbot, of_set, as_json=as_json)


def split(
    name: SetName,
    tune_share: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Split the set anew: so many for tuning, by each question's hash."),
    ] = None,
    to: Annotated[Split | None, typer.Option(help="What the named questions are for.")] = None,
    ids: Annotated[list[str] | None, typer.Argument(metavar="ID...", help="Questions, with --to.")] = None,
    chatbot: ChatbotName = None,
    as_json: AsJson = False,
) -> None:
    """Say which questions are for tuning and which report. Those that chose a value must not report on it."""
    if (to is None) == (tune_share is None) or (to is None) != (not ids):
        raise Refused("say --tune-share SHARE for the whole set, or --to tune|report and the questions")
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        bot = chosen_chatbot(connection, place.organization_id, chatbot)
        chosen = questions.get_set(connection, place.organization_id, chatbot_id=bot.id, name=name)
        if tune_share is not None:
            questions.split(connection, place.organization_id, chosen, tune_share=tune_share)
        elif to is not None and ids:
            _named(connection, place, bot, ids, name)
            evaluation_queries.set_split(connection, place.organization_id, chosen.id, ids, split=to)
        place.record(connection, "split", "question_set", chosen.id)
        queries = evaluation_queries.select_all(connection, place.organization_id, chosen.id)
    sides: dict[Split, int] = {
        "tune": sum(one.split == "tune" for one in queries), "report": sum(one.split == "report" for one in queries)
    }  # fmt: skip
    if as_json:
        print_json({"set": name, "tune": sides["tune"], "report": sides["report"]})
    else:
        told = ", ".join(f"{sides[side]:,} for {purpose}" for side, purpose in _SIDES.items())
        console.print(f"Questions of [bold]{name}[/bold]: {told}.")


def measure(
    name: SetName,
    split: Annotated[Split, typer.Option(help="Which questions.")] = "report",
    config: Annotated[int | None, typer.Option(min=1, help="Which configuration; the active one unless named.")] = None,
    chatbot: ChatbotName = None,
    as_json: AsJson = False,
) -> None:
    """Measure a configuration on a set: how well it finds what answers, with 95 % intervals."""
    with workplace() as place:
        with place.database.transaction(place.organization_id) as connection:
            bot = chosen_chatbot(connection, place.organization_id, chatbot)
            chosen = questions.get_set(connection, place.organization_id, chatbot_id=bot.id, name=name)
            version = (
                model_config_versions.get_active(connection, place.organization_id, bot.id)
                if config is None
                else model_config_versions.get_numbered(connection, place.organization_id, bot.id, config)
            )
        with progress(quiet=as_json) as bars:
            measured = retrieval_quality.measure(
                place.database, place.organization_id, chosen.id, version,
                embedder=place.models.embedder(version.embedding_model),
                reranker=place.models.reranker(retrieval.reranker_name(version)),
                adviser=place.models.adviser(version.llm_model), split=split, progress=bars,
            )  # fmt: skip
    if as_json:
        print_json(measured)
        return
    print_table(
        f"Configuration {version.number} of {bot.name} on {name} ({_SIDES[split]})",
        ["Metric", "Slice", "n ", "Value ", "95 %"],
        [
            (one.metric, one.slice or "all", one.queries, one.value,
             None if one.low is None or one.high is None else f"{one.low:.3f} to {one.high:.3f}")
            for one in measured.scores
        ],
    )  # fmt: skip


def _signals(names: Sequence[str] | None) -> Sequence[Signal]:
    wrong = [name for name in names or () if name not in _SIGNALS]
    if wrong:
        raise Refused(f"there is no signal {wrong[0]!r}; there are {', '.join(_SIGNALS)}")
    return [signal for signal in _SIGNALS if not names or signal in names]


def _decide(
    ids: Sequence[str],
    state: QuestionState,
    chatbot: str | None,
    of_set: str | None,
    *,
    answers: tuple[Answer, ...] = (),
    is_answerable: bool | None = None,
    as_json: bool,
) -> None:
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        bot = chosen_chatbot(connection, place.organization_id, chatbot)
        for known in _named(connection, place, bot, ids, of_set):
            questions.review(
                connection, place.organization_id, known, chatbot_id=bot.id, state=state,
                reviewed_by=getpass.getuser(), answers=answers, is_answerable=is_answerable,
            )  # fmt: skip
            place.record(connection, "accept" if state == "accepted" else "reject", "question", known.query.id)
        decided = _named(connection, place, bot, ids, of_set)
    if as_json:
        print_json(decided)
        return
    for one in decided:
        console.print(f"[bold]{one.query.external_id}[/bold] is {state}: {_answered_by(one)}")


def _record(connection: Connection, place: Workplace, action: str, bot: Chatbot, name: str) -> None:
    chosen = questions.get_set(connection, place.organization_id, chatbot_id=bot.id, name=name)
    place.record(connection, action, "question_set", chosen.id)


def _waiting(connection: Connection, place: Workplace, bot: Chatbot, of_set: str | None) -> list[Known]:
    return [
        known
        for one in evaluation_sets.count_all(connection, place.organization_id, bot.id)
        if one.proposed and of_set in (None, one.name)
        for known in questions.select(
            connection, place.organization_id, evaluation_sets.get(connection, place.organization_id, one.id)
        )
        if known.query.state == "proposed"
    ]


def _named(
    connection: Connection, place: Workplace, bot: Chatbot, ids: Sequence[str], of_set: str | None
) -> list[Known]:  # fmt: skip
    return [
        questions.find(connection, place.organization_id, chatbot_id=bot.id, external_id=id, set_name=of_set)
        for id in dict.fromkeys(ids)
    ]


def _answers(documents: Sequence[str] | None, quote: str | None, grade: int) -> tuple[Answer, ...]:
    if quote is not None and len(documents or ()) != 1:
        raise Refused("--quote is of one document: name it with --document")
    return tuple(Answer(name, None, grade, quote) for name in documents or ())


def _answered_by(known: Known) -> str:
    if not known.query.is_answerable:
        return "nothing answers it"
    named = [f"{one.source}:{one.path}" if one.path else "a document that is gone" for one in known.answers]
    return ", ".join(dict.fromkeys(named)) or "nobody knows what answers it"


def _asking(speaker: Speaker, each: int) -> Ask:
    def ask(system: str, user: str) -> Speech:
        return speaker.speak(
            Prompt(
                question=user, passages=(), history=(), system=system, user=user, no_answer="", temperature=0.0,
                max_completion_tokens=generating.ANSWER_TOKENS * each,
            )
        )  # fmt: skip

    return ask


def _foreseen(foreseen: Foreseen, model: str) -> str:
    cost = "for a price that is not known ('millrace price set')"
    if foreseen.cost is not None:
        cost = f"for at most {pricing.shown(foreseen.cost)} {foreseen.currency or ''}".rstrip()
    return (
        f"{model} reads {counted(foreseen.passages, 'passage')}: at most {counted(foreseen.tokens, 'token')}, {cost}."
    )


def _report_brought(brought: Imported, *, as_json: bool) -> None:
    if as_json:
        print_json(brought)
        return
    console.print(
        f"[bold]{brought.evaluation_set}[/bold]: {counted(brought.added, 'question')} added, "
        f"{brought.changed:,} changed, {brought.unchanged:,} as they were; {counted(brought.judgments, 'judgment')}."
    )
    if brought.unmatched:
        judgments, questions = counted(len(brought.unmatched), "judgment"), counted(brought.left_out, "question")
        complain(f"left out: {judgments}, and {questions} with them:")
        for problem in brought.unmatched:
            note(f"  {problem}")


def _report_generation(made: Generation, *, accept: bool) -> None:
    cost = "" if made.cost is None else f" for {pricing.shown(made.cost)} {made.currency or ''}".rstrip()
    state = "accepted" if accept else "proposed"
    console.print(
        f"{counted(made.questions, 'question')} from {counted(made.passages, 'passage')}, {state} in "
        f"[bold]{made.evaluation_set}[/bold] ({counted(made.tokens, 'token')}{cost})."
    )
    for reason, count in made.refusals.items():
        note(f"{count:,} not taken: {reason}")
    if made.stopped:
        complain(f"it stopped there: {made.stopped}")
    elif made.questions and not accept:
        note("Look at them: millrace questions review")


def _print_waiting(one: Known, asked: Sequence[Asking], offered: Sequence[Offered], *, most: int | None) -> None:
    lines = []
    if one.query.generated_by:
        lines.append(f"written by {one.query.generated_by}")
    for each in asked[:most]:
        said = f", “{each.reason}”" if each.reason else ""
        lines.append(f"asked {each.answered_at or each.created_at:%Y-%m-%d %H:%M}: {_SIGNALS[each.signal]}{said}")
    last = next((each.answer for each in asked if each.answer), None)
    if last:
        lines.append(f"answered: {' '.join(last.split())[:300]}")
    for answer in one.answers:
        quote = f", “{' '.join(answer.quote.split())[:200]}”" if answer.quote else ""
        lines.append(f"proposed: {answer.source}:{answer.path}{quote}")
    for found in offered[:most]:
        place = "cited" if found.is_cited else "found"
        number = f" {found.place}." if found.place else ""
        lines.append(f"{place}{number} {found.source}:{found.path} ({found.title})")
    title = Text.assemble((f"{one.query.external_id} ", "bold"), one.query.question)
    console.print(
        Panel(Text("\n".join(lines) or "nothing is known of it"), title=title, title_align="left",
              subtitle=Text(f"{one.evaluation_set}, {one.query.origin}, {one.query.state}"), subtitle_align="left")
    )  # fmt: skip


COMMANDS: dict[str, Callable[..., None]] = {
    "list": list_sets, "show": show, "import": bring_in, "export": write_out, "add": add, "remove": remove,
    "generate": generate, "promote": promote, "review": review, "accept": accept, "reject": reject, "split": split,
    "measure": measure,
}  # fmt: skip
