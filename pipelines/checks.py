"""Asset checks. The only file that reaches Great Expectations, and only when a suite runs: its import takes 4 to 15 s.

That cost decides what runs when:

* The checks of a source are plain SQL and take milliseconds: every sync ends with them, for the source that was synced.
* `sources_on_time` is told by the sensor `due_sources` whenever a source becomes overdue or is so no longer.
* The suites hold all rows of all organizations against their contracts, the same view among them, through Great
  Expectations and in SQL. They run in the job `check_knowledge`: every night, and whenever somebody asks.

A suite's connection is bound to one organization by its options, as the pipeline's role, so that row-level security
holds for Great Expectations too. Counts reach Dagster, never the text of a row.
"""

import os
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import dagster as dg
from psycopg.conninfo import conninfo_to_dict

from pipelines import recipes
from pipelines.assets.chunks import chunks
from pipelines.assets.data_sources import data_sources
from pipelines.assets.embeddings import embeddings
from pipelines.assets.raw_documents import raw_documents
from pipelines.partitions import find_source, key, source_partitions
from resources.bindings import Embedders
from resources.foundation.database import Database, Server
from resources.foundation.errors import Unavailable
from resources.identity import organizations
from resources.knowledge.documents import sync_failures
from resources.knowledge.intake import deletions
from resources.knowledge.records import SourceListing
from resources.knowledge.sources import directory, reconciliation, scheduling

if TYPE_CHECKING:
    from great_expectations.datasource.fluent import SQLDatasource


FAILING_SHARE = 0.05


@dataclass(frozen=True)
class Rule:
    """One expectation about one table or view of the schema `knowledge`, and what it means to a person."""

    says: str
    table: str
    expectation: str
    arguments: Mapping[str, object]


@dataclass(frozen=True)
class Held:
    """What a rule found in one organization's rows. `exceptions` is None where there are no rows to try it on."""

    organization: str
    rule: Rule
    passed: bool
    rows: int
    exceptions: int | None


def _none_of(fault: str, says: str) -> Rule:
    return Rule(says, "reconciliation", "ExpectColumnValuesToBeBetween", {"column": fault, "max_value": 0})


DOCUMENTS = (
    Rule("a document has a title", "documents", "ExpectColumnValuesToMatchRegex", {"column": "title", "regex": r"\S"}),
    Rule("a media type is one", "documents", "ExpectColumnValuesToMatchRegex",
         {"column": "mime_type", "regex": r"^[a-z]+/[^\s/]+$"}),
    Rule("a language is an ISO code", "documents", "ExpectColumnValuesToMatchRegex",
         {"column": "language", "regex": r"^[a-z]{2,3}$"}),
    _none_of("documents_without_version", "a ready document has a version that readers see"),
    _none_of("documents_without_chunks", "a ready document has chunks"),
    _none_of("failures_without_reason", "a failed document has its reason in knowledge.sync_failures"),
)  # fmt: skip
CHUNKS = (
    Rule("a chunk says something", "chunk_health", "ExpectColumnValuesToBeInSet",
         {"column": "is_blank", "value_set": [False]}),
    Rule("a chunk fits a model's window", "chunk_health", "ExpectColumnValuesToBeBetween",
         {"column": "token_count", "min_value": 1, "max_value": 8191}),
    Rule("a chunk ends after it begins", "chunk_health", "ExpectColumnPairValuesAToBeGreaterThanB",
         {"column_A": "end_char", "column_B": "start_char"}),
    Rule("pages are counted from 1", "chunk_health", "ExpectColumnValuesToBeBetween",
         {"column": "page", "min_value": 1}),
    _none_of("orphaned_chunks", "a visible chunk belongs to the version that readers see"),
    _none_of("cuts_with_gaps", "the chunks of a version are numbered without gaps"),
)  # fmt: skip
EMBEDDINGS = (
    _none_of("chunks_without_vector", "a visible chunk has a vector"),
    Rule("a vector has its model's size", "vector_health", "ExpectColumnPairValuesToBeEqual",
         {"column_A": "dimension", "column_B": "expected_dimension"}),
    Rule("a vector is finite and of length 1", "vector_health", "ExpectColumnValuesToBeBetween",
         {"column": "length", "min_value": 0.99, "max_value": 1.01}),
    Rule("a vector's text stands in a chunk", "vector_health", "ExpectColumnValuesToBeBetween",
         {"column": "is_used", "min_value": 1}),
)  # fmt: skip


