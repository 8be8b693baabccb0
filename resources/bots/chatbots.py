"""Chatbots, and the sources that each answers from."""

from __future__ import annotations

from uuid import UUID

from psycopg.errors import CheckViolation, ForeignKeyViolation, UniqueViolation

from resources.bots.records import Chatbot, Visibility
from resources.foundation.errors import Conflict, Missing, Refused
from resources.foundation.statements import Connection, find, many, one, run, statements_for, value

SQL = statements_for(__name__)


def create(
    connection: Connection,
    organization_id: UUID,
    *,
    name: str,
    description: str = "",
    visibility: Visibility = "private",
    system_prompt: str = "",
    show_citations: bool = True,
    temperature: float = 0.0,
    user_id: UUID | None = None,
) -> Chatbot:
    """A new chatbot, which answers from no source yet. Raises Conflict for a taken name, Refused for a bad value."""
    try:
        with connection.transaction():
            return one(
                connection, Chatbot, SQL["create"], missing=f"chatbot {name!r} was not created",
                organization_id=organization_id, name=name, description=description, visibility=visibility,
                system_prompt=system_prompt, show_citations=show_citations, temperature=temperature, user_id=user_id,
            )  # fmt: skip
    except UniqueViolation:
        raise Conflict(f"a chatbot {name!r} exists already in this organization: choose another name") from None
    except CheckViolation:
        raise Refused(
            f"chatbot {name!r} cannot be made: a name has 1 to 100 letters, digits, spaces, dots, hyphens and "
            "underscores and begins with a letter or digit; a temperature lies between 0 and 2"
        ) from None


def get(connection: Connection, organization_id: UUID, id: UUID) -> Chatbot:
    """A chatbot by id; raises Missing."""
    return one(connection, Chatbot, SQL["get"], missing=_missing(id), organization_id=organization_id, id=id)


def find_by_name(connection: Connection, organization_id: UUID, name: str) -> Chatbot | None:
    """The chatbot that bears the name, upper and lower case apart."""
    return find(connection, Chatbot, SQL["find_by_name"], organization_id=organization_id, name=name)


def select_all(connection: Connection, organization_id: UUID) -> list[Chatbot]:
    """The chatbots of the organization, by name."""
    return many(connection, Chatbot, SQL["select_all"], organization_id=organization_id)


def attach_source(connection: Connection, organization_id: UUID, chatbot_id: UUID, source_id: UUID) -> None:
    """Let the chatbot answer from the source too; raises Missing. Attaching it again changes nothing."""
    try:
        with connection.transaction():
            run(
                connection, SQL["attach_source"],
                organization_id=organization_id, chatbot_id=chatbot_id, source_id=source_id,
            )  # fmt: skip
    except ForeignKeyViolation:
        raise Missing(f"there is no chatbot {chatbot_id} or no source {source_id} in this organization") from None


def detach_source(connection: Connection, organization_id: UUID, chatbot_id: UUID, source_id: UUID) -> bool:
    """Let the chatbot answer from the source no more; whether it did."""
    values = {"organization_id": organization_id, "chatbot_id": chatbot_id, "source_id": source_id}
    return run(connection, SQL["detach_source"], **values) == 1


def select_source_ids(connection: Connection, organization_id: UUID, chatbot_id: UUID) -> list[UUID]:
    """The sources that the chatbot answers from, removed ones left out."""
    return list(
        value(connection, SQL["select_source_ids"], organization_id=organization_id, chatbot_id=chatbot_id) or ()
    )


def replace(connection: Connection, organization_id: UUID, chatbot: Chatbot) -> Chatbot:
    """Give the chatbot the values of this record, but for its name. Raises Missing, Refused for a bad value."""
    try:
        with connection.transaction():
            return one(
                connection, Chatbot, SQL["set"], missing=_missing(chatbot.id), organization_id=organization_id,
                id=chatbot.id, description=chatbot.description, visibility=chatbot.visibility,
                system_prompt=chatbot.system_prompt, show_citations=chatbot.show_citations,
                temperature=chatbot.temperature, dispatching=chatbot.dispatching,
            )  # fmt: skip
    except CheckViolation:
        raise Refused(f"chatbot {chatbot.name!r} cannot be changed so: a temperature lies between 0 and 2") from None


def remove(connection: Connection, organization_id: UUID, id: UUID) -> None:
    """Retire the chatbot; its conversations stay. Raises Missing."""
    if run(connection, SQL["remove"], organization_id=organization_id, id=id) == 0:
        raise Missing(_missing(id))


def _missing(id: UUID) -> str:
    return f"there is no chatbot {id} in this organization"
