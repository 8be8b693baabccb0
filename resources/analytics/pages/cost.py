"""The panels of the page Cost."""

from __future__ import annotations

from resources.analytics.panels import Make

PANELS: dict[str, Make] = {}
