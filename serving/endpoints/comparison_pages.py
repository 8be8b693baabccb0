"""/analytics/configurations: two configurations of a chatbot side by side, with the questions won and lost."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal, get_args

from fastapi import Depends, FastAPI, Query, Request, Response

from resources.analytics import evaluations
from resources.analytics.evaluations import Pair
from resources.bots import chatbots
from resources.bots.configurations import model_config_versions
from resources.bots.evaluation import version_comparisons
from resources.bots.evaluation.scoring import METRIC_NAMES
from resources.bots.records import Chatbot, ModelConfigVersion
from resources.conversations import logged_comparisons
from resources.foundation.errors import Missing
from resources.foundation.statements import Connection
from resources.identity.records import Caller
from serving.authentication import Holder
from serving.endpoints.analytics_pages import Wanted, around, rendered
from serving.house import house_of

MayAnalyze = Annotated[Caller, Depends(Holder("analyze"))]
Number = Annotated[str, Query(max_length=9, pattern=r"^\d*$")]
Shown = Literal["changed", "won", "lost", "moved", "same", "all"]
QUESTIONS_ON_A_PAGE = 50
_LIFE = frozenset({
    "id", "chatbot_id", "number", "status", "active", "created_at", "created_by", "built_at", "build_problem",
    "evaluated_at", "activated_at", "activated_by", "forced_reason", "retired_at", "kept_until",
})  # fmt: skip


def add_to(app: FastAPI) -> None:
    """Serve this address."""
    app.get("/analytics/configurations", include_in_schema=False)(show_configurations)


def show_configurations(
    request: Request,
    caller: MayAnalyze,
    filter: Wanted,
    first: Number = "",
    second: Number = "",
    show: Shown = "changed",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Response:
    """Two configurations: what is different in them, and in what they find for each question."""
    organization_id = caller.organization_id
    with house_of(request).database.transaction(organization_id) as connection:
        bot = _chatbot(connection, caller, filter.chatbot)
        versions = model_config_versions.select_all(connection, organization_id, bot.id) if bot else []
        one, other = _chosen(versions, first, second, bot)
        values = around(connection, caller, filter, "retrieval", request)
        values |= {
            "bot": bot, "bots": chatbots.select_all(connection, organization_id), "versions": versions, "first": one,
            "second": other, "show": show, "shows": get_args(Shown),
            **_compared(connection, caller, one, other, show, page),
        }  # fmt: skip
    return rendered("comparison.html", values)


def _compared(
    connection: Connection,
    caller: Caller,
    first: ModelConfigVersion | None,
    second: ModelConfigVersion | None,
    show: Shown,
    page: int,
) -> dict[str, object]:
    if first is None or second is None:
        return {
            "different": [], "judged": [], "logged": None, "pairs": [], "counts": {}, "documents": {}, "page_number": 1,
            "pages_in_all": 1, "metrics": METRIC_NAMES,
        }  # fmt: skip
    organization_id = caller.organization_id
    pairs = evaluations.select_pairs(connection, organization_id, baseline_id=first.id, candidate_id=second.id)
    counts = {verdict: sum(pair.verdict == verdict for pair in pairs) for verdict in ("won", "lost", "moved", "same")}
    chosen = sorted((pair for pair in pairs if _is_shown(pair, show)), key=_most_telling)
    shown = chosen[(page - 1) * QUESTIONS_ON_A_PAGE : page * QUESTIONS_ON_A_PAGE]
    named = {id for pair in shown for id in (*pair.before_ids[:3], *pair.after_ids[:3])}
    return {
        "different": _different(first, second),
        "judged": version_comparisons.select_latest(
            connection, organization_id, baseline_id=first.id, candidate_id=second.id
        ),
        "logged": logged_comparisons.find_latest(
            connection, organization_id, baseline_id=first.id, candidate_id=second.id
        ),
        "pairs": shown, "counts": counts, "documents": evaluations.select_documents(connection, organization_id, named),
        "page_number": page, "pages_in_all": max(1, -(-len(chosen) // QUESTIONS_ON_A_PAGE)), "metrics": METRIC_NAMES,
    }  # fmt: skip


def _chatbot(connection: Connection, caller: Caller, name: str | None) -> Chatbot | None:
    """The chatbot of this name; the first one where none is named, None where there is none at all."""
    if name is None:
        return next(iter(chatbots.select_all(connection, caller.organization_id)), None)
    found = chatbots.find_by_name(connection, caller.organization_id, name)
    if found is None:
        raise Missing(f"there is no chatbot {name!r}")
    return found


def _chosen(
    versions: list[ModelConfigVersion], first: str, second: str, bot: Chatbot | None
) -> tuple[ModelConfigVersion | None, ModelConfigVersion | None]:
    """Those of these numbers; where none is said, the active one and the newest beside it."""
    known = {str(version.number): version for version in versions}
    for number in (first, second):
        if number and number not in known:
            raise Missing(f"there is no configuration {number} of {bot.name if bot else 'a chatbot'}")
    one = known[first] if first else next((version for version in versions if version.active), None)
    others = [version for version in versions if one is None or version.id != one.id]
    other = known[second] if second else (others[-1] if others else None)
    return one, other


def _is_shown(pair: Pair, show: Shown) -> bool:
    return show == "all" or pair.verdict == show or (show == "changed" and pair.verdict != "same")


def _most_telling(pair: Pair) -> tuple[float, str]:
    """The largest loss first, then the largest gain, then what only moved."""
    difference = pair.difference or 0.0
    return (difference if difference < 0 else 2 - difference if difference > 0 else 3, pair.question)


def _different(first: ModelConfigVersion, second: ModelConfigVersion) -> list[tuple[str, object, object]]:
    """What is not the same in their recipes."""
    one, other = asdict(first), asdict(second)
    return [
        (name.replace("_", " "), one[name], other[name])
        for name in one
        if name not in _LIFE and one[name] != other[name]
    ]
