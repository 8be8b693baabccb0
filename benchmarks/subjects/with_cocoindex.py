"""CocoIndex 1: its folder walker, recursive splitter and PostgreSQL target; its state in a folder of its own."""

from __future__ import annotations

import argparse
import pathlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated

import asyncpg
import cocoindex as coco
import numpy as np
from cocoindex.connectors import localfs, postgres
from cocoindex.ops.text import RecursiveSplitter
from cocoindex.resources import schema
from cocoindex.resources.chunk import Chunk
from cocoindex.resources.file import FileLike, PatternFilePathMatcher
from cocoindex.resources.id import IdGenerator
from numpy.typing import NDArray

from benchmarks.subjects.folder import DIMENSION, SUFFIXES, CountingModel, say

OPTIONS = argparse.Namespace()
MODEL = CountingModel()
SPLITTER = RecursiveSplitter()
POOL = coco.ContextKey[asyncpg.Pool]("pool")


class _Embedder(schema.VectorSchemaProvider):
    """Made as CocoIndex's own embedders are: single texts, memoized, put together in batches of 64 by the engine."""

    @coco.fn.as_async(batching=True, runner=coco.GPU, max_batch_size=64)
    def _embed(self, texts: list[str]) -> list[NDArray[np.float32]]:
        return list(MODEL.embed(texts))

    @coco.fn(memo=True, version=1, logic_tracking="self")
    async def embed(self, text: str) -> NDArray[np.float32]:
        return await self._embed(text)

    async def __coco_vector_schema__(self) -> schema.VectorSchema:
        return schema.VectorSchema(dtype=np.dtype(np.float32), size=DIMENSION)

    def __coco_memo_key__(self) -> object:
        return ("embedded-model", DIMENSION)


EMBEDDER = _Embedder()


@dataclass
class Row:
    """A row of the table."""

    id: int
    path: str
    chunk_start: int
    chunk_end: int
    text: str
    embedding: Annotated[NDArray[np.float32], EMBEDDER]


@coco.lifespan
async def lifespan(builder: coco.EnvironmentBuilder) -> AsyncIterator[None]:
    """The database, and where CocoIndex keeps its own state."""
    builder.settings.db_path = pathlib.Path(OPTIONS.state) / "cocoindex"
    async with await asyncpg.create_pool(OPTIONS.database) as pool:
        builder.provide(POOL, pool)
        yield


@coco.fn
async def keep_chunk(chunk: Chunk, path: pathlib.PurePath, ids: IdGenerator, table: postgres.TableTarget[Row]) -> None:
    """A row of the table."""
    table.declare_row(
        row=Row(
            id=await ids.next_id(chunk.text),
            path=str(path),
            chunk_start=chunk.start.char_offset,
            chunk_end=chunk.end.char_offset,
            text=chunk.text,
            embedding=await EMBEDDER.embed(chunk.text),
        )
    )


@coco.fn(memo=True)
async def keep_file(file: FileLike, table: postgres.TableTarget[Row]) -> None:
    """The rows of a file."""
    path = file.file_path.path
    pieces = SPLITTER.split(
        await file.read_text(), chunk_size=OPTIONS.chunk_size, chunk_overlap=OPTIONS.chunk_overlap,
        language="markdown" if path.suffix == ".md" else None,
    )  # fmt: skip
    await coco.map(keep_chunk, pieces, path, IdGenerator(), table)


@coco.fn
async def keep_folder(folder: pathlib.Path) -> None:
    """All files below a folder."""
    table = await postgres.mount_table_target(
        POOL, table_name="chunks", table_schema=await postgres.TableSchema.from_class(Row, primary_key=["id"])
    )
    files = localfs.walk_dir(
        folder, recursive=True,
        path_matcher=PatternFilePathMatcher(included_patterns=[f"**/*{suffix}" for suffix in SUFFIXES]),
    )  # fmt: skip
    await coco.mount_each(keep_file, files.items(), table)


def main() -> None:
    """Bring the folder in, or up to date."""
    parser = argparse.ArgumentParser()
    for name in ("--corpus", "--database", "--state"):
        parser.add_argument(name, required=True)
    parser.add_argument("--chunk-size", type=int, required=True)
    parser.add_argument("--chunk-overlap", type=int, required=True)
    parser.parse_args(namespace=OPTIONS)
    app = coco.App(coco.AppConfig(name="bench"), keep_folder, pathlib.Path(OPTIONS.corpus))
    app.update_blocking()
    say(embedded=MODEL.embedded)


if __name__ == "__main__":
    main()
