"""Commands about notifications: where people are told of what happens, what they were told, and whether it arrived."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import typer

from resources.foundation.errors import Missing, Refused, Unavailable
from resources.foundation.statements import Connection
from resources.identity import notification_channels, notification_deliveries, notifications
from resources.identity.records import Notification, NotificationChannel, NotificationDelivery
from serving.commands.reading import read_secret
from serving.commands.reporting import AsJson, complain, console, note, print_json, print_table
from serving.commands.workplace import Workplace, workplace

Name = Annotated[str, typer.Argument(help="The channel.")]


@dataclass(frozen=True)
class Told:
    """A notification and what became of telling it."""

    notification: Notification
    deliveries: list[NotificationDelivery]


def add(
    kind: Annotated[Literal["webhook", "email"], typer.Argument(help="webhook or email.")],
    address: Annotated[
        str, typer.Argument(help="The mail address; a webhook's is asked for, since it holds a token.")
    ] = "",
    name: Annotated[str, typer.Option(help="What to call the channel; its kind unless given.")] = "",
    event: Annotated[list[str] | None, typer.Option(help="Only this event; may be repeated. All unless given.")] = None,
    as_json: AsJson = False,
) -> None:
    """Add a channel. The address of a webhook is asked for, or read from standard input; it is kept encrypted.

    What a webhook is sent is signed: the header Millrace-Signature holds t=<seconds>,v1=<hex HMAC-SHA256 of "t.body">
    under a secret that is shown this once.

    \b
    Examples:
        millrace notify add email ops@example.org --event sync_failed --event deletions_waiting
        millrace notify add webhook --name chat < address.txt
    """  # fmt: skip
    if kind == "webhook" and address:
        raise Refused("a webhook's address is not given on the command line, where others see it: pipe it in")
    if kind == "email" and not address:
        raise Refused("say which address: millrace notify add email ops@example.org")
    with workplace() as place:
        target = address or read_secret("address of the webhook").strip()
        with place.database.transaction(place.organization_id) as connection:
            channel, secret = notification_channels.create(
                connection, place.organization_id, name=name or kind, kind=kind, target=target, events=event or [],
                keyring=place.keyring, allowed_hosts=place.settings.allowed_hosts,
            )  # fmt: skip
            place.record(connection, "create", "channel", channel.id, "name", "kind", "target", "events")
        if kind == "email" and place.settings.smtp_url is None:
            note("There is no mail server yet, so nothing will be sent: set MILLRACE_SMTP_URL.")
    if as_json:
        print_json({"name": channel.name, "kind": kind, "destination": channel.destination, "signing_secret": secret})
        return
    console.print(f"Channel [bold]{channel.name}[/bold] leads to {channel.destination}.")
    if secret:
        console.print("The secret that signs what it is sent, shown this once:")
        console.print(secret, soft_wrap=True)


def list_channels(as_json: AsJson = False) -> None:
    """List the channels: where they lead, and for which events."""
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        found = notification_channels.select_all(connection, place.organization_id)
    if as_json:
        print_json(found)
        return
    rows = [(c.name, c.kind, c.destination, ", ".join(c.events) or "all", c.is_active) for c in found]
    print_table("Notification channels", ["Name", "Kind", "Leads to", "Events", "On"], rows)


def remove(name: Name) -> None:
    """Remove a channel, with what waits to be delivered through it."""
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        channel = _named(connection, place, name)
        notification_channels.remove(connection, place.organization_id, name)
        place.record(connection, "remove", "channel", channel.id)
    console.print(f"Channel [bold]{name}[/bold] is removed.")


def pause(name: Name) -> None:
    """Deliver nothing through a channel until it is resumed."""
    _set_active(name, is_active=False)


def resume(name: Name) -> None:
    """Deliver through a channel again."""
    _set_active(name, is_active=True)


def try_channel(name: Name, as_json: AsJson = False) -> None:
    """Send a test through a channel, now, and say whether it arrived."""
    from resources.identity.couriers import Courier

    with workplace() as place:
        with place.database.transaction(place.organization_id) as connection:
            channel = _named(connection, place, name)
            id = notifications.raise_test(connection, place.organization_id, channel_id=channel.id)
        Courier.from_settings(place.settings).deliver(place.database, place.organization_id)
        with place.database.transaction(place.organization_id) as connection:
            (delivery,) = notification_deliveries.select_of(connection, place.organization_id, id)
    if as_json:
        print_json(delivery)
    if delivery.status != "delivered":
        raise Unavailable(f"the test did not arrive: {delivery.last_error or 'another process is delivering it'}")
    if not as_json:
        console.print(f"The test arrived at {channel.destination}.")


def log(
    limit: Annotated[int, typer.Option(help="How many, the newest first.")] = 20, as_json: AsJson = False
) -> None:  # fmt: skip
    """List what happened lately, whom it was told, and what did not arrive."""
    with workplace() as place:
        told = _told(place, limit)
    if as_json:
        print_json(told)
        return
    rows = [
        (one.notification.created_at, one.notification.event, one.notification.subject, one.notification.times,
         ", ".join(f"{d.recipient}: {d.status}" for d in one.deliveries) or None)
        for one in told
    ]  # fmt: skip
    print_table("Notifications", ["When", "Event", "What", "Times ", "Told"], rows)
    for one in told:
        for delivery in one.deliveries:
            if delivery.last_error and delivery.status != "delivered":
                complain(f"{delivery.recipient}: {delivery.last_error}")


def _told(place: Workplace, limit: int) -> list[Told]:
    with place.database.transaction(place.organization_id) as connection:
        latest = notifications.select_latest(connection, place.organization_id, limit=limit)
        return [
            Told(one, notification_deliveries.select_of(connection, place.organization_id, one.id)) for one in latest
        ]


def _named(connection: Connection, place: Workplace, name: str) -> NotificationChannel:
    channel = notification_channels.find_by_name(connection, place.organization_id, name)
    if channel is None:
        raise Missing(f"there is no channel {name!r}: 'millrace notify list' shows them")
    return channel


def _set_active(name: str, *, is_active: bool) -> None:
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        channel = _named(connection, place, name)
        notification_channels.set_active(connection, place.organization_id, name, is_active=is_active)
        place.record(connection, "change", "channel", channel.id, "is_active")
    console.print(f"Channel [bold]{name}[/bold] is {'on' if is_active else 'off'}.")
