"""A plan is shown with what it takes and costs, and with what a person should know before they say yes."""

from __future__ import annotations

import pytest

from serving.commands import plans

COUNTS = ("listed", "new", "changed", "unchanged", "moved", "failed", "chunks", "embedded", "reused")


def test_a_plan_is_shown_with_what_a_person_should_know(capsys: pytest.CaptureFixture[str]) -> None:
    plan: dict[str, object] = {
        **dict.fromkeys(COUNTS, 1), "source": "docs", "vanished": 30, "deleted": 0, "held": 30,
        "tokens": 2_000_000, "cost": 0.04, "currency": "EUR", "left_of_budget": 0.03, "seconds": 240.0,
        "models": [{"model": "small", "embedded": 1, "tokens": 2_000_000, "cost": 0.04}], "read": 200, "of": 5_000,
        "is_estimate": True, "intervals": {"tokens": [1_900_000, 2_100_000], "cost": [0.038, 0.042]},
        "cut_short": None,
    }  # fmt: skip
    failed = {"source": "wiki", "reason": "it does not answer"}
    plans.show([plan, failed, {**plan, "source": "free", "cost": 0.0}])
    told = " ".join("".join(capsys.readouterr()).split())
    for sentence in (
        "docs: about 2,000,000 tokens for about 0.040 EUR, of 0.030 that are left in this month, in about 4 min",
        "Estimated from 200 of 5,000 documents; 95 %: tokens 1,900,000 to 2,100,000, cost 0.038 to 0.042.",
        "That may be more than is left of the budget",
        "30 deletions would wait for somebody's word",
        "source wiki: it does not answer",
        "2,000,000 tokens, free",
    ):
        assert sentence in told
    plans.show([{**plan, "cost": None, "models": [{"model": "small", "cost": None}], "seconds": None}])
    told = " ".join(capsys.readouterr().out.split())
    assert "a cost that is not known: set the price of small with 'millrace price set'" in told
    assert "in a time that no former sync tells" in told
