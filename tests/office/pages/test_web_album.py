"""Pictures of the manager's pages for the documentation."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import house
from chromium import Browser
from PIL import Image
from web_album import at, draw


def test_a_page_is_drawn_as_a_phone_and_as_a_pc_show_it(
    manager_at: Browser, tmp_path: Path
) -> None:
    pictures = list(draw(manager_at, tmp_path / "web", {"people": at("/people")}))

    assert [path.name for path in pictures] == ["people-390.png", "people-1280.png"]
    sizes = [size_of(path) for path in pictures]
    assert [width for width, _ in sizes] == [390, 1280]
    assert all(height >= 800 for _, height in sizes)


def size_of(picture: Path) -> tuple[int, int]:
    with Image.open(picture) as opened:
        return opened.size


def test_without_chromium_the_command_says_what_to_install(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(house.ROOT / "tests" / "web_album.py"), str(tmp_path)],
        env=os.environ | {"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )

    assert done.returncode == 1
    assert "lacks Chromium" in done.stderr
    assert "apt install chromium chromium-driver" in done.stderr
    assert list(tmp_path.iterdir()) == []
