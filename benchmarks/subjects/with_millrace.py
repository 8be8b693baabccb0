"""Millrace: `prepare` registers the folder as a source; `sync` is the library's whole path in this process."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from benchmarks.subjects.folder import SUFFIXES, CountingModel, say
from resources.bots import chatbots, starter
from resources.bots.configurations import model_config_versions
from resources.foundation.database import Server, open_database
from resources.foundation.embedded_model import DIMENSION, EmbeddedModel
from resources.foundation.files import ObjectStore
from resources.foundation.inference import Embedder, Vectors
from resources.foundation.migrations import migrate
from resources.foundation.settings import Settings
from resources.identity import organizations
from resources.knowledge.chunks import embedding_models
from resources.knowledge.intake import intake
from resources.knowledge.readers import workers
from resources.knowledge.records import ChunkingRule, Recipe
from resources.knowledge.sources import data_sources

SOURCE = "bench"


class _Counting:
    name = EmbeddedModel.name
    version = EmbeddedModel.version
    dimension = DIMENSION

    def __init__(self) -> None:
        self.model = CountingModel()

    def embed(self, texts: Sequence[str]) -> Vectors:
        return self.model.embed(texts)


def prepare(settings: Settings, corpus: Path, rule: ChunkingRule) -> None:
    """Make the schema, the organization, the source and a chatbot that reads it under this rule."""
    server = Server(settings)
    migrate(server)
    with open_database(server, "millrace_pipeline") as database:
        with database.directory() as connection:
            found = organizations.find_by_slug(connection, settings.organization)
        organization_id = found.id if found else organizations.create(database, settings.organization, "Bench").id
        config: dict[str, object] = {
            "location": str(corpus), "include": [f"*{suffix}" for suffix in SUFFIXES], "exclude": []
        }  # fmt: skip
        with database.transaction(organization_id) as connection:
            source = data_sources.create(connection, organization_id, name=SOURCE, config=config)
            bot = starter.ensure_chatbot(
                connection, organization_id, name=SOURCE, embedding_model=settings.embedding_model,
                llm_model=settings.chat_model,
            )  # fmt: skip
            model_config_versions.ensure_active(
                connection, organization_id, bot.id, embedding_model=settings.embedding_model,
                llm_model=settings.chat_model, chunk_size=rule.size, chunk_overlap=rule.overlap,
            )  # fmt: skip
            chatbots.attach_source(connection, organization_id, bot.id, source.id)
    server.close()


def sync(settings: Settings, rule: ChunkingRule) -> None:
    """Bring the source in, or up to date."""
    embedder: Embedder = _Counting()
    server = Server(settings)
    with open_database(server, "millrace_pipeline") as database, workers.parsers(count=2) as parsers:
        with database.directory() as connection:
            organization = organizations.find_by_slug(connection, settings.organization)
        assert organization is not None
        with database.transaction(organization.id) as connection:
            source = data_sources.find_by_name(connection, organization.id, SOURCE)
            assert source is not None
            model = embedding_models.register(
                connection, organization.id, name=embedder.name, version=embedder.version, dimension=DIMENSION
            )
        counts = intake.sync(
            database, organization.id, source.id, store=ObjectStore(settings.home / "objects"), parsers=parsers,
            recipes=[(Recipe(rule, model.id), embedder)],
        )  # fmt: skip
    server.close()
    say(embedded=counts.embedded, chunks=counts.chunks, failed=counts.failed)


def main() -> None:
    """Read the command."""
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=("prepare", "sync"))
    for name in ("--corpus", "--database", "--state"):
        parser.add_argument(name, required=True)
    parser.add_argument("--chunk-size", type=int, required=True)
    parser.add_argument("--chunk-overlap", type=int, required=True)
    options = parser.parse_args()
    rule = ChunkingRule(options.chunk_size, options.chunk_overlap)
    settings = Settings(home=Path(options.state), database_url=options.database)
    if options.command == "prepare":
        prepare(settings, Path(options.corpus), rule)
    else:
        sync(settings, rule)


if __name__ == "__main__":
    main()
