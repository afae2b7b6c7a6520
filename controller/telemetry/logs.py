"""The daemon's log: one JSON object a line on stderr, with the decision it belongs to and without secrets.

Set up once by `run`; everybody else calls the standard library's logging. What is given as `extra` becomes keys of the
line; `decision` is the number of the journal's record. Secrets' values are replaced by their names in every text of
the line, tracebacks too. Calls redaction only; the time is that of the log record itself.
"""

import json
import logging
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TextIO

from controller.clock import iso
from controller.quantities.redaction import Template, redact

_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_KEYS = frozenset({"time", "level", "logger", "message", "exception"})
ROOT = "setpoint"
"""Name of the logger above all of ours."""


class JsonFormatter(logging.Formatter):
    """A log record as one line of JSON.

    >>> said = {"created": 0.0, "levelname": "INFO", "name": "setpoint.loop", "msg": "turn %d", "args": (7,)}
    >>> said["decision"] = 41
    >>> line = JsonFormatter().format(logging.makeLogRecord(said))
    >>> json.loads(line)
    {'time': '1970-01-01T00:00:00Z', 'level': 'info', 'logger': 'setpoint.loop',
     'message': 'turn 7', 'decision': 41}
    """

    def __init__(self, secrets: Sequence[Template] = (), environ: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self.secrets, self.environ = tuple(secrets), environ or {}

    def format(self, record: logging.LogRecord) -> str:
        line = json.dumps(self.fields(record), ensure_ascii=False, default=str, separators=(",", ":"))
        return redact(line, self.secrets, _escaped(self.environ))

    def fields(self, record: logging.LogRecord) -> dict[str, Any]:
        """The line as a mapping, before secrets are taken out."""
        fields: dict[str, Any] = {
            "time": iso(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            fields["exception"] = self.formatException(record.exc_info)
        given = {key: value for key, value in vars(record).items() if key not in _OWN}
        return fields | {f"{key}_" if key in _KEYS else key: _plain(value) for key, value in given.items()}


class TextFormatter(JsonFormatter):
    """The same for a person's terminal: `time level message key=value`."""

    def format(self, record: logging.LogRecord) -> str:
        fields = self.fields(record)
        head = f"{fields.pop('time')} {fields.pop('level'):7s} {fields.pop('message')}"
        fields.pop("logger")
        trace = fields.pop("exception", "")
        tail = "".join(f" {key}={value}" for key, value in fields.items())
        return redact(f"{head}{tail}" + (f"\n{trace}" if trace else ""), self.secrets, self.environ)


def set_up(
    level: str = "info",
    form: Literal["json", "text"] = "json",
    secrets: Sequence[Template] = (),
    environ: Mapping[str, str] | None = None,
    stream: TextIO | None = None,
) -> logging.Handler:
    """Send our loggers, and warnings of others, to stderr (or `stream`); replaces an earlier set-up of ours."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter((JsonFormatter if form == "json" else TextFormatter)(secrets, environ))
    logger = logging.getLogger(ROOT)
    for old in [one for one in logger.handlers if isinstance(one.formatter, JsonFormatter)]:
        logger.removeHandler(old)
    logger.addHandler(handler)
    logger.setLevel(level.upper())
    logger.propagate = False
    return handler


def _plain(value: object) -> object:
    """A value that JSON holds; anything else as its text, not-a-number too."""
    if isinstance(value, float) and value - value != 0.0:
        return str(value)
    return value if isinstance(value, str | int | float | bool | list | dict | type(None)) else str(value)


def _escaped(environ: Mapping[str, str]) -> dict[str, str]:
    """Values as they stand inside a JSON text."""
    return {name: json.dumps(value, ensure_ascii=False)[1:-1] for name, value in environ.items()}
