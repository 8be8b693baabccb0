"""A configuration is kept as its kind understands it, or refused with what is wrong in it."""

from __future__ import annotations

import pytest

from resources.foundation.errors import Misconfigured
from resources.knowledge.connectors import configuring

TABLE = {"url": "postgresql://db.example/shop", "query": "select * from a", "key": "id", "text": ["body"]}


@pytest.mark.parametrize(
    ("source_type", "config"),
    [
        ("file", {"location": "/srv", "include": ["*.md"], "max_bytes": 10}),
        ("file", {"location": "s3://mill/docs", "endpoint_url": "http://127.0.0.1:9000", "region": "eu-1"}),
        ("database", TABLE),
        ("upload", {}),
    ],
)
def test_what_makes_sense_is_kept_as_it_is(source_type: str, config: dict[str, object]) -> None:
    assert configuring.checked(source_type, config) == config
    assert configuring.checked(source_type, {**config, "exclude": [], "title": None}) == config


@pytest.mark.parametrize(
    ("source_type", "config", "says"),
    [
        ("ftp", {}, "no sources of type 'ftp'"),
        ("file", {"location": "/srv", "endpoint_url": "http://x"}, "has no 'endpoint_url'"),
        ("file", {"location": "s3://mill", "endpoint_url": "ftp://x"}, "no http"),
        ("file", {"location": "s3://mill", "endpoint_url": "http://a:grist@x"}, "endpoint_url carries a password"),
        ("file", {"location": "s3://mill", "secret": "grist"}, "has no 'secret'"),
        ("file", {"location": "s3://mill", "anonymous": "yes"}, "true or false"),
        ("database", {**TABLE, "key": []}, "names at least one column"),
        ("database", {**TABLE, "text": ["a", "a"]}, "names a column twice"),
        ("database", {**TABLE, "batch_size": True}, "positive whole number"),
        ("database", {**TABLE, "query": "select 1; drop table a"}, "one SELECT"),
        ("database", {**TABLE, "url": "postgresql://db.example/x?sslpassword=grist"}, "carries sslpassword"),
    ],
)
def test_what_makes_none_is_named_without_its_secrets(source_type: str, config: dict[str, object], says: str) -> None:
    with pytest.raises(Misconfigured, match=says) as caught:
        configuring.checked(source_type, config)
    assert "grist" not in str(caught.value)
