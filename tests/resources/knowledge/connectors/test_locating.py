"""A location tells the kind of a source and its name; secrets go to the host that they were given for."""

from __future__ import annotations

import pytest

from resources.foundation.errors import Misconfigured, Refused
from resources.knowledge.connectors import locating


@pytest.mark.parametrize(
    ("location", "kind", "name"),
    [
        ("/srv/handbook", "file", "handbook"),
        ("/srv/rules.v2.pdf", "file", "rules.v2"),
        ("/srv/a: b//", "file", "a- b"),
        ("s3://mill", "file", "mill"),
        ("s3://mill/docs/", "file", "docs"),
        ("zip:///srv/mill.zip", "file", "mill"),
        ("sftp://miller@mill.example/srv/docs", "file", "docs"),
        ("HTTPS://mill.example", "web", "mill.example"),
        ("postgresql+psycopg://miller@db.example:5432/shop?sslmode=require", "database", "shop"),
        ("sqlite:////srv/shop", "database", "shop"),
        ("/", "file", ""),
    ],
)
def test_a_location_tells_the_kind_and_a_name(location: str, kind: str, name: str) -> None:
    assert (locating.kind_of(location), locating.name_of(location)) == (kind, name)


def test_files_of_this_machine_are_named_by_their_path() -> None:
    with pytest.raises(Refused, match="by its path"):
        locating.kind_of("file:///srv")


@pytest.mark.parametrize(
    ("source_type", "config", "place", "home"),
    [
        ("file", {"location": "/srv"}, "/srv", ""),
        ("file", {"location": "s3://mill/docs"}, "s3://mill/docs", "s3"),
        ("file", {"location": "s3://mill", "endpoint_url": "https://minio"}, "s3://mill", "https://minio"),
        ("file", {"location": "zip::s3://mill/a.zip"}, "zip::s3://mill/a.zip", "s3"),
        ("file", {"location": "abfs://docs@mill.dfs.net/a"}, "abfs://docs@mill.dfs.net/a", "mill.dfs.net"),
        ("file", {"location": "sftp://anna@mill:22/docs"}, "sftp://anna@mill:22/docs", "mill:22"),
        ("web", {"url": "https://mill.example/a"}, "https://mill.example/a", "mill.example"),
        (
            "web",
            {"urls": ["https://mill.example/a", "https://b/"]},
            "https://mill.example/a and 1 more",
            "mill.example",
        ),
        ("web", {"crawl": {"start": "https://mill.example/"}}, "https://mill.example/", "mill.example"),
        ("api", {"url": "https://api.example/items"}, "https://api.example/items", "api.example"),
        ("api", {"url": "http://api.example/items"}, "http://api.example/items", "http://api.example"),
        ("database", {"url": "mysql://a@db:3306/x"}, "mysql://a@db:3306/x", "db:3306"),
        ("database", {"url": "postgresql://a@/x?host=db"}, "postgresql://a@/x?host=db", "?host=db"),
        ("upload", {}, "", ""),
        ("database", {}, "", ""),
    ],
)
def test_a_configuration_tells_where_the_source_is_and_whom_its_secrets_go_to(
    source_type: str, config: dict[str, object], place: str, home: str
) -> None:
    assert locating.place_of(source_type, config) == place
    assert locating.home_of(source_type, config) == home


def test_credentials_do_not_follow_an_address_to_another_host() -> None:
    """Whoever can change an address shall not learn the secret by it."""
    at_home = {"url": "postgresql://anna@db.example/shop"}
    kept = locating.bound("database", at_home, {"password": "grist"})
    assert locating.released("database", {"url": "postgresql://otto@db.example/other"}, kept) == {"password": "grist"}
    for thief in ("postgresql://anna@thief.example/shop", "postgresql://anna@db.example/shop?host=thief.example"):
        with pytest.raises(Misconfigured, match="give them again for this host") as caught:
            locating.released("database", {"url": thief}, kept)
        assert "grist" not in str(caught.value)


def test_credentials_without_a_host_open_nothing() -> None:
    with pytest.raises(Misconfigured, match="given for no host"):
        locating.released("database", {"url": "postgresql://db.example/shop"}, {"password": "grist"})
    assert locating.released("database", {"url": "postgresql://db.example/shop"}, {}) == {}


def test_credentials_for_an_encrypted_site_are_never_sent_in_clear() -> None:
    encrypted, in_clear = {"url": "https://mill.example/a"}, {"url": "http://mill.example/a"}
    kept = locating.bound("web", encrypted, {"token": "grist"})
    with pytest.raises(Misconfigured, match=r"is at http://mill\.example now: give them again") as caught:
        locating.released("web", in_clear, kept)
    assert "grist" not in str(caught.value)
    given_in_clear = locating.bound("web", in_clear, {"token": "grist"})
    for since in (in_clear, encrypted):
        assert locating.released("web", since, given_in_clear) == {"token": "grist"}
