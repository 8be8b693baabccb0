"""The sample that ships with the product: a small handbook, and questions that measure how well it is found."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).resolve().parents[1] / "sample"
HANDBOOK = _FOLDER / "handbook"
QUESTIONS = _FOLDER / "questions.jsonl"
FIRST_QUESTION = "What do I get per kilometre if I drive my own car?"
