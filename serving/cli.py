"""The command line, `millrace`: what a data engineer or operator types. Its commands live in serving/commands."""

from __future__ import annotations

import errno
import logging
import sys
import traceback
from importlib.metadata import version
from io import TextIOWrapper
from types import TracebackType
from typing import Annotated

import typer

from resources.foundation.errors import Conflict, MillraceError, Missing, Refused
from resources.foundation.redacting import without_secrets
from resources.foundation.settings import Settings
from serving.commands import (
    bots,
    budgets,
    configurations,
    decisions,
    declared,
    documents,
    file_types,
    health,
    keys,
    limits,
    mcp,
    notify,
    people,
    prices,
    provider_keys,
    question_sets,
    questions,
    registration,
    reports,
    retention,
    running,
    secrets,
    sessions,
    sign_in,
    sources,
    tags,
)
from serving.commands.reporting import complain, console

app = typer.Typer(
    name="millrace",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="""Millrace keeps a knowledge base in step with its sources and answers from it, with citations.

\b
Examples:
    millrace up                                  start everything; the sample handbook is the first source
    millrace source add ~/handbook --every 15m   register a folder
    millrace sync handbook                       bring it in step now
    millrace ask "Who keeps the on-call rota?"    an answer with citations
""",
    epilog=(
        "Exit status: 0 done, 1 failed, 2 asked for wrongly, 3 done but not whole (sync) or not as the file says "
        "(apply --check). Settings are environment variables: see the README."
    ),
)
source_app = typer.Typer(no_args_is_help=True, help="Register, show, change and remove sources.")
key_app = typer.Typer(no_args_is_help=True, help="Keys of the API.")
app.add_typer(source_app, name="source")
app.add_typer(key_app, name="key")
limit_app = typer.Typer(no_args_is_help=True, help="How often keys and people may ask.")
app.add_typer(limit_app, name="limit")
provider_key_app = typer.Typer(no_args_is_help=True, help="The organization's own keys at providers of models.")
app.add_typer(provider_key_app, name="provider-key")
deletions_app = typer.Typer(no_args_is_help=True, help="Deletions that were too many to follow unasked.")
app.add_typer(deletions_app, name="deletions")
failures_app = typer.Typer(no_args_is_help=True, help="Documents that cannot be carried through.")
app.add_typer(failures_app, name="failures")
document_app = typer.Typer(no_args_is_help=True, help="How documents stand: which can be found, and why not.")
app.add_typer(document_app, name="document")
secrets_app = typer.Typer(no_args_is_help=True, help="The keys that encrypt stored secrets.")
app.add_typer(secrets_app, name="secrets")
price_app = typer.Typer(no_args_is_help=True, help="What models cost.")
app.add_typer(price_app, name="price")
budget_app = typer.Typer(no_args_is_help=True, help="What may be spent on models in a month.")
app.add_typer(budget_app, name="budget")
notify_app = typer.Typer(no_args_is_help=True, help="Tell people what happens: webhooks and mail.")
app.add_typer(notify_app, name="notify")

retention_app = typer.Typer()
app.add_typer(retention_app, name="retention")
erase_app = typer.Typer(no_args_is_help=True, help="Erase a document, a source, a user or an organization for good.")
app.add_typer(erase_app, name="erase")
hold_app = typer.Typer(no_args_is_help=True, help="Legal holds: what they name is kept, whatever the rules say.")
app.add_typer(hold_app, name="hold")
config_app = typer.Typer(no_args_is_help=True, help="Configurations of chatbots: build, measure, activate, go back.")
app.add_typer(config_app, name="config")
for command_name, command in configurations.COMMANDS.items():
    config_app.command(command_name)(command)

questions_app = typer.Typer(no_args_is_help=True, help="Questions that measure a chatbot: import, generate, review.")
app.add_typer(questions_app, name="questions")
for command_name, command in question_sets.COMMANDS.items():
    questions_app.command(command_name)(command)

file_type_app = typer.Typer(no_args_is_help=True, help="Kinds of file: by which parser each is read.")
app.add_typer(file_type_app, name="file-type")
file_type_app.command("list")(file_types.list_types)
file_type_app.command("set")(file_types.change)
file_type_app.command("remove")(file_types.remove)

session_app = typer.Typer(no_args_is_help=True, help="Conversations: which wait for a person, and answering in them.")
app.add_typer(session_app, name="session")
for command_name, command in sessions.COMMANDS.items():
    session_app.command(command_name)(command)

for group, says, commands in (
    ("user", "People: who may come in, and what each may do.", people.COMMANDS),
    ("tag", "Tags: labels of sources, by which agents choose what they read.", tags.COMMANDS),
    ("chatbot", "Chatbots: what clients of the API call models.", bots.CHATBOT_COMMANDS),
    ("agent", "Agents: the parts of a chatbot that take questions.", bots.AGENT_COMMANDS),
):
    group_app = typer.Typer(no_args_is_help=True, help=says)
    app.add_typer(group_app, name=group)
    for command_name, command in commands.items():
        group_app.command(command_name)(command)

