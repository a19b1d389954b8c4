"""Structured logs that carry ids, never texts, names, numbers or tokens.

A mask stands behind that rule as a second line: known secrets and anything that looks like a telephone number,
an identity number or a bot token is blotted out of every line before it is written.
"""

import logging
import re
import sys
from collections.abc import Collection, MutableMapping
from typing import Any

import structlog

_SECRETS: set[str] = set()
_LOOKS_PRIVATE = re.compile(
    r"(?<![\w.-])(?:\+\d{8,15}|1[3-9]\d{9}|\d{17}[\dXx]|\d{6,12}:[\w-]{30,})(?![\w-])", re.ASCII
)


def hide(secrets: Collection[str]) -> None:
    """Blot these values out of every log line from now on."""
    _SECRETS.update(secret for secret in secrets if len(secret) >= 6)


def mask_line(line: str) -> str:
    """A log line without secrets and without anything that looks like personal data."""
    for secret in _SECRETS:
        line = line.replace(secret, "•••")
    return _LOOKS_PRIVATE.sub("•••", line)


def setup_logging(level: str = "INFO", *, json: bool | None = None) -> None:
    """Send every logger of the process through one masked, structured stream on standard error."""
    as_json = not sys.stderr.isatty() if json is None else json
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _brief_exception,
    ]
    render: structlog.types.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        _Masked(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
        )
    )
    # Without this, structlog's own loggers would print past the mask, to standard output.
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # These log addresses and bodies at INFO; their warnings are enough.
    for noisy in ("aiogram", "twilio", "apscheduler", "uvicorn.access", "apprise", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


class _Masked(structlog.stdlib.ProcessorFormatter):
    def format(self, record: logging.LogRecord) -> str:
        return mask_line(super().format(record))


def _brief_exception(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Tracebacks with the error's type and place; its message may hold what a person wrote, so it stays out."""
    info = event.pop("exc_info", None)
    if not info:
        return event
    kind, _, trace = info if isinstance(info, tuple) else sys.exc_info()
    places = []
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename.rsplit('/', 2)[-1]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    event["error"] = kind.__name__ if kind else "?"
    event["at"] = " < ".join(reversed(places[-6:]))
    return event
