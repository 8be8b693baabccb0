"""The panels of the page Gaps: what people ask that gets no good answer, by topic, and what would help."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import quote
from uuid import UUID

from resources.analytics import question_clusters
from resources.analytics.addressing import page_address, query_of
from resources.analytics.charting import each_of, periods_of
from resources.analytics.gaps import FEW
from resources.analytics.panels import Look, Make
from resources.analytics.querying import conditions
from resources.analytics.question_clusters import Cluster, NearPassage, OpenQuestion, Total
from resources.analytics.records import Figure, Filter, Finding, Panel, Series, Table, Tile
from resources.foundation.counting import counted

MOST_TOPICS = 200
MOST_BARS = 15
MOST_LINES = 6
SAID = {
    "missing": "documents are missing",
    "unclear": "unclear: something is near",
    "present": "documents are there",
    "unknown": "not known",
    "alone": "asked once",
}
REMEDIES = {
    "missing": "write or add a document",
    "unclear": "read the nearest passage: does it say it?",
    "present": "mend how it is found, worded or cited",
    "unknown": "read the questions",
    "alone": "nothing yet",
}
GATHERED = (
    "Counted are questions that found nothing, that the documents did not answer, or whose answer was disliked, as the "
    f"asset question_clusters gathers them every night, and every hour while there are fewer than {FEW} of them."
)
MEANING = (
    "Questions are one topic where the vectors of their searches are alike (average linkage on the cosine); it is "
    "named by the words that tell it from all other questions, and by the question nearest to its middle."
)
STANDING = (
    "Documents are missing where the passage nearest to the topic is farther from it than the nearest passage of nine "
    "of ten questions that were answered with a citation; they are there where it is as near as for three of four, or "
    "where half of the questions like it (five or more of the latest 1,000) were answered with a citation; in between "
    "it is unclear, and not known where fewer than 20 questions were answered, or beyond the 200 largest topics."
)
IGNORED = ("chatbot", "agent", "configuration", "model", "source", "tag", "language")
NOTHING = (
    "No question of these days is without a good answer, or none is gathered yet: the first ones are within the hour, "
    "many every night; in Dagster, the job gather_first_gaps does so at once."
)

TOPICS = """\
select k.words, k.standing, count(*) as questions, count(*) filter (where q.is_unanswered) as unanswered,
  count(*) filter (where q.is_disliked) as disliked, min(q.day) as first_day, max(q.day) as last_day,
  k.nearest_score, k.sources, k.tags
from (select * from analytics.clustered_questions where {where}) q
join analytics.question_clusters k using (organization_id, cluster_id)
group by k.cluster_id, k.words, k.standing, k.nearest_score, k.sources, k.tags
order by questions desc"""
TOTALS = """\
select coalesce(k.standing, 'alone') as standing, count(distinct q.cluster_id) as topics, count(*) as questions,
  count(*) filter (where q.is_unanswered) as unanswered, count(*) filter (where q.is_disliked) as disliked
