"""A source reads by one SELECT: what is more, or cannot be told for sure, is refused."""

from __future__ import annotations

import pytest

from resources.foundation.errors import Misconfigured
from resources.knowledge.connectors.querying import single_select


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("select 1", "select 1"),
        (" SELECT a FROM t ; ", "SELECT a FROM t"),
        ("select ';', \"a;b\", `c;d` from t;;", "select ';', \"a;b\", `c;d` from t"),
        ("select 'it''s; fine'", "select 'it''s; fine'"),
        ("select $q$ ; ' $q$", "select $q$ ; ' $q$"),
        ("with a as (select 1) select * from a", "with a as (select 1) select * from a"),
        ("(select 1) union (select 2)", "(select 1) union (select 2)"),
        ("select 1 -- ; it's (\n, 2 /* ' ; ( */ ; -- end", "select 1  \n, 2"),
        (r"select regexp_replace(a, '\s+;', ' ') from t", r"select regexp_replace(a, '\s+;', ' ') from t"),
    ],
)
def test_one_select_is_kept(query: str, kept: str) -> None:
    assert single_select(query) == kept


@pytest.mark.parametrize(
    "query",
    [
        "",
        "delete from t",
        "select 1; drop table t",
        "select 1; select 2",
        "select 1) q; drop table t; select * from (select 1",
        "select (1",
        r"select 'a\'; drop table t; --'",
        r"select 'a\\'; drop table t",
        "select 'open",
        "select /* open",
        "select a$$; drop table t; select $$b",
        "select 1 /* /* */ ; drop table t */",
        "explain select 1",
        "selection",
    ],
)
def test_anything_else_is_refused(query: str) -> None:
    with pytest.raises(Misconfigured):
        single_select(query)
