"""The asset `index_health`: the indexes of vectors, made where they pay, and what search is told by its statistics."""

from uuid import UUID

import dagster as dg

from pipelines.assets.embeddings import embeddings
from resources.bindings import Progress
from resources.foundation.database import Database, Server
from resources.identity import organizations
from resources.knowledge.search import index_recalls, search_health, vector_indexes
from resources.knowledge.search.search_health import Recall

LEAST_RECALL = 0.9


@dg.asset(
    deps=[embeddings],
    group_name="knowledge",
    kinds={"postgres", "pgvector"},
    owners=["team:data-engineering"],
    metadata={"dagster/table_name": "knowledge.vector_indexes"},
    code_version="1",
)
def index_health(
    server: dg.ResourceParam[Server], database: dg.ResourceParam[Database], progress: dg.ResourceParam[Progress]
) -> dg.MaterializeResult[None]:
    """The vector index of each model that has many vectors: made, made again or dropped as they have become.

    Builds run beside what serves; one that was killed is made good here. Where there is no index, search compares all.
    """
    records: list[dg.TableRecord] = []
    steps = 0
    for organization_id, slug in _organizations(database):
        done = vector_indexes.keep(server, database, organization_id, progress=progress)
        steps += len(done)
        with database.transaction(organization_id) as connection:
            for index in vector_indexes.select_all(connection, organization_id):
                records.append(
                    dg.TableRecord(
                        {"organization": slug, "model": index.model, "dimension": index.dimension,
                         "vectors": index.vectors, "index": "serves" if index.serves else "none",
                         "megabytes": round(index.index_bytes / 2**20, 1), "bloat": round(index.bloat, 2),
                         "done": done.get(index.model, "")}
                    )
                )  # fmt: skip
    return dg.MaterializeResult(
        metadata={"steps": steps, "dagster/row_count": len(records),
                  "indexes": dg.MetadataValue.table(records, schema=_SCHEMA)}
    )  # fmt: skip


@dg.asset_check(asset=index_health)
def indexes_are_sound(database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
    """Each model with many vectors has an index that is whole and not bloated, and pgvector is new enough for it."""
    problems: list[str] = []
    for organization_id, slug in _organizations(database):
        with database.transaction(organization_id) as connection:
            for index in vector_indexes.select_all(connection, organization_id):
                found = vector_indexes.problem_of(index)
                if index.is_indexed:
                    found = found or vector_indexes.version_warning(index.pgvector_version)
                problems += [f"{slug}: {found}"] if found else []
    return dg.AssetCheckResult(
        passed=not problems, severity=dg.AssetCheckSeverity.WARN, description="; ".join(problems) or "all are sound",
        metadata={"problems": len(problems)},
    )  # fmt: skip


@dg.asset_check(asset=index_health)
def indexes_find_the_nearest(database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
    """Along each index, in the whole and in sources of several sizes, at least nine of the ten nearest are found."""
    recalls: list[tuple[str, Recall]] = []
    for organization_id, slug in _organizations(database):
        measured = list(search_health.recalls(database, organization_id))
        recalls += [(slug, recall) for recall in measured]
        with database.transaction(organization_id) as connection:
            for recall in measured:
                index_recalls.create(connection, organization_id, recall)
    low = [f"{slug}: {_said(recall)}" for slug, recall in recalls if recall.high < LEAST_RECALL]
    short = [f"{slug}: {recall.short} answers too short" for slug, recall in recalls if recall.short]
    return dg.AssetCheckResult(
        passed=not low and not short,
        description="; ".join(low + short) or f"{len(recalls)} scopes were asked",
        metadata={
            "least": min((recall.value for _, recall in recalls), default=1.0),
            "recall": dg.MetadataValue.md("\n".join(f"- {slug}: {_said(recall)}" for slug, recall in recalls) or "-"),
        },
    )


@dg.asset_check(asset=index_health)
def statistics_agree(database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
    """What BM25 and the planner go by agrees with the rows: lengths, counts of words, and how many rows there are."""
    drifts = [
        f"{slug}: {drift}"
        for organization_id, slug in _organizations(database)
        for drift in search_health.drifts(database, organization_id)
    ]
    return dg.AssetCheckResult(
        passed=not drifts, severity=dg.AssetCheckSeverity.WARN, description="; ".join(drifts) or "they agree",
        metadata={"drifts": len(drifts)},
    )  # fmt: skip


health_checks = [indexes_are_sound, indexes_find_the_nearest, statistics_agree]

index_vectors = dg.define_asset_job(
    "index_vectors",
    selection=dg.AssetSelection.assets("index_health").without_checks() | dg.AssetSelection.checks(*health_checks),
    executor_def=dg.in_process_executor,
    description="Make the vector indexes that pay, and check that searches along them find what an exact one finds.",
)

index_schedule = dg.ScheduleDefinition(
    name="daily_indexing",
    job=index_vectors,
    cron_schedule="10 2 * * *",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="The indexes of vectors and their health, once a night.",
)


def _organizations(database: Database) -> list[tuple[UUID, str]]:
    with database.directory() as connection:
        return [(one.id, one.slug) for one in organizations.select_all(connection)]


def _said(recall: Recall) -> str:
    return (
        f"{recall.model}, {recall.visible:,} passages: recall@10 {recall.value:.3f} "
        f"({recall.low:.3f}–{recall.high:.3f}, n = {recall.questions})"
    )


_SCHEMA = dg.TableSchema(
    [
        dg.TableColumn("organization", "string"),
        dg.TableColumn("model", "string"),
        dg.TableColumn("dimension", "int"),
        dg.TableColumn("vectors", "int"),
        dg.TableColumn("index", "string"),
        dg.TableColumn("megabytes", "float"),
        dg.TableColumn("bloat", "float", description="how many times larger than a fresh one"),
        dg.TableColumn("done", "string", description="what was done about it now"),
    ]
)
