"""What whoever reads answers asks of whoever looks after a source. /v1/source-issues"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field

from resources.conversations import source_issues
from resources.conversations.source_issues import IssueState, SourceIssue
from serving import collections
from serving.collections import Chronological, Collection, Made, Work, by_id, given, left_out
from serving.endpoints.documents import document_id_at, source_named
from serving.identifying import MessageId
from serving.wire_managing import Strict, Words

Said = Annotated[Words, Field(min_length=1, max_length=2000)]


class SourceIssueBody(BaseModel):
    """What is wrong with a source, or with one of its documents, maybe as an answer showed it."""

    object: Literal["source_issue"] = "source_issue"
    id: UUID
    source: str
    source_id: UUID
    document_id: UUID | None
    path: str | None
    message_id: UUID | None = Field(description="The answer that showed it; null where there is none any more.")
    words: str
    note: str = Field(description="What came of it.")
    state: IssueState
    opened_by: str | None
    closed_by: str | None
    closed_at: datetime | None
    created_at: datetime
    updated_at: datetime


class SourceIssueFields(BaseModel):
    """What may be said of one later: what came of it, and that it is closed."""

    model_config = ConfigDict(
        **Strict, json_schema_extra={"examples": [{"state": "closed", "note": "Corrected in the file."}]}
    )
    words: Said = Field(default_factory=left_out)
    note: Annotated[Words, Field(max_length=2000)] = Field(default_factory=left_out)
    state: IssueState = Field(default_factory=left_out)


class NewSourceIssue(BaseModel):
    """One to be opened: the owner of the source is told, else those who run the organization."""

    model_config = ConfigDict(
        **Strict,
        json_schema_extra={
            "examples": [{"source": "handbook", "path": "sluice.md", "words": "It is greased every Friday since May."}]
        },
    )
    source: Annotated[Words, Field(min_length=1, max_length=200, description="Its name or id.")]
    path: Annotated[Words, Field(min_length=1, max_length=1000)] | None = None
    message_id: MessageId | None = Field(
        default=None, description="The answer that showed it; its completion's id will do."
    )
    words: Said


class SourceIssuePage(Chronological):
    """A page of them, the latest first."""

    source: Annotated[Words | None, Field(max_length=200, description="Of this source, by name or id.")] = None
    state: IssueState | None = None


def add_to(app: FastAPI) -> None:
    """Serve these addresses."""
    collections.add_to(app, SOURCE_ISSUES)


_get = by_id(source_issues.get, "source issue", "/v1/source-issues")


def _select(work: Work, page: SourceIssuePage) -> list[SourceIssue]:
    source_id = source_named(work.connection, work.caller, page.source).id if page.source else None
    return source_issues.select_page(
        work.connection, work.organization_id, at_most=page.limit + 1, oldest_first=page.oldest_first,
        after=_get(work, page.after) if page.after else None, source_id=source_id, state=page.state,
    )  # fmt: skip


def _create(work: Work, body: NewSourceIssue) -> Made[SourceIssue]:
    source = source_named(work.connection, work.caller, body.source)
    document_id = None if body.path is None else document_id_at(work, source, body.path)
    return Made(
        source_issues.open(
            work.connection, work.organization_id, source_id=source.id, words=body.words, document_id=document_id,
            message_id=body.message_id, opened_by=work.caller.user_id,
        )
    )  # fmt: skip


def _change(work: Work, known: SourceIssue, body: SourceIssueFields) -> SourceIssue:
    return source_issues.change(
        work.connection, work.organization_id, known, changed_by=work.caller.user_id, **given(body)
    )


def _remove(work: Work, known: SourceIssue) -> None:
    """It is nowhere any more; to say that it is done with, close it instead."""
    source_issues.remove(work.connection, work.organization_id, [known.id])


def _told(work: Work, known: SourceIssue) -> SourceIssueBody:
    return SourceIssueBody.model_validate({**asdict(known), "source_id": known.data_source_id})


SOURCE_ISSUES = Collection(
    name="source-issues", noun="source issue", scope="manage", body=SourceIssueBody, told=_told, select=_select,
    get=_get, page=SourceIssuePage, is_paged=True, new=NewSourceIssue, create=_create, changes=SourceIssueFields,
    change=_change, remove=_remove,
)  # fmt: skip
