"""An organization reads the kinds of file that the product reads, and its own."""

from __future__ import annotations

from uuid import UUID

import pytest

from resources.foundation.database import Database
from resources.foundation.errors import Conflict, Refused
from resources.knowledge.intake import rereadings
from resources.knowledge.readers.parsing import DEFAULT_FILE_TYPES
from resources.knowledge.sources import file_types
from tests.factories import files
from tests.factories.files import zipped
from tests.factories.workshops import Workshop


def test_seeding_twice_changes_nothing(database: Database, organization_id: UUID) -> None:
    with database.transaction(organization_id) as connection:
        assert not file_types.has_all(connection, organization_id)
        file_types.seed(connection, organization_id)
        seeded = file_types.select_active(connection, organization_id)
        file_types.seed(connection, organization_id)
        assert file_types.select_active(connection, organization_id) == seeded
    assert {kind.name for kind in seeded} == {kind.name for kind in DEFAULT_FILE_TYPES}


def test_a_kind_that_is_switched_off_is_not_read(workshop: Workshop) -> None:
    workshop.write("a.csv", "grain,price\nrye,3\n")
    workshop.write("b.txt", "Rye costs three crowns.")
    with workshop.database.transaction(workshop.organization_id) as connection:
        file_types.seed(connection, workshop.organization_id)
    workshop.rows(b"update knowledge.file_types set is_active = false where name = 'csv' returning 1")
    workshop.sync()
    assert list(workshop.visible()) == ["b.txt"]
    assert workshop.rows(b"select file_path, outcome from knowledge.sync_failures") == [("a.csv", "unsupported_format")]


def test_a_kind_that_the_product_learned_to_read_is_given_to_everybody(workshop: Workshop) -> None:
    workshop.write("b.txt", "Rye costs three crowns.")
    workshop.sync()
    workshop.rows(b"update knowledge.file_types set is_active = false where name = 'csv' returning 1")
    workshop.rows(b"delete from knowledge.file_types where name = 'zip' returning 1")
    workshop.write("c.csv", "grain,price\nrye,3\n")
    workshop.write("a.zip", zipped({"a.txt": "Wheat costs five crowns."}))
    workshop.sync()
    assert list(workshop.visible()) == ["a.zip", "a.zip!/a.txt", "b.txt"]


def test_what_is_said_of_a_kind_holds_for_what_changes_from_then_on(workshop: Workshop) -> None:
    workshop.write("a.md", "# Rye\n\nThree crowns.", age_s=900)
    workshop.write("b.md", "# Wheat\n\nFive crowns.", age_s=900)
    workshop.sync()
    workshop.rows(b"update knowledge.file_types set parsers = '{text,markdown}' where name = 'markdown' returning 1")
    workshop.write("a.md", "# Rye\n\nFour crowns.", age_s=600)
    workshop.sync()
    parsers = (
        b"select d.file_path, v.parser, d.title from knowledge.documents d"
        b" join knowledge.document_versions v on v.id = d.current_version_id order by 1"
    )
    assert workshop.rows(parsers) == [("a.md", "text", "a.md"), ("b.md", "markdown", "Wheat")]
    workshop.rows(b"update knowledge.file_types set is_active = false where name = 'markdown' returning 1")
    workshop.write("b.md", "# Wheat\n\nSix crowns.", age_s=300)
    workshop.sync()
    outcomes = workshop.rows(b"select file_path, stage, outcome from knowledge.sync_failures")
    assert outcomes == [("b.md", "fetching", "unsupported_format")]
    assert workshop.visible() == {"a.md": "# Rye\n\nFour crowns.", "b.md": "# Wheat\n\nFive crowns."}


def test_a_kind_of_its_own_decides_how_a_file_is_parsed(workshop: Workshop) -> None:
    with workshop.database.transaction(workshop.organization_id) as connection:
        file_types.seed(connection, workshop.organization_id)
    workshop.rows(
        b"insert into knowledge.file_types (organization_id, name, category, extensions, parsers)"
        b" values (identity.current_organization(), 'recipe', 'text', '{recipe}', '{markdown}') returning 1"
    )
    workshop.write("bread.recipe", "# Bread\n\nFlour and water.")
    workshop.sync()
    assert workshop.rows(
        b"select d.title, t.name, v.parser from knowledge.documents d join knowledge.file_types t"
        b" on t.id = d.file_type_id join knowledge.document_versions v on v.id = d.current_version_id"
    ) == [("Bread", "recipe", "markdown")]


def set_type(workshop: Workshop, name: str, *, parser: str | None = None, extensions: list[str] | None = None) -> int:
    """As the command does; how many documents are read anew."""
    with workshop.database.transaction(workshop.organization_id) as connection:
        kind = file_types.replace(connection, workshop.organization_id, name, parser=parser, extensions=extensions)
    return rereadings.ask_for(workshop.database, workshop.organization_id, kind)


def test_unchanged_documents_are_read_anew_by_another_parser_and_nothing_is_fetched(workshop: Workshop) -> None:
    workshop.write("a.md", "# Rye\n\nThree crowns.")
    workshop.write("b.txt", "Wheat.")
    workshop.sync()
    assert set_type(workshop, "markdown", parser="text") == 1
    assert set_type(workshop, "markdown", parser="text") == 0
    assert list(workshop.visible()) == ["a.md", "b.txt"]  # as they were, until the sync
    counts = workshop.sync()
    assert (counts.changed, counts.unchanged) == (0, 2)
    assert workshop.rows(
        b"select d.title, v.number, v.parser from knowledge.documents d"
        b" join knowledge.document_versions v on v.id = d.current_version_id order by d.file_path"
    ) == [("a.md", 2, "text"), ("b.txt", 1, "text")]
    assert workshop.sync().unchanged == 2
    assert workshop.rows(b"select count(*) from knowledge.document_versions") == [(3,)]


def test_a_message_that_is_read_whole_has_no_members_any_more_and_the_other_way_round(workshop: Workshop) -> None:
    workshop.write("a.eml", files.eml())
    apart = ["a.eml", "a.eml!/prices.txt"]
    workshop.sync()
    assert list(workshop.visible()) == apart
    for parser, seen in (("eml_whole", ["a.eml"]), ("eml", apart)):
        assert set_type(workshop, "eml", parser=parser) == 1
        workshop.sync()
        assert list(workshop.visible()) == seen
        assert ("Rye costs three." in workshop.visible()["a.eml"]) == (parser == "eml_whole")


def test_an_extension_that_was_not_known_lets_what_failed_be_read(workshop: Workshop) -> None:
    workshop.write("bread.recipe", "# Bread\n\nFlour and water.")
    assert workshop.sync().failed == 1
    set_type(workshop, "recipe", parser="markdown", extensions=[".Recipe"])
    workshop.sync()
    assert list(workshop.visible()) == ["bread.recipe"]


@pytest.mark.parametrize(
    ("name", "parser", "extensions", "says"),
    [
        ("markdown", "pdf", None, "only by markdown or text"),
        ("markdown", None, ["txt"], r"files that end in \.txt are of the kind 'text'"),
        ("markdown", None, ["m d"], "no end of a file name"),
        ("recipe", "unheard-of", ["recipe"], "to make one, name at least one extension, and a parser"),
        ("recipe", "markdown", None, "to make one, name at least one extension"),
    ],
)
def test_a_kind_that_makes_no_sense_is_refused(
    workshop: Workshop, name: str, parser: str | None, extensions: list[str] | None, says: str
) -> None:
    with pytest.raises((Refused, Conflict), match=says):
        set_type(workshop, name, parser=parser, extensions=extensions)