with warnings.catch_warnings():
    # a check's result for each partition is in preview; without it the last synced source would speak for all
    warnings.simplefilter("ignore", dg.PreviewWarning)

    @dg.asset_check(asset=embeddings, partitions_def=source_partitions)
    def source_agrees(
        context: dg.AssetCheckExecutionContext,
        database: dg.ResourceParam[Database],
        embedders: dg.ResourceParam[Embedders],
    ) -> dg.AssetCheckResult:
        """Documents, chunks and vectors of the source agree: nothing missing, nothing orphaned, no unsound vector."""
        return agreement(database, embedders, context.partition_key)

    @dg.asset_check(asset=raw_documents, partitions_def=source_partitions)
    def items_succeed(
        context: dg.AssetCheckExecutionContext, database: dg.ResourceParam[Database]
    ) -> dg.AssetCheckResult:
        """At most one item in twenty of the source fails. Those that do are told by 'millrace failures list'."""
        return success(database, context.partition_key)

    @dg.asset_check(asset=raw_documents, partitions_def=source_partitions)
    def deletions_decided(
        context: dg.AssetCheckExecutionContext, database: dg.ResourceParam[Database]
    ) -> dg.AssetCheckResult:
        """No deletions of the source wait for somebody's word: they are told by 'millrace deletions list'."""
        return decision(database, context.partition_key)


