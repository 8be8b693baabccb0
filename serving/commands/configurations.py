"""Commands about configurations of chatbots: make one, build it beside the one that serves, activate it, go back."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Annotated

import typer

from resources.bots import chatbots
from resources.bots.configurations import builds, model_config_versions, naming
from resources.bots.evaluation import readiness, trials, version_comparisons
from resources.bots.evaluation.readiness import Terms
from resources.bots.evaluation.trials import Openers
from resources.bots.records import Chatbot, ModelConfigVersion, NewVersion, VersionComparison
from resources.conversations import logged_comparisons
from resources.foundation.counting import counted
from resources.foundation.errors import Missing, Refused, Unavailable
from resources.foundation.statements import Connection
from resources.identity import pricing
from serving.commands import comparisons
from serving.commands.questions import ChatbotName, OfChatbot, chosen_chatbot
from serving.commands.reporting import AsJson, complain, console, note, print_json, print_table, progress
from serving.commands.sources import run_pipeline
from serving.commands.workplace import Workplace, workplace

Number = Annotated[int, typer.Argument(min=1, help="The configuration's number, as 'millrace config list' shows it.")]


def list_versions(chatbot: OfChatbot = None, as_json: AsJson = False) -> None:
    """List the configurations of chatbots: what each is, and which one answers."""
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        bots = chatbots.select_all(connection, place.organization_id)
        if chatbot is not None:
            bots = [chosen_chatbot(connection, place.organization_id, chatbot)]
        found = [
            (bot, version) for bot in bots
            for version in model_config_versions.select_all(connection, place.organization_id, bot.id)
        ]  # fmt: skip
    if as_json:
        print_json([{"chatbot": bot.name, **vars(version)} for bot, version in found])
        return
    print_table(
        "Configurations",
        ["Chatbot", "No. ", "Status", "Embedding model", "Chunks", "LLM", "Reranker", "k ", "Words", "Description"],
        [
            (
                bot.name, v.number, v.status, v.embedding_model, f"{v.chunk_size}/{v.chunk_overlap}", v.llm_model,
                v.reranker_model, v.retrieval_k, v.lexical_weight, v.description,
            )
            for bot, v in found
        ],
    )  # fmt: skip


def show(number: Number, chatbot: ChatbotName = None, as_json: AsJson = False) -> None:
    """Show a configuration: its values, its life, what it still lacks, and what speaks against activating it."""
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        bot, version = _version(connection, place, chatbot, number)
        missing = builds.count_missing(connection, place.organization_id, version)
        objections = [] if version.active else readiness.select_objections(connection, place.organization_id, version)
        built = builds.select_of_version(connection, place.organization_id, version.id)
    if as_json:
        print_json(
            {"chatbot": bot.name, **vars(version), "missing": missing, "objections": objections, "builds": built}
        )
        return
    values = [(name, value) for name, value in vars(version).items() if name not in ("id", "chatbot_id", "active")]
    print_table(
        f"Configuration {number} of {bot.name}", ["", ""],
        [(name.replace("_", " "), value) for name, value in values if value not in (None, "")],
    )  # fmt: skip
    if built:
        print_table(
            "Builds",
            ["Begun", "State", "Passages ", "foreseen ", "Vectors ", "foreseen ", "Reused ", "Took ", "foreseen ",
             "Cost ", "foreseen ", "Reason"],
            [
                (
                    one.started_at, one.state, one.chunks, one.foreseen_chunks, one.vectors, one.foreseen_vectors,
                    one.reused, _duration(one.seconds), _duration(one.foreseen_seconds), _money(one.cost),
                    _money(one.foreseen_cost), one.reason,
                )
                for one in built
            ],
        )  # fmt: skip
    for objection in objections:
        note(f"It cannot take the place of the active one: {objection}")


def create(
    chatbot: ChatbotName = None,
    based_on: Annotated[int | None, typer.Option("--from", help="Begin with this one; the active one unless named.")]
    = None,
    embedding_model: Annotated[str | None, typer.Option(help="The model that embeds passages and questions.")] = None,
    llm_model: Annotated[str | None, typer.Option(help="The model that answers.")] = None,
    reranker_model: Annotated[str | None, typer.Option(help="The model that reranks; 'none' for none.")] = None,
    retrieval_k: Annotated[int | None, typer.Option("-k", help="How many passages an answer is made from.")] = None,
    threshold: Annotated[float | None, typer.Option(help="Passages of a lower cosine are left out.")] = None,
    lexical_weight: Annotated[float | None, typer.Option(help="The share of words in a score, 0 to 1.")] = None,
    chunk_size: Annotated[int | None, typer.Option(help="How long passages are at most, in characters.")] = None,
    chunk_overlap: Annotated[int | None, typer.Option(help="How many characters they share.")] = None,
    system_prompt: Annotated[str | None, typer.Option(help="What the model is told first.")] = None,
    off_topic_threshold: Annotated[
        float | None, typer.Option(help="Nothing is found where no passage has this share of a question; 0: off.")
    ] = None,
    query_understanding: Annotated[
        str | None, typer.Option(help="What a model makes of questions first: none, standalone or subquestions.")
    ] = None,
    max_per_document: Annotated[
        int | None, typer.Option(help="How many passages of one document at most; 0 for any number.")
    ] = None,
    description: Annotated[str, typer.Option(help="Why it is tried, in words.")] = "",
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Make a configuration from another one; nothing changes for who asks until it is built and activated.

    \b
    Examples:
        millrace config create --chunk-size 800 --description "shorter passages"
        millrace config build 2 && millrace config evaluate 2 && millrace config activate 2
    """
    given = {
        "embedding_model": embedding_model, "llm_model": llm_model, "reranker_model": reranker_model,
        "retrieval_k": retrieval_k, "similarity_threshold": threshold, "lexical_weight": lexical_weight,
        "chunk_size": chunk_size, "chunk_overlap": chunk_overlap, "system_prompt": system_prompt,
        "off_topic_threshold": off_topic_threshold, "query_understanding": query_understanding,
        "max_per_document": max_per_document,
    }  # fmt: skip
    changes: dict[str, object] = {name: value for name, value in given.items() if value is not None}
    if changes.get("reranker_model") == "none":
        changes["reranker_model"] = None
    if changes.get("max_per_document") == 0:
        changes["max_per_document"] = None
    with workplace() as place:
        with place.database.transaction(place.organization_id) as connection:
            bot = chosen_chatbot(connection, place.organization_id, chatbot)
            base = (
                model_config_versions.get_active(connection, place.organization_id, bot.id)
                if based_on is None
                else model_config_versions.get_numbered(connection, place.organization_id, bot.id, based_on)
            )
        wanted = model_config_versions.changed(base, changes)
        _require_models(place, wanted, asks="embedding_model" in changes)
        with place.database.transaction(place.organization_id) as connection:
            made = model_config_versions.create(
                connection, place.organization_id, bot.id, wanted,
                created_by=getpass.getuser(), description=description,
            )  # fmt: skip
            place.record(connection, "create", "configuration", made.id, *changes)
        forecast = builds.foresee(place.database, place.organization_id, made)
    if as_json:
        print_json({"chatbot": bot.name, **vars(made), "forecast": forecast})
        return
    console.print(f"Configuration [bold]{made.number}[/bold] of {bot.name} is a draft. {_told(forecast)}")
    console.print(f"Build it beside the active one with: millrace config build {made.number}")


