"""The panels of the page Retrieval: how well passages are found, by which configuration, how sure, and how fast."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from urllib.parse import urlencode

from resources.analytics import evaluations, latencies, score_distributions
from resources.analytics.charting import each_of, periods_of
from resources.analytics.evaluations import EvaluationScore
from resources.analytics.panels import Look, Make
from resources.analytics.querying import conditions
from resources.analytics.records import Figure, Panel, Series, Table, Unit
from resources.analytics.score_distributions import WIDTH, DailyScores
from resources.bots.evaluation.comparing import DECISIVE
from resources.bots.evaluation.scoring import METRIC_NAMES
from resources.knowledge.search import index_recalls

MOST_LINES = 8
STAGES = ("understanding", "retrieval", "answering")
NDCG = (
    "nDCG@10: how far up the right documents stand among the first ten, 1 is best (Järvelin and Kekäläinen 2002), over "
    "the accepted questions of a set. Intervals are 95 % bootstraps over the questions."
)
BY_CHATBOT = ("agent", "model", "source", "tag", "language")

QUALITY = """\
select evaluated_at, chatbot, configuration, evaluation_set, split, value as ndcg_at_10, low, high, queries
from analytics.evaluation_by_version
where {where} and metric = 'ndcg_at_10' and slice = ''
order by evaluated_at"""
LATEST = """\
select chatbot, configuration, evaluation_set, split, metric, value, low, high, queries, evaluated_at
from analytics.evaluation_by_version
where {where} and slice = '' and is_latest
order by chatbot, configuration, evaluation_set, split, metric"""
INDEX = """\
select measured_at, model, passages, recall, low, high, questions, short
from analytics.index_recall
where {where}
order by measured_at, model, passages desc"""
SCORES = """\
select day, chatbot, configuration, retrievals, without_result, mean_score, tenth, quarter, median, three_quarters,
  nine_tenths
from analytics.retrieval_scores
where {where}
order by day, chatbot, configuration"""
DRIFT = """\
select day, chatbot, configuration, scores, mean_score, past_mean_score, drift
from analytics.score_drift
where {where}
order by day, chatbot, configuration"""
CLASSES = """\
select case when outcome = 'answered' then 'answered' else 'not answered' end as came_to,
  floor(best_score::real::float / {width}) * {width} as score_from, count(*) as searches
from analytics.answers
where {where} and best_score is not null and outcome in ('answered', 'no_answer')
group by 1, 2 order by 1, 2"""
LATENCY = """\
select day, chatbot, stage, answers, mean_seconds, median_seconds, seconds_of_95_in_100, slowest_seconds
from analytics.latency_by_stage
where {where}
order by day, chatbot, stage"""


def quality(look: Look) -> Panel:
    """nDCG@10 of the evaluations of these days, by configuration; activations are marked."""
    wanted = look.wanted
    found = look.ask(evaluations.select_scores)
    lines: dict[str, list[EvaluationScore]] = defaultdict(list)
    for one in found:
        lines[_named(one)].append(one)
    latest = sorted(lines, key=lambda name: lines[name][-1].evaluated_at)[-MOST_LINES:]
    series = [
        Series(
            name, [one.evaluated_at for one in lines[name]], [one.value for one in lines[name]],
            [one.low for one in lines[name]], [one.high for one in lines[name]],
            [f"n = {one.queries:,}" for one in lines[name]],
        )
        for name in lines if name in latest
    ]  # fmt: skip
    return Panel(
        "quality", "Quality over time",
        f"{NDCG} A dotted line marks when a configuration came to serve.",
        Table(
            "quality",
            ("evaluated_at", "chatbot", "configuration", "evaluation_set", "split", "ndcg_at_10", "low", "high",
             "queries"),
            [
                (one.evaluated_at, one.chatbot, one.configuration, one.evaluation_set, one.split, one.value, one.low,
                 one.high, one.queries)
                for one in found
            ],
            is_cut=False,
        ),
        QUALITY.format(where=conditions(wanted, day="evaluated_at", names=("chatbot", "configuration"))),
        Figure("line", series, "score", marks=_activations(look)),
        units={**_scores("ndcg_at_10", "low", "high"), "configuration": "count", "queries": "count"},
        ignores=BY_CHATBOT,
        nothing="Nothing was evaluated in these days: 'millrace questions measure', or the asset retrieval_quality.",
    )  # fmt: skip


def configurations(look: Look) -> Panel:
    """The latest evaluation of each configuration, side by side."""
    wanted = look.wanted
    found = look.ask(evaluations.select_latest_scores)
    by_set: dict[str, list[EvaluationScore]] = defaultdict(list)
    for one in found:
        if one.metric == DECISIVE:
            by_set[f"{one.evaluation_set} ({one.split})"].append(one)
    series = [
        Series(
            name, [f"{one.chatbot} #{one.configuration}" for one in scores], [one.value for one in scores],
            [one.low for one in scores], [one.high for one in scores], [f"n = {one.queries:,}" for one in scores],
        )
        for name, scores in by_set.items()
    ]  # fmt: skip
    return Panel(
        "configurations", "Quality by configuration",
        f"{NDCG} As each configuration was measured last, whatever days are chosen. The table has all metrics.",
        Table(
            "configurations",
            ("chatbot", "configuration", "evaluation_set", "split", "metric", "value", "low", "high", "queries",
             "evaluated_at"),
            [
                (one.chatbot, one.configuration, one.evaluation_set, one.split,
                 METRIC_NAMES.get(one.metric, one.metric), one.value, one.low, one.high, one.queries, one.evaluated_at)
                for one in found
            ],
            is_cut=len(found) >= evaluations.MOST,
        ),
        LATEST.format(where=conditions(wanted, day="", names=("chatbot", "configuration"))),
        Figure("bar", series[:MOST_LINES], "score"),
        units={**_scores("value", "low", "high"), "configuration": "count", "queries": "count"}, ignores=BY_CHATBOT,
        nothing="No configuration was evaluated yet.",
    )  # fmt: skip


def compared(look: Look) -> Panel:
    """Pairs of configurations that were asked the same questions; each leads to the questions themselves."""
    found = look.ask(evaluations.select_compared)
    return Panel(
        "compared", "Two configurations side by side",
        "Configurations that were asked the same questions when one of them was evaluated, on whatever day, the latest "
        "first: the mean difference of nDCG@10 over the questions with its 95 % interval (paired bootstrap), and p by "
        "Fisher's randomisation test. Won, lost: questions that the second answers better, worse. Moved: questions "
        "with other documents, or in another order. The pair leads to the questions.",
        Table(
            "compared",
            ("pair", "first", "second", "difference", "low", "high", "p", "questions", "won", "lost", "moved",
             "compared_at"),
            [
                (f"{one.chatbot} #{one.baseline} and #{one.candidate}", one.baseline_value, one.candidate_value,
                 one.difference, one.low, one.high, one.p_value, one.queries, one.won, one.lost, one.moved,
                 one.compared_at)
                for one in found
            ],
            is_cut=False,
        ),
        "",
        units=_scores("first", "second", "difference", "low", "high", "p"),
        links=[{"pair": pair_address(one.chatbot, one.baseline, one.candidate)} for one in found], ignores=BY_CHATBOT,
        nothing="No configuration was evaluated beside the active one yet: 'millrace config evaluate NUMBER'.",
    )  # fmt: skip


def index(look: Look) -> Panel:
    """How well searches along vector indexes find what an exact search finds."""
    wanted = look.wanted
    found = index_recalls.select_days(look.connection, look.organization_id, since=wanted.since, until=wanted.until)
    lines: dict[str, list[index_recalls.IndexRecall]] = defaultdict(list)
    for one in found:
        lines[f"{one.model}, {_sized(one.passages)}"].append(one)
    series = [
        Series(
            name,
            [one.measured_at for one in each],
            [one.recall for one in each],
            [one.low for one in each],
            [one.high for one in each],
            [f"n = {one.questions:,}" for one in each],
        )
        for name, each in list(lines.items())[:MOST_LINES]
    ]
    return Panel(
        "index", "Recall of the vector indexes",
        "The share of the ten nearest vectors that a search along the index finds, each night, with its 95 % interval "
        "(Wilson): in all sources, in the largest, and in one of middling size. Where there are few vectors there is "
        "no index; search compares all, and its recall is 1.",
        Table(
            "index", ("measured_at", "model", "passages", "recall", "low", "high", "questions", "short_answers"),
            [
                (one.measured_at, one.model, one.passages, one.recall, one.low, one.high, one.questions, one.short)
                for one in found
            ],
            is_cut=False,
        ),
        INDEX.format(where=conditions(wanted, names=())),
        Figure("line", series, "score"),
        units={**_scores("recall", "low", "high"), "passages": "count"},
        ignores=("chatbot", "configuration", *BY_CHATBOT),
        nothing="No index was measured in these days. Few vectors need none: search compares all, and misses nothing.",
    )  # fmt: skip


def scores(look: Look) -> Panel:
    """How sure searches were: the best score of each, over time, by configuration."""
    wanted = look.wanted
    found = look.ask(score_distributions.select_days)
    lines: dict[str, list[DailyScores]] = defaultdict(list)
    for one in found:
        lines[f"{one.chatbot} #{one.configuration}"].append(one)
    days = periods_of(wanted, "day")
    return Panel(
        "scores", "Scores over time",
        "The score of the passage that was found first: the median of each day, and a band from the tenth to the ninth "
        "tenth. Each configuration has its own scale: compare within one. A dotted line marks when one came to serve.",
        Table(
            "scores",
            ("day", "chatbot", "configuration", "searches", "without_result", "mean", "tenth", "quarter", "median",
             "three_quarters", "nine_tenths"),
            [
                (one.day, one.chatbot, one.configuration, one.retrievals, one.without_result, one.mean_score,
                 one.tenth, one.quarter, one.median, one.three_quarters, one.nine_tenths)
                for one in found
            ],
            is_cut=False,
        ),
        SCORES.format(where=conditions(wanted, names=("chatbot", "configuration"))),
        Figure(
            "line", [_banded(name, lines[name], days) for name in list(lines)[:MOST_LINES]], "score",
            marks=_activations(look),
        ),
        units={**_scores("mean", "tenth", "quarter", "median", "three_quarters", "nine_tenths"),
               "configuration": "count", "searches": "count", "without_result": "count"},
        ignores=BY_CHATBOT,
    )  # fmt: skip


def distribution(look: Look) -> Panel:
    """Best scores of questions that were answered beside those that were not."""
    wanted = look.wanted
    found = look.ask(score_distributions.select_classes)
    counts = {(one.came_to, one.place): one.searches for one in found}
    places = [one.place for one in found]
    whole = range(min(places), max(places) + 1) if places else range(0)
    middles = [round((place + 0.5) * WIDTH, 4) for place in whole]
    total = sum(counts.values())
    return Panel(
        "distribution", "Scores of answered and unanswered questions",
        f"How many of the searches under this filter (n = {total:,}) had a best score within each {WIDTH:g}. Where "
        "the two lie apart, a threshold can tell them apart; choose one configuration, as each has its own scale.",
        Table(
            "distribution", ("came_to", "score_from", "searches"),
            [(one.came_to, round(one.place * WIDTH, 4), one.searches) for one in found], is_cut=False,
        ),
        CLASSES.format(width=WIDTH, where=conditions(wanted)),
        Figure(
            "histogram",
            [
                Series(came_to, middles, [counts.get((came_to, place), 0) for place in whole])
                for came_to in ("answered", "not answered") if places
            ],
            "count", x_title="best score",
        ),
        units={"searches": "count", "score_from": "score"},
    )  # fmt: skip


def drift(look: Look) -> Panel:
    """How far the scores of each day lie from those of the four weeks before."""
    wanted = look.wanted
    found = look.ask(score_distributions.select_drifts)
    days = periods_of(wanted, "day")
    lines: dict[str, dict[date, float | None]] = defaultdict(dict)
    for one in found:
        lines[f"{one.chatbot} #{one.configuration}"][one.day] = one.drift
    return Panel(
        "drift", "Drift of scores",
        "How far the mean best score of a day lies from that of the four weeks before it, in their standard "
        "deviations: -0.5 is half a deviation lower. A day of few searches strays by chance alone.",
        Table(
            "drift", ("day", "chatbot", "configuration", "searches", "mean", "mean_before", "drift"),
            [
                (one.day, one.chatbot, one.configuration, one.scores, one.mean_score, one.past_mean_score, one.drift)
                for one in found
            ],
            is_cut=False,
        ),
        DRIFT.format(where=conditions(wanted, names=("chatbot", "configuration"))),
        Figure(
            "line",
            [
                Series(name, days, [values.get(day) for day in days])
                for name, values in list(lines.items())[:MOST_LINES]
            ],
            "score",
        ),
        units={"configuration": "count", "searches": "count", "mean": "score", "mean_before": "score",
               "drift": "score"},
        ignores=BY_CHATBOT,
    )  # fmt: skip


def latency(look: Look) -> Panel:
    """How long the stages of answers took."""
    wanted = look.wanted
    found = look.ask(latencies.select_days)
    each = each_of(wanted)
    periods = periods_of(wanted, each)
    sums: dict[tuple[str, date], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for one in found:
        if one.mean_seconds is not None:
            period = max(period for period in periods if period <= one.day)
            sums[one.stage, period][0] += one.mean_seconds * one.answers
            sums[one.stage, period][1] += one.answers
    return Panel(
        "latency", "Latency by stage",
        "Mean seconds of an answer in each stage: understanding (a model rewords the question), retrieval (search and "
        "reranker) and answering (all the rest), over the answers that came through it. The table has the median, what "
        "95 of 100 took and the slowest, by chatbot.",
        Table(
            "latency",
            ("day", "chatbot", "stage", "answers", "mean", "median", "of_95_in_100", "slowest"),
            [
                (one.day, one.chatbot, one.stage, one.answers, one.mean_seconds, one.median_seconds,
                 one.seconds_of_95_in_100, one.slowest_seconds)
                for one in found
            ],
            is_cut=False,
        ),
        LATENCY.format(where=conditions(wanted, names=("chatbot",))),
        Figure(
            "stack",
            [
                _staged(stage, periods, sums)
                for stage in STAGES if any(of == stage for of, _ in sums)
            ],
            "seconds", marks=_activations(look),
        ),
        units={"answers": "count", "mean": "seconds", "median": "seconds", "of_95_in_100": "seconds",
               "slowest": "seconds"},
        ignores=("configuration", *BY_CHATBOT),
    )  # fmt: skip


PANELS: dict[str, Make] = {
    "quality": quality,
    "configurations": configurations,
    "compared": compared,
    "scores": scores,
    "distribution": distribution,
    "drift": drift,
    "latency": latency,
    "index": index,
}


def pair_address(chatbot: str, first: int, second: int) -> str:
    """The page that has two configurations side by side."""
    return f"/analytics/configurations?{urlencode({'chatbot': chatbot, 'first': first, 'second': second})}"


def _activations(look: Look) -> list[tuple[object, str]]:
    found = look.ask(evaluations.select_activations)
    return [(one.activated_at, f"{one.chatbot} #{one.configuration} serves") for one in found]


def _named(one: EvaluationScore) -> str:
    split = "" if one.split == "report" else f" ({one.split})"
    return f"{one.chatbot} #{one.configuration} · {one.evaluation_set}{split}"


def _scores(*names: str) -> dict[str, Unit]:
    return dict.fromkeys(names, "score")


def _sized(passages: int) -> str:
    """About how many, so that a scope that grows stays one line: in powers of two."""
    return f"about {1 << max(0, passages.bit_length() - 1):,} passages"


def _staged(stage: str, periods: Sequence[date], sums: Mapping[tuple[str, date], Sequence[float]]) -> Series:
    """The mean of each period, from the sum and the number of answers."""
    at = [sums.get((stage, period)) for period in periods]
    return Series(
        stage, periods, [one[0] / one[1] if one else None for one in at],
        text=[f"n = {one[1]:,.0f}" if one else "" for one in at],
    )  # fmt: skip


def _banded(name: str, found: Sequence[DailyScores], days: Sequence[date]) -> Series:
    known = {one.day: one for one in found}
    at = [known.get(day) for day in days]
    return Series(
        name, days, [one.median if one else None for one in at], [one.tenth if one else None for one in at],
        [one.nine_tenths if one else None for one in at], [f"n = {one.retrievals:,}" if one else "" for one in at],
    )  # fmt: skip
