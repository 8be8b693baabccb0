"""Deliver notifications: webhooks and mail. No connection is held while a server is waited for."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from uuid import UUID

from resources.foundation.database import Database
from resources.foundation.errors import MillraceError, Unavailable
from resources.foundation.mail import Mailer
from resources.foundation.secrets import Keyring
from resources.foundation.settings import Settings
from resources.foundation.web import Web
from resources.identity import (
    notification_channels,
    notification_deliveries,
    notifications,
    organizations,
    signing,
    users,
    wording,
)
from resources.identity.notification_channels import Address
from resources.identity.notification_deliveries import Claimed
from resources.identity.records import DeliveryStatus, Notification

# How long after each attempt that did not work: a day and a quarter in all, then it is given up.
BACK_OFF_S = (60, 300, 900, 3600, 3 * 3600, 8 * 3600, 16 * 3600)
_CLAIM_S = 300
_ROUND_S = 60.0  # what hangs must not keep other organizations waiting for long
_KEEP_DAYS = 90
_MOST_ANSWER_BYTES = 64 << 10


@dataclass(frozen=True)
class Delivered:
    """What a round of deliveries came to."""

    delivered: int = 0
    postponed: int = 0
    failed: int = 0
    skipped: int = 0


@dataclass(frozen=True)
class _Errand:
    """A delivery with all that is needed to make it."""

    claimed: Claimed
    notification: Notification
    organization: str
    webhook: Address | None = None
    mail_to: str | None = None


class _Skipped(Exception):
    """There is no way to make this delivery, and there will not be."""


class Courier:
    """Makes the deliveries that are due. `mailer` None: there is no mail server, and mails are skipped."""

    def __init__(
        self, *, keyring: Keyring, web: Web, mailer: Mailer | None, clock: Callable[[], float] = time.time
    ) -> None:
        self._keyring = keyring
        self._web = web
        self._mailer = mailer
        self._clock = clock

    @classmethod
    def from_settings(cls, settings: Settings) -> Courier:
        """As the operator set it up. Raises Misconfigured."""
        return cls(
            keyring=Keyring.from_settings(settings), web=Web(allowed_hosts=settings.allowed_hosts),
            mailer=Mailer.from_settings(settings),
        )  # fmt: skip

    def deliver_all(self, database: Database) -> Delivered:
        """Make what is due in all organizations; one cheap question where nothing is."""
        with database.directory() as connection:
            waiting = notification_deliveries.select_organizations(connection)
        outcomes: Counter[str] = Counter()
        for organization_id in waiting:
            outcomes.update(asdict(self.deliver(database, organization_id)))
        return Delivered(**outcomes)

    def deliver(self, database: Database, organization_id: UUID) -> Delivered:
        """Make an organization's deliveries that are due, each at least once; what a minute does not suffice for waits.

        A receiver can tell a second time from the first by the delivery's id.
        """
        outcomes: Counter[str] = Counter()
        ends_at = time.monotonic() + _ROUND_S
        while time.monotonic() < ends_at:
            with database.transaction(organization_id) as connection:
                claimed = notification_deliveries.claim(connection, organization_id, most=1, seconds=_CLAIM_S)
            if not claimed:
                break
            outcomes[self._deliver(database, organization_id, claimed[0])] += 1
        with database.transaction(organization_id) as connection:
            notifications.remove_old(connection, organization_id, days=_KEEP_DAYS)
        return Delivered(**outcomes)

    def _deliver(self, database: Database, organization_id: UUID, claimed: Claimed) -> str:
        ended: DeliveryStatus = "delivered"
        reason = None
        try:
            self._run(self._errand(database, organization_id, claimed))
        except _Skipped as error:
            ended, reason = "skipped", str(error)
        except MillraceError as error:
            ended, reason = "failed", str(error)
        with database.transaction(organization_id) as connection:
            if ended == "failed" and claimed.attempts <= len(BACK_OFF_S):
                wait_s = BACK_OFF_S[claimed.attempts - 1]
                notification_deliveries.postpone(
                    connection, organization_id, claimed.id, seconds=wait_s, reason=str(reason)
                )  # fmt: skip
                return "postponed"
            notification_deliveries.finish(connection, organization_id, claimed.id, status=ended, reason=reason)
        return ended

    def _errand(self, database: Database, organization_id: UUID, claimed: Claimed) -> _Errand:
        with database.transaction(organization_id) as connection:
            notification = notifications.get(connection, organization_id, claimed.notification_id)
            organization = organizations.get(connection, organization_id).slug
            if claimed.user_id is not None:
                user = users.get(connection, organization_id, claimed.user_id)
                if not user.is_active:
                    raise _Skipped("the user is not active any more")
                return _Errand(claimed, notification, organization, mail_to=user.email)
            assert claimed.channel_id is not None
            channel = notification_channels.get(connection, organization_id, claimed.channel_id)
            if not channel.is_active:
                raise _Skipped("the channel is switched off")
            address = notification_channels.get_address(
                connection, organization_id, claimed.channel_id, keyring=self._keyring
            )
        if channel.kind == "email":
            return _Errand(claimed, notification, organization, mail_to=address.target)
        return _Errand(claimed, notification, organization, webhook=address)

    def _run(self, errand: _Errand) -> None:
        if errand.webhook is not None:
            self._post(errand, errand.webhook)
        elif errand.mail_to is not None:
            self._mail(errand, errand.mail_to)

    def _post(self, errand: _Errand, address: Address) -> None:
        body = wording.as_json(
            errand.notification, organization=errand.organization, delivery_id=errand.claimed.id
        )  # fmt: skip
        signed = signing.signature(body, key=address.signing_secret, at=int(self._clock()))
        answer = self._web.post(
            address.target, body, headers={"Content-Type": "application/json"},
            secret_headers={signing.HEADER: signed}, max_bytes=_MOST_ANSWER_BYTES,
        )  # fmt: skip
        if not 200 <= answer.status < 300:
            raise Unavailable(f"the webhook answered {answer.status}")

    def _mail(self, errand: _Errand, to: str) -> None:
        if self._mailer is None:
            raise _Skipped("there is no mail server: set MILLRACE_SMTP_URL")
        self._mailer.send(
            to=to, subject=f"[Millrace {errand.organization}] {errand.notification.subject}",
            text=wording.as_text(errand.notification, organization=errand.organization),
            message_id=f"{errand.claimed.id}@millrace",
        )  # fmt: skip
