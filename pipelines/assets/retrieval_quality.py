"""The asset `retrieval_quality`: how well the search that serves finds what it should."""

import dagster as dg

from pipelines.assets.embeddings import embeddings
from pipelines.assets.model_config_versions import model_config_versions


@dg.asset(
    deps=[embeddings, model_config_versions],
    group_name="bots",
    kinds={"postgres", "python"},
    owners=["team:data-science"],
    tags={"table": "bots.evaluation_scores"},
    code_version="1",
)
def retrieval_quality() -> dg.MaterializeResult[None]:
    """How well the search that serves finds what it should. Empty until there are evaluation sets."""
    return dg.MaterializeResult(metadata={})
