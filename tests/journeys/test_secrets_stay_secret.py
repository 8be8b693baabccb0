"""Fourteen secrets go through everything that uses them, and through what can go wrong; then they are searched for.

In every file below the home, every table of every database of the server (Dagster's too), all that was printed and
answered: as they are, in hexadecimal, URL-encoded, and in base64 at each of its three alignments.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, quote_plus, urlsplit

import httpx
import psycopg
import pytest
from psycopg import sql

from resources.bots import chatbots, starter
from resources.foundation.database import Database, Server, open_database
from resources.foundation.migrations import migrate
from resources.foundation.secrets import Keyring
from resources.foundation.settings import Settings
from resources.identity import api_keys, notification_channels, organizations, provider_keys
from resources.identity.records import Organization
from resources.knowledge.connectors import credentials
from resources.knowledge.sources import data_sources
from serving.commands.processes import start_api
from tests.fixtures import openai_server
from tests.fixtures.mail_server import MailServer
from tests.fixtures.openai_server import OpenAIServer
from tests.fixtures.webhook_server import WebhookServer
from tests.fixtures.website import Behaviour, Exchange, Request, Website, page, redirecting, telling

USERS = {"mill": "another"}  # the password that Millrace has for the mail server is wrong

NOBODY = "127.0.0.1:9"  # nobody listens there


def canary(name: str) -> str:
    """A secret that occurs nowhere else."""
    return f"cnry-{name}-{secrets.token_hex(12)}"


@dataclass(frozen=True)
class Canaries:
    """What must be found nowhere."""

    source_password: str = field(default_factory=lambda: canary("source"))
    header_token: str = field(default_factory=lambda: canary("header"))
    cookie: str = field(default_factory=lambda: canary("cookie"))
    provider_key: str = field(default_factory=lambda: f"sk-{canary('own')}")
    house_provider_key: str = field(default_factory=lambda: f"sk-{canary('house')}")
    database_url_password: str = field(default_factory=lambda: canary("database"))
    s3_secret: str = field(default_factory=lambda: canary("s3"))
    webhook_token: str = field(default_factory=lambda: canary("hook"))
    smtp_password: str = field(default_factory=lambda: canary("smtp"))
    malformed: str = field(default_factory=lambda: canary("malformed"))
    url_password: str = field(default_factory=lambda: canary("url"))

    def named(self) -> dict[str, str]:
        """By their names."""
        return dict(vars(self))


@dataclass
class House:
    """A home with everything in it, and all that was heard from it."""

    settings: Settings
    server: Server
    database: Database
    organization: Organization
    environment: dict[str, str]
    heard: list[tuple[str, bytes]] = field(default_factory=list)

    @property
    def ring(self) -> Keyring:
        return Keyring.from_settings(self.settings)

    def millrace(self, *arguments: str, says: str = "", **environment: str) -> int:
        """A command; its exit status. What it prints is kept for the search."""
        done = subprocess.run(
            [sys.executable, "-c", "from serving.cli import main; main()", *arguments],
            env={**self.environment, **environment}, input=says.encode(), capture_output=True, check=False, timeout=300,
        )  # fmt: skip
        self.heard.append((f"millrace {' '.join(arguments)}", done.stdout + done.stderr))
        assert b"Traceback" not in done.stdout + done.stderr
        return done.returncode

    def source(
        self, name: str, kind: str, config: Mapping[str, object], given: Mapping[str, str], model: str = "wordllama-256"
    ) -> None:
        """A source with credentials, and its chatbot."""
        with self.database.transaction(self.organization.id) as connection:
            source = data_sources.create(
                connection, self.organization.id, name=name, source_type=kind, config=config, auto_sync=False
            )  # fmt: skip
            credentials.replace(connection, self.organization.id, source.id, given, keyring=self.ring)
            bot = starter.ensure_chatbot(
                connection, self.organization.id, name=name, embedding_model=model, llm_model="remote-chat"
            )  # fmt: skip
            chatbots.attach_source(connection, self.organization.id, bot.id, source.id)

    def channel(self, name: str, address: str) -> str:
        """A webhook; its signing secret."""
        with self.database.transaction(self.organization.id) as connection:
            _, secret = notification_channels.create(
                connection, self.organization.id, name=name, kind="webhook", target=address, keyring=self.ring,
                allowed_hosts=frozenset({urlsplit(address).netloc}),
            )  # fmt: skip
        return secret

    def api_key(self) -> str:
        """A key of the API."""
        with self.database.transaction(self.organization.id) as connection:
            _, text = api_keys.create(connection, self.organization.id, name="phone", scopes=["chat"])
        return text


@pytest.mark.parametrize("before", ["", "a", "ab", "abc"])
def test_a_secret_is_found_however_it_is_written(before: str) -> None:
    """Among others, as the user's name and password of a sign-in in base64."""
    secret = f"{canary('odd')}/+%&"
    text = f"{before}:{secret}"
    for written in (
        text, text.encode().hex(), text.encode().hex().upper(), quote(text), quote_plus(text), json.dumps(text),
        base64.b64encode(text.encode()).decode(), base64.urlsafe_b64encode(text.encode()).decode(),
    ):  # fmt: skip
        assert list(_found(f"so {written}.".encode(), {"odd": secret.encode()}, "here")), written
    assert list(_found(text[:-1].encode(), {"odd": secret.encode()}, "here")) == []


