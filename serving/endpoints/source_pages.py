"""/sources and /sources/{id}: how sources stand, what waits for somebody's word, and why a document is not found."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Depends, FastAPI, Query, Request, Response

from resources.bots import chatbots
from resources.conversations import source_issues
from resources.foundation.errors import Missing
from resources.identity.records import Caller
from resources.knowledge.documents import document_states, sync_failures
from resources.knowledge.intake import deletions
from resources.knowledge.sources import data_sources, partial_uploads, training_jobs
from serving.authentication import Holder
from serving.commands import overviews
from serving.endpoints.pages import frame_of
from serving.house import desk_of
from serving.identifying import identified
from serving.remedies import remedy
from serving.rendering import page

MayAnalyze = Annotated[Caller, Depends(Holder("analyze"))]
State = Literal["pending", "ready", "outdated", "failed", "deleted"]
DOCUMENTS_ON_A_PAGE = 50
SYNCS_ON_A_PAGE = 10
ISSUES_ON_A_PAGE = 20


def add_to(app: FastAPI) -> None:
    """Serve these addresses."""
    app.get("/sources", include_in_schema=False)(show_sources)
    app.get("/sources/{source}", include_in_schema=False)(show_source)


def show_sources(request: Request, caller: MayAnalyze) -> Response:
    """All sources, and what waits for a decision."""
    organization_id = caller.organization_id
    with desk_of(request).database.transaction(organization_id) as connection:
        frame = frame_of(connection, caller, "/sources")
        found = overviews.select_all(connection, organization_id)
        waiting = deletions.select_all(connection, organization_id, statuses=["waiting"])
    return page(
        "sources.html", frame=frame, sources=found, waiting=waiting, may_manage="manage" in caller.scopes,
    )  # fmt: skip


def show_source(
    source: str,
    request: Request,
    caller: MayAnalyze,
    state: State | Literal[""] = "",
    words: Annotated[str, Query(max_length=500)] = "",
    after: Annotated[str, Query(max_length=4000)] = "",
) -> Response:
    """One source: its latest syncs, what fails and what to do about it, and its documents by path."""
    desk, organization_id = desk_of(request), caller.organization_id
    with desk.database.transaction(organization_id) as connection:
        source_id = identified(source, _missing)
        try:
            known = data_sources.get(connection, organization_id, source_id)
        except Missing:
            raise Missing(_missing(source_id)) from None
        frame = frame_of(connection, caller, "/sources")
        overview = overviews.get(connection, organization_id, known)
        counts = document_states.count_by_state(connection, organization_id, source_id)
        documents = document_states.select_page(
            connection, organization_id, source_id=source_id, state=state or None, words=_text(words) or None,
            after=_text(after), at_most=DOCUMENTS_ON_A_PAGE + 1,
        )  # fmt: skip
        failures = sync_failures.select_all(connection, organization_id, source_id=source_id, at_most=20)
        syncs = training_jobs.select_latest(connection, organization_id, source_id=source_id, at_most=SYNCS_ON_A_PAGE)
        waiting = deletions.select_all(connection, organization_id, source_id=source_id, statuses=["waiting"])
        held = {
            batch.id: deletions.select_documents(connection, organization_id, batch.id, at_most=DOCUMENTS_ON_A_PAGE)
            for batch in waiting
        }
        issues = source_issues.select_page(
            connection, organization_id, source_id=source_id, at_most=ISSUES_ON_A_PAGE
        )  # fmt: skip
        unfinished = partial_uploads.select_unfinished(connection, organization_id, source_id=source_id)
        readers = [
            bot.name
            for bot in chatbots.select_all(connection, organization_id)
            if source_id in chatbots.select_source_ids(connection, organization_id, bot.id)
        ]
    return page(
        "source.html", frame=frame, source=overview, counts=counts, documents=documents[:DOCUMENTS_ON_A_PAGE],
        has_more=len(documents) > DOCUMENTS_ON_A_PAGE, state=state, words=words, after=after, syncs=syncs,
        failures=[(failure, remedy(failure.outcome)) for failure in failures], waiting=waiting, held=held,
        chatbots=readers, may_manage="manage" in caller.scopes, dagster=desk.dagster_address, remedy_of=remedy,
        states=document_states.STATES, issues=issues, unfinished=unfinished, largest=partial_uploads.LARGEST,
    )  # fmt: skip


def _missing(source: object) -> str:
    return f"there is no source {source}"


def _text(words: str) -> str:
    """PostgreSQL takes no NUL in a text, and no name has one."""
    return words.replace("\0", "\ufffd")
