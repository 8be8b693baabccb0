"""Read secrets that a command is given: from a prompt, standard input, a file, a variable; never the command line."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from resources.foundation.errors import Refused


def read_secret(what: str) -> str:
    """One secret: asked for without showing it on a terminal, else the first line of standard input."""
    if sys.stdin.isatty():
        return str(typer.prompt(what, hide_input=True, err=True))
    secret = sys.stdin.readline().strip("\r\n")
    if not secret:
        raise Refused(f"no {what} came on standard input: pipe it in, as in 'millrace … < file'")
    return secret


def read_credentials(named: Sequence[str]) -> dict[str, str]:
    """Secrets by name: NAME asks for it, NAME=@file, NAME=env:VARIABLE and NAME=- read it. Raises Refused."""
    return {name.strip(): _read(name.strip(), sign, where) for name, sign, where in (n.partition("=") for n in named)}


def _read(name: str, sign: str, where: str) -> str:
    secret: str | None = None
    if not sign or where == "-":
        return read_secret(name)
    if where.startswith("env:"):
        secret = os.environ.get(where.removeprefix("env:"))
    elif where.startswith("@"):
        try:
            secret = Path(where[1:]).expanduser().read_text().strip("\r\n")
        except (OSError, ValueError):
            secret = None
    else:
        raise Refused(
            f"the credential {name} is not written on the command line, where others see it: give {name} alone to be "
            f"asked for it, or {name}=@file, {name}=env:VARIABLE"
        )
    if not secret:
        raise Refused(f"the credential {name} has no value: there is nothing in {where.removeprefix('@')}")
    return secret
