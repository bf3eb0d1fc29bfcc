"""The bill of materials is what is locked is what is installed; what was skipped is no pass."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import supply
from supply import Pins

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"


@pytest.fixture(scope="module")
def bill(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What `make sbom` writes."""
    path = tmp_path_factory.mktemp("bill") / "sbom.json"
    words = ["make", "--no-print-directory", "sbom", f"SBOM={path}"]
    subprocess.run(words, cwd=ROOT, check=True, capture_output=True, timeout=120)
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


@pytest.fixture(scope="module")
def pins() -> Pins:
    return supply.locked(LOCK.read_text(encoding="utf-8"))


def test_the_bill_the_lock_and_this_environment_are_one(bill: dict[str, Any], pins: Pins) -> None:
    installed = supply.installed()

    assert len(installed) > 50
    assert supply.differences(bill=supply.billed(bill), lock=pins, installed=installed) == []


def test_the_bill_is_in_a_form_that_others_read(bill: dict[str, Any]) -> None:
    assert bill["bomFormat"] == "CycloneDX"
    assert bill["metadata"]["component"]["name"] == "tillflow"
    assert all(one["purl"].startswith("pkg:pypi/") for one in bill["components"])


def drop(pins: Pins) -> Pins:
    return {name: version for name, version in pins.items() if name != "fastapi"}


def raise_one(pins: Pins) -> Pins:
    return {**pins, "fastapi": "999"}


@pytest.mark.parametrize("change", [drop, raise_one])
@pytest.mark.parametrize("source", ["bill", "lock", "installed"])
def test_a_package_that_is_missing_or_another_one_is_named(
    pins: Pins, source: str, change: Callable[[Pins], Pins]
) -> None:
    sources = {"bill": pins, "lock": pins, "installed": pins}

    (found,) = supply.differences(**{**sources, source: change(pins)})

    assert found.startswith("fastapi: ")


def test_a_lock_is_read_with_its_markers() -> None:
    text = (
        "tea==1.0 \\\n    --hash=sha256:00\nmilk==2 ; sys_platform == 'nowhere' \\\n"
        "Sugar_cane==3 ; python_version >= '3.11'\n# via tea\n"
    )

    assert supply.locked(text) == {"tea": "1.0", "sugar-cane": "3"}


def said(*dependencies: dict[str, Any]) -> str:
    return json.dumps({"dependencies": list(dependencies), "fixes": []})


SOUND = {"name": "tea", "version": "1", "vulns": []}
BAD = {"name": "milk", "version": "2", "vulns": [{"id": "CVE-1"}, {"id": "CVE-2"}]}
SKIPPED = {"name": "sugar", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("exit_code", "out", "err", "words", "code"),
    [
        (0, said(SOUND), "", "1 dependencies, none with a known vulnerability.", 0),
        (1, said(SOUND, BAD), "", "Known vulnerabilities:\nmilk 2: CVE-1, CVE-2", 1),
        (1, "", "ERROR: away", "NOT RUN: .*\\(ERROR: away\\) -- remedy: ", 0),
        (0, said(SOUND, SKIPPED), "", "NOT RUN: .*\\(skipped: sugar\\) -- remedy: ", 0),
        (0, said(), "", "NOT RUN: ", 0),
        (0, "no JSON", "", "NOT RUN: ", 0),
        (0, said(BAD, SKIPPED), "", "Known vulnerabilities:", 1),
    ],
)
def test_a_look_for_vulnerabilities_that_skipped_anything_is_no_pass(
    exit_code: int, out: str, err: str, words: str, code: int
) -> None:
    found = supply.verdict(exit_code, out, err)

    assert re.match(words, found.words), found.words
    assert found.exit_code == code
