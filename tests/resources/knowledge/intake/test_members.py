"""What a container holds is known document by document: it changes, moves, fails and goes by itself."""

from __future__ import annotations

import pytest

from resources.foundation.errors import Conflict
from resources.knowledge.documents import sync_failures, withdrawals
from resources.knowledge.intake import leases, members
from resources.knowledge.intake.leases import Lease
from resources.knowledge.records import SyncCounts
from tests.factories.files import mail, mbox, tarred, zipped
from tests.factories.workshops import Workshop, make_workshop

RYE, WHEAT, OATS = ("Rye costs three crowns.", "Wheat costs five crowns.", "Oats cost two crowns.")


def failures(workshop: Workshop) -> list[tuple[object, ...]]:
    return workshop.rows(b"select file_path, stage, outcome from knowledge.sync_failures order by file_path")


def versions(workshop: Workshop) -> dict[object, int]:
    return dict(
        workshop.rows(
            b"""select d.file_path, count(*) from knowledge.documents d join knowledge.document_versions v
                on v.organization_id = d.organization_id and v.document_id = d.id group by 1"""
        )  # type: ignore[arg-type]
    )


def ids(workshop: Workshop) -> dict[object, object]:
    return dict(
        workshop.rows(b"select file_path, id from knowledge.documents where soft_deleted_at is null")  # type: ignore[arg-type]
    )


def test_the_members_of_an_archive_are_documents_below_it(workshop: Workshop) -> None:
    workshop.write("prices.zip", zipped({"grain/rye.txt": RYE, "wheat.md": f"# Wheat\n\n{WHEAT}"}))
    workshop.write("plain.txt", OATS)
    assert workshop.sync() == SyncCounts(listed=2, changed=4, chunks=4, embedded=4)
    assert workshop.visible() == {
        "plain.txt": OATS,
        "prices.zip": "grain/rye.txt (23 bytes)\nwheat.md (33 bytes)",
        "prices.zip!/grain/rye.txt": RYE,
        "prices.zip!/wheat.md": f"# Wheat\n\n{WHEAT}",
    }
    parents = workshop.rows(
        b"""select m.file_path, c.file_path, m.original_filename, t.name from knowledge.documents m
            join knowledge.documents c on c.id = m.parent_id join knowledge.file_types t on t.id = m.file_type_id
            order by 1"""
    )
    assert parents == [
        ("prices.zip!/grain/rye.txt", "prices.zip", "rye.txt", "text"),
        ("prices.zip!/wheat.md", "prices.zip", "wheat.md", "markdown"),
    ]


def test_nothing_is_unpacked_again_while_the_container_stays_as_it_is(workshop: Workshop) -> None:
    workshop.write("prices.zip", zipped({"rye.txt": RYE}))
    workshop.sync()
    assert workshop.sync() == SyncCounts(listed=1, unchanged=1)
    assert workshop.parsers.unpacked == ["prices.zip"]


def test_only_what_changed_in_an_archive_is_read_and_embedded_again(workshop: Workshop) -> None:
    workshop.write("prices.zip", zipped({"rye.txt": RYE, "wheat.txt": WHEAT, "oats.txt": OATS}), age_s=900)
    workshop.sync()
    before = ids(workshop)
    workshop.parsers.parsed.clear()
    workshop.write("prices.zip", zipped({"rye.txt": "Rye costs four crowns.", "wheat.txt": WHEAT, "oats.txt": OATS}))
    counts = workshop.sync()
    assert (counts.changed, counts.deleted, counts.failed) == (2, 0, 0)
    assert sorted(workshop.parsers.parsed) == ["prices.zip", "rye.txt"]
    assert workshop.visible()["prices.zip!/rye.txt"] == "Rye costs four crowns."
    assert ids(workshop) == before
    assert versions(workshop) == {
        "prices.zip": 2, "prices.zip!/rye.txt": 2, "prices.zip!/wheat.txt": 1, "prices.zip!/oats.txt": 1,
    }  # fmt: skip


