"""LangChain's indexing API: SQLRecordManager beside PGVector, cleanup "full", its recursive splitter."""

from __future__ import annotations

import argparse
from pathlib import Path

from langchain_classic.indexes import SQLRecordManager
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.indexing import index
from langchain_postgres import PGVector
from langchain_text_splitters import RecursiveCharacterTextSplitter

from benchmarks.subjects.folder import DIMENSION, CountingModel, say, texts

BATCH = 500


class _Embeddings(Embeddings):
    def __init__(self, model: CountingModel) -> None:
        self._model = model

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return self._model.embed(texts).tolist()

    def embed_query(self, text: str) -> list[float]:
        return self._model.embed([text])[0].tolist()


def main() -> None:
    """Bring the folder in, or up to date."""
    parser = argparse.ArgumentParser()
    for name in ("--corpus", "--database", "--state"):
        parser.add_argument(name, required=True)
    parser.add_argument("--chunk-size", type=int, required=True)
    parser.add_argument("--chunk-overlap", type=int, required=True)
    options = parser.parse_args()
    address = options.database.replace("postgresql://", "postgresql+psycopg://")
    model = CountingModel()
    store = PGVector(
        _Embeddings(model), connection=address, embedding_length=DIMENSION, collection_name="bench", use_jsonb=True
    )
    records = SQLRecordManager("bench", db_url=address)
    records.create_schema()
    splitter = RecursiveCharacterTextSplitter(chunk_size=options.chunk_size, chunk_overlap=options.chunk_overlap)
    documents = [
        Document(page_content=piece, metadata={"source": path})
        for path, text in texts(Path(options.corpus))
        for piece in splitter.split_text(text)
    ]
    index(
        documents, records, store, batch_size=BATCH, cleanup="full", source_id_key="source", key_encoder="blake2b"
    )  # fmt: skip
    say(embedded=model.embedded, chunks=len(documents))


if __name__ == "__main__":
    main()
