"""One partition for each data source, never one for each document, and one for each chatbot.

A key is `<organization's slug>/<name of the source or chatbot>`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import dagster as dg

from resources.foundation.database import Database
from resources.foundation.errors import Missing
from resources.identity import organizations
from resources.knowledge.records import DataSource
from resources.knowledge.sources import data_sources

PARTITIONS_NAME = "data_sources"
CHATBOTS_NAME = "chatbots"
PARTITION_TAG = "dagster/partition"

source_partitions = dg.DynamicPartitionsDefinition(name=PARTITIONS_NAME)
chatbot_partitions = dg.DynamicPartitionsDefinition(name=CHATBOTS_NAME)


# Dagster's policies know assets, not their partitions: this one tells whether anything is followed at all. The times of
# each source are kept by the check `sources_on_time`.
FOLLOWED = dg.FreshnessPolicy.time_window(warn_window=timedelta(hours=25), fail_window=timedelta(days=8))


def key(organization_slug: str, source_name: str) -> str:
    """The partition of a source. Neither part can hold a slash (the schema sees to that)."""
    return f"{organization_slug}/{source_name}"


def parse(partition_key: str) -> tuple[str, str]:
    """The organization's slug and the source's name. Raises ValueError for what is no key."""
    slug, slash, name = partition_key.partition("/")
    if not (slug and slash and name) or "/" in name:
        raise ValueError(f"{partition_key!r} is no partition of a source: those are named organization/source")
    return slug, name


def keep_chatbots(instance: dg.DagsterInstance, keys: Sequence[str]) -> None:
    """Let there be a partition for each of these chatbots, and for no other."""
    known = set(instance.get_dynamic_partitions(CHATBOTS_NAME))
    instance.add_dynamic_partitions(CHATBOTS_NAME, [name for name in keys if name not in known])
    for gone in sorted(known - set(keys)):
        instance.delete_dynamic_partition(CHATBOTS_NAME, gone)


def find_source(database: Database, partition_key: str) -> tuple[UUID, DataSource]:
    """The organization and the source of a partition; raises Missing when either is gone."""
    slug, name = parse(partition_key)
    with database.directory() as connection:
        organization = organizations.find_by_slug(connection, slug)
    if organization is None:
        raise Missing(f"there is no organization {slug!r}: its partition is removed at the sensor's next tick")
    with database.transaction(organization.id) as connection:
        source = data_sources.find_by_name(connection, organization.id, name)
    if source is None:
        raise Missing(f"{slug} has no source {name!r}: add it with 'millrace source add'")
    return organization.id, source
