"""The asset `model_config_versions`: the recipes that chatbots answer by at present, and those that may come next."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import dagster as dg

from resources.bots import chatbots
from resources.bots.configurations import model_config_versions as versions
from resources.bots.records import Chatbot, ModelConfigVersion
from resources.foundation.database import Database
from resources.identity import organizations

Configured = tuple[UUID, str, Chatbot, ModelConfigVersion]


@dg.asset(
    group_name="bots",
    kinds={"postgres"},
    owners=["team:data-science"],
    metadata={"dagster/table_name": "bots.model_config_versions"},
    code_version="1",
)
def model_config_versions(database: dg.ResourceParam[Database]) -> dg.MaterializeResult[None]:
    """The recipe that each chatbot answers by: its models, how texts are cut, how many passages and how scores weigh.

    A recipe is frozen: whoever changes one makes a new version, and one of them is active. Sources are cut and embedded
    as the active versions ask for, and then as those do that are being built, or that served until lately.
    """
    return dg.MaterializeResult(metadata=describe(database))


def describe(database: Database) -> dict[str, int | dg.TableMetadataValue]:
    """What chatbots answer by now, and what is kept ready beside it."""
    kept = _select(database, _is_kept)
    configured = [one for one in kept if one[3].active]
    beside = [one for one in kept if not one[3].active]
    return {
        "dagster/row_count": len(configured),
        "active": dg.MetadataValue.table([_row(*one) for one in configured], schema=_SCHEMA),
        "beside": dg.MetadataValue.table([_row(*one) for one in beside], schema=_SCHEMA),
        "building": sum(version.status == "building" for *_, version in beside),
        "evaluated": sum(version.status == "evaluated" for *_, version in beside),
        "not_whole": sum(version.build_problem is not None for *_, version in beside),
    }


def select_configured(database: Database) -> list[Configured]:
    """Every chatbot of every organization with its active version."""
    return _select(database, lambda version: version.active)


def _is_kept(version: ModelConfigVersion) -> bool:
    """Whether it serves, or is made ready beside what does: being built, or served until lately."""
    if version.status in ("building", "evaluated", "active"):
        return True
    return version.kept_until is not None and version.kept_until > datetime.now(UTC)


def _select(database: Database, is_meant: Callable[[ModelConfigVersion], bool]) -> list[Configured]:
    with database.directory() as connection:
        tenants = organizations.select_all(connection)
    configured: list[Configured] = []
    for tenant in tenants:
        with database.transaction(tenant.id) as connection:
            configured += [
                (tenant.id, tenant.slug, chatbot, version)
                for chatbot in chatbots.select_all(connection, tenant.id)
                for version in versions.select_all(connection, tenant.id, chatbot.id)
                if is_meant(version)
            ]
    return configured


_SCHEMA = dg.TableSchema(
    [
        dg.TableColumn("organization", "string"),
        dg.TableColumn("chatbot", "string"),
        dg.TableColumn("version", "int"),
        dg.TableColumn("status", "string"),
        dg.TableColumn("embedding_model", "string"),
        dg.TableColumn("embedding_model_version", "string"),
        dg.TableColumn("llm_model", "string"),
        dg.TableColumn("reranker_model", "string"),
        dg.TableColumn("retrieval_k", "int", description="how many passages an answer is made from"),
        dg.TableColumn("lexical_weight", "float", description="the share of BM25 in a passage's score"),
        dg.TableColumn("chunk_size", "int", description="characters, at most"),
        dg.TableColumn("chunk_overlap", "int", description="characters"),
        dg.TableColumn("off_topic_threshold", "float", description="a share of BM25's most; nothing is found below it"),
        dg.TableColumn("query_understanding", "string", description="what a question becomes before the search"),
        dg.TableColumn("max_per_document", "int", description="passages of one document, at most"),
        dg.TableColumn("problem", "string", description="why it is not whole"),
    ]
)


def _row(_: UUID, organization: str, chatbot: Chatbot, version: ModelConfigVersion) -> dg.TableRecord:
    return dg.TableRecord(
        {
            "organization": organization,
            "chatbot": chatbot.name,
            "version": version.number,
            "status": version.status,
            "embedding_model": version.embedding_model,
            "embedding_model_version": version.embedding_model_version,
            "llm_model": version.llm_model,
            "reranker_model": version.reranker_model,
            "retrieval_k": version.retrieval_k,
            "lexical_weight": version.lexical_weight,
            "chunk_size": version.chunk_size,
            "chunk_overlap": version.chunk_overlap,
            "off_topic_threshold": version.off_topic_threshold,
            "query_understanding": version.query_understanding,
            "max_per_document": version.max_per_document,
            "problem": version.build_problem,
        }
    )
