"""Calibrate the similarity threshold on a folder of questions, some of which its documents do not answer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from resources.bots.evaluation import calibrating, evaluation_files, evaluation_folders
from resources.bots.evaluation.calibrating import Calibration, Trial
from resources.bots.evaluation.evaluation_files import Question
from resources.bots.evaluation.evaluation_folders import Loaded, Progress
from resources.bots.retrieval import topicality
from resources.foundation.database import Database
from resources.foundation.errors import Refused
from resources.foundation.inference import Embedder, Vectors
from resources.foundation.statements import Connection
from resources.knowledge.chunks import embedding_models
from resources.knowledge.search import search

BATCH = 256
MEANING, WORDS, BOTH = "meaning", "words", "both"


def calibrate(
    database: Database,
    folder: Path,
    *,
    home: Path,
    embedder: Embedder,
    keep: bool = False,
    progress: Progress | None = None,
) -> Calibration:
    """Ask every question of the folder, and see how far scores tell those that its documents answer from the others.

    `meaning` is the highest cosine of any passage: a chatbot with a `similarity_threshold` above it finds nothing.
    `words` is the highest BM25 as a share of what the question could have: a chatbot with an `off_topic_threshold`
    above it finds nothing. `both` is their mean.
    Raises Refused where no question is marked as unanswerable, or too few are there to choose and report on.
    """
    judged = evaluation_files.read(folder)
    questions = [*judged.asked, *judged.unanswerable]
    if not judged.unanswerable:
        raise Refused('no line of queries.jsonl says "answerable": false: there is nothing to calibrate on')
    with evaluation_folders.cleared_away(database, judged, home=home, keep=keep):
        loaded = evaluation_folders.load(database, judged, home=home, embedder=embedder, progress=progress)
        trials: list[Trial] = []
        for first in range(0, len(questions), BATCH):
            batch = questions[first : first + BATCH]
            trials += _asked(database, loaded, batch, embedder.embed([question.text for question in batch]), embedder)
            if progress:
                progress("asking", len(trials), len(questions))
    calibration = calibrating.calibrated(trials)
    if calibration is None:
        raise Refused("there are too few questions with and without an answer to choose on one half and report on one")
    return calibration


def _asked(
    database: Database, loaded: Loaded, batch: Sequence[Question], vectors: Vectors, embedder: Embedder
) -> list[Trial]:
    with database.transaction(loaded.organization_id) as connection:
        return [
            _tried(connection, loaded, question, vector, embedder)
            for question, vector in zip(batch, vectors, strict=True)
        ]


def _tried(connection: Connection, loaded: Loaded, question: Question, vector: Vectors, embedder: Embedder) -> Trial:
    organization_id, recipe = loaded.organization_id, loaded.config.preparation.rule.name
    model = embedding_models.register(
        connection, organization_id, name=embedder.name, version=embedder.version, dimension=embedder.dimension
    )
    own = loaded.source_ids[question.language or ""]
    near = search.dense(
        connection, organization_id, vector=vector, recipe_name=recipe, embedding_model_id=model.id,
        source_ids=[own], k=1,
    )  # fmt: skip
    meaning = max((hit.dense_score for hit in near), default=0.0)
    words = topicality.share(connection, organization_id, question=question.text, recipe_name=recipe, source_ids=[own])
    return Trial(question.text, question.is_answerable, {MEANING: meaning, WORDS: words, BOTH: (meaning + words) / 2})
