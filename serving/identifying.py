"""Read ids that stand in addresses and bodies: what is no id names nothing, just as an id that nothing bears."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from resources.foundation.errors import Missing

_LONGEST = 50


def identified(text: str, missing: Callable[[object], str]) -> UUID:
    """The id, also as a part of what OpenAI's clients log (`chatcmpl-...`). Raises Missing, in the words given."""
    try:
        return UUID(text.removeprefix("chatcmpl-"))
    except ValueError:
        raise Missing(missing(repr(text[:_LONGEST]))) from None
