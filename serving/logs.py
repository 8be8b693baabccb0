"""Lines of log as JSON, one object each, with the request's id; without secrets, questions and documents."""

from __future__ import annotations

import json
import logging
from collections.abc import Collection
from datetime import UTC, datetime

from resources.foundation.redacting import without_secrets
from serving.failures import NO_REQUEST, REQUEST


class JsonLines(logging.Formatter):
    """One object for a record: `at`, `level`, `logger`, `request` where there is one, and what it says.

    A record may bring `fields` of its own, which stand instead of its message. What the settings hold in secret is
    blackened, in tracebacks too.
    """

    def __init__(self, secrets: Collection[str] = ()) -> None:
        super().__init__()
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        if (request := REQUEST.get()) != NO_REQUEST:
            line["request"] = request
        fields = getattr(record, "fields", None)
        line |= fields if isinstance(fields, dict) else {"message": without_secrets(record.getMessage(), self._secrets)}
        if record.exc_info:
            line["traceback"] = without_secrets(self.formatException(record.exc_info), self._secrets)
        return json.dumps(line, ensure_ascii=False, default=str)