from (select * from analytics.clustered_questions where {where}) q
left join analytics.question_clusters k using (organization_id, cluster_id)
group by 1 order by questions desc"""
PERIODS = """\
select date_trunc('{each}', q.day)::date as {each}, k.words, count(*) as questions
from (select * from analytics.clustered_questions where {where}) q
left join analytics.question_clusters k using (organization_id, cluster_id)
group by 1, k.cluster_id, k.words order by 1, questions desc"""
QUESTIONS = """\
select asked_at, question, is_unanswered, is_disliked, best_score, chatbot, source, answer_id
from analytics.clustered_questions
where {where}
order by asked_at desc"""


def summary(look: Look) -> Panel:
    """How many questions are without a good answer, and what there is to them."""
    wanted = look.wanted
    counts = look.ask(question_clusters.select_counts)
    totals = question_clusters.totals(counts)
    questions = sum(one.questions for one in totals.values())
    tiles = [_tile(title, totals, names, questions) for title, names in _TILES]
    largest = _largest(look, at_most=5)
    made_at = question_clusters.find_made_at(look.connection, look.organization_id)
    when = f" They were last gathered at {made_at:%Y-%m-%d %H:%M} UTC." if made_at else ""
    rows = [
        (SAID[name], one.clusters, one.questions, one.questions / questions, one.unanswered, one.disliked,
         REMEDIES[name])
        for name in SAID if (one := totals.get(name)) is not None
    ]  # fmt: skip
    return Panel(
        "summary", "What is asked in vain", f"{GATHERED}{when} {STANDING}",
        Table(
            "summary", ("there_is", "topics", "questions", "share", "unanswered", "disliked", "what_helps"), rows,
            is_cut=False,
        ),
        TOTALS.format(where=conditions(wanted)), units={"share": "share"}, nothing=NOTHING, tiles=tiles,
        findings=[
            Finding(_sentence(one), topic_address(one.cluster_id, wanted), False if one.standing == "missing" else None)
            for one in largest
        ],
    )  # fmt: skip


def topics(look: Look) -> Panel:
    """The topics, the largest first."""
    wanted = look.wanted
    found = _largest(look, at_most=MOST_TOPICS + 1)
    kept = found[:MOST_TOPICS]
    bars = kept[:MOST_BARS]
    names = _distinct([one.name for one in bars])
    figure = Figure(
        "bars_across",
        [
            Series("not answered", names, [one.unanswered for one in bars], text=[SAID[one.standing] for one in bars]),
            Series("answered, but disliked", names, [one.questions - one.unanswered for one in bars]),
        ],
        "count",
    )
    return Panel(
        "topics", "Topics, by how often they are asked",
        f"{MEANING} {STANDING} Nearest: the median cosine of the nearest passage over the most typical questions.",
        Table(
            "topics",
            ("topic", "questions", "unanswered", "disliked", "there_is", "typical_question", "nearest_document",
             "nearest", "usual", "alike", "alike_answered", "sources", "tags", "first_day", "last_day"),
            [
                (one.name, one.questions, one.unanswered, one.disliked, SAID[one.standing], one.question, one.document,
                 one.nearest_score, one.usual_score, one.alike, one.alike_answered,
                 _listed(one.sources), _listed(one.tags), one.first_day, one.last_day)
                for one in kept
            ],
            is_cut=len(found) > MOST_TOPICS,
        ),
        TOPICS.format(where=conditions(wanted)), figure, units={"nearest": "score", "usual": "score"},
        links=[_links_of(one, wanted) for one in kept], nothing=NOTHING,
    )  # fmt: skip


def over_time(look: Look) -> Panel:
    """When the largest topics were asked."""
    wanted = look.wanted
    largest = _largest(look, at_most=MOST_LINES)
    named: dict[UUID | None, str] = dict(
        zip([one.cluster_id for one in largest], _distinct([one.name for one in largest]), strict=True)
    )
    named[None] = "all others"
    each = each_of(wanted)
    found = look.ask(question_clusters.select_periods, each=each, cluster_ids=tuple(one.cluster_id for one in largest))
    counts = {(one.period, one.cluster_id): one.questions for one in found}
    periods = periods_of(wanted, each)
    series = [Series(name, periods, [counts.get((at, id), 0) for at in periods]) for id, name in named.items()]
    return Panel(
        "over_time", "When they were asked",
        f"{GATHERED} The largest topics of these days apart, all others together: a topic that begins on some day "
        "points to something that happened then.",
        Table("over_time", (each, "topic", "questions"),
              [(one.period, named[one.cluster_id], one.questions) for one in found], is_cut=False),
        PERIODS.format(each=each, where=conditions(wanted)),
        Figure("stack", series if found else [], "count"), nothing=NOTHING,
    )  # fmt: skip


def belongs(look: Look) -> Panel:
    """The sources that documents would belong to."""
    wanted = look.wanted
    found = question_clusters.belongings(look.ask(question_clusters.select_counts))
    sources = [one.source for one in found[:MOST_BARS]]
    figure = Figure(
        "bars_across",
        [
            Series(SAID["missing"], sources, [one.missing for one in found[:MOST_BARS]]),
            Series(SAID["unclear"], sources, [one.unclear for one in found[:MOST_BARS]]),
            Series(SAID["present"], sources, [one.present for one in found[:MOST_BARS]]),
        ],
        "count",
    )
    return Panel(
        "belongs", "Where documents would belong",
        "The source of the passage that is nearest to each topic, in all sources of the organization, also those that "
        f"no chatbot reads; and the tags of that source. {STANDING}",
        Table(
            "belongs", ("source", "tags", "topics", "questions", "missing", "unclear", "present"),
            [(one.source, _listed(one.tags), one.clusters, one.questions, one.missing, one.unclear, one.present)
             for one in found],
            is_cut=False,
        ),
        "", figure, links=[{"source": page_address("sources", wanted, source=one.source)} for one in found],
        nothing="No topic of these days has a passage that is near to it.",
    )  # fmt: skip


def questions(look: Look) -> Panel:
    """The questions themselves."""
    wanted = look.wanted
    found = look.ask(question_clusters.select_questions, at_most=question_clusters.MOST_QUESTIONS + 1)
    panel = _questions(found, wanted, "questions", "The questions, the latest first", GATHERED, conditions(wanted))
    with_bad_answer = sum(not one.is_unanswered for one in found)
    tiles = [
        Tile("Not answered", "count", len(found) - with_bad_answer),
        Tile("Answered, but disliked", "count", with_bad_answer),
    ]
    return replace(panel, tiles=tiles if found and not panel.table.is_cut else ())


def topic(look: Look, cluster_id: UUID) -> tuple[Cluster, list[Panel]]:
    """A topic in full, whatever was asked when: its questions of a filter, what is near, and when it was asked.

    Raises Missing.
    """
    wanted = look.wanted
    cluster = question_clusters.get(look.connection, look.organization_id, cluster_id)
    asked = look.ask(
        question_clusters.select_questions, cluster_id=cluster_id, at_most=question_clusters.MOST_QUESTIONS + 1
    )
    near = question_clusters.select_passages(look.connection, look.organization_id, cluster_id)
    each = each_of(wanted)
    counts = {
        one.period: one.questions
        for one in look.ask(question_clusters.select_periods, each=each, cluster_ids=(cluster_id,))
        if one.cluster_id == cluster_id
    }
    periods = periods_of(wanted, each)
    where = f"{conditions(wanted)} and cluster_id = '{cluster_id}'"
    return cluster, [
        _near(cluster, near),
        Panel(
            "when", "When it was asked", GATHERED,
            Table("when", (each, "questions"), [(at, counts.get(at, 0)) for at in periods], is_cut=False),
            f"select day, count(*) as questions\nfrom analytics.clustered_questions\nwhere {where}\n"
            "group by day order by day",
            Figure("bar", [Series("questions", periods, [counts.get(at, 0) for at in periods])] if counts else [],
                   "count"),
        ),
        _questions(asked, wanted, "asked", "Its questions, the latest first", MEANING, where),
    ]  # fmt: skip


def topic_address(cluster_id: UUID, wanted: Filter) -> str:
    """The page of a topic, under the same filter."""
    return f"/analytics/gaps/topics/{quote(str(cluster_id))}?{query_of(wanted)}"


PANELS: dict[str, Make] = {
    "summary": summary,
    "topics": topics,
    "over_time": over_time,
    "belongs": belongs,
    "questions": questions,
}

_TILES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Without a good answer", tuple(SAID)),
    ("Documents are missing", ("missing",)),
    ("Unclear", ("unclear",)),
    ("Documents are there", ("present",)),
    ("Asked once", ("alone",)),
)


def _tile(title: str, totals: dict[str, Total], names: Sequence[str], questions: int) -> Tile:
    found = [totals[name] for name in names if name in totals]
    count = sum(one.questions for one in found)
    if len(names) > 1:
        return Tile(title, "count", count, says=GATHERED)
    says = f"{count:,} of {counted(questions, 'question')}. {STANDING}"
    return Tile(title, "share", count / questions if questions else None, n=questions, says=says)


def _sentence(one: Cluster) -> str:
    days = f"on {one.first_day:%d %b}" if one.first_day == one.last_day else f"since {one.first_day:%d %b}"
    far = "; the nearest passage, though far, is in " if one.standing == "missing" else ", nearest in "
    near = f"{far}{one.document_source}" if one.document_source else ""
    return f"{one.name}: asked {counted(one.questions, 'time')} {days}; {SAID[one.standing]}{near}"


def _near(cluster: Cluster, found: Sequence[NearPassage]) -> Panel:
    tiles = [
        Tile("Nearest passage", "score", cluster.nearest_score, says="The median cosine over its typical questions."),
        Tile("Nine of ten answered", "score", cluster.low_score, says="reach this with their nearest passage."),
        Tile("Three of four answered", "score", cluster.usual_score, says="reach this with their nearest passage."),
        Tile(
            "Like it, answered", "share", cluster.alike_answered / cluster.alike if cluster.alike else None,
            cluster.alike, says="Of the 1,000 latest questions, those that are like it: how many an answer cites for.",
        ),
    ]  # fmt: skip
    read = [
        Finding(
            f"{one.title}, in {one.source}, at {one.score:.3f}: {_excerpt(one.passage)}",
            f"/documents/{one.document_id}",
        )
        for one in found
    ]
    return Panel(
        "near", f"What there is: {SAID[cluster.standing]}",
        f"The passages that are nearest to its most typical questions, in all sources. {STANDING} What helps: "
        f"{REMEDIES[cluster.standing]}.",
        Table(
            "near", ("document", "source", "tags", "nearest", "passage"),
            [(one.title, one.source, _listed(one.tags), one.score, one.passage) for one in found], is_cut=False,
        ),
        "", units={"nearest": "score"}, tiles=tiles, findings=read,
        links=[
            {"document": f"/documents/{one.document_id}", "source": f"/sources/{one.source_id}"}
            for one in found
        ],
        nothing="No passage is known that is near.",
    )  # fmt: skip


def _excerpt(passage: str | None) -> str:
    """The beginning of a passage, on a line."""
    if passage is None:
        return "not served any more"
    words = " ".join(passage.split())
    return f"“{words}”" if len(words) <= 160 else f"“{words[:160]}…”"


def _questions(
    found: Sequence[OpenQuestion], wanted: Filter, key: str, title: str, says: str, where: str
) -> Panel:  # fmt: skip
    kept = found[: question_clusters.MOST_QUESTIONS]
    return Panel(
        key, title, says,
        Table(
            key, ("asked_at", "question", "topic", "answered", "disliked", "best_score", "chatbot", "source"),
            [
                (one.asked_at, one.question or "(deleted)", one.words, not one.is_unanswered, one.is_disliked,
                 one.best_score, one.chatbot, one.source)
                for one in kept
            ],
            is_cut=len(found) > len(kept),
        ),
        QUESTIONS.format(where=where), units={"best_score": "score"},
        links=[
            {"question": f"/analytics/questions/{one.answer_id}"}
            | ({"topic": topic_address(one.cluster_id, wanted)} if one.cluster_id else {})
            for one in kept
        ],
        nothing=NOTHING,
    )  # fmt: skip


def _links_of(one: Cluster, wanted: Filter) -> dict[str, str]:
    links = {"topic": topic_address(one.cluster_id, wanted)}
    return links | ({"nearest_document": f"/documents/{one.document_id}"} if one.document_id else {})


def _largest(look: Look, *, at_most: int) -> list[Cluster]:
    """The largest topics of the filter."""
    counts = look.ask(question_clusters.select_counts)
    return question_clusters.select_largest(look.connection, look.organization_id, counts, at_most=at_most)


def _listed(names: Sequence[str] | None) -> str | None:
    return ", ".join(names) if names else None


def _distinct(names: Sequence[str]) -> list[str]:
    """Names of axes: short, and no two alike."""
    told: list[str] = []
    for name in names:
        short = name if len(name) <= 44 else name[:43] + "…"
        same = sum(one == short or one.startswith(f"{short} (") for one in told)
        told.append(f"{short} ({same + 1})" if same else short)
    return told
