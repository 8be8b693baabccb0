"""Make a configuration of what a command line says: NAME=VALUE, with dots for what is within."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from resources.foundation.errors import Refused


def config_with(config: Mapping[str, object], settings: Sequence[str]) -> dict[str, object]:
    """The configuration with these settings; values are JSON where they can be read as that, else text."""
    changed = _copy(config)
    for setting in settings:
        name, sign, value = setting.partition("=")
        if not sign or not name.strip():
            raise Refused(f"--set {setting!r} is no setting: write NAME=VALUE")
        *outer, last = name.strip().split(".")
        _within(changed, outer)[last] = _value(value)
    return changed


def config_without(config: Mapping[str, object], names: Sequence[str]) -> dict[str, object]:
    """The configuration without these settings."""
    changed = _copy(config)
    for name in names:
        *outer, last = name.strip().split(".")
        if _within(changed, outer).pop(last, None) is None:
            raise Refused(f"--unset {name!r}: the source has no such setting")
    return changed


def _within(config: dict[str, object], names: Sequence[str]) -> dict[str, object]:
    for name in names:
        inner = config.setdefault(name, {})
        if not isinstance(inner, dict):
            raise Refused(f"{name} holds no settings of its own")
        config = inner
    return config


def _copy(config: Mapping[str, object]) -> dict[str, object]:
    copied: dict[str, object] = json.loads(json.dumps(dict(config)))
    return copied


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text
