"""A rotation may be killed anywhere: every secret opens all the while, and a key that nothing uses can be retired."""

from __future__ import annotations

import base64
import multiprocessing
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from uuid import UUID

import pytest

from resources.foundation.database import Database, Server
from resources.foundation.errors import Conflict, Misconfigured, Missing
from resources.foundation.secrets import Key, Keyring
from resources.foundation.settings import Settings
from resources.identity import notification_channels, provider_keys
from resources.knowledge.connectors import credentials, rotations
from resources.knowledge.connectors.rotations import KeyState
from resources.knowledge.sources import data_sources
from tests.conftest import make_organization

SPAWN = multiprocessing.get_context("spawn")


@pytest.mark.parametrize(
    ("secrets", "kills"), [(200, 3), pytest.param(1000, 20, marks=pytest.mark.campaign)], ids=["few", "many"]
)
def test_a_rotation_that_is_killed_goes_on_and_every_secret_opens_all_the_while(
    server: Server, database: Database, organization_id: UUID, tmp_path: Path, secrets: int, kills: int
) -> None:
    ring = Keyring.from_settings(Settings(home=tmp_path))
    other = make_organization(database, "other")
    sources = {one: _plant(database, one, ring, secrets // 2) for one in (organization_id, other)}
    (old,) = ring.key_ids
    assert ring.file is not None
    new = ring.file.add()
    for kill in range(kills):
        _rotate_and_be_killed(server, tmp_path, after_batches=kill % 2)  # so that much is left for the last of them
        _require_all_open(database, ring, sources)
    rotations.rotate(database, ring)
    _require_all_open(database, ring, sources)
    assert rotations.select_states(database, ring) == [
        KeyState(new, secrets + 4, True, True), KeyState(old, 0, False, True)
    ]  # fmt: skip
    assert rotations.retire(database, ring, old)
    assert ring.key_ids == [new]
    _require_all_open(database, ring, sources)


def test_a_rotation_that_is_done_does_nothing_again(database: Database, organization_id: UUID, tmp_path: Path) -> None:
    ring = Keyring.from_settings(Settings(home=tmp_path))
    _plant(database, organization_id, ring, 3)
    assert ring.file is not None
    ring.file.add()
    assert [rotations.rotate(database, ring).rewrapped for _ in range(2)] == [5, 0]


def test_a_key_that_is_used_or_first_or_unknown_is_not_retired(
    database: Database, organization_id: UUID, tmp_path: Path
) -> None:
    ring = Keyring.from_settings(Settings(home=tmp_path))
    _plant(database, organization_id, ring, 3)
    (old,) = ring.key_ids
    with pytest.raises(Conflict, match="the one that encrypts: first run 'millrace secrets rotate --new-key'"):
        rotations.retire(database, ring, old)
    assert ring.file is not None
    ring.file.add()
    with pytest.raises(Conflict, match="still encrypts 5 secrets"):
        rotations.retire(database, ring, old)
    with pytest.raises(Missing):
        rotations.retire(database, ring, "nobody")


def test_a_secret_that_does_not_open_is_told_and_stops_no_other(
    database: Database, organization_id: UUID, tmp_path: Path
) -> None:
    ring = Keyring.from_settings(Settings(home=tmp_path))
    _plant(database, organization_id, Keyring.of(Key("lost", b"l" * 32)), 1)
    other = make_organization(database, "other")
    _plant(database, other, ring, 2)
    with database.transaction(other) as connection:
        connection.execute("update knowledge.data_sources set credentials = 'junk' where name = 's0'")
    assert ring.file is not None
    ring.file.add()
    rotated = rotations.rotate(database, ring)
    assert rotated.rewrapped == 3
    assert sum("'lost', which is not in" in problem for problem in rotated.problems) == 3
    assert sum("no sealed secret at all" in problem for problem in rotated.problems) == 1
    states = {state.key_id: state for state in rotations.select_states(database, ring)}
    assert (states["lost"].secrets, states["lost"].is_in_ring) == (3, False)
    assert states[None].secrets == 1


def test_an_operators_ring_is_rotated_and_retired_by_the_operator(
    database: Database, organization_id: UUID, tmp_path: Path
) -> None:
    before = _ring(tmp_path, "old")
    _plant(database, organization_id, before, 2)
    with pytest.raises(Conflict, match="put another one first in MILLRACE_SECRET_KEYS"):
        rotations.retire(database, before, "old")
    both = _ring(tmp_path, "new", "old")
    assert rotations.rotate(database, both).rewrapped == 4
    assert not rotations.retire(database, both, "old")
    assert rotations.rotate(database, _ring(tmp_path, "new")).problems == ()


def test_where_no_secret_was_ever_kept_there_is_nothing_to_rotate(database: Database, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="nothing is to be rotated"):
        rotations.rotate(database, Keyring.from_settings(Settings(home=tmp_path)))


def _plant(database: Database, organization_id: UUID, ring: Keyring, count: int) -> list[UUID]:
    """Sources with credentials; and beside them a provider key and a channel."""
    with database.transaction(organization_id) as connection:
        provider_keys.replace(connection, organization_id, provider="openai", text="sk-grist", keyring=ring)
        notification_channels.create(
            connection, organization_id, name="office", kind="email", target="a@mill.example", keyring=ring
        )  # fmt: skip
        ids = []
        for number in range(count):
            source = data_sources.create(
                connection, organization_id, name=f"s{number}", source_type="api", config={}
            )  # fmt: skip
            credentials.replace(connection, organization_id, source.id, {"token": f"grist-{number}"}, keyring=ring)
            ids.append(source.id)
    return ids


def _require_all_open(database: Database, ring: Keyring, sources: dict[UUID, list[UUID]]) -> None:
    for organization_id, ids in sources.items():
        with database.transaction(organization_id) as connection:
            tokens = [credentials.get(connection, organization_id, id, keyring=ring)["token"] for id in ids]
            (channel,) = notification_channels.select_all(connection, organization_id)
            notification_channels.get_address(connection, organization_id, channel.id, keyring=ring)
        assert tokens == [f"grist-{number}" for number in range(len(ids))]
        own = provider_keys.Own[str | None](None, str, keyring=ring, address=None, provider="openai")
        assert own.of(database, organization_id) is not None


def _rotate_and_be_killed(server: Server, home: Path, *, after_batches: int) -> None:
    """SIGKILL, while it writes the batch after so many; or at its start."""
    reports, reporting = SPAWN.Pipe(duplex=False)
    child = SPAWN.Process(target=_rotate, args=(server.conninfo("millrace_pipeline"), home, reporting))
    child.start()
    reporting.close()
    for _ in range(after_batches + 1):
        try:
            reports.recv()
        except EOFError:
            break
    child.kill()
    child.join()


def _rotate(conninfo: str, home: Path, reports: Pipe) -> None:
    with Database(conninfo, most=1) as database:
        ring = Keyring.from_settings(Settings(home=home))
        reports.send("ready")
        rotations.rotate(database, ring, progress=lambda *_: reports.send("batch"))


def _ring(home: Path, *ids: str) -> Keyring:
    keys = [f"{id}:{base64.b64encode(id.encode().ljust(32)).decode()}" for id in ids]
    return Keyring.from_settings(Settings(home=home, secret_keys=",".join(keys)))
