"""Say what a sync of sources would do, take and cost, in JSON lines; nothing is written, and no run is made of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from pipelines import recipes
from pipelines.execution import House, Teller, say, wanted
from pipelines.partitions import find_source, key
from resources.bindings import Embedders
from resources.foundation.errors import MillraceError
from resources.foundation.files import ObjectStore
from resources.foundation.secrets import Keyring
from resources.knowledge.intake import forecasts
from resources.knowledge.intake.forecasts import Forecast
from resources.knowledge.intake.planning import Estimate
from resources.knowledge.readers.workers import ParserPool

_WHOLE = ("new", "changed", "unchanged", "moved", "failed", "chunks", "embedded", "reused", "tokens")
_DIGITS = 6


def plan(house: House, organization_slug: str, names: Sequence[str]) -> int:
    """Plan these sources one after the other; 1 when one cannot be listed. Raises Missing for a name that is none."""
    found = wanted(house.database, organization_slug, names)
    outcomes = [_plan_one(house, organization_slug, name) for name in found]
    return 0 if all(outcomes) else 1


def _plan_one(house: House, organization_slug: str, name: str) -> bool:
    organization_id, source = find_source(house.database, key(organization_slug, name))
    opened, teller = house.resources, Teller(name)
    try:
        found = forecasts.forecast(
            house.database, organization_id, source.id, store=cast(ObjectStore, opened["store"]),
            keyring=cast(Keyring, opened["keyring"]), parsers=cast(ParserPool, opened["parser_pool"]),
            wanted=recipes.foreseen(
                house.database, organization_id, source.id, embedders=cast(Embedders, opened["embedders"])
            ),
            progress=teller,
        )  # fmt: skip
    except MillraceError as error:
        teller.finish()
        say({"event": "failed", "source": name, "reason": str(error)})
        return False
    teller.finish()
    say({"event": "planned", **told(found)})
    return True


def told(found: Forecast) -> dict[str, object]:
    """A forecast as JSON can hold it. `intervals`: the 95 % bounds of what is estimated; none where all was read."""
    counts: dict[str, Estimate] = {name: getattr(found, name) for name in _WHOLE}
    intervals = {name: [round(one.low), round(one.high)] for name, one in counts.items() if one.low < one.high}
    exact = {"cost": found.cost, "seconds": found.seconds}
    bounds = {
        name: _rounded(one.low, one.high) for name, one in exact.items() if one is not None and one.low < one.high
    }
    budget = found.budget
    return {
        "source": found.source, "listed": found.listed, **{name: round(one.value) for name, one in counts.items()},
        "vanished": found.vanished, "deleted": found.deleted, "held": found.held,
        **{name: None if one is None else _rounded(one.value)[0] for name, one in exact.items()},
        "currency": None if budget is None else budget.currency,
        "left_of_budget": None if budget is None else float(budget.left),
        "models": [
            {"model": one.model, "embedded": round(one.embedded.value), "tokens": round(one.tokens.value),
             "cost": None if one.cost is None else _rounded(one.cost.value)[0]}
            for one in found.models
        ],
        "read": found.read, "of": found.of, "is_estimate": found.read < found.of, "intervals": {**intervals, **bounds},
        "cut_short": found.cut_short,
    }  # fmt: skip


def _rounded(*bounds: float) -> list[float]:
    return [round(bound, _DIGITS) for bound in bounds]
