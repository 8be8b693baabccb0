"""What goes over the wire where things are managed: texts, lists and models that every entity's bodies share."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

from resources.foundation.inference import well_formed

Strict = ConfigDict(extra="forbid", allow_inf_nan=False, hide_input_in_errors=True)


def _kept(text: str) -> str:
    """A text that a database keeps: no NUL, no half of a character."""
    if "\0" in text:
        raise ValueError("a text cannot have the character NUL")
    return well_formed(text)


Words = Annotated[str, AfterValidator(_kept)]
Name = Annotated[Words, Field(min_length=1, max_length=100)]
Description = Annotated[Words, Field(max_length=2000)]
Long = Annotated[Words, Field(max_length=20_000)]
Labels = Annotated[list[Name], Field(max_length=100)]
Count = Annotated[int, Field(ge=1, le=1_000_000)]
Days = Annotated[int, Field(ge=1, le=36_500)]
Amount = Annotated[Decimal, PlainSerializer(lambda amount: f"{amount.normalize():f}", return_type=str)]
_MONEY: dict[str, object] = {
    "anyOf": [
        {"type": "string", "pattern": r"^[0-9]{1,8}(\.[0-9]{1,6})?$"},
        {"type": "number", "minimum": 0, "exclusiveMaximum": 100_000_000},
    ]
}
Money = Annotated[
    Decimal, Field(ge=0, lt=100_000_000, max_digits=14, decimal_places=6), WithJsonSchema(_MONEY)
]  # fmt: skip
