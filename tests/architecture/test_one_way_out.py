"""Other people's addresses are fetched by one module, which knows what may be fetched."""

from __future__ import annotations

import pytest

from tests.architecture.imports import imports_of, modules

CLIENTS = ("httpx", "httpcore", "requests", "urllib.request", "urllib3", "aiohttp", "http.client", "pycurl")
# Who else may: the client of the models' provider brings its own, and `millrace up` looks at its own servers.
OTHERS = {
    "resources.foundation.web": "it is the one",
    "serving.commands.remote_uploads": "sends somebody's own files to the server of Millrace that they name",
    "serving.commands.processes": "asks the servers that it started itself, on loopback",
}


@pytest.mark.parametrize("module", sorted(set(modules()) - set(OTHERS)))
def test_no_other_module_fetches(module: str) -> None:
    imported = {one.module for one in imports_of(modules()[module])}
    assert {name for name in imported if name in CLIENTS or name.startswith(tuple(f"{c}." for c in CLIENTS))} == set()


@pytest.mark.parametrize("module", sorted(OTHERS))
def test_every_exception_is_needed(module: str) -> None:
    assert any(one.module.split(".")[0] in CLIENTS for one in imports_of(modules()[module]))
