"""The page of costs tells which prices held, marks where one changed, and names those that its forecast cannot know."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from resources.analytics.pages.cost import PANELS
from resources.analytics.panels import look_at
from resources.analytics.records import Filter
from resources.foundation.database import Database
from resources.identity import model_prices
from tests.resources.identity.test_model_prices import plant, small


def test_the_day_of_a_change_is_marked_and_each_price_that_holds_or_will_is_told(
    database: Database, organization_id: UUID
) -> None:
    with database.transaction(organization_id) as connection:
        for since, amount in (("-infinity", 1), ("-20", 2), ("-3", 4), ("400", 8)):
            plant(connection, organization_id, since, small(amount))
        changed = model_prices.select_page(connection, organization_id)[2].since
        assert changed is not None
        wanted = Filter(changed - timedelta(days=4), changed + timedelta(days=3))
        look = look_at(connection, organization_id, wanted)
        figure = PANELS["over_time"](look).figure
        assert figure is not None
        assert figure.marks == [(changed, "price")]
        assert [row[3] for row in PANELS["prices"](look).table.rows] == [2, 4, 8]


def test_the_forecast_says_which_prices_of_this_month_it_does_not_know(
    database: Database, organization_id: UUID
) -> None:
    with database.transaction(organization_id) as connection:
        for days, amount in (("0", 7), ("1", 8), ("40", 9)):
            plant(connection, organization_id, days, small(amount))
        today = datetime.now(UTC).date()
        look = look_at(connection, organization_id, Filter(today - timedelta(days=7), today))
        said = " ".join(each.says for each in PANELS["budget"](look).findings)
    told = [amount for amount in (7, 8, 9) if f"a million tokens of small cost {amount} read" in said]
    assert told == ([8] if (today + timedelta(days=1)).month == today.month else [])
