"""What Prometheus is told of the server: requests, answers, seats and the process. No label names an organization."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import choose_encoder

from resources.conversations.answering.speakers import EXTRACTIVE
from resources.conversations.records import Answered
from serving.seats import Seats

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


class Metrics:
    """The counts of one server, each in words that its help repeats."""

    def __init__(self, seats: Seats) -> None:
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._requests = Counter(
            "millrace_requests", "Requests that were answered.", ["route", "method", "status"], registry=registry
        )
        self._seconds = Histogram(
            "millrace_request_seconds", "Seconds from a request to the end of its answer.", ["route"],
            buckets=_SECONDS, registry=registry,
        )  # fmt: skip
        self._under_way = Gauge("millrace_requests_under_way", "Requests that are being answered.", registry=registry)
        self._answers = Counter(
            "millrace_answers", "Answers to questions, by what came of them and what spoke.", ["outcome", "speaker"],
            registry=registry,
        )  # fmt: skip
        self._answer_seconds = Histogram(
            "millrace_answer_seconds", "Seconds from a question to its whole answer.", ["speaker"],
            buckets=_SECONDS, registry=registry,
        )  # fmt: skip
        self._tokens = Counter(
            "millrace_answer_tokens", "Tokens that answers read (input) and spoke (output).", ["direction"],
            registry=registry,
        )  # fmt: skip
        self._dropped = Counter(
            "millrace_citations_dropped", "Citations that did not stand in their passage.", registry=registry
        )
        self._finding_seconds = Histogram(
            "millrace_retrieval_seconds", "Seconds from a question to the passages that its answer rests on.",
            buckets=_SECONDS, registry=registry,
        )  # fmt: skip
        Gauge("millrace_answers_under_way", "Answers that have a seat.", registry=registry).set_function(
            lambda: seats.taken
        )
        Gauge("millrace_searches_waiting", "Requests that search, or wait to.", registry=registry).set_function(
            lambda: seats.waiting
        )

    def begin(self) -> None:
        """A request has come."""
        self._under_way.inc()

    def end(self, *, route: str, method: str, status: int, seconds: float) -> None:
        """It was answered, or left: status 499 then."""
        self._under_way.dec()
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def found(self, seconds: float) -> None:
        """The passages of an answer were found."""
        self._finding_seconds.observe(seconds)

    def answered(self, answer: Answered) -> None:
        """An answer was kept."""
        speaker = "model"
        if answer.answered_by == EXTRACTIVE:
            speaker = "extractive"
        elif answer.completion_tokens == 0:
            speaker = "stated"
        self._answers.labels(answer.outcome, speaker).inc()
        self._answer_seconds.labels(speaker).observe(answer.elapsed_ms / 1000)
        self._tokens.labels("input").inc(answer.prompt_tokens)
        self._tokens.labels("output").inc(answer.completion_tokens)
        self._dropped.inc(answer.citations_dropped)

    def told(self, accept: str) -> tuple[bytes, str]:
        """All of it in the format that the asker reads, and that format's media type."""
        encode, media_type = choose_encoder(accept)
        return encode(self._registry), media_type
