"""Embedding and speaking through any server with OpenAI's protocol. No failure tells an address, a key or a text.

Retries are the openai client's own: on resets, timeouts, 408, 409, 429 and 5xx, waiting as `Retry-After` says up to two
minutes (longer: no retry), else exponentially with jitter. Tests hold it to that.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

import numpy

from resources.foundation import tracing
from resources.foundation.cancellation import CancellableBackend
from resources.foundation.counting import estimated_tokens
from resources.foundation.errors import MillraceError, Misconfigured, Refused, Unavailable
from resources.foundation.inference import (
    Conversation,
    Ending,
    RefusedTexts,
    Speech,
    Steered,
    UnsoundVectors,
    Vectors,
    checked,
    well_formed,
)
from resources.foundation.model_names import OPENAI_ADDRESS

if TYPE_CHECKING:
    from openai import APIError, OpenAI, Stream

Answer = TypeVar("Answer")

# OpenAI takes 2,048 texts and 300,000 tokens a request; smaller requests lose less when one fails.
TEXTS_PER_REQUEST = 256
TOKENS_PER_REQUEST = 60_000
CONNECT_SECONDS = 10.0
# Only these may be asked for fewer numbers than they have; other servers refuse the parameter.
SHORTENABLE = {"text-embedding-3-small": 1536, "text-embedding-3-large": 3072}
KNOWN_DIMENSIONS = {**SHORTENABLE, "text-embedding-ada-002": 1536}
LONGEST_ANSWER = 400_000
MOST_TOKENS = 100_000_000
# What a prompt cannot ask of a model by its parameters.
_RESERVED = frozenset(
    {"model", "messages", "stream", "stream_options", "n", "tools", "tool_choice", "functions", "temperature",
     "max_tokens", "max_completion_tokens"}
)  # fmt: skip
# A text that is too long or otherwise not acceptable: 400 at OpenAI, 413 and 422 at others.
STATUSES_OF_TEXTS = (400, 413, 422)


class RemoteEmbedder:
    """An Embedder behind HTTP. Safe to share between threads."""

    version = "1"

    def __init__(
        self,
        model: str,
        *,
        base_url: str,
        api_key: str | None = None,
        dimension: int | None = None,
        retries: int = 5,
        timeout_seconds: float = 60.0,
        texts_per_request: int = TEXTS_PER_REQUEST,
        tokens_per_request: int = TOKENS_PER_REQUEST,
    ) -> None:
        self.name = model
        self._dimension = dimension or KNOWN_DIMENSIONS.get(model)
        self._is_shortened = model in SHORTENABLE and self._dimension != SHORTENABLE[model]
        self._texts_per_request = texts_per_request
        self._tokens_per_request = tokens_per_request
        self._server = ProviderServer(model, base_url, api_key, retries=retries, timeout_seconds=timeout_seconds)
        self._asking = Lock()

    @property
    def dimension(self) -> int:
        """The dimension that was set or is known for this model; else the server is asked, once."""
        with self._asking:
            if self._dimension is None:
                self._dimension = len(self._asked(["dimension"])[0])
            return self._dimension

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return float32 (len(texts), dimension), rows of length 1.

        Raises RefusedTexts when the server refuses some of the texts, with the vectors of all others; UnsoundVectors,
        Unavailable, Misconfigured or Refused when nothing came that may be used.
        """
        vectors = numpy.zeros((len(texts), self.dimension), dtype=numpy.float32)
        refused: list[int] = []
        for start, stop in _requests(texts, self._texts_per_request, self._tokens_per_request):
            try:
                vectors[start:stop] = self._sound(texts[start:stop])
            except _RefusedRequest:
                # a server that refuses a plain word too refuses the set-up and not the text; this raises then
                self._sound(["word"])
                refused += self._halve(vectors, texts, start, stop)
        if refused:
            kept = numpy.delete(vectors, refused, axis=0)
            raise RefusedTexts(tuple(refused), kept, "too long, empty or otherwise not acceptable to its server")
        return vectors

    def _halve(self, vectors: Vectors, texts: Sequence[str], start: int, stop: int) -> list[int]:
        """Fill the rows of a refused run as far as its halves are taken; return the positions that never are."""
        if stop - start == 1:
            return [start]
        middle = (start + stop) // 2
        refused = []
        for first, last in ((start, middle), (middle, stop)):
            try:
                vectors[first:last] = self._sound(texts[first:last])
            except _RefusedRequest:
                refused += self._halve(vectors, texts, first, last)
        return refused

    def _sound(self, texts: Sequence[str]) -> Vectors:
        return checked(self._asked(texts), count=len(texts), dimension=self.dimension)

    def _asked(self, texts: Sequence[str]) -> list[list[float]]:
        """Return what one request gave: for each text its list of numbers, of any length and value."""
        from openai import omit

        answer = self._server.ask(
            lambda client: client.embeddings.with_raw_response.create(
                model=self.name,
                input=[well_formed(text) for text in texts],
                encoding_format="float",
                dimensions=self._dimension if self._is_shortened and self._dimension else omit,
            )
        )
        return _in_order(answer.http_response.content, len(texts))


