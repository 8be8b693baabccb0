"""A house to run pipelines in: the test's own database, the embedded model, and an instance that is forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import dagster as dg
import pytest

from pipelines.execution import House
from resources.bindings import embedders
from resources.foundation.database import Database, Server
from resources.foundation.files import ObjectStore
from resources.foundation.secrets import Keyring
from resources.foundation.settings import Settings
from resources.knowledge.readers.workers import parsers
from resources.knowledge.records import DataSource
from resources.knowledge.sources import data_sources

SIZES = "The mill has two pairs of stones.\n\nThe wheel is five metres high.\n"


@pytest.fixture(scope="session")
def embedders_of_the_session(tmp_path_factory: pytest.TempPathFactory) -> object:
    """The embedded model, read once."""
    return embedders(Settings(home=tmp_path_factory.mktemp("models")))


@pytest.fixture
def house(server: Server, database: Database, tmp_path: Path, embedders_of_the_session: object) -> Iterator[House]:
    """What runs need."""
    with dg.DagsterInstance.ephemeral() as instance, parsers(count=1) as pool:
        yield House(
            instance, database,
            {"server": server, "database": database, "store": ObjectStore(tmp_path / "objects"),
             "keyring": Keyring.from_settings(Settings(home=tmp_path)),
             "embedders": embedders_of_the_session, "parser_pool": pool},
        )  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of three small documents."""
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "mill.md").write_text(f"# The mill\n\n{SIZES}")
    (folder / "prices.csv").write_text("grain,price\nrye,3\nwheat,4\n")
    (folder / "rules.txt").write_text("Nobody enters the wheel pit while the sluice is open.\n")
    return folder


@pytest.fixture
def source(database: Database, organization_id: UUID, folder: Path) -> DataSource:
    """The folder as a source of the organization acme."""
    with database.transaction(organization_id) as connection:
        return data_sources.create(connection, organization_id, name="docs", config={"location": str(folder)})
