"""The panels of the page Sources."""

from __future__ import annotations

from resources.analytics.panels import Make

PANELS: dict[str, Make] = {}
