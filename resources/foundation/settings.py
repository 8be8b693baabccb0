"""The one reader of the environment. Everybody else receives values."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from resources.foundation.errors import Misconfigured
from resources.foundation.model_names import EMBEDDED_MODEL, EXTRACTIVE_MODEL

_HOST = re.compile(r"(?:[\w.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")
_ORIGIN = re.compile(r"https?://" + _HOST.pattern)
_PASSWORD = re.compile(r"//[^/@:]*:([^@]*)@|password\s*=\s*(?:'([^']*)'|([^\s'&]+))")

_PROVIDER = re.compile(r"[a-z][a-z0-9_]{0,30}")

DEFAULT_SOURCE_TYPES = frozenset({"web", "api", "upload"})
"""The kinds of source that a key of the API may make: none that reaches into this machine or its network."""
ANSWERS_AT_ONCE = 256
ANSWERS_OF_ORGANIZATION = 32
MOST_ANSWERS = 4_096  # each takes a thread while its model thinks
_SOURCE_TYPES = DEFAULT_SOURCE_TYPES | {"file", "database"}


@dataclass(frozen=True)
class ProviderAddress:
    """One more provider of answers in OpenAI's protocol: a model `small@name` is asked there."""

    base_url: str
    api_key: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Settings:
    """What an operator decides. Unset means: embedded database, embedded models, loopback only."""

    home: Path
    database_url: str | None = field(default=None, repr=False)
    openai_api_key: str | None = field(default=None, repr=False)
    openai_base_url: str | None = field(default=None, repr=False)
    providers: Mapping[str, ProviderAddress] = field(default_factory=dict, repr=False)
    rerank_base_url: str | None = field(default=None, repr=False)
    rerank_api_key: str | None = field(default=None, repr=False)
    secret_keys: str | None = field(default=None, repr=False)
    smtp_url: str | None = field(default=None, repr=False)
    smtp_password: str | None = field(default=None, repr=False)
    mail_from: str | None = None
    embedding_model: str = EMBEDDED_MODEL
    chat_model: str = EXTRACTIVE_MODEL
    organization: str = "default"
    api_port: int = 8000
    dagster_port: int = 3000
    postgres_port: int | None = None
    allowed_hosts: frozenset[str] = frozenset()
    file_roots: tuple[Path, ...] = ()
    api_source_types: frozenset[str] = DEFAULT_SOURCE_TYPES
    answers_at_once: int = ANSWERS_AT_ONCE
    answers_of_organization: int = ANSWERS_OF_ORGANIZATION
    are_metrics_open: bool = False
    page_origins: frozenset[str] = frozenset()
    traces_endpoint: str | None = field(default=None, repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read the settings; raises Misconfigured naming the variable that does not make sense."""
        has_provider = bool(environment.get("OPENAI_API_KEY") or environment.get("OPENAI_BASE_URL"))
        return cls(
            home=Path(environment.get("MILLRACE_HOME") or ".millrace").expanduser().absolute(),
            database_url=environment.get("DATABASE_URL") or None,
            openai_api_key=environment.get("OPENAI_API_KEY") or None,
            openai_base_url=environment.get("OPENAI_BASE_URL") or None,
            providers=_providers(environment, "MILLRACE_PROVIDERS"),
            rerank_base_url=environment.get("MILLRACE_RERANK_BASE_URL") or None,
            rerank_api_key=_text_or_file(environment, "MILLRACE_RERANK_API_KEY"),
            secret_keys=environment.get("MILLRACE_SECRET_KEYS") or None,
            smtp_url=environment.get("MILLRACE_SMTP_URL") or None,
            smtp_password=_text_or_file(environment, "MILLRACE_SMTP_PASSWORD"),
            mail_from=environment.get("MILLRACE_MAIL_FROM") or None,
            embedding_model=environment.get("MILLRACE_EMBEDDING_MODEL")
            or ("text-embedding-3-small" if has_provider else EMBEDDED_MODEL),
            chat_model=environment.get("MILLRACE_CHAT_MODEL") or ("gpt-4o-mini" if has_provider else EXTRACTIVE_MODEL),
            organization=environment.get("MILLRACE_ORGANIZATION") or "default",
            api_port=_port(environment, "MILLRACE_API_PORT", 8000),
            dagster_port=_port(environment, "MILLRACE_DAGSTER_PORT", 3000),
            postgres_port=_port(environment, "MILLRACE_POSTGRES_PORT", 0) or None,
            allowed_hosts=_hosts(environment, "MILLRACE_ALLOWED_HOSTS"),
            file_roots=_folders(environment, "MILLRACE_FILE_ROOTS"),
            api_source_types=_source_types(environment, "MILLRACE_API_SOURCE_TYPES"),
            answers_at_once=_number(environment, "MILLRACE_ANSWERS_AT_ONCE", ANSWERS_AT_ONCE),
            answers_of_organization=_number(environment, "MILLRACE_ANSWERS_PER_ORGANIZATION", ANSWERS_OF_ORGANIZATION),
            are_metrics_open=_choice(environment, "MILLRACE_METRICS", ("key", "open")) == "open",
            page_origins=_origins(environment, "MILLRACE_PAGE_ORIGINS"),
            traces_endpoint=environment.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
            or environment.get("OTEL_EXPORTER_OTLP_ENDPOINT")
            or None,
        )

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown: the values that these settings hold, or that stand in their addresses."""
        keys = [key.partition(":")[2].strip() for key in (self.secret_keys or "").split(",")]
        elsewhere = self.providers.values()
        found = [
            self.openai_api_key,
            self.rerank_api_key,
            self.smtp_password,
            *keys,
            *(one.api_key for one in elsewhere),
        ]
        addresses = [self.database_url, self.smtp_url, self.openai_base_url, self.rerank_base_url]
        for address in (*addresses, *(one.base_url for one in elsewhere)):
            found += [unquote(password) for part in _PASSWORD.findall(address or "") if (password := "".join(part))]
        return tuple(secret for secret in found if secret)

    @property
    def is_embedded(self) -> bool:
        """Whether the database is the server that Millrace runs itself."""
        return self.database_url is None


def _port(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name) or str(default)
    if not text.isdecimal() or int(text) > 65535:
        raise Misconfigured(f"{name} is {text!r}, which is no port: set it to a number up to 65535, or unset it")
    return int(text)


def _number(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name) or str(default)
    if not text.isdecimal() or not 1 <= int(text) <= MOST_ANSWERS:
        raise Misconfigured(f"{name} is {text!r}: set it to a number from 1 to {MOST_ANSWERS:,}, or unset it")
    return int(text)


def _choice(environment: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    """One of these words; the first where nothing is set."""
    text = environment.get(name) or choices[0]
    if text not in choices:
        raise Misconfigured(f"{name} is {text!r}: set it to {' or '.join(choices)}, or unset it")
    return text


def _text_or_file(environment: Mapping[str, str], name: str) -> str | None:
    """A secret from the variable, or from the file that the variable with `_FILE` behind its name names."""
    if environment.get(name):
        return environment[name]
    path = environment.get(f"{name}_FILE")
    if not path:
        return None
    try:
        return Path(path).read_text().strip("\r\n") or None
    except (OSError, UnicodeDecodeError):
        raise Misconfigured(f"{name}_FILE names {path!r}, which cannot be read: check the file") from None


def _hosts(environment: Mapping[str, str], name: str) -> frozenset[str]:
    """Hosts, each with or without a port, that may be private: `intranet.example,127.0.0.1:8080,[::1]:8080`."""
    hosts = frozenset(host.strip().lower().rstrip(".") for host in environment.get(name, "").split(",") if host.strip())
    wrong = next((host for host in sorted(hosts) if not _HOST.fullmatch(host)), None)
    if wrong is not None:
        raise Misconfigured(f"{name} holds {wrong!r}: write hosts parted by commas, as host or host:port")
    return hosts


def _origins(environment: Mapping[str, str], name: str) -> frozenset[str]:
    """The origins of other servers' pages, as browsers tell them: `https://app.example,http://localhost:5173`."""
    origins = frozenset(origin.strip().lower() for origin in environment.get(name, "").split(",") if origin.strip())
    wrong = next((each for each in sorted(origins) if not _ORIGIN.fullmatch(each)), None)
    if wrong is not None:
        raise Misconfigured(f"{name} holds {wrong!r}: write origins parted by commas, as https://host or with :port")
    return origins


def _providers(environment: Mapping[str, str], name: str) -> Mapping[str, ProviderAddress]:
    """`local=http://127.0.0.1:11434/v1,spare=https://...`; the key of `spare` is in MILLRACE_PROVIDER_KEY_SPARE."""
    found: dict[str, ProviderAddress] = {}
    for entry in filter(None, (part.strip() for part in environment.get(name, "").split(","))):
        provider, _, address = entry.partition("=")
        if not _PROVIDER.fullmatch(provider) or not address.startswith(("http://", "https://")):
            raise Misconfigured(f"{name} is wrong at {provider!r:.60}: write name=https://address/v1, parted by commas")
        found[provider] = ProviderAddress(
            address, _text_or_file(environment, f"MILLRACE_PROVIDER_KEY_{provider.upper()}")
        )
    return found


def _folders(environment: Mapping[str, str], name: str) -> tuple[Path, ...]:
    """Absolute paths, parted as PATH is: by colons."""
    folders = tuple(Path(part).expanduser() for part in environment.get(name, "").split(os.pathsep) if part.strip())
    wrong = next((folder for folder in folders if not folder.is_absolute()), None)
    if wrong is not None:
        raise Misconfigured(f"{name} holds {str(wrong)!r}: write absolute paths parted by {os.pathsep!r}")
    return folders


def _source_types(environment: Mapping[str, str], name: str) -> frozenset[str]:
    text = environment.get(name)
    if text is None:
        return DEFAULT_SOURCE_TYPES
    named = frozenset(part.strip() for part in text.split(",") if part.strip())
    if unknown := named - _SOURCE_TYPES:
        raise Misconfigured(
            f"{name} names {min(unknown)!r}: the kinds of source are {', '.join(sorted(_SOURCE_TYPES))}"
        )
    return named
