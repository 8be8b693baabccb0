"""Make pages of templates. Every value is shown as text: what documents, models and people say never becomes markup."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

_HERE = Path(__file__).parent
STATIC = _HERE / "static"
_environment = Environment(
    loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined,
    trim_blocks=True, lstrip_blocks=True,
)  # fmt: skip


def page(name: str, *, status: int = 200, **values: object) -> HTMLResponse:
    """The page that a template makes of these values."""
    return HTMLResponse(_environment.get_template(name).render(**values), status_code=status)
