"""Dagster's instance: its settings (dagster.yaml of the repository), its home below MILLRACE_HOME, its database."""

from __future__ import annotations

import shutil
from pathlib import Path

from dagster import DagsterInstance
from dagster._core.instance import InstanceRef

from pipelines.storage import DATABASE_NAME
from resources.foundation.database import Server
from resources.foundation.migrations import create_database
from resources.foundation.settings import Settings

CONFIGURATION = Path(__file__).resolve().parents[1] / "dagster.yaml"


def write_instance(settings: Settings, server: Server) -> Path:
    """Make Dagster's home and database ready; the folder to set as DAGSTER_HOME. Doing it again changes nothing."""
    create_database(server, DATABASE_NAME)
    return _write_home(settings)


def open_instance(settings: Settings) -> DagsterInstance:
    """The instance that the Dagster UI shows, for this process. Close it by `with`."""
    return DagsterInstance.from_ref(InstanceRef.from_dir(str(_write_home(settings))))


def _write_home(settings: Settings) -> Path:
    home = settings.home / "dagster"
    home.mkdir(parents=True, exist_ok=True)
    target = home / CONFIGURATION.name
    if not target.exists() or target.read_bytes() != CONFIGURATION.read_bytes():
        shutil.copyfile(CONFIGURATION, target)
    return home
