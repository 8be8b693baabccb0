"""Other people's addresses are fetched by one module, which knows what may be fetched."""

from __future__ import annotations

from tests.architecture.imports import imports_of, modules

CLIENTS = ("httpx", "httpcore", "requests", "urllib.request", "urllib3", "aiohttp", "http.client", "pycurl")
# Who else may: the client of the models' provider brings its own, and `millrace up` looks at its own servers.
OTHERS = {
    "resources.foundation.web": "it is the one",
    "serving.commands.remote_uploads": "sends somebody's own files to the server of Millrace that they name",
    "serving.commands.processes": "asks the servers that it started itself, on loopback",
}


def test_no_other_module_fetches_and_every_exception_is_needed() -> None:
    prefixes = tuple(f"{client}." for client in CLIENTS)
    fetching = {
        module
        for module, path in modules().items()
        if any(f"{one.module}.".startswith(prefixes) for one in imports_of(path))
    }
    assert fetching == set(OTHERS)
