"""GET /docs and /openapi.json: the description of the API, for people and programs. Nothing comes from elsewhere."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from fastapi import Depends, FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from serving.authentication import anyone

# Found and read, never imported: the package is a plugin of another program that carries Swagger UI in its wheel.
PACKAGE = "mkdocs_swagger_ui_tag"
FILES = {
    "swagger-ui-bundle.js": ("javascripts/swagger-ui-bundle.js", "text/javascript"),
    "swagger-ui.css": ("stylesheets/swagger-ui.css", "text/css"),
}
START = """SwaggerUIBundle({
  url: "/openapi.json", dom_id: "#swagger-ui", validatorUrl: null, deepLinking: true, persistAuthorization: false,
  presets: [SwaggerUIBundle.presets.apis], layout: "BaseLayout"
});
"""
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Millrace API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="icon" href="data:,">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""


def add_to(app: FastAPI) -> None:
    """Serve these addresses."""
    public = [Depends(anyone)]
    app.get("/docs", include_in_schema=False, dependencies=public)(show_page)
    app.get("/docs/{name}", include_in_schema=False, dependencies=public)(get_file)
    app.get("/openapi.json", include_in_schema=False, dependencies=public)(describe)


def show_page() -> HTMLResponse:
    """The page that shows the description and lets a person try it."""
    return HTMLResponse(PAGE)


def get_file(name: str) -> Response:
    """A file of that page, and no other."""
    if name == "start.js":
        return Response(START, media_type="text/javascript")
    if name not in FILES:
        raise HTTPException(404)
    path, media_type = FILES[name]
    return Response(_content(path), media_type=media_type, headers={"Cache-Control": "public, max-age=86400"})


def describe(request: Request) -> dict[str, Any]:
    """The description in OpenAPI's format."""
    app: FastAPI = request.app
    return app.openapi()


@cache
def _content(path: str) -> bytes:
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise HTTPException(404)
    return (Path(spec.submodule_search_locations[0]) / "swagger-ui" / path).read_bytes()
