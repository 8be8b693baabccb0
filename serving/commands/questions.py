"""Commands that ask: search for passages, ask for an answer, evaluate retrieval on a folder of questions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer
from rich.panel import Panel
from rich.text import Text

from resources.bots import chatbots
from resources.bots.configurations import model_config_versions
from resources.bots.records import Chatbot
from resources.bots.retrieval import retrieval
from resources.bots.retrieval.retrieval import Retrieval
from resources.conversations import sessions
from resources.conversations.answering import answers
from resources.conversations.answering.models import serving_reranker
from resources.conversations.records import Answered, Asked
from resources.foundation.counting import counted
from resources.foundation.errors import Missing, Refused, Unavailable
from resources.foundation.statements import Connection
from resources.knowledge.records import Found
from resources.knowledge.search import search as knowledge_search
from resources.knowledge.search.filtering import EVERYTHING, Filter
from serving.commands.filters import (
    AsFilter,
    ChangedSince,
    ChangedUntil,
    FileTypes,
    Languages,
    Paths,
    Sources,
    Tags,
    Wheres,
    filter_of,
    warn_of_unknown,
)
from serving.commands.reporting import AsJson, console, note, print_json, print_table, progress
from serving.commands.workplace import Workplace, workplace
from serving.identifying import identified

if TYPE_CHECKING:
    from resources.bots.evaluation.calibrating import Calibration, Share
    from resources.bots.evaluation.evaluation_folders import Evaluation

ChatbotName = Annotated[str | None, typer.Option(help="Whose sources and settings to use; the only one unless named.")]
OfChatbot = Annotated[str | None, typer.Option("--chatbot", help="Only of this one; of all unless named.")]


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
    explain: Annotated[bool, typer.Option("--explain", help="Show where the search had each, and a reranker.")] = False,
    source: Sources = None,
    tag: Tags = None,
    file_type: FileTypes = None,
    language: Languages = None,
    path: Paths = None,
    since: ChangedSince = None,
    until: ChangedUntil = None,
    where: Wheres = None,
    filter: AsFilter = None,
    as_json: AsJson = False,
) -> None:
    """Search the documents: the best passages with their scores, in the order in which they would be offered.

    \b
    Examples:
        millrace search "sluice maintenance" -k 5
        millrace search "sluice maintenance" --explain    # the order of the search beside that of the reranker
        millrace search "sluice" --tag safety --file-type pdf --since 2026-01-01 --where team=mill
        millrace search "sluice" --filter '{"or": [{"paths": "reports/**"}, {"not": {"languages": "en"}}]}'
    """
    wanted = filter_of(
        sources=source, tags=tag, file_types=file_type, languages=language, paths=path, since=since, until=until,
        wheres=where, as_json=filter,
    )  # fmt: skip
    with workplace() as place:
        with place.database.transaction(place.organization_id) as connection:
            warn_of_unknown(connection, place.organization_id, wanted)
            bot = chosen_chatbot(connection, place.organization_id, chatbot)
            config = model_config_versions.get_active(connection, place.organization_id, bot.id)
        name = retrieval.reranker_name(config)
        found = retrieval.search(
            place.database, place.organization_id, chatbot=bot, config=config, question=words,
            embedder=place.models.embedder(config.embedding_model),
            reranker=serving_reranker(place.budgeted_models, name), k=k, filter=wanted,
        )  # fmt: skip
        missing = _missing_phrases(place, bot, config.preparation.rule.name, words, wanted)
    if as_json:
        print_json(_explained(found, name) | {"missing_phrases": missing} if explain else found.offered)
        return
    for phrase in missing:
        note(f'"{phrase}" stands in no passage in these words and this order: its words were searched for.')
    if not found.offered:
        remedy = "loosen the filter" if wanted.part else "'millrace status' says what has been read"
        note(f"Nothing was found: {remedy}.")
    if found.degraded:
        note(found.degraded)
    if found.order.failure:
        note(f"The order is the search's: {found.order.failure}")
    if explain:
        _print_orders(found, name)
        return
    for number, hit in enumerate(found.offered, start=1):
        place_in = " › ".join(part for part in (hit.title, hit.section_title) if part)
        page = f", page {hit.page}" if hit.page else ""
        scores = f"score {hit.score:.3f}, words {hit.lexical_score:.2f}, meaning {hit.dense_score:.2f}"
        title = Text.assemble((f"{number} ", "bold"), place_in)
        console.print(Panel(Text(_shortened(hit.content)), title=title, title_align="left",
                            subtitle=Text(f"{hit.source_name}: {hit.file_path}{page} · {scores}"),
                            subtitle_align="left"))  # fmt: skip
        if hit.also_in:
            console.print(Text(f"  also in {_places(hit)}", "dim"))


def _missing_phrases(place: Workplace, bot: Chatbot, recipe_name: str, words: str, filter: Filter) -> list[str]:
    """What is quoted and stands nowhere in what the chatbot reads and the filter lets through."""
    with place.database.transaction(place.organization_id) as connection:
        source_ids = chatbots.select_source_ids(connection, place.organization_id, bot.id)
        return knowledge_search.select_missing_phrases(
            connection, place.organization_id, question=words, recipe_name=recipe_name, source_ids=source_ids,
            filter=filter,
        )  # fmt: skip


def _places(hit: Found) -> str:
    """Where else a passage stands, three at most."""
    shown = [f"{twin.source_name}: {twin.file_path}" for twin in hit.also_in[:3]]
    more = len(hit.also_in) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _explained(found: Retrieval, reranker: str | None) -> dict[str, object]:
    """Both orders, each passage with its place among the candidates of the search, counted from 1."""
    return {
        "reranker": reranker,
        "is_reranked": found.order.is_reranked,
        "failure": found.order.failure,
        "candidates": [hit.chunk_id for hit in found.candidates],
        "offered": [
            {"place": place, "searched_place": searched, "reranker_score": score, "passage": hit}
            for place, (searched, score, hit) in enumerate(_placed(found), start=1)
        ],
    }


def _placed(found: Retrieval) -> Iterator[tuple[int, float | None, Found]]:
    """Each offered passage with its place in the search, counted from 1, and the reranker's score where it has one."""
    places = {hit.chunk_id: place for place, hit in enumerate(found.candidates, start=1)}
    # fewer of one document may be offered than there are, so that the places of both differ
    scores = {hit.chunk_id: score for hit, score in zip(found.order.passages, found.order.scores, strict=False)}
    for hit in found.offered:
        yield places[hit.chunk_id], scores.get(hit.chunk_id), hit


