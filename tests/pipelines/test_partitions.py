"""A partition names a source, and only a source."""

from __future__ import annotations

import dagster as dg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.partitions import PARTITIONS_NAME, find_source, key, parse
from resources.foundation.database import Database
from resources.foundation.errors import Missing

SLUGS = st.from_regex(r"[a-z0-9][a-z0-9-]{0,62}", fullmatch=True)
NAMES = st.from_regex(r"[a-zA-Z0-9äß中][a-zA-Z0-9äß中 ._-]{0,99}", fullmatch=True).filter(lambda name: ".." not in name)


@given(SLUGS, NAMES)
def test_a_key_leads_back_to_its_organization_and_source(slug: str, name: str) -> None:
    assert parse(key(slug, name)) == (slug, name)


@settings(max_examples=10)
@given(st.lists(st.builds(key, SLUGS, NAMES), min_size=10, max_size=10, unique=True))
def test_dagster_takes_every_key_that_a_source_can_have(keys: list[str]) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(PARTITIONS_NAME, keys)
        assert sorted(instance.get_dynamic_partitions(PARTITIONS_NAME)) == sorted(keys)


@pytest.mark.parametrize("wrong", ["", "acme", "/docs", "acme/", "acme/docs/more"])
def test_what_is_no_key_is_refused_by_name(wrong: str) -> None:
    with pytest.raises(ValueError, match="organization/source"):
        parse(wrong)


def test_a_source_that_is_gone_is_missing(database: Database) -> None:
    with pytest.raises(Missing, match="nobody"):
        find_source(database, "nobody/docs")