def test_a_member_that_is_gone_is_served_until_readers_see_the_archive_without_it(workshop: Workshop) -> None:
    workshop.write("prices.zip", zipped({"rye.txt": RYE, "wheat.txt": WHEAT}), age_s=900)
    workshop.sync()
    workshop.write("prices.zip", zipped({"rye.txt": RYE}))
    workshop.bring()
    workshop.cut()
    assert "prices.zip!/wheat.txt" in workshop.visible()
    assert "wheat.txt" in workshop.visible()["prices.zip"]
    assert workshop.embed().deleted == 1
    assert list(workshop.visible()) == ["prices.zip", "prices.zip!/rye.txt"]


def test_a_member_with_another_name_is_the_same_document(workshop: Workshop) -> None:
    inner = zipped({"oats.txt": OATS})
    workshop.write("prices.zip", zipped({"a/rye.txt": RYE, "a/in.zip": inner, "b.txt": WHEAT}), age_s=900)
    workshop.sync()
    before = ids(workshop)
    workshop.parsers.parsed.clear()
    workshop.write("prices.zip", zipped({"c/rye.txt": RYE, "c/in.zip": inner, "b.txt": WHEAT}))
    counts = workshop.sync()
    assert (counts.changed, counts.deleted, counts.embedded) == (1, 0, 1)
    assert workshop.parsers.parsed == ["prices.zip"]
    after = ids(workshop)
    for path in ("rye.txt", "in.zip", "in.zip!/oats.txt"):
        assert after[f"prices.zip!/c/{path}"] == before[f"prices.zip!/a/{path}"]
    assert len(after) == len(before)


def test_a_container_that_has_another_path_takes_its_members_along(workshop: Workshop) -> None:
    workshop.write("a.zip", zipped({"rye.txt": RYE, "x.exe": b"MZ\x00\x01", "in.zip": zipped({"oats.txt": OATS})}))
    workshop.sync()
    with workshop.database.transaction(workshop.organization_id) as connection:
        connection.execute(
            "update knowledge.documents set file_path = 'c/b.zip' where organization_id = %s and file_path = 'a.zip'",
            [workshop.organization_id],
        )
        members.follow(
            connection, workshop.organization_id, source_id=workshop.source_id, former_path="a.zip", path="c/b.zip"
        )
    assert list(workshop.visible()) == [
        "c/b.zip", "c/b.zip!/in.zip", "c/b.zip!/in.zip!/oats.txt", "c/b.zip!/rye.txt",
    ]  # fmt: skip
    assert failures(workshop) == [("c/b.zip!/x.exe", "fetching", "unsupported_format")]


def test_inserting_a_message_moves_no_other(workshop: Workshop) -> None:
    first, second, third = (mail(f"News {n}", f"Body {n}.") for n in range(3))
    workshop.write("box.mbox", mbox(first, third), age_s=900)
    workshop.sync()
    before = ids(workshop)
    workshop.write("box.mbox", mbox(first, second, third))
    counts = workshop.sync()
    assert (counts.changed, counts.deleted) == (2, 0)
    assert before.items() < ids(workshop).items()
    assert len(ids(workshop)) == 4
    assert workshop.visible()["box.mbox"].count("News") == 3


def test_what_is_attached_to_mail_is_a_document(workshop: Workshop) -> None:
    workshop.write("note.eml", mail("Prices", "See below.", attached={"rye.txt": RYE.encode(), "../in.zip": zipped(
        {"oats.txt": OATS})}))  # fmt: skip
    workshop.sync()
    visible = workshop.visible()
    assert list(visible) == [
        "note.eml", "note.eml!/in.zip", "note.eml!/in.zip!/oats.txt", "note.eml!/rye.txt",
    ]  # fmt: skip
    assert "Attachment: rye.txt" in visible["note.eml"]
    assert RYE not in visible["note.eml"]


def test_members_that_nothing_reads_are_failures_like_any_file(workshop: Workshop) -> None:
    members_: dict[str, str | bytes] = {"a.exe": b"MZ\x00\x01", "b.pdf": "no pdf", "c.txt": RYE, "d.txt": ""}
    workshop.write("a.zip", zipped(members_))
    counts = workshop.sync()
    assert (counts.failed, list(workshop.visible())) == (3, ["a.zip", "a.zip!/c.txt"])
    assert failures(workshop) == [
        ("a.zip!/a.exe", "fetching", "unsupported_format"),
        ("a.zip!/b.pdf", "fetching", "damaged"),
        ("a.zip!/d.txt", "fetching", "empty_extraction"),
    ]
    states = workshop.rows(b"select file_path, status from knowledge.documents order by 1")
    assert [status for _, status in states] == ["ready", "failed", "failed", "ready", "failed"]
    assert workshop.rows(b"select failures_without_reason from knowledge.reconciliation") == [(0,)]


