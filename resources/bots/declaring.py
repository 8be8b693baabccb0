"""Read a file that declares sources and chatbots, and write one. Pure: text in, declarations out, and back.

What a field of the file leaves out is as the product has it by default, so that the file alone says how things are.
Two things are left as they are when they are not named: credentials, and the agents of a chatbot.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from resources.bots.records import AgentType, ConversationMode, Dispatching, QueryUnderstanding, Visibility
from resources.foundation.errors import Misconfigured, Refused
from resources.knowledge.connectors import configuring
from resources.knowledge.connectors.locating import is_address
from resources.knowledge.records import ChunkingRule
from resources.knowledge.sources import scheduling

MOST_NODES = 20_000
_AS_IT_IS = {"agents", "configuration", "embedding_model", "llm_model", "off_topic_threshold", "default_message"}
# Compared as a whole: what is not said in it is to go.
_WHOLE = ("canned_answers", "model_parameters")
_UNITS_S = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_REFERENCE = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*|file:.+")

Kind = Literal["file", "web", "database", "api", "upload"]
Name = Annotated[str, Field(pattern=r"^[^\W_][\w .-]{0,99}$")]


def interval(text: object) -> int:
    """`90s`, `15m`, `2h`, `1d` in seconds. Raises ValueError."""
    match = re.fullmatch(r"(\d{1,7})([smhd])", text.strip()) if isinstance(text, str) else None
    if match is None or int(match[1]) * _UNITS_S[match[2]] < 10:
        raise ValueError("write 30s, 15m, 2h or 1d, 10 s at least")
    return int(match[1]) * _UNITS_S[match[2]]


def interval_text(seconds: int) -> str:
    """The shortest way to write an interval: 900 as `15m`."""
    unit = next(unit for unit, length in _UNITS_S.items() if seconds % length == 0)
    return f"{seconds // _UNITS_S[unit]}{unit}"


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class DeclaredSource(_Strict):
    """A source as the file has it. `credentials` by name: env:VARIABLE or file:PATH, never the secret itself."""

    type: Kind = "file"
    config: dict[str, object] = {}
    description: str = ""
    every: Annotated[int, BeforeValidator(interval)] = 3600
    cron: str | None = None
    time_zone: str = "UTC"
    auto_sync: bool = True
    paused: bool = False
    deletion_share: Annotated[float, Field(ge=0, le=1)] = 0.3
    deletion_floor: Annotated[int, Field(ge=0)] = 20
    tags: list[Annotated[str, Field(min_length=1, max_length=100)]] = []
    credentials: dict[str, str] | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> DeclaredSource:
        try:
            configuring.checked(self.type, self.config)
            scheduling.checked_zone(self.time_zone)
            if self.cron is not None:
                scheduling.checked_cron(self.cron)
        except (Misconfigured, Refused) as error:
            raise ValueError(str(error)) from None
        for name, reference in (self.credentials or {}).items():
            if not _REFERENCE.fullmatch(reference):
                raise ValueError(
                    f"the credential {name} is no secret to write down: env:VARIABLE or file:PATH names it"
                )
        return self


class DeclaredAgent(_Strict):
    """An agent of a chatbot as the file has it.

    `sources` and `tags` of sources bind what it reads, `file_types` of which kinds; without the first two it reads all
    of its chatbot's. `canned_answers`: question to answer, for an agent of the type pre-canned.
    """

    type: AgentType = "user-facing"
    model_name: str | None = None
    conversation_mode: ConversationMode = "multi-turn"
    context_window: Annotated[int, Field(gt=0)] = 8000
    system_prompt: str = ""
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    max_tokens: Annotated[int, Field(gt=0)] | None = None
    default_message: str | None = None
    max_documents: Annotated[int, Field(gt=0)] | None = None
    similarity_threshold: Annotated[float, Field(ge=-1, le=1)] | None = None
    domain_keywords: list[str] = []
    is_active: bool = True
    description: str = ""
    expertise_areas: list[str] = []
    bias: float | None = None
    stickness: float | None = None
    model_provider: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,30}$")] | None = None
    fallback_models: list[Annotated[str, Field(min_length=1, max_length=200)]] = []
    model_parameters: dict[str, object] = {}
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    frequency_penalty: Annotated[float, Field(ge=-2, le=2)] | None = None
    presence_penalty: Annotated[float, Field(ge=-2, le=2)] | None = None
    memory_retention_days: Annotated[int, Field(gt=0)] | None = None
    user_prompt_template: str = ""
    rate_limit_per_hour: Annotated[int, Field(gt=0)] | None = None
    rate_limit_per_day: Annotated[int, Field(gt=0)] | None = None
    sources: list[str] | None = None
    tags: list[str] = []
    file_types: list[str] = []
    canned_answers: dict[
        Annotated[str, Field(min_length=1, max_length=1000)], Annotated[str, Field(min_length=1, max_length=20_000)]
    ] = {}

    @model_validator(mode="after")
    def _makes_sense(self) -> DeclaredAgent:
        if self.canned_answers and self.type != "pre-canned":
            raise ValueError("canned_answers are of agents of the type pre-canned")
        return self


class DeclaredConfiguration(_Strict):
    """The recipe that a chatbot answers by.

    For a chatbot that is made now: a model of None is the installation's, a threshold of None the embedding model's.
    """

    embedding_model: str | None = None
    llm_model: str | None = None
    reranker_model: str | None = None
    retrieval_k: Annotated[int, Field(ge=1, le=200)] = 8
    similarity_threshold: Annotated[float, Field(ge=-1, le=1)] = 0.0
    lexical_weight: Annotated[float, Field(ge=0, le=1)] = 0.7
    chunk_size: Annotated[int, Field(ge=100, le=20_000)] = ChunkingRule.size
    chunk_overlap: Annotated[int, Field(ge=0)] = ChunkingRule.overlap
    off_topic_threshold: Annotated[float, Field(ge=0, le=1)] | None = None
    query_understanding: QueryUnderstanding = "none"
    max_per_document: Annotated[int, Field(ge=1, le=200)] | None = None


class DeclaredChatbot(_Strict):
    """A chatbot as the file has it."""

    description: str = ""
    visibility: Visibility = "private"
    system_prompt: str = ""
    show_citations: bool = True
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.0
    dispatching: Dispatching = "keywords"
    sources: list[str] = []
    configuration: DeclaredConfiguration | None = None
    agents: dict[Annotated[str, Field(min_length=1, max_length=100)], DeclaredAgent] | None = None


class Declaration(_Strict):
    """All that a file declares, by name."""

    version: Literal[1]
    sources: dict[Name, DeclaredSource] = {}
    chatbots: dict[Name, DeclaredChatbot] = {}


@dataclass(frozen=True)
class Change:
    """What applying a file does to one thing. `fields`: name, former and new value of what changes."""

    kind: Literal["source", "chatbot"]
    name: str
    action: Literal["create", "change", "remove", "keep"]
    fields: tuple[tuple[str, object, object], ...] = ()


def read(text: str, *, folder: str = "/") -> Declaration:
    """The declarations of a file that lies in `folder`, from which relative locations lead.

    Raises Refused, which names every problem with its line.
    """
    root, said = _loaded(text)
    try:
        return Declaration.model_validate(_located(said, folder))
    except ValidationError as error:
        problems = sorted({_told(found["loc"], found["msg"], found["type"], root) for found in error.errors()})
        raise Refused(
            "the file cannot be applied:\n" + "\n".join(f"  line {at}: {what}" for at, what in problems)
        ) from None


def write(declaration: Declaration) -> str:
    """A file that declares these, without what is so by default. `read` gives the same back."""
    said = declaration.model_dump(exclude_defaults=True)
    for source in said.get("sources", {}).values():
        if "every" in source:
            source["every"] = interval_text(source["every"])
    return yaml.safe_dump(said, sort_keys=False, allow_unicode=True, width=100)


def differences(present: Declaration, wanted: Declaration, *, prune: bool = False) -> list[Change]:
    """What must change for the present to be as is wanted. What is there and not wanted is removed only by `prune`."""
    found: list[Change] = []
    for kind, there, asked in (
        ("source", present.sources, wanted.sources),
        ("chatbot", present.chatbots, wanted.chatbots),
    ):
        found += [_change(kind, name, there.get(name), one) for name, one in asked.items()]  # type: ignore[arg-type]
        found += [Change(kind, name, "remove") for name in there if prune and name not in asked]  # type: ignore[arg-type]
    return found


def _change(kind: Literal["source", "chatbot"], name: str, there: BaseModel | None, asked: BaseModel) -> Change:
    if there is None:
        given = asked.model_dump(exclude_defaults=True, exclude={"credentials"})
        return Change(kind, name, "create", tuple((field, None, value) for field, value in given.items()))
    fields = tuple(_fields("", there.model_dump(), asked.model_dump(exclude={"credentials"}), "config"))
    return Change(kind, name, "change" if fields else "keep", fields)


def _fields(
    prefix: str, there: Mapping[str, object], asked: Mapping[str, object], whole: str
) -> Iterator[tuple[str, object, object]]:
    """The fields that differ, by their path. What is asked as None where the default is none is left as it is."""
    for name, value in asked.items():
        former, path = there.get(name), f"{prefix}{name}"
        if value is None and name in _AS_IT_IS:
            continue
        if isinstance(value, Mapping) and isinstance(former, Mapping) and name not in (whole, *_WHOLE):
            yield from _fields(f"{path}.", former, value, whole)
        elif _plain(value) != _plain(former):
            yield path, former, value


def _plain(value: object) -> object:
    return sorted(value) if isinstance(value, list) else value


def _located(said: object, folder: str) -> object:
    """What was read, with the locations of folders and files as absolute paths."""
    sources = said.get("sources") if isinstance(said, dict) else None
    for source in sources.values() if isinstance(sources, dict) else ():
        config = source.get("config") if isinstance(source, dict) else None
        location = config.get("location") if isinstance(config, dict) else None
        if isinstance(config, dict) and isinstance(location, str) and location and not is_address(location):
            config["location"] = posixpath.normpath(posixpath.join(folder, location))
    return said


def _loaded(text: str) -> tuple[yaml.Node, object]:
    """The nodes of the file, which know their lines, and its values. Raises Refused for no file of this kind at all."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        if not isinstance(root, yaml.MappingNode):
            raise Refused("the file declares nothing: it begins with 'version: 1', then 'sources:' and 'chatbots:'")
        for number, node in enumerate(_nodes(root)):
            if number > MOST_NODES:
                raise Refused(f"the file has more than {MOST_NODES:,} values, or its aliases unfold to so many")
            if isinstance(node, yaml.MappingNode):
                _require_single_keys(node)
        return root, yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        raise Refused(f"the file is no YAML: {where}{getattr(error, 'problem', None) or 'it cannot be read'}") from None


