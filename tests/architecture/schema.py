"""The picture of the whole schema, sql/schema.sql. `python -m tests.architecture.schema` draws it anew."""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path

from resources.foundation.database import Server
from resources.foundation.embedded_server import binaries
from resources.foundation.migrations import migrate
from resources.foundation.settings import Settings
from resources.foundation.statements import SQL_FOLDER

PICTURE = SQL_FOLDER / "schema.sql"

_HEADING = (
    "-- Generated from the migrations and views by 'make schema'; a test fails when it is stale. Read it, edit those.\n"
)
_VOLATILE = re.compile(
    r"^(-- Dumped (from|by) .*|\\(un)?restrict .*|SET .*;|SELECT pg_catalog\.set_config.*;)\n", re.MULTILINE
)
_BANNER = re.compile(r"^--\n(-- Name: .*)\n--\n", re.MULTILINE)
_EMPTY_LINES = re.compile(r"\n{3,}")


def draw(server: Server) -> str:
    """The schema of a migrated database of the embedded server, without what differs from run to run."""
    dump = subprocess.run(
        [str(binaries() / "pg_dump"), "--schema-only", f"--dbname={server.admin_conninfo()}"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    text = _BANNER.sub(r"\1\n", _VOLATILE.sub("", dump))
    start, end = text.index("-- Name: "), text.rindex("--\n-- PostgreSQL database dump complete")
    return _HEADING + "\n" + _EMPTY_LINES.sub("\n\n", text[start:end]).strip() + "\n"


def main() -> None:
    """Migrate a fresh database and write its picture."""
    with tempfile.TemporaryDirectory() as home:
        server = Server(Settings(home=Path(home)))
        try:
            migrate(server)
            PICTURE.write_text(draw(server))
        finally:
            server.close()


if __name__ == "__main__":
    main()