def test_a_member_that_failed_is_tried_again_when_somebody_asks(workshop: Workshop) -> None:
    workshop.write("a.zip", zipped({"notes.mill": RYE}))
    assert workshop.sync().failed == 1
    with workshop.database.transaction(workshop.organization_id) as connection:
        connection.execute(
            "insert into knowledge.file_types (organization_id, name, category, extensions, parsers) "
            "values (%s, 'mill', 'text', '{mill}', '{text}')",
            [workshop.organization_id],
        )
        sync_failures.retry(connection, workshop.organization_id, source_id=workshop.source_id)
    assert workshop.sync().failed == 0
    assert workshop.visible()["a.zip!/notes.mill"] == RYE
    assert failures(workshop) == []


def test_a_container_that_cannot_be_unpacked_keeps_the_members_it_had(workshop: Workshop) -> None:
    workshop.write("a.tgz", tarred({"rye.txt": RYE, "wheat.txt": WHEAT}), age_s=900)
    workshop.sync()
    before = workshop.visible()
    workshop.write("a.tgz", tarred({"rye.txt": RYE, "wheat.txt": WHEAT})[:-8], age_s=600)
    counts = workshop.sync()
    assert (counts.failed, counts.deleted) == (1, 0)
    assert workshop.visible() == before
    assert failures(workshop) == [("a.tgz", "parsing", "damaged")]
    workshop.sync()
    assert workshop.parsers.unpacked == ["a.tgz", "a.tgz"]
    workshop.write("a.tgz", tarred({"wheat.txt": WHEAT}), age_s=300)
    workshop.sync()
    assert list(workshop.visible()) == ["a.tgz", "a.tgz!/wheat.txt"]
    assert failures(workshop) == []


def test_what_explodes_is_refused_whole(workshop: Workshop) -> None:
    workshop.write("bomb.zip", zipped({"rye.txt": RYE, "zeros.bin": bytes(3 << 20)}))
    assert workshop.sync().failed == 1
    assert workshop.visible() == {}
    assert failures(workshop) == [("bomb.zip", "parsing", "too_large")]


def test_containers_are_opened_three_deep(workshop: Workshop) -> None:
    packed = zipped({"oats.txt": OATS})
    for name in ("c.zip", "b.zip", "a.zip"):
        packed = zipped({name: packed, f"{name}.txt": RYE})
    workshop.write("top.zip", packed)
    workshop.sync()
    deepest = "top.zip!/a.zip!/b.zip!/c.zip"
    assert failures(workshop) == [(deepest, "parsing", "too_deep")]
    assert set(workshop.visible()) == {
        "top.zip", "top.zip!/a.zip.txt", "top.zip!/a.zip", "top.zip!/a.zip!/b.zip.txt", "top.zip!/a.zip!/b.zip",
        "top.zip!/a.zip!/b.zip!/c.zip.txt",
    }  # fmt: skip


def test_members_go_with_their_container_and_come_back_with_it(workshop: Workshop) -> None:
    archive = zipped({"rye.txt": RYE, "in.zip": zipped({"oats.txt": OATS})})
    workshop.write("a.zip", archive, age_s=900)
    workshop.write("b.txt", WHEAT, age_s=900)
    workshop.sync()
    before = ids(workshop)
    visible = workshop.visible()
    with workshop.database.transaction(workshop.organization_id) as connection:
        removed = withdrawals.withdraw(connection, workshop.organization_id, [before["a.zip"]])  # type: ignore[list-item]
    assert removed == 4
    assert list(workshop.visible()) == ["b.txt"]
    workshop.sync()
    assert ids(workshop) == before
    assert workshop.visible() == visible