def _print_orders(found: Retrieval, reranker: str | None) -> None:
    rows = [
        [place, searched, "" if score is None else f"{score:.3f}", f"{hit.score:.3f}", f"{hit.lexical_score:.2f}",
         f"{hit.dense_score:.2f}", hit.file_path, _shortened(" ".join(hit.content.split()), 60)]
        for place, (searched, score, hit) in enumerate(_placed(found), start=1)
    ]  # fmt: skip
    names = ["offered ", "searched ", "reranker ", "score ", "words ", "meaning ", "document", "passage"]
    print_table("Orders", names, rows)
    ordered = f"{reranker} ordered {len(found.order.scores)} of" if found.order.is_reranked else "Nothing reranked"
    console.print(f"{ordered} {counted(len(found.candidates), 'candidate')}.")


def ask(
    question: Annotated[str, typer.Argument(help="In your own words.")],
    chatbot: ChatbotName = None,
    source: Sources = None,
    tag: Tags = None,
    file_type: FileTypes = None,
    language: Languages = None,
    path: Paths = None,
    since: ChangedSince = None,
    until: ChangedUntil = None,
    where: Wheres = None,
    filter: AsFilter = None,
    session: Annotated[str | None, typer.Option(help="Go on with this conversation.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Say which agent took it and why, and who spoke.")] = False,
    as_json: AsJson = False,
) -> None:
    """Ask a question: an answer with the places in the documents that it rests on.

    \b
    Examples:
        millrace ask "Who keeps the on-call rota?" --chatbot handbook
        millrace ask "Who keeps the on-call rota?" --tag policy --since 2026-01-01    # from these documents alone
    """
    wanted = filter_of(
        sources=source, tags=tag, file_types=file_type, languages=language, paths=path, since=since, until=until,
        wheres=where, as_json=filter,
    )  # fmt: skip
    with workplace() as place:
        with place.database.transaction(place.organization_id) as connection:
            warn_of_unknown(connection, place.organization_id, wanted)
        answered = answer_to(place, question, chatbot, filter=wanted, session=session)
    if as_json:
        print_json(answered)
    else:
        print_answer(question, answered)
        if explain:
            _print_reasons(answered)


def answer_to(
    place: Workplace,
    question: str,
    chatbot: str | None,
    *,
    filter: Filter = EVERYTHING,
    session: str | None = None,
) -> Answered:
    """The whole answer, as the API would give it. Raises Missing, Refused or Unavailable."""
    with place.database.transaction(place.organization_id) as connection:
        bot = chosen_chatbot(connection, place.organization_id, chatbot)
    asked = Asked(
        question, request_data={"door": "command line"}, filter=filter,
        session_id=identified(session, sessions.missing) if session else None,
    )  # fmt: skip
    events = answers.answer(
        place.database, place.organization_id, chatbot=bot, asked=asked, models=place.budgeted_models
    )
    *_, answered = events
    if not isinstance(answered, Answered):
        raise Unavailable("the answer broke off before it was kept: try again")
    return answered


