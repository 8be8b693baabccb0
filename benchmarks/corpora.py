"""Folders of texts to measure with: copied or generated, and changed by so much in each round, always alike."""

from __future__ import annotations

import os
import random
import shutil
import time
from pathlib import Path

from benchmarks.subjects.folder import SUFFIXES

PEPS = Path(__file__).resolve().parents[2] / "shared" / "data" / "scale" / "files" / "peps"


def make(folder: Path, source: Path | None, *, limit: int | None = None) -> str:
    """Fill an empty folder with the texts of another one, or with generated ones; what they are."""
    if source is None:
        generate(folder, documents=limit or 600)
        return "generated"
    paths = sorted(path for path in source.rglob("*") if path.suffix in SUFFIXES and path.is_file())
    for path in paths[:limit]:
        target = folder / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    return source.name


def generate(folder: Path, *, documents: int, seed: int = 1) -> None:
    """Texts of about 20 KB under headings, whose words come as often as in a language (Zipf)."""
    chance = random.Random(seed)  # noqa: S311  a corpus, not a secret
    words = ["".join(chance.choices("aeioulnrstdmkpbgvfh", k=chance.randint(2, 9))) for _ in range(20_000)]
    weights = [1 / (rank + 10) for rank in range(len(words))]
    for number in range(documents):
        parts = [f"# Document {number}"]
        for section in range(chance.randint(4, 12)):
            parts.append(f"## Section {section}")
            for _ in range(chance.randint(2, 8)):
                sentences = [
                    " ".join(chance.choices(words, weights, k=chance.randint(6, 25))).capitalize() + "."
                    for _ in range(chance.randint(2, 8))
                ]
                parts.append(" ".join(sentences))
        path = folder / f"part-{number % 10}" / f"document-{number:05}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n\n".join(parts) + "\n")


def copy(source: Path, target: Path) -> None:
    """A copy whose files are an hour old: a time that lies back proves the content."""
    shutil.copytree(source, target)
    for path in target.rglob("*"):
        _age(path, 3600)


def change(folder: Path, *, share: float, seed: int) -> dict[str, int]:
    """Edit a paragraph in a share of the files, delete as many others, add as many new ones; how many of each."""
    chance = random.Random(seed)  # noqa: S311
    paths = sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES)
    count = max(1, round(len(paths) * share))
    chosen = chance.sample(paths, 2 * count)
    for path in chosen[:count]:
        edit(path, chance, note=f"This paragraph was edited in round {seed}, for a measurement.")
        _age(path, 1800)
    for path in chosen[count:]:
        path.unlink()
    for number in range(count):
        model = chance.choice([path for path in paths if path.exists()])
        text = model.read_text(errors="replace")
        words = text.split(" ")
        new = folder / f"added-{seed}-{number}{model.suffix}"
        new.write_text(" ".join(f"{word}{seed}" if place % 23 == 11 else word for place, word in enumerate(words)))
        _age(new, 1800)
    return {"changed": count, "deleted": count, "added": count}


def edit(path: Path, chance: random.Random, *, note: str) -> None:
    """Add a sentence to one paragraph, anywhere in the text."""
    paragraphs = path.read_text(errors="replace").split("\n\n")
    eligible = [place for place, text in enumerate(paragraphs) if len(text) > 120] or [len(paragraphs) - 1]
    place = chance.choice(eligible)
    paragraphs[place] = f"{paragraphs[place].rstrip()} {note}"
    path.write_text("\n\n".join(paragraphs))


def _age(path: Path, seconds: float) -> None:
    instant = time.time() - seconds
    os.utime(path, (instant, instant))
