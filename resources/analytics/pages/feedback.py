"""The panels of the page Feedback: what askers thought of the answers, of which parts, why, and of which questions."""

from __future__ import annotations

from resources.analytics import answers_feedback, feedback_reasons, overviews, worst_questions
from resources.analytics.addressing import page_address, query_of
from resources.analytics.defining import METRICS
from resources.analytics.measuring import share
from resources.analytics.panels import Look, Make
from resources.analytics.querying import conditions
from resources.analytics.records import Dimension, Each, Figure, Filter, Group, Measure, Panel, Series, Table

_WORST = 20
_TOLD_APART = ("chatbot", "agent", "configuration", "source", "language")
_DRAWN = 20
_INTERVALS = "The whiskers are 95 % intervals (Wilson); where nobody said anything, nothing is drawn."
_NAMED: dict[Dimension, str] = {
    "chatbot": "chatbot", "configuration": "chatbot || ' #' || configuration", "source": "source", "model": "model",
}  # fmt: skip


def liked(look: Look) -> Panel:
    """Shares of thumbs up, and how many answers have a thumb, over time."""
    wanted = look.wanted
    each = _each(wanted)
    groups = look.ask(overviews.series, each=each)
    rows = [
        (group.period, up.value, up.low, up.high, up.n, given.value, given.n)
        for group in groups
        for up, given in [(_of(group, "liked_rate"), _of(group, "thumb_rate"))]
    ]
    units = {"liked_rate": "share", "low": "share", "high": "share", "thumb_rate": "share"}
    return Panel(
        "liked", "Liked, over time",
        f"Liked: {METRICS['liked_rate'].says} With a thumb: {METRICS['thumb_rate'].says} {_INTERVALS}",
        Table("liked", (each, "liked_rate", "low", "high", "thumbs", "thumb_rate", "answers"), rows, is_cut=False),
        f"select date_trunc('{each}', day)::date as {each}, count(*) as thumbs,\n"
        "  count(*) filter (where feedback = 'positive')::float / nullif(count(*), 0) as liked_rate\n"
        f"from analytics.answers_feedback\nwhere {conditions(wanted)}\ngroup by 1 order by 1;",
        Figure("line", [_line(groups, "liked_rate"), _line(groups, "thumb_rate")], "share"), units=units,  # type: ignore[arg-type]
    )  # fmt: skip


def _by(dimension: Dimension) -> Make:
    def make(look: Look) -> Panel:
        wanted = look.wanted
        found = [one for one in look.ask(answers_feedback.select_sums, by=tuple(_NAMED)) if one.by == dimension]
        parts = sorted(
            ((one.part, share("liked_rate", one.positive, one.given)) for one in found),
            key=lambda pair: (pair[1].value is None, pair[1].value, -pair[1].n),
        )
        rows = [(part, of.value, of.low, of.high, of.n) for part, of in parts]
        drawn = parts[:_DRAWN]
        figure = Figure(
            "bars_across", [
                Series(
                    METRICS["liked_rate"].title, [part or "none" for part, _ in drawn], [of.value for _, of in drawn],
                    [of.low for _, of in drawn], [of.high for _, of in drawn], [f"n = {of.n:,}" for _, of in drawn],
                )
            ], "share",
        )  # fmt: skip
        return Panel(
            f"by_{dimension}", f"Liked, by {dimension}",
            f"{METRICS['liked_rate'].says} The least liked first. {_whose(dimension)}{_INTERVALS}",
            Table(f"by_{dimension}", (dimension, "liked_rate", "low", "high", "thumbs"), rows, is_cut=False),
            f"select {_NAMED[dimension]} as {dimension}, count(*) as thumbs,\n"
            "  count(*) filter (where feedback = 'positive')::float / nullif(count(*), 0) as liked_rate\n"
            f"from analytics.answers_feedback\nwhere {conditions(wanted)}\ngroup by 1 order by 3;",
            figure, units={"liked_rate": "share", "low": "share", "high": "share"},
            links=[_narrowed(wanted, dimension, part) for part, _ in parts],
        )  # fmt: skip

    return make