def test_bytes_that_came_back_bring_their_members_back(workshop: Workshop) -> None:
    first, second = zipped({"rye.txt": RYE, "oats.txt": OATS}), zipped({"wheat.txt": WHEAT})
    workshop.write("a.zip", first, age_s=900)
    workshop.sync()
    visible = workshop.visible()
    workshop.write("a.zip", second, age_s=600)
    workshop.bring()
    workshop.cut()  # and then the sync is killed
    workshop.write("a.zip", first, age_s=300)
    workshop.sync()
    assert workshop.visible() == visible


def test_a_type_that_is_not_unpacked_any_more_is_read_whole_when_it_changes(workshop: Workshop) -> None:
    workshop.write("box.mbox", mbox(mail("One", RYE)), age_s=900)
    workshop.sync()
    assert len(workshop.visible()) == 2
    with workshop.database.transaction(workshop.organization_id) as connection:
        connection.execute(
            "update knowledge.file_types set parsers = '{mbox_whole}' where organization_id = %s and name = 'mbox'",
            [workshop.organization_id],
        )
    assert workshop.sync() == SyncCounts(listed=1, unchanged=1)
    workshop.write("box.mbox", mbox(mail("One", RYE), mail("Two", WHEAT)))
    workshop.sync()
    assert list(workshop.visible()) == ["box.mbox"]
    assert WHEAT in workshop.visible()["box.mbox"]


def test_many_members_are_carried_through_and_converge(workshop: Workshop) -> None:
    content = {f"{n // 50}/{n:03}.txt": f"Note {n} of the miller." for n in range(230)}
    workshop.write("notes.zip", zipped(content), age_s=900)
    workshop.sync()
    kept = {name: words for name, words in content.items() if not name.startswith("0/")}
    workshop.write("notes.zip", zipped(kept | {"new.txt": "New."}))
    counts = workshop.sync()
    assert (counts.changed, counts.deleted) == (2, 50)
    before = workshop.visible()
    other = make_workshop(workshop.database, workshop.organization_id, workshop.folder.parent, name="fresh")
    other.write("notes.zip", zipped(kept | {"new.txt": "New."}))
    assert other.sync().embedded == 0
    assert len(before) == 182


def test_a_real_file_at_the_path_of_a_member_wins(workshop: Workshop) -> None:
    workshop.write("a.zip", zipped({"rye.txt": RYE, "oats.txt": OATS}), age_s=900)
    workshop.write("a.zip!/rye.txt", WHEAT, age_s=900)
    workshop.sync()
    assert workshop.visible()["a.zip!/rye.txt"] == WHEAT
    assert workshop.visible()["a.zip!/oats.txt"] == OATS
    workshop.sync()
    assert workshop.visible()["a.zip!/rye.txt"] == WHEAT


def test_a_sync_that_was_overtaken_unpacks_nothing(workshop: Workshop) -> None:
    workshop.write("a.zip", zipped({"rye.txt": RYE}))
    workshop.bring()
    overtaken = Lease(workshop.source_id, 0, "somebody")
    with pytest.raises(Conflict):
        members.expand(
            workshop.database, workshop.organization_id, workshop.source_id, store=workshop.store,
            unpackers=workshop.parsers, lease=overtaken, progress=lambda *_: None,
        )  # fmt: skip
    assert list(ids(workshop)) == ["a.zip"]


def test_killed_after_it_was_unpacked_it_ends_the_same(workshop: Workshop) -> None:
    workshop.write("notes.zip", zipped({f"{n:03}.txt": f"Note {n} of the miller." for n in range(150)}))
    workshop.bring()
    with workshop.database.transaction(workshop.organization_id) as connection:
        lease = leases.take(connection, workshop.organization_id, workshop.source_id, holder="killed")
    with pytest.raises(KeyboardInterrupt):
        members.expand(
            workshop.database, workshop.organization_id, workshop.source_id, store=workshop.store,
            unpackers=workshop.parsers, lease=lease, progress=_interrupt,
        )  # fmt: skip
    with workshop.database.transaction(workshop.organization_id) as connection:
        leases.release(connection, workshop.organization_id, lease)
    workshop.sync()
    assert len(workshop.visible()) == 151
    assert set(versions(workshop).values()) == {1}


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
