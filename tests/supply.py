"""What the project is made of: what the lock pins, what is installed, what the bill says."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from packaging.markers import Marker
from packaging.utils import canonicalize_name

Pins = dict[str, str]
"""Version by normalised name."""

_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^ ;\\]+)(?: ; (?P<marker>[^\\]+))?")
_ITSELF = "tillflow"
REMEDY = "remedy: run `make audit` where vulnerability data can be reached."


def locked(lock: str) -> Pins:
    """What the lock wants on this machine."""
    found = [match for line in lock.splitlines() if (match := _PIN.match(line))]
    return {
        canonicalize_name(pin["name"]): pin["version"]
        for pin in found
        if not pin["marker"] or Marker(pin["marker"].strip()).evaluate()
    }


def installed() -> Pins:
    """What is in this environment, the project itself left out."""
    found = {canonicalize_name(one.name): one.version for one in metadata.distributions()}
    return {name: version for name, version in found.items() if name != _ITSELF}


def billed(bill: dict[str, Any]) -> Pins:
    """What a CycloneDX document lists."""
    return {canonicalize_name(one["name"]): one["version"] for one in bill["components"]}


def differences(**sources: Pins) -> list[str]:
    """Say where sources differ; nothing when all say the same."""
    names = sorted({name for pins in sources.values() for name in pins})
    told = {
        name: {where: pins.get(name, "nothing") for where, pins in sources.items()}
        for name in names
    }
    return [
        f"{name}: " + ", ".join(f"{where} {version}" for where, version in found.items())
        for name, found in told.items()
        if len(set(found.values())) > 1
    ]


@dataclass(frozen=True)
class Verdict:
    """What a look for known vulnerabilities has come to."""

    words: str
    exit_code: int


def verdict(exit_code: int, out: str, err: str) -> Verdict:
    """Read what `pip-audit --strict -f json` has said: what was skipped is never a pass."""
    dependencies = _dependencies(out)
    bad = [_told(one) for one in dependencies if one.get("vulns")]
    if bad:
        return Verdict("Known vulnerabilities:\n" + "\n".join(bad), 1)
    skipped = [one["name"] for one in dependencies if "skip_reason" in one]
    if exit_code or skipped or not dependencies:
        last = (err.strip().splitlines() or ["it said nothing"])[-1]
        why = f"skipped: {', '.join(skipped)}" if skipped else last
        return Verdict(f"NOT RUN: the look for known vulnerabilities ({why}) -- {REMEDY}", 0)
    return Verdict(f"{len(dependencies)} dependencies, none with a known vulnerability.", 0)


def _dependencies(out: str) -> list[dict[str, Any]]:
    try:
        found: list[dict[str, Any]] = json.loads(out)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return []
    return found


def _told(dependency: dict[str, Any]) -> str:
    known = ", ".join(str(one["id"]) for one in dependency["vulns"])
    return f"{dependency['name']} {dependency['version']}: {known}"