def _print_reasons(answered: Answered) -> None:
    console.print(Text(f" agent {answered.agent_name}: {answered.reason}"))
    for model, failure in answered.tried:
        console.print(Text(f" {model} was asked first: {failure}"))
    console.print(Text(f" outcome {answered.outcome}, {answered.prompt_tokens} tokens read, "
                       f"{answered.completion_tokens} spoken, session {answered.session_id}"))  # fmt: skip


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
    reranker: Annotated[
        str | None, typer.Option(help="Rerank: rerank:MODEL, llm:MODEL or local:/path/to/folder.")
    ] = None,
    calibrate: Annotated[
        bool, typer.Option("--calibrate", help="Show what a similarity threshold would refuse, rightly and wrongly.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Measure retrieval on a folder of judged questions, by the search that serves.

    \b
    The folder holds
        corpus.jsonl    {"id", "title", "text"} a line
        queries.jsonl   {"id", "text"} a line; "lang" reports languages apart
        qrels.tsv       a heading, then query, document, score
        spans.jsonl     {"query_id", "doc_id", "start", "end", "text"} a line, where answers' places are known

    It is loaded through the product's own intake into an organization of its own, which is cleared away afterwards.
    --calibrate asks the questions too whose line says "answerable": false, and reports instead how far scores tell
    them from the others.
    """
    from resources.bots.evaluation import calibration, evaluation_folders

    if calibrate and reranker:
        raise Refused("--calibrate is about the search alone: leave --reranker out")
    with workplace() as place:
        model = place.models.embedder(place.settings.embedding_model)
        with progress(quiet=as_json) as bars:
            if calibrate:
                curves = calibration.calibrate(
                    place.database, folder, home=place.settings.home, embedder=model, keep=keep, progress=bars
                )
            else:
                report = evaluation_folders.evaluate(
                    place.database, folder, home=place.settings.home, embedder=model,
                    reranker=place.models.reranker(reranker), keep=keep, progress=bars,
                )  # fmt: skip
    if as_json:
        print_json(curves if calibrate else report)
    elif calibrate:
        _print_calibration(curves)
    else:
        _print_evaluation(report)


def _print_evaluation(report: Evaluation) -> None:
    print_table("Retrieval", ["", *(f"{name} " for name in MEASURES)], _score_rows(report))
    rate = report.ingest_documents_per_s
    brought = f"; brought in at {rate:,.0f} documents a second" if rate else ""
    documents = f"{counted(report.documents, 'document')} ({report.failed:,} failed)"
    console.print(f"{documents}, {counted(report.chunks, 'chunk')}{brought}.")
    console.print("Intervals are 95 % bootstrap intervals of the mean over the questions.")
    if report.organization:
        console.print(f"Kept as organization {report.organization}.")


def _print_calibration(calibration: Calibration) -> None:
    rows = [
        [curve.score, _share(curve.area), name, f"{at.threshold:.3f}", _share(at.answered), _share(at.refused),
         "yes" if curve.is_worthwhile else "no"]
        for curve in calibration.curves
        for name, at in (("balanced", curve.chosen), ("cautious", curve.cautious)) if at is not None
    ]  # fmt: skip
    names = ["score", "area ", "choice", "threshold ", "answered ", "refused ", "separates"]
    print_table("How far scores tell answerable questions from others", names, rows)
    for curve in calibration.curves[:2]:
        points = [
            [f"{one.threshold:.3f}", _bar(one.answered), _share(one.answered), _bar(one.refused), _share(one.refused)]
            for one in curve.points
        ]
        setting = {"meaning": "similarity_threshold", "words": "off_topic_threshold"}[curve.score]
        print_table(f"{setting}, compared with {curve.score}", ["threshold ", "", "answered ", "", "refused "], points)
    good = calibration.curves[0].chosen.answered.n
    console.print(
        f"Thresholds were chosen on {calibration.tuned_on:,} questions and are reported on {good:,} others with an "
        f"answer and {calibration.reported_on - good:,} without; 95 % intervals. Balanced: both errors weigh the same. "
        "Cautious: refusals are right more often than wrong although only one question in twenty has no answer. Keep a "
        "threshold at 0 where its score does not separate."
    )


def _bar(share: Share) -> str:
    return "█" * round(20 * (share.value or 0))


def _share(share: Share) -> str:
    return "" if share.value is None else f"{share.value:.3f}\n{share.low:.3f}–{share.high:.3f}"


MEASURES = {
    "questions": "queries",
    "nDCG@10": "ndcg_at_10",
    "recall@5": "recall_at_5",
    "recall@10": "recall_at_10",
    "recall@100": "recall_at_100",
    "MRR@10": "mrr_at_10",
    "span recall@5": "span_recall",
    "p50 ms": "query_p50_ms",
    "p95 ms": "query_p95_ms",
}


def _score_rows(report: Evaluation) -> Iterator[list[object]]:
    for name, scores in {"all": report, **report.slices}.items():
        yield [name, *(_estimate(getattr(scores, field)) for field in MEASURES.values())]


def _estimate(figure: object) -> object:
    """A mean with its interval, on two lines; whatever else it is, as it is."""
    if hasattr(figure, "low"):
        return f"{figure.value:.3f}\n{figure.low:.3f}–{figure.high:.3f}"  # type: ignore[attr-defined]
    return round(figure, 1) if isinstance(figure, float) else figure