@pytest.mark.campaign
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_fourteen_secrets_are_found_nowhere(server_folder: Path) -> None:
    canaries = Canaries()
    with Website() as site, OpenAIServer() as provider, WebhookServer() as hooks, MailServer(users=USERS) as mail:
        environment = {
            "MILLRACE_ALLOWED_HOSTS": f"{site.host},{hooks.host},{NOBODY}",
            "MILLRACE_EMBEDDING_MODEL": "wordllama-256", "MILLRACE_CHAT_MODEL": "remote-chat",
            "OPENAI_BASE_URL": provider.base_url, "OPENAI_API_KEY": canaries.house_provider_key,
            "MILLRACE_SMTP_URL": f"smtp://mill@127.0.0.1:{mail.port}",
            "MILLRACE_SMTP_PASSWORD": canaries.smtp_password,
        }  # fmt: skip
        with _house(server_folder / "house", environment) as house:
            shown_once = _use_everything(house, canaries, site, provider, hooks)
            (ring_line,) = (house.settings.home / "secrets" / "keys").read_text().splitlines()
            ring_key = ring_line.partition(":")[2]
            texts = {**canaries.named(), **shown_once, "key_encryption_key": ring_key}
            assert len(texts) >= 14
            wanted = {name: text.encode() for name, text in texts.items()}
            wanted["key_encryption_key's bytes"] = base64.b64decode(ring_key)
            reached = "\n".join(repr(request) for request in (*site.requests, *provider.requests, *hooks.received))
            for name in ("header_token", "cookie", "provider_key", "house_provider_key", "webhook_token"):
                assert texts[name] in reached, f"{name} was never used, so nothing is proved of it"
            found = [*_search_heard(house, wanted), *_search_tables(house, wanted)]
        found += _search_files(house, wanted)
    assert found == []


