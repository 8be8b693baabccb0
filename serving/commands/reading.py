"""Read a secret that a command is given: from a prompt, or from standard input; never from the command line."""

from __future__ import annotations

import sys

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
