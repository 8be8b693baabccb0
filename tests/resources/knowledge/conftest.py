"""What tests of the knowledge domain share."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from resources.foundation.database import Database
from tests.factories.workshops import Workshop, make_workshop


@pytest.fixture
def workshop(database: Database, organization_id: UUID, tmp_path: Path) -> Workshop:
    """A source made of an empty folder."""
    return make_workshop(database, organization_id, tmp_path)
