"""What an operator sets is what the product uses; unset means that everything is embedded."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from resources.foundation.errors import Misconfigured
from resources.foundation.settings import Settings

NOTHING = Settings.from_environment({})


def test_without_any_setting_everything_is_embedded() -> None:
    assert Settings(home=Path.cwd() / ".millrace") == NOTHING
    assert NOTHING.is_embedded
    assert (NOTHING.embedding_model, NOTHING.chat_model) == ("wordllama-256", "extractive")
    assert (NOTHING.organization, NOTHING.api_port, NOTHING.dagster_port) == ("default", 8000, 3000)
    assert NOTHING.postgres_port is None


@pytest.mark.parametrize(
    ("variable", "text", "field", "value"),
    [
        ("MILLRACE_HOME", "/var/lib/millrace", "home", Path("/var/lib/millrace")),
        ("MILLRACE_HOME", "here", "home", Path.cwd() / "here"),
        ("MILLRACE_HOME", "~/millrace", "home", Path.home() / "millrace"),
        ("DATABASE_URL", "postgresql://somewhere/db", "database_url", "postgresql://somewhere/db"),
        ("OPENAI_API_KEY", "sk-secret", "openai_api_key", "sk-secret"),
        ("OPENAI_BASE_URL", "http://127.0.0.1:9/v1", "openai_base_url", "http://127.0.0.1:9/v1"),
        ("MILLRACE_EMBEDDING_MODEL", "large", "embedding_model", "large"),
        ("MILLRACE_CHAT_MODEL", "wise", "chat_model", "wise"),
        ("MILLRACE_RERANK_BASE_URL", "http://127.0.0.1:9/v2", "rerank_base_url", "http://127.0.0.1:9/v2"),
        ("MILLRACE_RERANK_API_KEY", "co-secret", "rerank_api_key", "co-secret"),
        ("MILLRACE_ORGANIZATION", "mill", "organization", "mill"),
        ("MILLRACE_API_PORT", "8100", "api_port", 8100),
        ("MILLRACE_DAGSTER_PORT", "3100", "dagster_port", 3100),
        ("MILLRACE_POSTGRES_PORT", "5433", "postgres_port", 5433),
        ("MILLRACE_ALLOWED_HOSTS", "Wiki.mill, [::1]:80,", "allowed_hosts", frozenset({"wiki.mill", "[::1]:80"})),
    ],
)
def test_a_variable_sets_its_field(variable: str, text: str, field: str, value: object) -> None:
    assert getattr(Settings.from_environment({variable: text}), field) == value


def test_every_field_has_its_variable() -> None:
    everything = {
        "MILLRACE_HOME": "/elsewhere", "DATABASE_URL": "x", "OPENAI_API_KEY": "x", "OPENAI_BASE_URL": "x",
        "MILLRACE_EMBEDDING_MODEL": "x", "MILLRACE_CHAT_MODEL": "x", "MILLRACE_ORGANIZATION": "x",
        "MILLRACE_API_PORT": "1", "MILLRACE_DAGSTER_PORT": "1", "MILLRACE_POSTGRES_PORT": "1",
        "MILLRACE_ALLOWED_HOSTS": "x", "MILLRACE_RERANK_BASE_URL": "x", "MILLRACE_RERANK_API_KEY": "x",
        "MILLRACE_SECRET_KEYS": "x", "MILLRACE_SMTP_URL": "x", "MILLRACE_SMTP_PASSWORD": "x", "MILLRACE_MAIL_FROM": "x",
        "MILLRACE_FILE_ROOTS": "/x", "MILLRACE_API_SOURCE_TYPES": "web", "MILLRACE_PROVIDERS": "x=http://x",
        "MILLRACE_ANSWERS_AT_ONCE": "7", "MILLRACE_ANSWERS_PER_ORGANIZATION": "5", "MILLRACE_METRICS": "open",
        "MILLRACE_PAGE_ORIGINS": "https://x", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://x",
    }  # fmt: skip
    settings = Settings.from_environment(everything)
    same = [field.name for field in fields(Settings) if getattr(settings, field.name) == getattr(NOTHING, field.name)]
    assert same == []
    assert not settings.is_embedded


@pytest.mark.parametrize("variable", ["OPENAI_API_KEY", "OPENAI_BASE_URL"])
def test_a_provider_brings_its_models_and_a_named_model_wins(variable: str) -> None:
    provided = Settings.from_environment({variable: "x"})
    assert (provided.embedding_model, provided.chat_model) == ("text-embedding-3-small", "gpt-4o-mini")
    named = Settings.from_environment(
        {variable: "x", "MILLRACE_EMBEDDING_MODEL": "wordllama-256", "MILLRACE_CHAT_MODEL": "extractive"}
    )
    assert (named.embedding_model, named.chat_model) == ("wordllama-256", "extractive")


@pytest.mark.parametrize("variable", ["MILLRACE_API_PORT", "MILLRACE_DAGSTER_PORT", "MILLRACE_POSTGRES_PORT"])
@pytest.mark.parametrize("text", ["http", "-1", "65536", "80.5", " 80", "8 0"])
def test_a_wrong_port_is_named(variable: str, text: str) -> None:
    with pytest.raises(Misconfigured, match=variable) as failure:
        Settings.from_environment({variable: text})
    assert repr(text) in str(failure.value)


@pytest.mark.parametrize("text", ["*", "null", "app.example", "https://app.example/chat", "https://*.example"])
def test_an_origin_that_no_browser_tells_is_named(text: str) -> None:
    with pytest.raises(Misconfigured, match="MILLRACE_PAGE_ORIGINS"):
        Settings.from_environment({"MILLRACE_PAGE_ORIGINS": f"https://App.example:8443, {text}"})
    known = Settings.from_environment({"MILLRACE_PAGE_ORIGINS": "https://App.example:8443, http://localhost"})
    assert known.page_origins == {"https://app.example:8443", "http://localhost"}


def test_an_empty_variable_is_an_unset_one() -> None:
    empty = dict.fromkeys(
        ["MILLRACE_HOME", "DATABASE_URL", "OPENAI_API_KEY", "MILLRACE_CHAT_MODEL", "MILLRACE_API_PORT"], ""
    )
    assert Settings.from_environment(empty) == NOTHING


def test_secrets_do_not_show_when_settings_are_printed() -> None:
    settings = Settings.from_environment(
        {"OPENAI_API_KEY": "sk-secret", "DATABASE_URL": "postgresql://u:hidden@h/d", "OPENAI_BASE_URL": "http://u:pw@h"}
    )
    assert not any(secret in repr(settings) for secret in ("sk-secret", "hidden", "pw@"))


def test_what_must_never_be_shown_is_known() -> None:
    settings = Settings.from_environment(
        {
            "OPENAI_API_KEY": "sk-secret", "DATABASE_URL": "postgresql://u:hid%40den@h/d?sslmode=require",
            "MILLRACE_SMTP_URL": "smtp://otto@mail:587", "MILLRACE_SMTP_PASSWORD": "grist",
            "MILLRACE_SECRET_KEYS": "k1:YWJj,k2:ZGVm",
        }
    )  # fmt: skip
    assert set(settings.secrets) == {"sk-secret", "hid@den", "grist", "YWJj", "ZGVm"}
    for told, password in (
        ("host=h password=hidden dbname=d", "hidden"),
        ("host=h password='hid den' dbname=d", "hid den"),
        ("postgresql://h/d?password=hidden", "hidden"),
    ):
        assert Settings.from_environment({"DATABASE_URL": told}).secrets == (password,)
    assert NOTHING.secrets == ()


@pytest.mark.parametrize("text", ["http://wiki.mill", "wiki.mill/page", "wiki mill", "wiki.mill:port", "a:1:2"])
def test_hosts_that_are_none_are_named(text: str) -> None:
    with pytest.raises(Misconfigured, match="MILLRACE_ALLOWED_HOSTS"):
        Settings.from_environment({"MILLRACE_ALLOWED_HOSTS": text})


def test_further_providers_have_a_name_an_address_and_a_key_that_is_not_shown() -> None:
    settings = Settings.from_environment(
        {
            "MILLRACE_PROVIDERS": "local=http://127.0.0.1:11434/v1, spare=https://llm.example/v1",
            "MILLRACE_PROVIDER_KEY_SPARE": "sk-spare",
        }
    )
    assert {name: one.base_url for name, one in settings.providers.items()} == {
        "local": "http://127.0.0.1:11434/v1", "spare": "https://llm.example/v1",
    }  # fmt: skip
    assert (settings.providers["local"].api_key, settings.providers["spare"].api_key) == (None, "sk-spare")
    assert "sk-spare" in settings.secrets
    assert "sk-spare" not in repr(settings) + repr(settings.providers)
    for wrong in ("local", "local=ftp://x", "No=http://x", "=http://x"):
        with pytest.raises(Misconfigured, match="MILLRACE_PROVIDERS"):
            Settings.from_environment({"MILLRACE_PROVIDERS": wrong})