def _use_everything(
    house: House, canaries: Canaries, site: Website, provider: OpenAIServer, hooks: WebhookServer
) -> dict[str, str]:
    """All ways that succeed, and those that fail; the secrets that were made on the way."""
    site.pages["/items"] = telling([{"id": 1, "body": "The ferry Marigold leaves at seven."}])
    site.pages["/robots.txt"] = page("", media_type="text/plain")
    _make_sources(house, canaries, site)
    signing_secret = house.channel("hooks", f"http://{hooks.host}/services/{canaries.webhook_token}")
    house.channel("nobody", f"http://{NOBODY}/{canaries.webhook_token}")
    api_key = house.api_key()

    provider.script(*[_echoing] * 40)
    house.millrace("ask", "When does the ferry leave?", "--chatbot", "vectors")  # with the house's key
    _set_provider_key(house, canaries)
    provider.script(*[_echoing] * 40)  # every vector is refused, with the key in the refusal
    assert house.millrace("sync", "--json") == 1
    _require_outcomes(json.loads(house.heard[-1][1].partition(b"\n]\n")[0] + b"]"))
    provider.script_clear()
    house.millrace("status")
    house.millrace("status", "--json")
    house.millrace("notify", "test", "hooks")
    hooks.statuses.extend([500, 500, 500])
    house.millrace("notify", "test", "hooks")
    house.millrace("notify", "test", "nobody")
    house.millrace("notify", "add", "email", "ops@mill.example")
    house.millrace("notify", "test", "email")  # the password is wrong
    house.millrace("notify", "log", "--json")
    house.millrace("notify", "list")
    house.millrace("ask", "When does the ferry leave?", "--chatbot", "well")
    provider.script(*[_echoing] * 9)
    house.millrace("ask", "When does the ferry leave?", "--chatbot", "well")
    provider.script_clear()
    _go_wrong_at_the_command_line(house, canaries)
    _ask_over_http(house, api_key, provider)
    house.millrace("secrets", "rotate", "--json")
    house.millrace("secrets", "status")
    house.millrace("doctor")
    return {"api_key": api_key.rpartition("_")[2], "signing_secret": signing_secret}


def _require_outcomes(reports: list[dict[str, object]]) -> None:
    """Each way went wrong as it was meant to: else nothing was proved of it."""
    reasons = {str(report["source"]): str(report.get("reason")) for report in reports}
    expected = {
        "refused": "refused (401)", "broken": "answers 500", "torn": "is no JSON", "unlisted": "has no list of items",
        "astray": "not on the public internet", "away": "Connection refused",
        "stolen": "the credentials were given for", "halved": "a credential 'cookie'", "vectors": "answered 401",
        "rows": "password authentication failed",
        "gone": "Connection refused", "strange": "oracledb", "bucket": "cannot be listed",
        "nobucket": "Could not connect", "well": "None",
    }  # fmt: skip
    assert {name: reason for name, reason in reasons.items() if expected.get(name, "") not in reason} == {}


def _make_sources(house: House, canaries: Canaries, site: Website) -> None:
    headers = {"Authorization": "Bearer {token}", "Cookie": "session={cookie}"}
    given = {"token": canaries.header_token, "cookie": canaries.cookie}
    api = {"key": "id", "text": ["body"], "headers": headers}
    ways = {
        "well": "/items", "refused": "/401", "broken": "/500", "torn": "/torn", "astray": "/astray",
        "unlisted": "/shape",
    }  # fmt: skip
    site.pages.update({"/401": _mirror(401), "/500": _mirror(500), "/torn": _mirror(200), "/shape": _mirror_json})
    site.pages["/astray"] = redirecting(f"http://169.254.169.254/?token={canaries.header_token}")
    for name, path in ways.items():
        house.source(name, "api", {"url": site.address(path), **api}, given)
    house.source("away", "api", {"url": f"http://{NOBODY}/", **api}, given)
    house.source("stolen", "api", {"url": "https://elsewhere.example/", **api}, given)
    with house.database.transaction(house.organization.id) as connection:
        connection.execute(
            "update knowledge.data_sources set config = config || jsonb_build_object('url', %s::text) "
            "where name = 'stolen'", [site.address("/items")],
        )  # fmt: skip
    house.source("halved", "api", {"url": site.address("/items"), **api}, {"token": canaries.header_token})
    for name, url in (("tls", f"https://{site.host}/x"), ("page", site.address("/401"))):
        house.source(name, "web", {"url": url, "headers": headers}, given)
    house.source("vectors", "api", {"url": site.address("/items"), **api}, given, "remote")
    port = house.settings.postgres_port
    table = {"query": "select 1 as id, 'rye' as body", "key": ["id"], "text": ["body"]}
    password = {"password": canaries.source_password}
    house.source("rows", "database", {"url": f"postgresql://postgres@127.0.0.1:{port}/postgres", **table}, password)
    house.source("gone", "database", {"url": f"postgresql://mill@127.0.0.1:{_free_port()}/x", **table}, password)
    house.source("strange", "database", {"url": "oracle://mill@127.0.0.1/x", **table}, password)
    s3 = {"key": "mill", "secret": canaries.s3_secret}
    for name, endpoint in (("bucket", site.address("/401")), ("nobucket", f"http://127.0.0.1:{_free_port()}")):
        house.source(name, "file", {"location": "s3://mill/docs", "endpoint_url": endpoint}, s3)


