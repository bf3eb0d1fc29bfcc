"""Readies the machine for a window: Kivy reads its environment while it is imported."""

from __future__ import annotations

import logging
import os
import sys
from ctypes.util import find_library
from pathlib import Path
from typing import Literal

Where = Literal["window", "fullscreen", "offscreen"]


def prepare(kivy_home: Path, size: tuple[int, int] = (800, 480), where: Where = "window") -> None:
    """Set what Kivy needs before its first import; nothing of it can be changed afterwards.

    `kivy_home` is a folder of our own, so that nobody's Kivy settings reach the till.
    """
    if "kivy" in sys.modules:
        message = "Kivy was imported before its window was prepared: prepare it first."
        raise RuntimeError(message)
    kivy_home.mkdir(parents=True, exist_ok=True)
    os.environ.update(
        KIVY_NO_ARGS="1",
        KIVY_NO_FILELOG="1",
        KIVY_LOG_MODE="PYTHON",
        KIVY_HOME=str(kivy_home),
    )
    if where == "offscreen":
        os.environ["SDL_VIDEODRIVER"] = "offscreen"
    logging.getLogger("kivy").addFilter(_worth_telling)
    (kivy_home / "config.ini").write_text(_configuration(size, where), "utf-8")


def _worth_telling(record: logging.LogRecord) -> bool:
    """Leave out that libmtdev is missing: mouse and touch come through SDL all the same."""
    return "MTDev" not in record.getMessage() and "Config: " not in record.getMessage()


def _configuration(size: tuple[int, int], where: Where) -> str:
    """Write the settings that differ from Kivy's own; Kivy fills in the rest."""
    width, height = size
    return f"""[kivy]
exit_on_escape = 0
log_level = warning
[graphics]
width = {width}
height = {height}
fullscreen = {"auto" if where == "fullscreen" else 0}
multisamples = 0
[input]
mouse = mouse,disable_multitouch
"""


def can_draw_offscreen() -> bool:
    """Tell whether this machine has what a window without a display needs."""
    return bool(find_library("EGL") and find_library("GLESv2"))