def build(
    number: Number,
    chatbot: ChatbotName = None,
    plan: Annotated[bool, typer.Option("--plan", help="Only say what would be made, and what it costs.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make the passages and vectors of a configuration from stored texts, beside those that serve (through Dagster).

    It can be stopped at any time; run it again, and it goes on. Syncs keep it in step from then on.
    """
    with workplace() as place:
        with place.database.transaction(place.organization_id) as connection:
            _, version = _version(connection, place, chatbot, number)
        forecast = builds.foresee(place.database, place.organization_id, version)
        if plan:
            print_json(forecast) if as_json else console.print(_told(forecast))
            return
        if not as_json:
            console.print(_told(forecast))
        with place.database.transaction(place.organization_id) as connection:
            place.record(connection, "build", "configuration", version.id)
        events, status = run_pipeline(
            place.settings, "build-configuration", "--organization", place.settings.organization, str(version.id),
            quiet=as_json,
        )  # fmt: skip
    done = next((event for event in events if event["event"] in ("done", "failed")), {})
    missing = int(str(done.get("missing") or 0))
    if as_json:
        print_json({"forecast": forecast, **done})
    elif not status:
        took = done.get("seconds")
        console.print(
            f"Made {counted(int(str(done['chunks'])), 'passage')} and {counted(int(str(done['embedded'])), 'vector')}"
            f"{f' in {_duration(float(str(took)))}' if took is not None else ''}; "
            f"{done['reused']:,} had theirs already."
        )
    if done.get("reason"):
        complain(str(done["reason"]))
    if missing:
        complain(f"{builds.unready(missing)}: 'millrace config show {number}' says why")
    if status or missing:
        raise typer.Exit(1)


def evaluate(number: Number, chatbot: ChatbotName = None, as_json: AsJson = False) -> None:
    """Ask the same questions by this configuration and by the active one, and keep how they differ.

    The accepted questions of the chatbot's sets that report decide whether it may be activated; what was asked lately
    is asked again too, and informs.
    """
    with workplace() as place:
        with place.database.transaction(place.organization_id) as connection:
            bot, version = _version(connection, place, chatbot, number)
            active = model_config_versions.get_active(connection, place.organization_id, bot.id)
            trials.require_comparable(active, version)
            place.record(connection, "evaluate", "configuration", version.id)
        openers = Openers(place.models.embedder, place.models.reranker, place.models.adviser)
        found: Sequence[VersionComparison] = ()
        lacking: Missing | None = None
        with progress(quiet=as_json) as bars:
            logged = logged_comparisons.evaluate(
                place.database, place.organization_id, baseline=active, candidate=version, openers=openers,
                progress=bars,
            )  # fmt: skip
            try:
                found = trials.evaluate(
                    place.database, place.organization_id, version.id, openers=openers, progress=bars
                ).comparisons  # fmt: skip
            except Missing as missing:
                if logged is None:
                    raise
                lacking = missing
    comparisons.report(bot, active, version, found, logged, as_json=as_json)
    if lacking is not None:
        complain(str(lacking))
        raise typer.Exit(1)


def compare(
    number: Number,
    baseline: Annotated[int | None, typer.Argument(help="The other one; the active one unless named.")] = None,
    chatbot: ChatbotName = None,
    as_json: AsJson = False,
) -> None:
    """Show how a configuration differed from another one when it was last evaluated beside it."""
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        bot, candidate = _version(connection, place, chatbot, number)
        other = (
            model_config_versions.get_active(connection, place.organization_id, bot.id)
            if baseline is None
            else model_config_versions.get_numbered(connection, place.organization_id, bot.id, baseline)
        )
        found = version_comparisons.select_latest(
            connection, place.organization_id, baseline_id=other.id, candidate_id=candidate.id
        )
        logged = logged_comparisons.find_latest(
            connection, place.organization_id, baseline_id=other.id, candidate_id=candidate.id
        )
    if not found and logged is None:
        raise Refused(
            f"configuration {number} was not evaluated beside configuration {other.number}: "
            f"'millrace config evaluate {number}' asks both the same questions"
        )
    comparisons.report(bot, other, candidate, found, logged, as_json=as_json)


def activate(
    number: Number,
    chatbot: ChatbotName = None,
    tolerance: Annotated[
        float, typer.Option(min=0, max=1, help="So much of nDCG@10 it may lose, at the lower end of the interval.")
    ] = readiness.TOLERANCE,
    unmeasured: Annotated[
        bool, typer.Option("--unmeasured", help="Although there are too few questions to measure it by.")
    ] = False,
    force: Annotated[
        str | None, typer.Option("--force", help="Although the checks refuse it; the reason is kept.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Let a configuration answer from now on: whole, measured, and not worse than the one that does.

    \b
    Examples:
        millrace config activate 2
        millrace config activate 2 --force "the questions are about documents that are gone"
        millrace config rollback
    """
    terms = Terms(tolerance, unmeasured, force)
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        bot, version = _version(connection, place, chatbot, number)
        passed_over = readiness.activate(
            connection, place.organization_id, version, terms=terms, activated_by=getpass.getuser()
        )
        place.record(connection, "activate", "configuration", version.id)
    if as_json:
        print_json({"chatbot": bot.name, "active": number, "passed_over": passed_over})
        return
    console.print(
        f"Configuration [bold]{number}[/bold] of {bot.name} answers from now on. For "
        f"{model_config_versions.SOAK_DAYS} days 'millrace config rollback' leads back."
    )
    for objection in passed_over:
        complain(f"passed over by force: {objection}")


def rollback(chatbot: ChatbotName = None, as_json: AsJson = False) -> None:
    """Let the configuration answer again that did before, at once."""
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        bot = chosen_chatbot(connection, place.organization_id, chatbot)
        left = model_config_versions.get_active(connection, place.organization_id, bot.id)
        former = readiness.roll_back(
            connection, place.organization_id, bot.id, activated_by=getpass.getuser()
        )  # fmt: skip
        place.record(connection, "roll_back", "configuration", former.id)
        missing = builds.count_missing(connection, place.organization_id, former)
    if as_json:
        print_json({"chatbot": bot.name, "active": former.number, "left": left.number, "missing": missing})
    else:
        console.print(
            f"Configuration [bold]{former.number}[/bold] of {bot.name} answers again, instead of {left.number}."
        )
    if missing:
        complain(f"{builds.unready(missing)} for it: 'millrace sync' makes the rest")


def retire(number: Number, chatbot: ChatbotName = None, as_json: AsJson = False) -> None:
    """Keep nothing of a configuration ready any more; retention takes away what nothing else needs."""
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        bot, version = _version(connection, place, chatbot, number)
        model_config_versions.retire(connection, place.organization_id, version)
        place.record(connection, "retire", "configuration", version.id)
    if as_json:
        print_json({"chatbot": bot.name, "retired": number})
    else:
        console.print(f"Configuration [bold]{number}[/bold] of {bot.name} is retired.")


def _version(
    connection: Connection, place: Workplace, chatbot: str | None, number: int
) -> tuple[Chatbot, ModelConfigVersion]:
    bot = chosen_chatbot(connection, place.organization_id, chatbot)
    return bot, model_config_versions.get_numbered(connection, place.organization_id, bot.id, number)


def _require_models(place: Workplace, wanted: NewVersion, *, asks: bool) -> None:
    """Raise Refused for models that are not there. `asks`: the embedding model is tried on one word."""
    problems = naming.problems(wanted, place.reach)
    if problems:
        raise Refused("this configuration cannot be made: " + "; ".join(problems))
    if not asks:
        return
    try:
        place.models.embedder(wanted.embedding_model).embed(["word"])
    except Unavailable as error:
        note(f"The embedding model does not answer at present, so nobody knows whether it is there: {error}")


def _told(forecast: builds.Forecast) -> str:
    made, about = forecast.foreseen, "" if forecast.foreseen.is_exact else "about "
    if not (made.chunks or made.embedded):
        return "It needs nothing that is not there already."
    cost = "for a price that is not known ('millrace price set')"
    if forecast.cost is not None:
        cost = f"for {pricing.shown(forecast.cost)} {forecast.currency or ''}".rstrip() if forecast.cost else "free"
    size = "how large is not known" if forecast.bytes is None else f"about {_size(forecast.bytes)} on disk"
    long = "the first build tells how long" if forecast.seconds is None else f"about {_duration(forecast.seconds)}"
    return (
        f"It needs {about}{counted(made.chunks, 'passage')} of {counted(made.documents, 'document')} and "
        f"{about}{counted(made.embedded, 'vector')} ({about}{counted(made.tokens, 'token')}), {cost}; {size}; {long}."
    )


def _duration(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    if seconds < 120:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _size(size: int) -> str:
    return f"{size / 1e6:,.1f} MB" if size < 1e9 else f"{size / 1e9:,.1f} GB"


def _money(amount: Decimal | None) -> str | None:
    return None if amount is None else pricing.shown(amount)


COMMANDS: dict[str, Callable[..., None]] = {
    "list": list_versions, "show": show, "create": create, "build": build, "evaluate": evaluate, "compare": compare,
    "activate": activate, "rollback": rollback, "retire": retire,
}  # fmt: skip
