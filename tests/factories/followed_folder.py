"""What a source must look like, told without a database: a plain model of a folder and of those who follow it.

It knows the promises (what readers see, what waits for a word, what fails) and none of the means. The text of a file is
asked of the product's own pure functions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import PurePosixPath

from resources.knowledge.chunks import chunking, staging
from resources.knowledge.chunks.staging import Passage
from resources.knowledge.readers import parsing, unpacking
from resources.knowledge.records import ChunkingRule, Parsed

RULE = ChunkingRule(size=128)
MOST_BYTES = 5_000
REFUSED_WORD = "unspeakable"
SHARE, FLOOR = 0.3, 2
_TYPES = {kind.name: kind for kind in parsing.DEFAULT_FILE_TYPES}

Failure = tuple[str, str]
"""Stage and outcome."""


@dataclass(frozen=True)
class Reading:
    """What becomes of some bytes under a name: a text with its passages, or where that fails."""

    kind: str | None
    parsed: Parsed | None = None
    passages: tuple[Passage, ...] = ()
    failure: Failure | None = None


@cache
def read(name: str, data: bytes, media_type: str = "") -> Reading:
    """What the product's pure functions make of a file."""
    if len(data) > MOST_BYTES:
        return Reading(None, failure=("fetching", "too_large"))
    try:
        kind = _TYPES[parsing.choose(name, media_type, data, list(_TYPES.values())).name]
    except parsing.ParseError as error:
        return Reading(None, failure=("fetching", error.outcome))
    try:
        parsed = parsing.parse(data, media_type=kind.mime_types[0], filename=name, parser=kind.parsers[0])
    except parsing.ParseError as error:
        return Reading(kind.name, failure=("parsing", error.outcome))
    passages = staging.passages(parsed, chunking.split(parsed, RULE)).members
    if not passages:
        return Reading(kind.name, failure=("chunking", "empty_extraction"))
    refused = REFUSED_WORD in parsed.text
    return Reading(kind.name, parsed, passages, ("embedding", "refused") if refused else None)


@dataclass(eq=False)
class Doc:
    """A document. `newest`: the bytes of its newest version; `waits`: readers do not see that yet."""

    path: str
    shown: bytes | None = None
    newest: bytes | None = None
    waits: bool = False
    has_failed: bool = False
    was_shown: bytes | None = None
    is_deleted: bool = False
    failure: Failure | None = None
    members: dict[str, Doc] = field(default_factory=dict)
    unpacked: bytes | None = None
    seen_in: bytes | None = None
    """The container's bytes that it was in last."""

    @property
    def name(self) -> str:
        return PurePosixPath(self.path).name

    def bring(self, data: bytes) -> None:
        """Its bytes, as they are now."""
        if not self.is_deleted and self.newest == data and (self.waits or self.shown == data):
            if self.failure is not None and self.failure[0] == "fetching":
                self.failure, self.has_failed = None, False
            return
        self.failure, self.has_failed = None, False
        if not self.is_deleted and self.shown == data:
            self.newest, self.waits = data, False
            return
        self.is_deleted = False
        self.newest, self.waits = data, True

    def cannot_be_read(self, failure: Failure) -> None:
        """What readers see stays; what nobody sees any more is not shown because of that."""
        if self.is_deleted:
            self.is_deleted, self.newest, self.waits, self.has_failed = False, self.was_shown, False, False
        self.failure = failure

    def cut(self) -> None:
        """Parse and cut what waits."""
        if self._is_waiting() and self.newest is not None:
            failure = read(self.name, self.newest).failure
            if failure is not None and failure[0] in ("parsing", "chunking"):
                self.failure, self.has_failed = failure, True

    def embed(self) -> None:
        """Show what is whole."""
        if not self._is_waiting() or self.newest is None:
            return
        failure = read(self.name, self.newest).failure
        if failure is not None:
            self.failure, self.has_failed = failure, True
            return
        self.shown, self.waits, self.was_shown = self.newest, False, self.newest
        if self.failure is not None and self.failure[0] != "fetching":
            self.failure = None

    def _is_waiting(self) -> bool:
        return self.waits and not self.has_failed and not self.is_deleted

    def withdraw(self) -> None:
        """Readers see nothing of it."""
        self.is_deleted, self.shown, self.failure, self.unpacked = True, None, None, None
        for member in self.members.values():
            if not member.is_deleted:
                member.withdraw()

    def follow(self, path: str) -> None:
        """It has another path, and so has all that stands in it."""
        self.path = path
        for name, member in self.members.items():
            member.path = path + unpacking.BETWEEN + name