def _set_provider_key(house: House, canaries: Canaries) -> None:
    assert house.millrace("provider-key", "set", "openai", says=canaries.provider_key + "\n") == 0
    assert house.millrace("provider-key", "list", "--json") == 0
    with house.database.transaction(house.organization.id) as connection:
        assert len(provider_keys.select_all(connection, house.organization.id)) == 1


def _go_wrong_at_the_command_line(house: House, canaries: Canaries) -> None:
    nobody = _free_port()
    address = f"postgresql://mill:{canaries.database_url_password}@127.0.0.1:{nobody}/mill"
    wrong = f"postgresql://postgres:{canaries.database_url_password}@127.0.0.1:{house.settings.postgres_port}/millrace"
    malformed = canaries.malformed
    for url in (address, wrong, f"postgresql://mill:{malformed}@[::1/mill"):
        for command in (["status"], ["sync"], ["doctor"]):
            assert house.millrace(*command, DATABASE_URL=url) != 0
    key = base64.b64encode(b"k" * 32).decode()
    assert house.millrace("sync", "well", MILLRACE_SECRET_KEYS=f"other:{key}") != 0  # the right key is lost
    assert house.millrace("secrets", "status", MILLRACE_SECRET_KEYS=f"other:{malformed}") != 0
    assert house.millrace("secrets", "status", MILLRACE_SECRET_KEYS=malformed) != 0
    for url in (
        f"smtp//mill:{malformed}@host",
        f"smtp://mill:{malformed}@127.0.0.1:{nobody}",
        f"smtp://a:{malformed}@h:x",
    ):
        house.millrace("notify", "test", "email", MILLRACE_SMTP_URL=url)
    assert house.millrace("provider-key", "set", "openai", says=f"two {malformed}\n") != 0
    assert house.millrace("provider-key", "set", "cohere", says=f"{malformed}\n") != 0
    for url in (
        f"https://mill:{canaries.url_password}@hooks.example/x",
        f"ftp://hooks.example/{canaries.url_password}",
    ):
        assert house.millrace("notify", "add", "webhook", "--name", "x", says=url + "\n") != 0


def _ask_over_http(house: House, api_key: str, provider: OpenAIServer) -> None:
    question = {"model": "well", "messages": [{"role": "user", "content": "When does the ferry leave?"}]}
    settings = Settings.from_environment({**house.environment, "MILLRACE_API_PORT": str(_free_port())})
    os_environment = {**house.environment, "MILLRACE_API_PORT": str(settings.api_port)}
    with _environment(os_environment), start_api(settings) as process:
        process.wait_until_ready()
        root = f"http://127.0.0.1:{settings.api_port}"
        bearer = {"Authorization": f"Bearer {api_key}"}

        def ask(path: str = "/v1/chat/completions", **asked: object) -> None:
            answer = httpx.post(root + path, timeout=60, **asked)  # type: ignore[arg-type]
            house.heard.append((path, repr(answer.headers).encode() + answer.content))

        ask(json=question, headers=bearer)
        ask(json={**question, "stream": True}, headers=bearer)
        provider.script(*[_echoing] * 9)
        ask(json=question, headers=bearer)
        provider.script_clear()
        ask(json=question, headers={"Authorization": f"Bearer {api_key[:-1]}"})
        ask(json=question, headers={"Authorization": f"Basic {api_key}"})
        ask(f"/v1/chat/completions?key={api_key}", json=question)
        ask(f"/v1/{api_key}", json=question)
        ask(content=f'{{"model": "{api_key}", "messages": '.encode(), headers=bearer)
        ask(json={"model": api_key, "messages": [{"role": api_key, "content": 1}]}, headers=bearer)


