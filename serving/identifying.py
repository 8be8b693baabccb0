"""Read ids that stand in addresses and bodies: what is no id names nothing, just as an id that nothing bears."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, Field

from resources.foundation.errors import Missing

_LONGEST = 50
_COMPLETION = "chatcmpl-"  # what OpenAI's clients log as the id of an answer


def identified(text: str, missing: Callable[[object], str]) -> UUID:
    """The id, also as that of a completion. Raises Missing, in the words given."""
    try:
        return UUID(text.removeprefix(_COMPLETION))
    except ValueError:
        raise Missing(missing(repr(text[:_LONGEST]))) from None


def _bare(value: object) -> object:
    return value.removeprefix(_COMPLETION) if isinstance(value, str) else value


MessageId = Annotated[UUID, BeforeValidator(_bare), Field(description="Of the answer; its completion's id will do.")]
"""An id of a message in a body."""