class RemoteSpeaker:
    """A Speaker behind HTTP: the words as the server sends them. Safe to share between threads."""

    def __init__(
        self,
        model: str,
        *,
        base_url: str = OPENAI_ADDRESS,
        api_key: str | None = None,
        retries: int = 2,
        idle_seconds: float = 30.0,
        total_seconds: float = 300.0,
    ) -> None:
        self.name = model
        self._total_seconds = total_seconds
        # OpenAI's newer models refuse `max_tokens`, many other servers know nothing else
        self._limit = "max_completion_tokens" if base_url.startswith(OPENAI_ADDRESS) else "max_tokens"
        self._server = ProviderServer(model, base_url, api_key, retries=retries, timeout_seconds=idle_seconds)

    def speak(self, prompt: Conversation) -> Speech:
        """Return the answer as it comes; the server is asked at the first word, and closing it ends the request.

        The words raise Unavailable when the server is out of reach or breaks off, Misconfigured when it knows neither
        key nor model, Refused when it does not take the prompt.
        """
        told = sum(estimated_tokens(message["content"]) for message in prompt.messages())
        return Speech(self._words(prompt), prompt_tokens=told)

    def _words(self, prompt: Conversation) -> Generator[str, None, Ending]:
        call = tracing.begin(
            f"chat {self.name}", "client", gen_ai__operation__name="chat", gen_ai__request__model=self.name,
            gen_ai__provider__name="openai", gen_ai__request__temperature=prompt.temperature,
            gen_ai__request__max_tokens=prompt.max_completion_tokens,
        )  # fmt: skip
        try:
            ending = yield from self._heard(prompt)
            call.set(
                gen_ai__usage__input_tokens=ending.prompt_tokens, gen_ai__usage__output_tokens=ending.completion_tokens,
                gen_ai__response__finish_reasons=(ending.finish_reason,),
            )  # fmt: skip
        except MillraceError as error:
            call.fail(type(error).__name__)
            raise
        finally:
            call.end()
        return ending

    def _heard(self, prompt: Conversation) -> Generator[str, None, Ending]:
        deadline = monotonic() + self._total_seconds
        stream = self._server.ask(lambda client: self._opened(client, prompt))
        finish_reason: str | None = None
        prompt_tokens = completion_tokens = None
        spoken = 0
        try:
            for chunk in self._server.heard(stream):
                if monotonic() > deadline:
                    raise Unavailable(f"The model {self.name} spoke for more than {self._total_seconds:.0f} s.")
                piece = _piece(chunk)
                if piece.tokens is not None:
                    prompt_tokens, completion_tokens = piece.tokens
                finish_reason = piece.finish_reason or finish_reason
                spoken += len(piece.content)
                if spoken > LONGEST_ANSWER:
                    raise Unavailable(f"The model {self.name} spoke more than {LONGEST_ANSWER:,} characters.")
                if piece.content:
                    yield piece.content
        finally:
            stream.close()
        if finish_reason is None:
            raise Unavailable(f"The server of the model {self.name} broke off in the middle of its answer. Ask again.")
        return Ending(finish_reason, prompt_tokens, completion_tokens)

    def _opened(self, client: OpenAI, prompt: Conversation) -> Stream[object]:
        from resources.foundation.openai_stream import WholeStream

        asked = prompt.parameters if isinstance(prompt, Steered) else {}
        # what one provider alone knows goes as it is; it cannot be another question, or come back in another way
        settings: dict[str, object] = {name: value for name, value in asked.items() if name not in _RESERVED}
        if prompt.temperature is not None:
            settings["temperature"] = prompt.temperature
        if prompt.max_completion_tokens is not None:
            settings[self._limit] = prompt.max_completion_tokens
        # the client's own method makes objects of its types for each chunk, which takes longer than all else here
        return client.post(
            "/chat/completions", cast_to=object, stream=True, stream_cls=WholeStream,
            body={
                "model": self.name, "messages": [_well_formed(message) for message in prompt.messages()],
                "stream": True, "stream_options": {"include_usage": True}, **settings,
            },
        )  # fmt: skip


