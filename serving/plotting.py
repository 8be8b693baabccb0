"""The script that draws charts: plotly's, as its package brings it. Found and read, never imported: that takes long."""

from __future__ import annotations

import gzip
from functools import cache
from importlib.metadata import distribution
from pathlib import Path

from starlette.responses import Response

_PACKAGE = distribution("plotly")
NAME = f"plotly-{_PACKAGE.version}.js"
# The script would write styles of its own into the page, which the policy of our pages forbids, unless an element bears
# this name, as if that had been done. They are for maps, of which there are none here.
STYLED = "9f215cf04c5486422605d13261cb87401f4e7763b6296af81e98efbc0130da53"


def script(accepts: str) -> Response:
    """The script, packed where the browser says that it unpacks; a new version has a new address."""
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    if "gzip" in accepts:
        headers["Content-Encoding"] = "gzip"
        return Response(_packed(), media_type="text/javascript", headers=headers)
    return Response(_plain(), media_type="text/javascript", headers=headers)


def _plain() -> bytes:
    return Path(str(_PACKAGE.locate_file("plotly/package_data/plotly.min.js"))).read_bytes()


@cache
def _packed() -> bytes:
    return gzip.compress(_plain(), compresslevel=6, mtime=0)
