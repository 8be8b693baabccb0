"""Archives and mailboxes give up their members: under safe and stable names, bounded, or not at all."""

from __future__ import annotations

import io
import stat
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.knowledge.readers import refusing, unpacking
from resources.knowledge.readers.refusing import ParseError
from tests.factories.files import SENTENCE, mail, mbox, tarred, zipped


def unpacked(unpacker: str, data: bytes, filename: str = "a.zip") -> dict[str, bytes | str]:
    """The bytes of each member, or the outcome of one that gives none."""
    return {
        member.name: member.refusal.outcome if member.refusal else member.data
        for member in unpacking.members(unpacker, data, filename)
    }


def refusal(unpacker: str, data: bytes, filename: str = "a.zip") -> str:
    with pytest.raises(ParseError) as caught:
        list(unpacking.members(unpacker, data, filename))
    assert "\n" not in str(caught.value)
    return caught.value.outcome


@pytest.mark.parametrize("packed", ["", "gz", "bz2", "xz"])
def test_archives_give_their_files(packed: str) -> None:
    members: Mapping[str, str] = {"a.txt": "one", "folder/b.md": "# two"}
    expected = {name: content.encode() for name, content in members.items()}
    assert unpacked("zip", zipped(members)) == expected
    assert unpacked("tar", tarred(members, packed=packed)) == expected


def test_a_packed_file_that_is_no_archive_is_one_file() -> None:
    import gzip

    assert unpacked("tar", gzip.compress(b"words"), "notes.txt.gz") == {"notes.txt": b"words"}


def test_names_are_words_and_lead_nowhere() -> None:
    names = ["../../etc/passwd", "/abs.txt", "C:\\docs\\a.txt", "a/./b/../c.txt", "new\nline.txt", ".hidden", "x" * 300]
    found = list(unpacked("zip", zipped({name: name for name in names})))
    assert found[:5] == ["etc/passwd", "abs.txt", "docs/a.txt", "a/b/c.txt", "new\ufffdline.txt"]
    assert len(found) == 6
    assert len(found[-1]) <= 120


@given(st.text(max_size=500))
def test_a_safe_name_is_relative_short_and_stays_as_it_is(name: str) -> None:
    safe = unpacking.safe_name(name)
    if safe is not None:
        assert 0 < len(safe) <= 400
        assert not safe.startswith("/")
        assert not {"", ".", ".."} & set(safe.split("/"))
        assert safe.isprintable() or not any(ord(character) < 32 for character in safe)
        safe.encode()
        assert unpacking.safe_name(safe) == safe


def test_two_files_of_one_name_are_told_apart_by_what_they_say() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as container:
        container.writestr("a.txt", "one")
        for content in ("two", "one"):
            with pytest.warns(UserWarning, match="Duplicate"):
                container.writestr("a.txt", content)
    first, second = unpacked("zip", packed.getvalue())
    assert first == "a.txt"
    assert second.startswith("a~")
    assert second.endswith(".txt")


def test_links_and_devices_are_left_out() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as container:
        link = zipfile.ZipInfo("link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        container.writestr(link, "/etc/passwd")
        container.writestr("a.txt", "a")
    assert unpacked("zip", packed.getvalue()) == {"a.txt": b"a"}
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE):
            entry = tarfile.TarInfo("x")
            entry.type, entry.linkname = kind, "/etc/passwd"
            archive.addfile(entry)
    assert unpacked("tar", written.getvalue()) == {}


def test_a_broken_member_of_a_zip_fails_alone() -> None:
    packed = bytearray(zipped({"a.txt": SENTENCE, "b.txt": SENTENCE * 2}))
    with zipfile.ZipFile(io.BytesIO(packed)) as container:
        place = container.getinfo("a.txt").header_offset + 30 + len("a.txt") + 4
    packed[place : place + 8] = bytes(8)
    assert unpacked("zip", bytes(packed)) == {"a.txt": "damaged", "b.txt": (SENTENCE * 2).encode()}