@dataclass(frozen=True)
class _Piece:
    """What a chunk of a stream says, as far as it is of the shape that it should have."""

    content: str
    finish_reason: str | None
    tokens: tuple[int, int] | None


def _piece(chunk: object) -> _Piece:
    """Read a chunk, of which nothing is known: whatever a server sent may be in it."""
    usage, choices = _member(chunk, "usage"), _member(chunk, "choices")
    content, finish_reason = [], None
    for choice in choices if isinstance(choices, list) else ():
        said, ended = _member(_member(choice, "delta"), "content"), _member(choice, "finish_reason")
        content.append(said if isinstance(said, str) else "")
        finish_reason = ended if isinstance(ended, str) else finish_reason
    counts = (_member(usage, "prompt_tokens"), _member(usage, "completion_tokens"))
    read, spoken = (one if isinstance(one, int) and 0 <= one <= MOST_TOKENS else None for one in counts)
    return _Piece("".join(content), finish_reason, None if read is None or spoken is None else (read, spoken))


def _member(given: object, name: str) -> object:
    return given.get(name) if isinstance(given, dict) else None


class _RefusedRequest(Refused):
    """The server understood the request and will not have what is in it."""


class ProviderServer:
    """One server with one key: makes the client late, and turns its errors into the product's."""

    def __init__(self, model: str, base_url: str, api_key: str | None, *, retries: int, timeout_seconds: float) -> None:
        if not base_url.startswith(("http://", "https://")):
            raise Misconfigured(f"The address of the model {model} must begin with http:// or https://.")
        self._model = model
        self._base_url = base_url
        self._api_key = api_key
        self._retries = retries
        self._timeout_seconds = timeout_seconds
        self._making = Lock()

    def ask(self, question: Callable[[OpenAI], Answer]) -> Answer:
        """Return what the client returns, or raise one of ours that has no trace of the client's error in it."""
        from openai import APIError

        with self._making:
            client = self._client
        try:
            return question(client)
        except APIError as error:
            failure = self._translated(error)
        raise failure

    def heard(self, stream: Stream[object]) -> Iterator[object]:
        """Yield the stream's chunks, translating what breaks between them."""
        from openai import APIError

        try:
            yield from stream
            return
        except APIError as error:
            failure = self._translated(error)
        except ValueError:
            failure = Unavailable(f"The server of the model {self._model} sent something that is not JSON.")
        raise failure

    @cached_property
    def _client(self) -> OpenAI:
        from openai import DefaultHttpxClient, OpenAI, Timeout

        # what is asked holds documents: it goes to the address that was set, and nowhere that one points to
        http_client = DefaultHttpxClient(follow_redirects=False)
        # the client takes no backend of its own, and a transport made here would not be of the httpx that it uses
        pool = http_client._transport._pool  # type: ignore[attr-defined]
        pool._network_backend = CancellableBackend(pool._network_backend)
        return OpenAI(
            http_client=http_client,
            base_url=self._base_url,
            # servers at home want no key, the client wants one
            api_key=self._api_key or "none",
            max_retries=self._retries,
            timeout=Timeout(self._timeout_seconds, connect=min(CONNECT_SECONDS, self._timeout_seconds)),
        )

    def _translated(self, error: APIError) -> MillraceError:
        from openai import APIConnectionError, APIStatusError, APITimeoutError

        server = f"The server of the model {self._model}"
        if isinstance(error, APITimeoutError):
            return Unavailable(f"{server} did not answer within {self._timeout_seconds:g} s. Try again later.")
        if isinstance(error, APIConnectionError):
            return Unavailable(f"{server} cannot be reached, or it broke off. Is its address right, and does it run?")
        if not isinstance(error, APIStatusError):
            return Unavailable(f"{server} reported a failure{_code(error)} in the middle of its answer. Ask again.")
        told = f"{server} answered {error.status_code}{_code(error)}"
        if error.status_code in (401, 403):
            return Misconfigured(f"{told}: it does not accept the API key. Set a valid one.")
        if error.status_code in (404, 405):
            return Misconfigured(f"{told}: it does not know this model, or the address is not that of its API.")
        if error.status_code in STATUSES_OF_TEXTS:
            return _RefusedRequest(f"{told}: it does not accept what was sent.")
        if error.status_code == 429:
            return Unavailable(f"{told}: its rate limit or quota is used up. Try again later.")
        if error.status_code >= 500 or error.status_code in (408, 409):
            return Unavailable(f"{told}, again and again. Try later.")
        return Misconfigured(f"{told}. Is the address that of an OpenAI-compatible API?")