app.command("up")(running.up)
app.command("migrate")(running.migrate)
source_app.command("add")(registration.add)
source_app.command("list")(sources.list_sources)
source_app.command("show")(registration.show)
source_app.command("set")(registration.change)
source_app.command("remove")(sources.remove)
app.command("sync")(sources.sync)
app.command("upload")(documents.upload)
document_app.command("list")(documents.list_documents)
document_app.command("show")(documents.show_document)
deletions_app.command("list")(decisions.list_deletions)
deletions_app.command("show")(decisions.show_deletions)
deletions_app.command("approve")(decisions.approve_deletions)
deletions_app.command("reject")(decisions.reject_deletions)
failures_app.command("list")(decisions.list_failures)
failures_app.command("retry")(decisions.retry_failures)
failures_app.command("ignore")(decisions.ignore_failures)
app.command("apply")(declared.apply)
app.command("export")(declared.export)
price_app.command("set")(prices.set_price)
price_app.command("list")(prices.list_prices)
price_app.command("remove")(prices.remove_price)
budget_app.command("set")(budgets.set_budget)
budget_app.command("show")(budgets.show)
budget_app.command("approve")(budgets.approve)
budget_app.command("remove")(budgets.remove_budget)
app.command("search")(questions.search)
app.command("ask")(questions.ask)
app.command("evaluate")(questions.evaluate)
app.command("mcp")(mcp.mcp)
app.command("sign-in")(sign_in.sign_in)
app.command("report")(reports.report)
analyst_app = typer.Typer(no_args_is_help=True, help="Logins for tools that ask with SQL.")
app.add_typer(analyst_app, name="analyst")
analyst_app.command("create")(reports.create_login)
analyst_app.command("list")(reports.list_logins)
analyst_app.command("remove")(reports.remove_login)
app.command("status")(health.status)
app.command("doctor")(health.doctor)
key_app.command("create")(keys.create)
key_app.command("list")(keys.list_keys)
key_app.command("revoke")(keys.revoke)
limit_app.command("list")(limits.list_limits)
limit_app.command("set")(limits.set_limits)
secrets_app.command("status")(secrets.status)
secrets_app.command("rotate")(secrets.rotate)
secrets_app.command("retire")(secrets.retire)
notify_app.command("add")(notify.add)
notify_app.command("list")(notify.list_channels)
notify_app.command("remove")(notify.remove)
notify_app.command("pause")(notify.pause)
notify_app.command("resume")(notify.resume)
notify_app.command("test")(notify.try_channel)
notify_app.command("log")(notify.log)
provider_key_app.command("set")(provider_keys.set_key)
provider_key_app.command("list")(provider_keys.list_keys)
provider_key_app.command("remove")(provider_keys.remove)

retention_app.callback(invoke_without_command=True)(retention.retain)
retention_app.command("set")(retention.set_rules)
retention_app.command("expire")(retention.expire)
erase_app.command("document")(retention.erase_document)
erase_app.command("source")(retention.erase_source)
erase_app.command("user")(retention.erase_user)
erase_app.command("organization")(retention.erase_organization)
erase_app.command("lift")(retention.lift)
app.command("receipts")(retention.receipts)
hold_app.command("place")(retention.hold)
hold_app.command("list")(retention.list_holds)
hold_app.command("release")(retention.release)


_ELSEWHERE = "mend that, or set MILLRACE_HOME to a folder that can be written"
_OF_THE_MACHINE = {
    errno.ENOSPC: "free some space, and do it again",
    errno.EDQUOT: "free some space, and do it again",
    errno.EROFS: _ELSEWHERE,
    errno.EACCES: _ELSEWHERE,
    errno.EPERM: _ELSEWHERE,
}
_INTERRUPTED = 130  # Typer makes this of Ctrl-C, and says nothing


def _show_version(wanted: bool) -> None:
    if wanted:
        console.print(f"millrace {version('millrace')}")
        raise typer.Exit


@app.callback()
def _of_all(
    _: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_show_version, is_eager=True)
    ] = False,
) -> None: ...


def main() -> None:
    """Run a command; a named error becomes one sentence and an exit status, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal of another encoding shows what it can
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    sys.excepthook = _unexpected
    try:
        # Typer's own call would put its hook in the place of ours, which keeps tracebacks from people
        typer.main.get_command(app)()
    except (Missing, Refused, Conflict) as error:
        complain(str(error))
        sys.exit(2)
    except MillraceError as error:
        complain(str(error))
        sys.exit(1)
    except OSError as error:
        remedy = _OF_THE_MACHINE.get(error.errno or 0)
        if remedy is None:
            raise
        complain(f"{error.filename or 'the disk'}: {error.strerror}; {remedy}")
        sys.exit(1)
    except SystemExit as left:
        if left.code == _INTERRUPTED:
            complain("stopped")
        raise


def _unexpected(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """What nobody foresaw: the details go to a file, the person gets a sentence."""
    settings = Settings.from_environment()
    log = settings.home / "logs" / "errors.log"
    details = without_secrets("".join(traceback.format_exception(kind, error, trace)), settings.secrets)
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a") as file:
            file.write(details)
    except OSError as failed:
        complain(
            f"this is a fault of Millrace ({kind.__name__}); {log} cannot be written ({failed.strerror}): mend that"
        )
        return
    complain(f"this is a fault of Millrace ({kind.__name__}); please report it with the end of {log}")
