"""What is taken away is whole, however much it is, and keeps its types."""

from __future__ import annotations

import io
from decimal import Decimal
from uuid import UUID

import polars

from resources.analytics import exports

AN_ID = UUID(int=7)


def test_parquet_holds_more_rows_than_are_taken_at_a_time_also_where_a_column_begins_late() -> None:
    count = 2 * exports.AT_ONCE + 3
    rows = ((at, AN_ID if at == count - 1 else None, Decimal("0.5")) for at in range(count))
    file = io.BytesIO()
    assert exports.write_parquet(("number", "id", "cost"), rows, file) == count
    read = polars.read_parquet(file.getvalue())
    assert read["number"].to_list() == list(range(count))
    assert (read["id"][0], read["id"][-1], read["cost"].sum()) == (None, str(AN_ID), count / 2)


def test_parquet_of_no_rows_has_its_columns() -> None:
    file = io.BytesIO()
    assert exports.write_parquet(("number", "id"), iter(()), file) == 0
    assert polars.read_parquet(file.getvalue()).columns == ["number", "id"]