def _code(error: APIError) -> str:
    """Return the short code that explains a failure, such as ` (insufficient_quota)`; never free text."""
    code = error.code
    return f" ({code})" if isinstance(code, str) and len(code) < 48 and code.isascii() and code.isidentifier() else ""


def _requests(texts: Sequence[str], most_texts: int, most_tokens: int) -> Iterator[tuple[int, int]]:
    """Yield start and stop of runs of texts, in order, bounded in number and in estimated tokens."""
    start = tokens = 0
    for position, text in enumerate(texts):
        more = estimated_tokens(text)
        if position > start and (position - start == most_texts or tokens + more > most_tokens):
            yield start, position
            start, tokens = position, 0
        tokens += more
    if start < len(texts):
        yield start, len(texts)


def _in_order(body: bytes, count: int) -> list[list[float]]:
    """Return the embeddings of an answer by their `index`, each exactly once; raises UnsoundVectors."""
    try:
        items = json.loads(body)["data"]
        by_index = {item["index"]: item["embedding"] for item in items}
    except (ValueError, TypeError, KeyError, RecursionError):
        raise UnsoundVectors("The embedding model's server did not answer with embeddings.") from None
    if len(items) != count or by_index.keys() != set(range(count)):
        raise UnsoundVectors(f"The embedding model's server answered with {len(items)} embeddings for {count} texts.")
    embeddings = [by_index[index] for index in range(count)]
    if not all(isinstance(embedding, list) and embedding for embedding in embeddings):
        raise UnsoundVectors("The embedding model's server answered with an embedding that is missing or empty.")
    return embeddings


def _well_formed(message: dict[str, str]) -> dict[str, str]:
    return {"role": message["role"], "content": well_formed(message["content"])}
