"""LlamaIndex's IngestionPipeline: all stores in PostgreSQL, UPSERTS_AND_DELETE, its sentence splitter."""

from __future__ import annotations

import argparse
from pathlib import Path

from llama_index.core import Document
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.ingestion import DocstoreStrategy, IngestionPipeline
from llama_index.core.node_parser import SentenceSplitter
from llama_index.storage.docstore.postgres import PostgresDocumentStore
from llama_index.storage.kvstore.postgres import PostgresKVStore
from llama_index.vector_stores.postgres import PGVectorStore
from pydantic import PrivateAttr

from benchmarks.subjects.folder import DIMENSION, CountingModel, say, texts


class _Embeddings(BaseEmbedding):
    _model: CountingModel = PrivateAttr(default_factory=CountingModel)

    @property
    def embedded(self) -> int:
        return self._model.embedded

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._model.embed([text])[0].tolist()

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return self._model.embed(texts).tolist()

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)


def _characters(text: str) -> str:
    """A tokenizer whose tokens are characters, so that sizes are what they are elsewhere."""
    return text


def main() -> None:
    """Bring the folder in, or up to date."""
    parser = argparse.ArgumentParser()
    for name in ("--corpus", "--database", "--state"):
        parser.add_argument(name, required=True)
    parser.add_argument("--chunk-size", type=int, required=True)
    parser.add_argument("--chunk-overlap", type=int, required=True)
    options = parser.parse_args()
    addresses = {
        "connection_string": options.database.replace("postgresql://", "postgresql+psycopg2://"),
        "async_connection_string": options.database.replace("postgresql://", "postgresql+asyncpg://"),
    }
    model = _Embeddings(embed_batch_size=64)
    pipeline = IngestionPipeline(
        transformations=[
            SentenceSplitter(
                chunk_size=options.chunk_size, chunk_overlap=options.chunk_overlap, tokenizer=_characters,
                include_metadata=False,
            ),
            model,
        ],
        docstore=PostgresDocumentStore(PostgresKVStore(table_name="docstore", use_jsonb=True, **addresses)),
        vector_store=PGVectorStore.from_params(embed_dim=DIMENSION, use_jsonb=True, **addresses),
        docstore_strategy=DocstoreStrategy.UPSERTS_AND_DELETE,
        disable_cache=True,
    )  # fmt: skip
    documents = [
        Document(id_=path, text=text, metadata={"path": path}, excluded_embed_metadata_keys=["path"])
        for path, text in texts(Path(options.corpus))
    ]
    nodes = pipeline.run(documents=documents)
    say(embedded=model.embedded, chunks=len(nodes))


if __name__ == "__main__":
    main()