def reasons(look: Look) -> Panel:
    """Why answers were disliked."""
    wanted = look.wanted
    found = look.ask(feedback_reasons.select_all)
    whole = sum(one.given for one in found)
    shares = [share("share", one.given, whole) for one in found]
    rows = [
        (one.reason or "(nothing was said)", one.given, of.value, of.low, of.high, one.last_given_at)
        for one, of in zip(found, shares, strict=True)
    ]
    drawn = found[:_DRAWN]
    return Panel(
        "reasons", "Reasons of thumbs down",
        f"What was said with thumbs down for answers to the questions of these days, n = {whole:,}: in small letters, "
        "the commonest first. The shares are of all thumbs down.",
        Table("reasons", ("reason", "thumbs_down", "share", "low", "high", "last"), rows, is_cut=False),
        "select lower(btrim(reason)) as reason, count(*) as thumbs_down\nfrom analytics.answers_feedback\n"
        f"where feedback = 'negative' and {conditions(wanted)}\ngroup by 1 order by 2 desc;",
        Figure(
            "bars_across", [
                Series(
                    "Thumbs down", [_short(one.reason) for one in drawn], [one.given for one in drawn],
                    text=[f"of {whole:,}"] * len(drawn),
                )
            ], "count",
        ),
        units={"thumbs_down": "count", "share": "share", "low": "share", "high": "share"},
    )  # fmt: skip


def worst(look: Look) -> Panel:
    """The questions that went wrong most often, each with a link to all that is known of it."""
    wanted = look.wanted
    found = look.ask(worst_questions.select_page, at_most=_WORST + 1)
    shown = found[:_WORST]
    columns = ("question", "chatbot", "disliked", "unanswered", "reason", "review", "open_items", "last")
    rows = [
        (one.question or "(erased, or no longer kept)", one.chatbot, one.disliked, one.unanswered, one.reason,
         one.review, one.open_issues, one.last_asked_at)
        for one in shown
    ]  # fmt: skip
    return Panel(
        "worst", "The worst questions",
        "Questions whose answers got a thumb down, each once, with how many such answers it had and how many of them "
        f"found nothing to say; the most disliked first, of the latest {worst_questions.LOOKED_AT:,} of these days. "
        "The link leads to the latest of these answers: how it came "
        "about, and what can be done. Review: what was decided where it was put into a question set; open items: what "
        "its source's owner was asked to look at. Questions of the same words are one; those that were withdrawn are "
        "not here.",
        Table("worst", columns, rows, is_cut=len(found) > _WORST),
        "select chatbot, question, count(*) as disliked,\n"
        "  count(*) filter (where outcome = 'no_answer') as unanswered, max(asked_at) as last\n"
        "from analytics.queries_without_result\n"
        f"where is_disliked and {conditions(wanted, names=_TOLD_APART)}\n"
        "group by 1, 2 order by disliked desc, last desc limit 20;",
        units={"disliked": "count", "unanswered": "count", "open_items": "count"},
        links=[{"question": f"/analytics/questions/{one.answer_id}"} for one in shown],
        more=f"/analytics/questions?{query_of(wanted)}",
    )  # fmt: skip


PANELS: dict[str, Make] = {
    "liked": liked,
    "worst": worst,
    "reasons": reasons,
    "by_chatbot": _by("chatbot"),
    "by_configuration": _by("configuration"),
    "by_source": _by("source"),
    "by_model": _by("model"),
}


def _each(wanted: Filter) -> Each:
    return "day" if wanted.days <= 45 else "week"


def _line(groups: list[Group], key: str) -> Series:
    found = [_of(group, key) for group in groups]
    return Series(
        METRICS[key].title, [group.period for group in groups], [one.value for one in found],
        [one.low for one in found], [one.high for one in found], [f"n = {one.n:,}" for one in found],
    )  # fmt: skip


def _of(group: Group, key: str) -> Measure:
    return next((one for one in group.measures if one.key == key), Measure(key, None, 0))


def _whose(dimension: Dimension) -> str:
    """Which part a question belongs to, where that is not plain."""
    if dimension == "source":
        return "A question belongs to the source of the passage that stood first for it. "
    return "Numbers are those of the chatbot. " if dimension == "configuration" else ""


def _narrowed(wanted: Filter, dimension: Dimension, part: str | None) -> dict[str, str]:
    """The same page of this part alone."""
    if part is None:
        return {}
    if dimension == "configuration":
        chatbot, _, number = part.rpartition(" #")
        return {dimension: page_address("feedback", wanted, chatbot=chatbot, configuration=int(number))}
    return {dimension: page_address("feedback", wanted, **{dimension: part})}


def _short(reason: str | None) -> str:
    text = reason or "(nothing was said)"
    return text if len(text) <= 60 else f"{text[:59]}…"
