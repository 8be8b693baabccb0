"""The vocabulary of the identity domain: organizations, their people, and who is calling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

Scope = Literal["chat", "search", "manage", "analyze", "administer"]
MemberRole = Literal["owner", "admin", "engineer", "analyst", "member"]

# chat: ask, and read one's own conversations; search: find and read documents; manage: sources, chatbots and what is
# theirs; analyze: everybody's questions, feedback and costs; administer: people, keys, budgets, settings, erasure.
SCOPES_OF_ROLE: Mapping[MemberRole, frozenset[Scope]] = {
    "owner": frozenset({"chat", "search", "manage", "analyze", "administer"}),
    "admin": frozenset({"chat", "search", "manage", "analyze", "administer"}),
    "engineer": frozenset({"chat", "search", "manage", "analyze"}),
    "analyst": frozenset({"chat", "search", "analyze"}),
    "member": frozenset({"chat", "search"}),
}


@dataclass(frozen=True)
class Organization:
    """A tenant. Nothing of one organization is visible to another."""

    id: UUID
    slug: str
    name: str


@dataclass(frozen=True)
class User:
    """A person or an agent persona in one organization."""

    id: UUID
    username: str
    email: str
    first_name: str
    last_name: str
    is_active: bool
    is_staff: bool
    is_superuser: bool
    created_by: UUID | None
    last_login_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Membership:
    """What a user may do in the organization, and how often they may ask. None: as often as they like."""

    user_id: UUID
    role: MemberRole
    rate_limit_per_hour: int | None = None
    rate_limit_per_day: int | None = None


@dataclass(frozen=True)
class ApiKey:
    """A key of the API, without its secret, which nobody keeps. Without a `rate_limit_…` it may always ask."""

    id: UUID
    user_id: UUID | None
    name: str
    scopes: Sequence[str]
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    created_at: datetime
    rate_limit_per_hour: int | None = None
    rate_limit_per_day: int | None = None


@dataclass(frozen=True)
class ProviderKey:
    """A key at a provider of models, without its secret, which is never shown again."""

    id: UUID
    provider: str
    created_at: datetime


@dataclass(frozen=True)
class Caller:
    """Who is asking, proved by a key that is valid now or by the cookie of a browser that is signed in."""

    organization_id: UUID
    key_id: UUID | None
    user_id: UUID | None
    name: str
    scopes: frozenset[str]
    browser_session_id: UUID | None = None
    rate_limit_per_hour: int | None = None
    rate_limit_per_day: int | None = None

    @property
    def actor(self) -> Actor:
        """Who this is, for the audit log."""
        return Actor(self.user_id, self.key_id, "key" if self.key_id else "browser")


@dataclass(frozen=True)
class BrowserSession:
    """A browser in which somebody is signed in."""

    id: UUID
    browser: str
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime


@dataclass(frozen=True)
class KnowledgeSettings:
    """A user's defaults for the sources and chatbots they own. None: the product's default."""

    default_embedding_model: str | None = None
    default_chunk_size: int | None = None
    default_chunk_overlap: int | None = None
    document_retention_days: int | None = None
    conversation_retention_days: int | None = None
    default_similarity_threshold: float | None = None
    max_search_results: int | None = None
    sync_notifications: bool = True
    error_notifications: bool = True


@dataclass(frozen=True)
class RetentionSettings:
    """How long an organization keeps things, in days. None: until they are taken away.

    `document_days` count from the last change of a document's content, `version_days` from when another version took
    its place, `conversation_days` from the last word, `history_days` (of syncs and runs) from their end; `grace_days`
    lie between a document's deletion and its end; `audit_days` is how long the audit log tells who changed what.
    """

    document_days: int | None = None
    version_days: int | None = None
    conversation_days: int | None = None
    history_days: int = 90
    grace_days: int = 30
    audit_days: int = 365


ChannelKind = Literal["webhook", "email"]
Event = Literal[
    "sync_completed", "sync_failed", "source_overdue", "deletions_waiting", "budget_warning", "budget_reached",
    "check_failed", "documents_expiring", "session_handed_over", "source_issue_opened", "test",
]  # fmt: skip
DeliveryStatus = Literal["waiting", "delivered", "failed", "skipped"]


@dataclass(frozen=True)
class NotificationChannel:
    """Where an organization is told of what happens. `destination` is what may be shown of the address."""

    id: UUID
    name: str
    kind: ChannelKind
    destination: str
    events: Sequence[str]
    is_active: bool
    created_at: datetime


@dataclass(frozen=True)
class Notification:
    """What happened. `times`: how often it was said again before it was over (`closed_at`)."""

    id: UUID
    event: str
    subject: str
    body: Mapping[str, object]
    times: int
    last_raised_at: datetime
    closed_at: datetime | None
    created_at: datetime


@dataclass(frozen=True)
class NotificationDelivery:
    """Whom a notification reaches, and how that went."""

    id: UUID
    recipient: str
    status: DeliveryStatus
    attempts: int
    last_error: str | None
    next_attempt_at: datetime
    delivered_at: datetime | None


BudgetAction = Literal["block", "ask"]


@dataclass(frozen=True)
class Price:
    """What a million tokens cost that a model reads (`input`) and speaks (`output`), in the budget's currency."""

    model: str
    input: Decimal
    output: Decimal


@dataclass(frozen=True)
class Budget:
    """What may be spent in this month, and what was, reserved sums too.

    `approved` was allowed in addition to `amount`. Where all is spent, `block` waits for the next month or a higher
    amount, `ask` for somebody who approves more.
    """

    amount: Decimal
    currency: str
    action: BudgetAction
    approved: Decimal
    spent: Decimal

    @property
    def limit(self) -> Decimal:
        """What may be spent in all."""
        return self.amount + self.approved

    @property
    def left(self) -> Decimal:
        """What may still be spent; below 0 where answers that were under way have spent more than there was."""
        return self.limit - self.spent


Door = Literal["key", "browser", "command line"]


@dataclass(frozen=True)
class Actor:
    """Who does something, and by which door; on the command line it is whoever operates the installation."""

    user_id: UUID | None = None
    key_id: UUID | None = None
    door: Door = "command line"


@dataclass(frozen=True)
class AuditEntry:
    """What somebody did. `changed`: the names of the fields that were given, never what they held."""

    id: UUID
    at: datetime
    user_id: UUID | None
    username: str | None
    key_id: UUID | None
    key_name: str | None
    door: Door
    action: str
    entity: str
    entity_id: str
    changed: Sequence[str]
