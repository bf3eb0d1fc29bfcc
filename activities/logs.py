"""Logs of the office's programs: one JSON object a line, with the fields of `domain.logline`."""

from __future__ import annotations

import logging
import sys
from types import TracebackType

import structlog
from structlog.typing import EventDict, WrappedLogger
from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)

from domain import logline

_TALKATIVE = ("httpx", "httpcore", "alembic")
"""These tell addresses and queries of every request at the level that others tell news at."""

_STAMPS = (
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
)


def begin() -> None:
    """Let everything that this process logs come out as such lines; call it once, at its start."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    sys.excepthook = _last_words


def begin_temporal() -> None:
    """Let Temporal's core log by the same road; before the first client is made."""
    forwarding = LogForwardingConfig(logging.getLogger("temporalio.core"))
    filtered = TelemetryFilter(core_level="WARN", other_level="ERROR")
    logs = LoggingConfig(filtered, forwarding=forwarding)
    Runtime.set_default(Runtime(telemetry=TelemetryConfig(logging=logs)))


def formatter() -> logging.Formatter:
    """Make what turns any record of any library into such a line."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_STAMPS,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _only_allowed,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )


def _only_allowed(_: WrappedLogger, __: str, fields: EventDict) -> EventDict:
    caught = fields.pop("exc_info", None)
    error = caught[1] if isinstance(caught, tuple) else sys.exc_info()[1] if caught else None
    # What another handler has written onto the record is no field that somebody logged.
    fields.pop("message", None)
    return logline.allowed({**fields, **(logline.told(error) if error else {})})


def _last_words(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    logging.getLogger("tillflow").critical("The program has ended.", exc_info=(kind, error, trace))