@dataclass
class Model:
    """The folder, and what is known of it."""

    files: dict[str, bytes] = field(default_factory=dict)
    docs: dict[str, Doc] = field(default_factory=dict)
    waiting: set[Doc] = field(default_factory=set)
    rejected: set[Doc] = field(default_factory=set)
    erased_paths: set[str] = field(default_factory=set)
    erased: set[bytes] = field(default_factory=set)
    expired: dict[str, set[bytes]] = field(default_factory=dict)
    unlisted: bool = False

    # What happens.

    def sync(self, *, model_answers: bool = True) -> None:
        """A whole sync; where the model of vectors is away, it ends before anything is shown."""
        self._bring()
        for doc in self.present():
            doc.cut()
        self._expand()
        for doc in self._with_members():
            doc.cut()
        if model_answers:
            for doc in self._with_members():
                doc.embed()
            self._drop_members()

    def approve(self) -> None:
        for doc in self.waiting:
            doc.withdraw()
        self.waiting = set()

    def reject(self) -> None:
        self.rejected |= self.waiting
        self.waiting = set()

    def expire(self, doc: Doc) -> None:
        self.expired.setdefault(doc.path, set()).update(_says(doc))
        self._forget(doc)
        doc.withdraw()

    def erase(self, doc: Doc) -> None:
        """It, and all that says what it says."""
        said = _says(doc)
        for other in [each for each in self.docs.values() if each is doc or said & _says(each)]:
            self.erased_paths.add(other.path)
            self.erased |= _says(other) | self.expired.pop(other.path, set())
            self._forget(other)
            del self.docs[other.path]

    def purge(self) -> None:
        """What was deleted is no more."""
        self.docs = {path: doc for path, doc in self.docs.items() if not doc.is_deleted}
        for doc in self.docs.values():
            doc.members = {name: member for name, member in doc.members.items() if not member.is_deleted}

    # What must be true.

    def present(self) -> list[Doc]:
        return [doc for _, doc in sorted(self.docs.items()) if not doc.is_deleted]

    def shown(self) -> dict[str, bytes]:
        return {doc.path: doc.shown for doc in self._with_members() if doc.shown is not None}

    def failures(self) -> dict[str, Failure]:
        found = {doc.path: doc.failure for doc in self._with_members() if doc.failure is not None}
        return found | ({".": ("listing", "failed")} if self.unlisted else {})

    def held(self) -> set[str]:
        return {doc.path for doc in self.waiting if not doc.is_deleted}

    # How.

    def _with_members(self) -> list[Doc]:
        return [
            each for doc in self.present()
            for each in (doc, *(member for member in doc.members.values() if not member.is_deleted))
        ]  # fmt: skip

    def _bring(self) -> None:
        self.unlisted = False
        for path, data in sorted(self.files.items()):
            failure = read(PurePosixPath(path).name, data).failure
            is_unread = failure is not None and failure[0] == "fetching"
            if self._stays_out(path, None if is_unread else data):
                continue
            if not is_unread:
                self.expired.pop(path, None)
            doc = self.docs.setdefault(path, Doc(path))
            if is_unread and failure is not None:
                doc.cannot_be_read(failure)
            else:
                doc.bring(data)
        missing = [doc for doc in self.present() if doc.path not in self.files]
        moved = self._move(missing)
        self._depart([doc for doc in missing if doc not in moved])

    def _stays_out(self, path: str, data: bytes | None) -> bool:
        if path in self.erased_paths:
            return True
        if data is None:
            return path in self.expired
        return data in self.erased or data in self.expired.get(path, ())

    def _move(self, missing: Sequence[Doc]) -> set[Doc]:
        def key(doc: Doc) -> tuple[bytes | None, str | None]:
            return doc.newest, read(doc.name, doc.newest or b"").kind

        homeless: dict[object, list[Doc]] = {}
        for doc in missing:
            if doc.shown is not None:
                homeless.setdefault(key(doc), []).append(doc)
        arrived = [
            doc for doc in self.present()
            if doc not in missing and doc.shown is None and doc.was_shown is None and doc.newest is not None
            and not doc.members
        ]  # fmt: skip
        moved: set[Doc] = set()
        for new in arrived:
            if old := homeless.get(key(new)):
                doc = old.pop(0)
                del self.docs[doc.path]
                doc.follow(new.path)
                self.docs[doc.path] = doc
                moved.add(doc)
        return moved

    def _depart(self, missing: Sequence[Doc]) -> None:
        absent = set(missing)
        is_healing = any(doc not in absent for doc in self.waiting)
        still = self.waiting & absent
        self.rejected &= absent
        others = [doc for doc in missing if doc not in self.rejected]
        seen = {doc for doc in others if doc.shown is not None}
        known = sum(doc.shown is not None and doc not in self.rejected for doc in self.present())
        minds = bool(seen) and (len(seen) >= known or (len(seen) >= FLOOR and len(seen) > SHARE * known))
        self.waiting = seen if minds else set() if is_healing else still
        for doc in others:
            if doc not in self.waiting:
                doc.withdraw()

    def _expand(self) -> None:
        for doc in self.present():
            if doc.newest is None or doc.newest == doc.unpacked or read(doc.name, doc.newest).kind != "zip":
                continue
            arrived = {
                member.name: member.data for member in unpacking.members("zip", doc.newest, doc.name)
            }  # fmt: skip
            self._move_members(doc, arrived)
            for name, data in sorted(arrived.items()):
                _bring_member(doc, name, data)
            doc.unpacked = doc.newest

    def _move_members(self, container: Doc, arrived: Mapping[str, bytes]) -> None:
        homeless: dict[bytes, list[str]] = {}
        for name, member in sorted(container.members.items(), reverse=True):
            if not member.is_deleted and member.newest is not None and name not in arrived:
                homeless.setdefault(member.newest, []).append(name)
        before = set(container.members)
        for name, data in sorted(arrived.items()):
            if name not in before and homeless.get(data) and _failure_of_member(name, data) is None:
                member = container.members.pop(homeless[data].pop())
                member.path = container.path + unpacking.BETWEEN + name
                container.members[name] = member

    def _drop_members(self) -> None:
        for doc in self.present():
            if doc.shown is not None and doc.unpacked == doc.shown:
                for member in doc.members.values():
                    if not member.is_deleted and member.seen_in != doc.unpacked:
                        member.withdraw()

    def _forget(self, doc: Doc) -> None:
        self.waiting.discard(doc)
        self.rejected.discard(doc)


def _failure_of_member(name: str, data: bytes) -> Failure | None:
    failure = read(PurePosixPath(name).name, data).failure
    return failure if failure is not None and failure[0] == "fetching" else None


def _bring_member(container: Doc, name: str, data: bytes) -> None:
    path = container.path + unpacking.BETWEEN + name
    member = container.members.setdefault(name, Doc(path))
    member.seen_in = container.newest
    failure = _failure_of_member(name, data)
    if failure is not None:
        member.cannot_be_read(failure)
    else:
        member.bring(data)


def _says(doc: Doc) -> set[bytes]:
    return {each for each in (doc.shown, doc.newest) if each is not None}


def checksum(data: bytes) -> str:
    """What the object store calls them."""
    return sha256(data).hexdigest()
