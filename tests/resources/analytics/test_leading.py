"""From what changed to where to look: each sentence leads to the page and the filter that show it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from urllib.parse import parse_qs, urlsplit

from resources.analytics.comparing import Parts, change
from resources.analytics.defining import METRICS
from resources.analytics.leading import PLACES, findings, narrowed, tiles
from resources.analytics.measuring import measures, share
from resources.analytics.pages import PAGES
from resources.analytics.records import Change, Filter, Freshness, Overview

WEEK = Filter(date(2026, 11, 8), date(2026, 11, 15))


def overview(*changes: Change, sources: tuple[Freshness, ...] = ()) -> Overview:
    told = {one.key: one for one in changes}
    nothing = {one.key: one for one in measures(None, None)}
    return Overview(WEEK, [told.get(key) or change(nothing[key], nothing[key], {}) for key in METRICS], sources)


def fallen() -> Change:
    before, now = share("answered_rate", 850, 1000), share("answered_rate", 600, 1000)
    good, bad = share("answered_rate", 450, 500), share("answered_rate", 150, 500)
    parts: dict[str, tuple[Parts, Parts]] = {"configuration": ({"mill #1": before}, {"mill #1": good, "mill #2": bad})}
    return change(now, before, parts)


def test_every_metric_has_a_place_on_a_page_that_exists() -> None:
    assert set(PLACES) == set(METRICS)
    for page, panel in PLACES.values():
        assert not panel or panel in PAGES[page].panels


def test_a_fall_is_told_with_its_interval_and_leads_to_its_cause() -> None:
    [found] = findings(overview(fallen()))
    assert found.is_better is False
    assert found.says.startswith(
        "Answered fell from 85.0 % to 60.0 %. The difference is -25.0 points, 95 % interval -2"
    )
    assert "n = 1,000 and 1,000" in found.says
    [lead] = found.leads
    assert "configuration mill #2" in lead.says
    assert parse_qs(urlsplit(lead.address).query) == {
        "since": ["2026-11-08"], "until": ["2026-11-15"], "chatbot": ["mill"], "configuration": ["2"],
    }  # fmt: skip


def test_a_source_that_is_out_of_date_is_named_and_counted() -> None:
    at = datetime(2026, 7, 12, tzinfo=UTC)
    sources = (Freshness("prices", at, 9e6, True, at), Freshness("rules", at, 9.0, False, at),
               Freshness("inbox", None, None, None, None))  # fmt: skip
    told = overview(sources=sources)
    [found] = findings(told)
    assert found.says == "The source prices was last in step on 12 Jul 2026: it misses its times."
    assert parse_qs(urlsplit(found.address).query)["source"] == ["prices"]
    last = tiles(told)[-1]
    assert (last.title, last.value, last.n) == ("Sources in step", 1, 2)


def test_of_nothing_nothing_is_told_and_tiles_are_not_defined() -> None:
    told = overview()
    assert findings(told) == []
    assert [tile.value for tile in tiles(told)][:2] == [0, None]
    assert tiles(told)[-1].value is None


def test_a_configuration_is_asked_for_by_its_chatbot_and_number() -> None:
    assert narrowed("configuration", "a #b #12") == {"chatbot": "a #b", "configuration": 12}
    assert narrowed("source", "a #1") == {"source": "a #1"}
