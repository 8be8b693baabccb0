"""Dagster finds its database on the server that Millrace uses, wherever that is."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
import sqlalchemy

from pipelines.instance import CONFIGURATION, write_instance
from pipelines.storage import HouseStorage, address
from resources.foundation.database import Server
from resources.foundation.settings import Settings


def test_the_embedded_server_is_reached_by_its_socket(template_server: Server) -> None:
    url = sqlalchemy.make_url(address(template_server))
    assert url.database == "dagster"
    assert str(url.query["host"]).startswith("/")


@pytest.mark.parametrize(
    "given",
    [
        "postgresql://house:p%40ss%2Fword@db.example:5433/millrace?sslmode=require",
        "host=db.example port=5433 user=house password=p@ss/word dbname=millrace sslmode=require",
    ],
)
def test_a_server_of_the_operator_is_reached_as_it_was_named(given: str, tmp_path: Path) -> None:
    url = sqlalchemy.make_url(address(Server(Settings(home=tmp_path, database_url=given))))
    assert (url.username, url.password, url.host, url.port) == ("house", "p@ss/word", "db.example", 5433)
    assert url.database == "dagster"
    assert url.query["sslmode"] == "require"


def test_history_is_kept_apart_from_what_the_product_knows(template_server: Server, tmp_path: Path) -> None:
    write_instance(Settings(home=tmp_path), template_server)
    HouseStorage(address(template_server))
    assert _tables(template_server) == (None, "knowledge.chunks")
    assert _tables(template_server.with_database("dagster")) == ("runs", None)


def _tables(server: Server) -> tuple[str | None, str | None]:
    """Dagster's table of runs and ours of chunks, where this database has them."""
    with psycopg.connect(server.admin_conninfo()) as connection:
        row = connection.execute(
            "select to_regclass('public.runs')::text, to_regclass('knowledge.chunks')::text"
        ).fetchone()
    assert row is not None
    return row[0], row[1]


def test_no_secret_and_no_address_stands_in_the_instance(template_server: Server, tmp_path: Path) -> None:
    home = write_instance(Settings(home=tmp_path), template_server)
    written = (home / "dagster.yaml").read_text()
    assert written == CONFIGURATION.read_text()
    assert "://" not in written
    assert "password" not in written


def test_writing_the_instance_again_changes_nothing(template_server: Server, tmp_path: Path) -> None:
    home = write_instance(Settings(home=tmp_path), template_server)
    before = (home / "dagster.yaml").stat().st_mtime_ns
    assert write_instance(Settings(home=tmp_path), template_server) == home
    assert (home / "dagster.yaml").stat().st_mtime_ns == before