def _nodes(node: yaml.Node) -> Iterator[yaml.Node]:
    yield node
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield key
            yield from _nodes(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _nodes(value)


def _require_single_keys(node: yaml.MappingNode) -> None:
    seen: set[str] = set()
    for key, _ in node.value:
        if str(key.value) in seen:
            raise Refused(f"the file says {key.value!r} twice: line {key.start_mark.line + 1}")
        seen.add(str(key.value))


def _told(location: Sequence[str | int], message: str, kind: str, root: yaml.Node) -> tuple[int, str]:
    """The line of a problem, and what it is, in words."""
    line, place = _line(location, root), ".".join(str(step) for step in location if step != "[key]")
    if kind == "extra_forbidden":
        known = _known_keys(location)
        near = get_close_matches(str(location[-1]), known, n=1)
        return line, f"{place} is nothing that is known here" + (f"; did you mean {near[0]}?" if near else "")
    if kind == "missing":
        return line, f"{place} is missing"
    return line, f"{place}: {message.removeprefix('Value error, ')}"


def _known_keys(location: Sequence[str | int]) -> list[str]:
    """The keys that are known where the last of these stands."""
    models: Mapping[int, type[BaseModel]] = {
        1: Declaration,
        3: DeclaredChatbot,
        4: DeclaredConfiguration,
        5: DeclaredAgent,
    }
    model = DeclaredSource if location[0] == "sources" and len(location) == 3 else models.get(len(location))
    return list(model.model_fields) if model else []


def _line(location: Sequence[str | int], root: yaml.Node) -> int:
    node, line = root, root.start_mark.line + 1
    for step in location:
        found: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if str(key.value) == str(step):
                    found, line = value, key.start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            found = node.value[step]
            line = found.start_mark.line + 1
        if found is None:
            break
        node = found
    return line
