"""The application of the HTTP door: its addresses, and nothing that opens a connection."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute

from serving import authentication, failures
from serving.bodies import BoundedRoute
from serving.endpoints import (
    agents,
    analytics,
    analytics_pages,
    audit,
    channels,
    chat,
    chatbots,
    comparison_pages,
    configurations,
    decisions,
    document_pages,
    documentation,
    documents,
    feedback,
    file_types,
    gap_pages,
    health,
    keeping,
    mcp,
    models,
    pages,
    people,
    prices,
    question_pages,
    question_sets,
    replays,
    retrieval,
    sessions,
    settings,
    sign_in,
    source_issues,
    source_pages,
    sources,
    tags,
    uploads,
)
from serving.envelope import METHODS, Envelope
from serving.house import House
from serving.metrics import Metrics

DESCRIPTION = """Ask chatbots about documents and get answers whose citations lead back to the exact characters.

It speaks OpenAI's protocol, so that its clients work here: set `base_url` to this server's address with `/v1`, and
`api_key` to a key of `millrace key create`. Additional fields of an answer: `citations`, `citations_dropped`,
`answered_by`, `outcome`, `agent` and `session_id`; in a stream they are on the last chunk that has a choice."""

READABLE_HEADERS = (
    "ETag", "Idempotency-Replayed", "Location", "Retry-After", "X-RateLimit-Limit-Requests",
    "X-RateLimit-Remaining-Requests", "X-RateLimit-Reset-Requests", "X-Request-Id", "X-Session-Id",
)  # fmt: skip
"""What pages of other servers may read of an answer beside its body, where the operator lets them ask."""


def create_app(house: House) -> FastAPI:
    """The application over an opened house. Raises Misconfigured where a route declares no permission."""
    toolbox = mcp.Toolbox()
    app = FastAPI(
        lifespan=toolbox.open, title="Millrace", version=version("millrace"), description=DESCRIPTION,
        generate_unique_id_function=lambda route: route.name, docs_url=None, redoc_url=None, openapi_url=None,
        swagger_ui_oauth2_redirect_url=None,
    )  # fmt: skip
    app.state.house = house
    app.state.toolbox = toolbox
    app.state.metrics = Metrics(house.seats)
    app.router.route_class = BoundedRoute
    health.add_to(app)
    app.router.routes.extend(_addresses())
    failures.register(app)
    app.add_middleware(Envelope, metrics=app.state.metrics, seats=house.seats)
    if house.page_origins:
        # around the envelope, so that these pages can read what it turns away; no cookie ever goes along with them
        app.add_middleware(
            CORSMiddleware, allow_origins=sorted(house.page_origins), allow_methods=sorted(METHODS),
            allow_headers=["*"], expose_headers=READABLE_HEADERS,
        )  # fmt: skip
    authentication.require_declared(app.routes)
    return app


@cache
def _addresses() -> tuple[BaseRoute, ...]:
    """The addresses that are alike for every house: to make them takes half a second, which tests would pay each."""
    app = FastAPI(
        generate_unique_id_function=lambda route: route.name, docs_url=None, redoc_url=None, openapi_url=None,
        swagger_ui_oauth2_redirect_url=None,
    )  # fmt: skip
    app.router.route_class = BoundedRoute
    for endpoints in (
        chat, models, sessions, retrieval, feedback, sources, documents, uploads, decisions, mcp, sign_in,
        documentation, pages, document_pages, source_pages,
        tags, audit, chatbots, agents, file_types, people, settings, prices, channels, keeping, configurations,
        question_sets, question_pages, gap_pages, replays, source_issues, analytics, analytics_pages, comparison_pages,
    ):  # fmt: skip
        endpoints.add_to(app)
    return tuple(app.routes)
