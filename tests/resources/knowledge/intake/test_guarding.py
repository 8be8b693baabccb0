"""Too much is never deleted unasked, and what somebody decided is not asked again."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.knowledge.intake.guarding import Decision, Guard, judge

GUARD = Guard(share=0.3, floor=20)
DOCUMENTS = [UUID(int=n) for n in range(1, 101)]


@pytest.mark.parametrize(
    ("missing", "known", "minds"),
    [
        (0, 0, False), (0, 100, False), (1, 100, False), (19, 40, False), (20, 40, True), (30, 100, False),
        (31, 100, True), (100, 100, True), (1, 1, True), (3, 3, True), (2, 3, False),
    ],
)  # fmt: skip
def test_more_than_a_share_and_at_least_a_number_or_all(missing: int, known: int, minds: bool) -> None:
    assert GUARD.minds(missing, known) is minds


def test_a_share_of_one_minds_only_the_loss_of_everything() -> None:
    assert not Guard(1, 0).minds(99, 100)
    assert Guard(1, 0).minds(100, 100)


def test_what_readers_do_not_see_goes_without_a_question() -> None:
    unseen = UUID(int=500)
    verdict = judge([*DOCUMENTS, unseen], shown=DOCUMENTS, decided={}, guard=GUARD)
    assert (verdict.go, verdict.ask) == ([unseen], DOCUMENTS)


def test_what_was_decided_is_neither_asked_again_nor_weighed() -> None:
    decided: dict[UUID, Decision] = dict.fromkeys(DOCUMENTS[:40], "rejected")
    assert judge(DOCUMENTS[:40], shown=DOCUMENTS, decided=decided, guard=GUARD).ask == []
    more = judge(DOCUMENTS[:50], shown=DOCUMENTS, decided=decided, guard=GUARD)
    assert (more.go, more.ask) == (DOCUMENTS[40:50], [])
    all_the_rest = judge(DOCUMENTS, shown=DOCUMENTS, decided=decided, guard=GUARD)
    assert (all_the_rest.go, all_the_rest.ask) == ([], DOCUMENTS[40:])


def test_what_waits_is_not_decided_by_what_arrives_meanwhile() -> None:
    gone, arrived = DOCUMENTS[:3], DOCUMENTS[3:60]
    assert judge(gone, shown=gone, decided={}, guard=GUARD).ask == gone
    waiting: dict[UUID, Decision] = dict.fromkeys(gone, "waiting")
    later = judge([*gone, arrived[0]], shown=[*gone, *arrived], decided=waiting, guard=GUARD)
    assert (later.go, later.ask) == ([arrived[0]], gone)
    healing = judge(gone[:2], shown=[*gone, *arrived], decided=waiting, guard=GUARD)
    assert (healing.go, healing.ask, healing.returned) == (gone[:2], [], gone[2:])
    expired = judge(gone[:2], shown=[*gone[:2], *arrived], decided=waiting, guard=GUARD)
    assert (expired.go, expired.ask) == ([], gone[:2])


@given(
    missing=st.lists(st.sampled_from(DOCUMENTS), unique=True),
    decided=st.dictionaries(st.sampled_from(DOCUMENTS), st.sampled_from(["waiting", "approved", "rejected"])),
    share=st.floats(0, 1), floor=st.integers(0, 100),
)  # fmt: skip
def test_every_missing_document_has_one_fate_and_nothing_present_goes(
    missing: list[UUID], decided: dict[UUID, Decision], share: float, floor: int
) -> None:
    verdict = judge(missing, shown=DOCUMENTS, decided=decided, guard=Guard(share, floor))
    kept = [each for each in missing if decided.get(each) == "rejected"]
    assert sorted([*verdict.go, *verdict.ask, *kept]) == sorted(missing)
    assert set(verdict.returned) == set(decided) - set(missing)
    assert all(each in verdict.go for each in missing if decided.get(each) == "approved")
    unasked = [each for each in verdict.go if decided.get(each) != "approved"]
    assert not Guard(share, floor).minds(len(unasked), len(DOCUMENTS) - len(missing) + len(unasked)) or not unasked
