"""An organization's rules of retention are kept, and bounded."""

from __future__ import annotations

from uuid import UUID

import pytest

from resources.foundation.database import Database
from resources.foundation.errors import Refused
from resources.identity import retention_settings
from resources.identity.records import RetentionSettings


def test_rules_are_the_products_until_they_are_chosen_and_chosen_anew(
    database: Database, organization_id: UUID
) -> None:
    with database.transaction(organization_id) as connection:
        assert retention_settings.get(connection, organization_id) == RetentionSettings(grace_days=30, history_days=90)
        for chosen in (RetentionSettings(document_days=365, grace_days=0), RetentionSettings(conversation_days=30)):
            retention_settings.replace(connection, organization_id, chosen)
            assert retention_settings.get(connection, organization_id) == chosen
        with pytest.raises(Refused, match="document_days is out of range"):
            retention_settings.replace(connection, organization_id, RetentionSettings(document_days=0))
