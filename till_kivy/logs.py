"""Logs of a till's programs: one JSON object a line, with the fields of `domain.logline` only."""

from __future__ import annotations

import logging
import sys

import structlog
from structlog.typing import EventDict, WrappedLogger

from domain import logline

_STAMPS = (
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
)


def begin() -> None:
    """Let everything that this process logs come out as such lines; call it once, at its start."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_STAMPS,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _only_allowed,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def _only_allowed(_: WrappedLogger, __: str, fields: EventDict) -> EventDict:
    caught = fields.pop("exc_info", None)
    told = logline.told(caught[1]) if isinstance(caught, tuple) else {}
    return logline.allowed({**fields, **told})
