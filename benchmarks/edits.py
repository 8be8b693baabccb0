"""Edit one paragraph in long documents and count the chunks that must be embedded again: see README.md.

python -m benchmarks.edits [FOLDER] --json /tmp/edits.json
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import corpora
from benchmarks.ingest import PEERS, ROOT
from benchmarks.subjects.folder import texts
from resources.knowledge.chunks import chunking, staging
from resources.knowledge.readers import parsing
from resources.knowledge.records import ChunkingRule

DOCUMENTS = 40
EDITS = 3
FEWEST_CHUNKS = 26
SENTENCE = "This sentence was not here before, and it says nothing that anybody would search for."

Digests = list[list[str]]
Cutter = Callable[[Sequence[tuple[str, str]]], Digests]


@dataclass(frozen=True)
class Edit:
    """A document's name, what it said and what it says now."""

    path: str
    before: str
    after: str


def ours(rule: ChunkingRule) -> Cutter:
    """What intake does: parse, cut, and take the digest of each passage with its title and headings."""

    def cut(documents: Sequence[tuple[str, str]]) -> Digests:
        found: Digests = []
        for path, text in documents:
            parsed = parsing.parse(text.encode(), media_type="text/plain", filename=Path(path).name)
            passages = staging.passages(parsed, chunking.split(parsed, rule))
            found.append([passage.content_hash.hex() for passage in passages.members])
        return found

    return cut


def langchain(python: Path, size: int, overlap: int) -> Cutter:
    """LangChain's recursive splitter, in its own environment."""

    def cut(documents: Sequence[tuple[str, str]]) -> Digests:
        command = [str(python), "-m", "benchmarks.subjects.cut_with_langchain"]
        told = subprocess.run(
            [*command, "--chunk-size", str(size), "--chunk-overlap", str(overlap)], cwd=ROOT,
            input=json.dumps([text for _, text in documents]), capture_output=True, text=True, check=True,
        )  # fmt: skip
        return list(json.loads(told.stdout))

    return cut


def long_documents(folder: Path, cut: Cutter) -> list[tuple[str, str]]:
    """The documents that a splitter cuts into at least 26 chunks, those nearest to that."""
    found = list(texts(folder))
    lengths = [len(digests) for digests in cut(found)]
    enough = sorted((length, place) for place, length in enumerate(lengths) if length >= FEWEST_CHUNKS)
    return [found[place] for _, place in enough[:DOCUMENTS]]


def edits(documents: Sequence[tuple[str, str]], *, seed: int = 1) -> list[Edit]:
    """In turn: a sentence more, a sentence less, a word changed; each in one paragraph, anywhere below the title."""
    chance = random.Random(seed)  # noqa: S311  an experiment, not a secret
    made = []
    for path, text in documents:
        for number in range(EDITS):
            paragraphs = text.split("\n\n")
            eligible = [place for place, each in enumerate(paragraphs) if place and len(each) > 200 and ". " in each]
            place = chance.choice(eligible or range(1, len(paragraphs)))
            paragraphs[place] = _changed(paragraphs[place], number)
            made.append(Edit(path, text, "\n\n".join(paragraphs)))
    return made


def _changed(paragraph: str, number: int) -> str:
    if number == 0:
        return f"{paragraph.rstrip()} {SENTENCE}"
    if number == 1:
        return paragraph.partition(". ")[2] or SENTENCE
    words = paragraph.split(" ")
    words[len(words) // 2] = "otherwise"
    return " ".join(words)


def measure(cut: Cutter, made: Sequence[Edit]) -> dict[str, float]:
    """The share of chunks that are new after an edit: of all together, and of the worst single edit."""
    before = cut([(edit.path, edit.before) for edit in made])
    after = cut([(edit.path, edit.after) for edit in made])
    new = [len(set(now) - set(then)) for then, now in zip(before, after, strict=True)]
    shares = [count / len(set(now)) for count, now in zip(new, after, strict=True)]
    return {
        "edits": len(made), "chunks_per_document": round(statistics.mean(len(set(now)) for now in after), 1),
        "embedded_again_percent": round(100 * sum(new) / sum(len(set(now)) for now in after), 2),
        "worst_percent": round(100 * max(shares), 1), "worst_chunks": max(new),
    }  # fmt: skip


def _subjects(peers: Path, size: int, overlap: int) -> dict[str, Cutter]:
    subjects = {"Millrace": ours(ChunkingRule(size))}
    if peers.exists():
        subjects["LangChain, recursive"] = langchain(peers, size, overlap)
        subjects["LangChain, recursive, no overlap"] = langchain(peers, size, 0)
    else:
        sys.stderr.write("LangChain is not installed (make bench-peers): measured without it\n")
    return subjects


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", nargs="?", type=Path, help="a folder of .md, .rst and .txt files")
    parser.add_argument("--chunk-size", type=int, default=1600)
    parser.add_argument("--chunk-overlap", type=int, default=200, help="of LangChain's splitter; ours needs none")
    parser.add_argument("--peers", type=Path, default=PEERS, help="the python of the peers' environment")
    parser.add_argument("--json", type=Path, help="where to write what was measured")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        source = asked.corpus or (corpora.PEPS if corpora.PEPS.is_dir() else None)
        folder = source or Path(scratch)
        if source is None:
            corpora.generate(folder, documents=200)
        subjects = _subjects(asked.peers.absolute(), asked.chunk_size, asked.chunk_overlap)
        found = {name: measure(cut, edits(long_documents(folder, cut))) for name, cut in subjects.items()}
    lines = ["| | edits | chunks a document | embedded again, % | worst edit, % (chunks) |", "|---|---|---|---|---|"]
    lines += [
        f"| {name} | {one['edits']:.0f} | {one['chunks_per_document']} | {one['embedded_again_percent']} "
        f"| {one['worst_percent']} ({one['worst_chunks']:.0f}) |"
        for name, one in found.items()
    ]
    if asked.json:
        asked.json.write_text(json.dumps({"corpus": source.name if source else "generated", **found}, indent=1))
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
