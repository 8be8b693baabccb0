"""Spans of OpenTelemetry, by its GenAI conventions, where an operator has named who collects them; nothing otherwise.

No question, no text and no name of an organization goes into a span. Without a collector nothing that makes spans is
even imported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer

Value = str | bool | int | float | tuple[str, ...]
Kind = Literal["internal", "server", "client"]
_tracer: Tracer | None = None


class Step:
    """Something that is under way, as a span; does nothing where nobody collects spans."""

    def __init__(self, span: Span | None = None) -> None:
        self._span = span

    def set(self, **attributes: Value | None) -> None:
        """Note what is known of it now; `a__b` is the attribute `a.b`."""
        if self._span is not None:
            for name, value in attributes.items():
                if value is not None:
                    self._span.set_attribute(name.replace("__", "."), value)

    def rename(self, name: str) -> None:
        """Call it by what it turned out to be."""
        if self._span is not None:
            self._span.update_name(name)

    def fail(self, kind: str) -> None:
        """It failed, by this kind of error; what the error said stays here."""
        if self._span is not None:
            from opentelemetry.trace import StatusCode

            self._span.set_attribute("error.type", kind)
            self._span.set_status(StatusCode.ERROR)

    def end(self) -> None:
        """It is over."""
        if self._span is not None:
            self._span.end()


def begin(name: str, kind: Kind = "internal", **attributes: Value | None) -> Step:
    """A step within what is under way in this context, which ends when it is told so."""
    if _tracer is None:
        return Step()
    from opentelemetry.trace import SpanKind

    kinds = {"internal": SpanKind.INTERNAL, "server": SpanKind.SERVER, "client": SpanKind.CLIENT}
    step = Step(_tracer.start_span(name, kind=kinds[kind]))
    step.set(**attributes)
    return step


@contextmanager
def step(
    name: str, kind: Kind = "internal", headers: Mapping[str, str] | None = None, **attributes: Value | None
) -> Iterator[Step]:
    """A step as long as the block runs; steps that begin in it are parts of it. `headers`: of a request with a parent.

    Not for generators: they may end in another context than they began in.
    """
    if _tracer is None:
        yield Step()
        return
    from opentelemetry import context, propagate, trace

    outer = context.attach(propagate.extract(headers)) if headers is not None else None
    begun = begin(name, kind, **attributes)
    assert begun._span is not None
    token = context.attach(trace.set_span_in_context(begun._span))
    try:
        yield begun
    except Exception as error:
        begun.fail(type(error).__name__)
        raise
    finally:
        context.detach(token)
        if outer is not None:
            context.detach(outer)
        begun.end()


@contextmanager
def collected(endpoint: str | None) -> Iterator[None]:
    """Collect spans while the block runs, where an endpoint is set; what is left is sent at the end.

    Address, headers and timeouts are OpenTelemetry's own variables, `OTEL_EXPORTER_OTLP_…` and `OTEL_SERVICE_NAME`.
    """
    global _tracer
    if endpoint is None:
        yield
        return
    provider = _provider()
    _tracer = provider.get_tracer("millrace")
    try:
        yield
    finally:
        _tracer = None
        provider.shutdown()


def _provider() -> Any:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    resource = Resource.create()
    if str(resource.attributes["service.name"]).startswith("unknown_service"):
        resource = resource.merge(Resource({"service.name": "millrace"}))
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider
