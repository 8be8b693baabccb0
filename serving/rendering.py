"""Make pages of templates. Every value is shown as text: what documents, models and people say never becomes markup."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from resources.analytics import drawing, exports, wording

_HERE = Path(__file__).parent
STATIC = _HERE / "static"


@dataclass(frozen=True)
class Link:
    """A page that the head of every page leads to."""

    address: str
    words: str
    scope: str


# Who adds a page for people adds it here.
LINKS = (
    Link("/", "Chat", "chat"),
    Link("/search", "Search", "search"),
    Link("/sources", "Sources", "analyze"),
    Link("/analytics", "Analytics", "analyze"),
)


@dataclass(frozen=True)
class Frame:
    """What is around a page: who looks at it, in which organization, and where they may go from here."""

    organization: str = ""
    user: str = ""
    scopes: Collection[str] = ()
    here: str = ""

    @property
    def links(self) -> list[Link]:
        """The pages that this person may look at."""
        return [link for link in LINKS if link.scope in self.scopes]


def page(name: str, *, status: int = 200, **values: object) -> HTMLResponse:
    """The page that a template makes of these values; the frame of a page that nobody looks at is empty."""
    values = {"frame": Frame(), **values}
    return HTMLResponse(_environment.get_template(name).render(**values), status_code=status)


def instant(at: datetime) -> Markup:
    """An instant in UTC, which the page turns into the reader's own time."""
    at = at.astimezone(UTC)
    return Markup('<time datetime="{}">{}</time>').format(at.isoformat(), f"{at:%d %b %Y, %H:%M} UTC")


def size(count: int) -> str:
    """Bytes in the largest unit of which there is one at least."""
    amount = float(count)
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if amount < 1024 or unit == "GiB":
            break
        amount /= 1024
    return f"{amount:,.0f} {unit}" if unit == "bytes" or amount >= 10 else f"{amount:,.1f} {unit}"


def is_web(address: str) -> bool:
    """Whether a link may lead there: what a document calls its address may be anything."""
    return address.lower().startswith(("http://", "https://"))


_environment = Environment(
    loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined,
    trim_blocks=True, lstrip_blocks=True,
)  # fmt: skip
_environment.filters |= {
    "instant": instant, "size": size, "count": "{:,}".format, "number": wording.number, "cell": wording.cell,
    "change": wording.change, "drawn": drawing.drawn, "numeric_columns": exports.numeric_columns,
}  # fmt: skip
_environment.tests |= {
    "web": is_web, "instant": lambda value: isinstance(value, datetime), "undrawable": drawing.is_empty,
}  # fmt: skip