def test_what_breaks_off_is_refused_whole() -> None:
    archive = tarred({"a.txt": SENTENCE, "b.txt": SENTENCE}, packed="")
    assert refusal("tar", archive[:1024]) == "damaged"  # a.txt is whole, and b.txt must not pass for removed
    assert refusal("tar", archive[:1600]) == "damaged"
    assert refusal("tar", tarred({"a.txt": SENTENCE})[:-4]) == "damaged"
    assert refusal("zip", zipped({"a.txt": SENTENCE})[:-10]) == "damaged"


def test_what_explodes_is_refused_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    assert refusal("zip", zipped({"a.txt": b" " * (refusing.LEAST_EXPLOSION + 1)})) == "too_large"
    assert refusal("tar", tarred({"a.txt": bytes(refusing.LEAST_EXPLOSION * 2)})) == "too_large"
    assert refusal("zip", zipped({f"{n}.txt": "" for n in range(refusing.MOST_MEMBERS + 1)})) == "too_large"
    assert refusal("mbox", mbox(*[b"A: b\n\nc\n"] * (refusing.MOST_MEMBERS + 1))) == "too_large"


def test_a_large_member_fails_alone() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as container:
        container.writestr("a.bin", bytes(refusing.MOST_MEMBER_BYTES + 1))
        container.writestr("b.txt", "b")
    assert unpacked("zip", packed.getvalue()) == {"a.bin": "too_large", "b.txt": b"b"}


def test_messages_have_names_that_hold_still_when_one_is_inserted() -> None:
    first, second, third = (mail(f"Subject {n}: grain/flour", f"Body {n}.", number=n) for n in range(3))
    before = unpacked("mbox", mbox(first, third), "box.mbox")
    after = unpacked("mbox", mbox(first, second, third), "box.mbox")
    assert len(before) == 2
    assert len(after) == 3
    assert before.items() <= after.items()
    assert all(name.startswith("Subject") and name.endswith(".eml") for name in after)


def test_only_mail_that_shows_nothing_attached_is_not_looked_into() -> None:
    assert not unpacking.may_hold_members("eml", mail("Prices", SENTENCE))
    assert unpacking.may_hold_members("eml", mail("Prices", SENTENCE, attached={"a.txt": b"a"}))
    assert unpacking.may_hold_members("eml", b"Content-Type: application/pdf; NAME=a.pdf\n\n%PDF")
    assert unpacking.may_hold_members("zip", b"")


def test_a_line_that_begins_with_from_is_a_line_again() -> None:
    (message,) = unpacked("mbox", mbox(mail("a", "From here on\n> From there")), "box.mbox").values()
    assert b"\nFrom here on\n> From there" in bytes(message)  # type: ignore[arg-type]


def test_mail_gives_its_attachments_but_not_its_pictures_and_signatures() -> None:
    from email.message import EmailMessage

    message = EmailMessage()
    message["Subject"] = "Prices"
    message.set_content("<p>See the <img src='cid:x'></p>", subtype="html")
    message.add_related(b"\x89PNG", "image", "png", cid="<x>", filename="logo.png", disposition="inline")
    message.add_attachment(b"a,b", "text", "csv", filename="../prices.csv")
    message.add_attachment(b"--", "application", "pgp-signature", filename="signature.asc")
    inner = EmailMessage()
    inner["Subject"] = "Inside"
    inner.set_content("Words inside.")
    message.add_attachment(inner)
    found = unpacked("eml", message.as_bytes(), "a.eml")
    assert next(iter(found)) == "prices.csv"
    assert found["prices.csv"] == b"a,b"
    (other,) = [name for name in found if name != "prices.csv"]
    assert other.startswith("Inside ")
    assert other.endswith(".eml")


def test_an_encrypted_member_fails_alone_and_an_encrypted_archive_whole(shared_data: Path) -> None:
    data = (shared_data / "hostile/encrypted/tika__testZipEncrypted.zip").read_bytes()
    assert unpacked("zip", data) == {"unencrypted.txt": b"hello world\r\n", "encrypted.txt": "unsupported_encrypted"}
    start = data.index(b"PK\x01\x02")
    entire = data[: start + 8] + b"\x01" + data[start + 9 :]  # the directory says of the first member, too, that it is
    assert refusal("zip", entire) == "unsupported_encrypted"
