"""Exactly as many questions pass as may, however many ask at once, and each limit binds on its own."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest

from resources.foundation.database import Database, Server, open_database
from resources.identity import allowances
from resources.identity.allowances import DAY_S, HOUR_S, Allowance, Limit, LimitReached


def limit(subject_id: UUID, most: int, span_s: int = HOUR_S) -> Limit:
    return Limit(subject_id, span_s, most, "this key")


def test_64_who_ask_at_once_pass_exactly_as_often_as_they_may(server: Server, organization_id: UUID) -> None:
    subject_id = uuid4()
    wanted = [limit(subject_id, 37), limit(subject_id, 90, DAY_S)]

    def ask(number: int) -> bool:
        try:
            with pool.transaction(organization_id) as connection:
                allowances.take(connection, organization_id, wanted)
        except LimitReached:
            return False
        return True

    with open_database(server, "millrace_api", most=8) as pool, ThreadPoolExecutor(64) as threads:
        passed = Counter(threads.map(ask, range(256)))
        with pool.transaction(organization_id) as connection:
            left = {one.span_s: one.left for one in allowances.select_of(connection, organization_id, [subject_id])}
    assert passed == {True: 37, False: 219}
    # what was refused for the hour did not count against the day
    assert left == {HOUR_S: 0, DAY_S: 53}


def test_who_has_to_wait_is_told_how_long_and_passes_then(database: Database, organization_id: UUID) -> None:
    wanted = [limit(uuid4(), 1_000_000)]
    with database.transaction(organization_id) as connection:
        connection.execute(
            "insert into identity.allowances (organization_id, subject_id, span_s, most, busy_until) "
            "values (%s, %s, 3600, 1000000, clock_timestamp() + interval '3660 seconds')",
            [organization_id, wanted[0].subject_id],
        )
        with pytest.raises(LimitReached, match="this key may ask 1,000,000 times an hour: the next time in") as refused:
            allowances.take(connection, organization_id, wanted)
        assert 1 <= refused.value.retry_after_s <= 61
        connection.execute("update identity.allowances set busy_until = clock_timestamp() + interval '3600.2 seconds'")
        while True:
            try:
                [taken] = allowances.take(connection, organization_id, wanted)
                break
            except LimitReached:
                time.sleep(0.02)
    assert taken.left < 5_000


def test_a_limit_of_any_size_lets_through_that_many_and_then_refuses(database: Database, organization_id: UUID) -> None:
    for most in (1, 7, 13, 60):
        wanted = [limit(uuid4(), most)]
        with database.transaction(organization_id) as connection:
            told = [allowances.take(connection, organization_id, wanted)[0].left for _ in range(most)]
            assert told == list(range(most - 1, -1, -1))
            with pytest.raises(LimitReached):
                allowances.take(connection, organization_id, wanted)


def test_a_limit_that_is_raised_lets_more_through_at_once(database: Database, organization_id: UUID) -> None:
    subject_id = uuid4()
    with database.transaction(organization_id) as connection:
        allowances.take(connection, organization_id, [limit(subject_id, 1)])
        with pytest.raises(LimitReached):
            allowances.take(connection, organization_id, [limit(subject_id, 1)])
        connection.execute("delete from identity.allowances")
        allowances.take(connection, organization_id, [limit(subject_id, 2)])
        allowances.take(connection, organization_id, [limit(subject_id, 2)])
        with pytest.raises(LimitReached):
            allowances.take(connection, organization_id, [limit(subject_id, 2)])


def test_what_is_left_is_counted_in_whole_questions() -> None:
    assert Allowance(uuid4(), HOUR_S, 10, 360 * 3).left == 7
    assert Allowance(uuid4(), HOUR_S, 10, 360 * 3 - 1).left == 7
    assert Allowance(uuid4(), HOUR_S, 10, 0).left == 10
    assert Allowance(uuid4(), HOUR_S, 10, HOUR_S).wait_s == 360