def _mirror(status: int) -> Behaviour:
    """Says what it was sent: the worst that a server can do to whoever repeats it."""

    def behaviour(exchange: Exchange, asked: Request) -> None:
        said = "\n".join([asked.path, *(f"{name}: {text}" for name, text in asked.headers.items())])
        exchange.send(status, said.encode(), {"Content-Type": "application/json", "X-Echo": said.replace("\n", " ")})

    return behaviour


def _mirror_json(exchange: Exchange, asked: Request) -> None:
    exchange.send(200, json.dumps(dict(asked.headers)).encode(), {"Content-Type": "application/json"})


def _echoing(exchange: openai_server.Exchange, body: openai_server.Payload) -> None:
    exchange.send_failure(401, f"Incorrect API key: {exchange.headers['Authorization']}", code="invalid_api_key")


@contextmanager
def _house(home: Path, environment: Mapping[str, str]) -> Iterator[House]:
    unset = ("DATABASE_URL", "OPENAI_API_KEY", "OPENAI_BASE_URL", "DAGSTER_HOME")
    inherited = {name: text for name, text in os.environ.items() if name not in unset}
    port = str(_free_port())
    all_of_it = {**inherited, **environment, "MILLRACE_HOME": str(home), "MILLRACE_POSTGRES_PORT": port}
    settings = Settings.from_environment(all_of_it)
    server = Server(settings)
    migrate(server)
    try:
        with open_database(server, "millrace_pipeline") as database:
            organization = organizations.create(database, settings.organization, "Mill")
            yield House(settings, server, database, organization, all_of_it)
    finally:
        server.close()


@contextmanager
def _environment(wanted: Mapping[str, str]) -> Iterator[None]:
    """What a child of this process inherits."""
    before = dict(os.environ)
    os.environ.update(wanted)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _search_heard(house: House, wanted: Mapping[str, bytes]) -> Iterator[str]:
    for where, said in house.heard:
        yield from _found(said, wanted, where)


def _search_tables(house: House, wanted: Mapping[str, bytes]) -> Iterator[str]:
    with psycopg.connect(house.server.with_database("postgres").admin_conninfo()) as postgres:
        names = [row[0] for row in postgres.execute("select datname from pg_database where datallowconn")]
    assert {"millrace", "dagster"} <= set(names)
    for name in names:
        with psycopg.connect(house.server.with_database(name).admin_conninfo()) as connection:
            tables = connection.execute(
                "select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace "
                "where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema')"
            ).fetchall()
            for schema, table in tables:
                rows = connection.execute(
                    sql.SQL("select t::text from {} t").format(sql.Identifier(schema, table))
                ).fetchall()
                yield from _found("\n".join(row[0] for row in rows).encode(), wanted, f"{name}: {schema}.{table}")


def _search_files(house: House, wanted: Mapping[str, bytes]) -> Iterator[str]:
    home = house.settings.home
    where_keys_are = home / "secrets" / "keys"
    for path in sorted(home.rglob("*")):
        if path.is_file() and not path.is_symlink() and path != where_keys_are:
            yield from _found(path.read_bytes(), wanted, str(path.relative_to(home)))


def _found(text: bytes, wanted: Mapping[str, bytes], where: str) -> Iterator[str]:
    for name, secret in wanted.items():
        for form in _forms(secret):
            if form in text:
                at = text.index(form)
                yield f"{name} in {where}: …{text[max(0, at - 80) : at + len(form) + 20]!r}"
                break


def _forms(secret: bytes) -> list[bytes]:
    """How a secret may be written."""
    shifted = [base64.b64encode(b"\0" * shift + secret).decode() for shift in range(3)]
    stable = [text[4 * bool(shift) : -4] for shift, text in enumerate(shifted)]
    urlsafe = [text.replace("+", "-").replace("/", "_") for text in stable]
    written = [
        *stable,
        *urlsafe,
        secret.hex(),
        secret.hex().upper(),
        quote(secret),
        quote(secret, safe=""),
        quote_plus(secret),
    ]
    return [secret, *(text.encode() for text in dict.fromkeys(written))]


def _free_port() -> int:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        return int(nobody.getsockname()[1])
