"""Which embedder bears a name: the embedded model, or one at an OpenAI-compatible server."""

from __future__ import annotations

from resources.foundation.errors import Misconfigured
from resources.foundation.inference import Embedder
from resources.foundation.model_names import EMBEDDED_MODEL, OPENAI_ADDRESS


def embedder_for(
    *,
    model: str | None = None,
    base_url: str | None = None,
    api_key: str | None = None,
    dimension: int | None = None,
    retries: int = 5,
    timeout_seconds: float = 60.0,
) -> Embedder:
    """Return the embedded model for None and its own name, and a remote one for every other name.

    Nothing is loaded or asked before the first use. `retries` and `timeout_seconds` (a try) concern the remote one: a
    pipeline has patience, a person who waits for an answer has less. Raises Misconfigured when the embedded model has
    not that dimension.
    """
    if model in (None, EMBEDDED_MODEL):
        from resources.foundation.embedded_model import EmbeddedModel

        embedded = EmbeddedModel()
        if dimension not in (None, embedded.dimension):
            raise Misconfigured(f"{embedded.name} has {embedded.dimension} dimensions, not {dimension}. Unset one.")
        return embedded
    from resources.foundation.openai_provider import RemoteEmbedder

    return RemoteEmbedder(
        str(model),
        base_url=base_url or OPENAI_ADDRESS,
        api_key=api_key,
        dimension=dimension,
        retries=retries,
        timeout_seconds=timeout_seconds,
    )
