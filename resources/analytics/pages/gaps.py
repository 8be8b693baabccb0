"""The panels of the page Gaps."""

from __future__ import annotations

from resources.analytics.panels import Make

PANELS: dict[str, Make] = {}
