"""Commands about an organization's own keys at providers of models: set, listed without what they are, removed."""

from __future__ import annotations

from typing import Annotated

import typer

from resources.foundation.model_names import OPENAI_ADDRESS
from resources.identity import provider_keys
from serving.commands.reading import read_secret
from serving.commands.reporting import AsJson, console, print_json, print_table
from serving.commands.workplace import workplace

Provider = Annotated[str, typer.Argument(help="openai, also for servers that speak its protocol.")]


def set_key(provider: Provider, as_json: AsJson = False) -> None:
    """Set the organization's own key, in place of any it had; asked for, or read from standard input.

    It is used instead of the installation's for the organization's vectors and answers, at the address that
    OPENAI_BASE_URL names now. It is kept encrypted and never shown.

    \b
    Examples:
        millrace provider-key set openai
        millrace provider-key set openai < key.txt
    """
    with workplace() as place:
        text = read_secret(f"key of {provider}")
        with place.database.transaction(place.organization_id) as connection:
            kept = provider_keys.replace(
                connection, place.organization_id, provider=provider, text=text, keyring=place.keyring,
                address=place.settings.openai_base_url or OPENAI_ADDRESS,
            )  # fmt: skip
            place.record(connection, "change", "provider_key", provider, "key")
    if as_json:
        print_json(kept)
    else:
        console.print(f"The key of [bold]{provider}[/bold] is kept, encrypted; it is used from now on.")


def list_keys(as_json: AsJson = False) -> None:
    """List the organization's own keys: at which provider, since when."""
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        found = provider_keys.select_all(connection, place.organization_id)
    if as_json:
        print_json(found)
    else:
        print_table("Provider keys", ["Provider", "Set"], [(key.provider, key.created_at) for key in found])


def remove(provider: Provider) -> None:
    """Forget the organization's own key: the installation's is used from that moment."""
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        provider_keys.remove(connection, place.organization_id, provider=provider)
        place.record(connection, "remove", "provider_key", provider)
    console.print(f"The key of [bold]{provider}[/bold] is removed.")