@dg.asset_check(asset=data_sources)
def sources_on_time(database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
    """No source has missed more than three of its times. The sensor `due_sources` tells as soon as that changes."""
    with database.directory() as connection:
        entries = directory.select_all(connection)
    return punctuality([entry for entry in entries if scheduling.is_overdue(entry)])


source_checks = [source_agrees, items_succeed, deletions_decided]


def evaluations(database: Database, embedders: Embedders, partition_key: str) -> Iterator[dg.AssetCheckEvaluation]:
    """Every check of one source, as a run tells it that is no run of the assets themselves."""
    yield _evaluation("embeddings", "source_agrees", partition_key, agreement(database, embedders, partition_key))
    yield _evaluation("raw_documents", "items_succeed", partition_key, success(database, partition_key))
    yield _evaluation("raw_documents", "deletions_decided", partition_key, decision(database, partition_key))


def agreement(database: Database, embedders: Embedders, partition_key: str) -> dg.AssetCheckResult:
    """Whether documents, chunks and vectors of a source agree."""
    organization_id, source = find_source(database, partition_key)
    wanted = [recipe for recipe, _ in recipes.recipes(database, organization_id, source.id, embedders=embedders)]
    with database.transaction(organization_id) as connection:
        found = reconciliation.get(connection, organization_id, source.id)
        missing = reconciliation.count_missing(connection, organization_id, source.id, recipes=wanted)
    faults = {**found.faults, "missing_under_the_active_recipes": missing}
    said = [f"{count} {name.replace('_', ' ')}" for name, count in faults.items() if count]
    return dg.AssetCheckResult(
        passed=not said,
        description="; ".join(said)
        or f"{found.ready} documents, {found.chunks} chunks and {found.vectors} vectors agree",
        metadata={"documents": found.documents, "ready": found.ready, "waiting": found.waiting,
                  "failed": found.failed, "chunks": found.chunks, "vectors": found.vectors, **faults},
    )  # fmt: skip


def success(database: Database, partition_key: str) -> dg.AssetCheckResult:
    """Whether few enough items of a source fail."""
    organization_id, source = find_source(database, partition_key)
    with database.transaction(organization_id) as connection:
        failing = sync_failures.count_at(connection, organization_id, source.id, stages=sync_failures.STAGES)
        documents = reconciliation.count(connection, organization_id, source.id, what="documents")
    return dg.AssetCheckResult(
        passed=failing <= FAILING_SHARE * max(documents, failing),
        severity=dg.AssetCheckSeverity.WARN,
        description=f"{failing} items fail beside {documents} documents",
        metadata={"failing": failing, "documents": documents},
    )


def decision(database: Database, partition_key: str) -> dg.AssetCheckResult:
    """Whether deletions of a source wait, since they were too many to follow unasked."""
    organization_id, source = find_source(database, partition_key)
    with database.transaction(organization_id) as connection:
        waiting = deletions.select_waiting(connection, organization_id, source_id=source.id)
    held = sum(batch.documents for batch in waiting)
    return dg.AssetCheckResult(
        passed=not waiting,
        description=f"{held} documents that the source lists no more are kept until somebody decides: "
        "millrace deletions approve or reject"
        if waiting
        else "no deletions wait",
        metadata={"held": held, "batches": ", ".join(str(batch.id) for batch in waiting) or "none"},
    )


def punctuality(late: Sequence[SourceListing]) -> dg.AssetCheckResult:
    """Which sources are overdue: since when, and how often they should be synced."""
    return dg.AssetCheckResult(
        passed=not late,
        description=f"overdue: {', '.join(key(entry.organization_slug, entry.name) for entry in late)}"
        if late
        else "every source is on time",
        metadata={"overdue": len(late), "sources": dg.MetadataValue.table([_late(entry) for entry in late], _LATE)},
    )


def evaluation_of_punctuality(late: Iterable[SourceListing]) -> dg.AssetCheckEvaluation:
    """The same, as the sensor tells it."""
    return _evaluation("data_sources", "sources_on_time", None, punctuality(list(late)))


_LATE = dg.TableSchema(
    [
        dg.TableColumn("source", "string"),
        dg.TableColumn("due", "string"),
        dg.TableColumn("last_sync", "string"),
        dg.TableColumn("times", "string"),
    ]
)


def _late(entry: SourceListing) -> dg.TableRecord:
    return dg.TableRecord(
        {
            "source": key(entry.organization_slug, entry.name),
            "due": scheduling.due_at(entry).isoformat(timespec="seconds"),
            "last_sync": entry.last_sync.isoformat(timespec="seconds") if entry.last_sync else "never",
            "times": f"{entry.cron} {entry.time_zone}" if entry.cron else f"every {entry.sync_frequency} s",
        }
    )


def _evaluation(
    asset: str, name: str, partition_key: str | None, found: dg.AssetCheckResult
) -> dg.AssetCheckEvaluation:
    return dg.AssetCheckEvaluation(
        asset_key=dg.AssetKey(asset), check_name=name, passed=found.passed, severity=found.severity,
        description=found.description, metadata=found.metadata, partition=partition_key,
    )  # fmt: skip


def _suite_check(asset: dg.AssetsDefinition, name: str, says: str, rules: tuple[Rule, ...]) -> dg.AssetChecksDefinition:
    @dg.asset_check(asset=asset, name=name, description=says)
    def check(server: dg.ResourceParam[Server], database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
        held = list(hold(server, database, name, rules))
        broken = [one for one in held if not one.passed]
        return dg.AssetCheckResult(
            passed=not broken,
            description="; ".join(f"{one.organization}: not always true that {one.rule.says}" for one in broken)
            or f"{len(rules)} expectations hold",
            metadata={"expectations": len(held), "broken": len(broken), "results": _table(held)},
        )

    return check


suite_checks = [
    _suite_check(raw_documents, "documents_hold", "Great Expectations: what a document row must be.", DOCUMENTS),
    _suite_check(chunks, "chunks_hold", "Great Expectations: what a chunk must be, and where it belongs.", CHUNKS),
    _suite_check(embeddings, "embeddings_hold", "Great Expectations: what a vector must be.", EMBEDDINGS),
]


def hold(server: Server, database: Database, name: str, rules: tuple[Rule, ...]) -> Iterator[Held]:
    """Try a suite on the rows of each organization."""
    with database.directory() as connection:
        tenants = organizations.select_all(connection)
    for tenant in tenants:
        with _datasource(server, tenant.id) as datasource:
            yield from _hold_one(datasource, tenant.slug, name, rules)


def _hold_one(datasource: "SQLDatasource", organization: str, name: str, rules: tuple[Rule, ...]) -> Iterator[Held]:
    import great_expectations as gx

    for table in dict.fromkeys(rule.table for rule in rules):
        of_table = [rule for rule in rules if rule.table == table]
        asset = datasource.add_table_asset(table, table_name=table, schema_name="knowledge")
        expectations = [
            getattr(gx.expectations, rule.expectation)(**rule.arguments, meta={"says": rule.says}) for rule in of_table
        ]
        batch = asset.add_batch_definition_whole_table("all").get_batch()
        results = batch.validate(gx.ExpectationSuite(name, expectations=expectations))
        by_meaning = {found.expectation_config.meta["says"]: found for found in results.results}
        for rule in of_table:
            found = by_meaning[rule.says]
            if not found.success and "unexpected_count" not in found.result:
                raise Unavailable(f"it could not be tried whether {rule.says}: {found.exception_info}")
            rows, exceptions = found.result.get("element_count") or 0, found.result.get("unexpected_count")
            yield Held(organization, rule, bool(found.success), rows, exceptions)


@contextmanager
def _datasource(server: Server, organization_id: UUID) -> "Iterator[SQLDatasource]":
    os.environ["GX_ANALYTICS_ENABLED"] = "false"  # it is read while the package is imported
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    arguments: dict[str, Any] = conninfo_to_dict(server.conninfo("millrace_pipeline"))
    arguments["options"] = f"{arguments.get('options', '')} -c millrace.organization_id={organization_id}"
    datasource: SQLDatasource = context.data_sources.add_sql(
        f"millrace-{organization_id}", connection_string="postgresql+psycopg://", kwargs={"connect_args": arguments}
    )
    try:
        yield datasource
    finally:
        datasource.get_execution_engine().close()


def _table(held: list[Held]) -> dg.TableMetadataValue:
    return dg.MetadataValue.table(
        [
            dg.TableRecord(
                {
                    "organization": one.organization,
                    "expectation": one.rule.says,
                    "table": f"knowledge.{one.rule.table}",
                    "passed": one.passed,
                    "rows": one.rows,
                    "exceptions": one.exceptions or 0,
                }
            )
            for one in held
        ]
    )
