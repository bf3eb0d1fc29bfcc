"""`make audit`: look for known vulnerabilities of what is locked, or say that it was not done."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

from supply import verdict

WITHIN_S = 300
LOCK = Path(__file__).resolve().parent.parent / "requirements.lock"


def main() -> int:
    auditor = Path(sysconfig.get_path("scripts")) / "pip-audit"
    words = "--strict --require-hashes --disable-pip --progress-spinner off --format json".split()
    said = subprocess.run(
        [str(auditor), *words, "--requirement", str(LOCK)],
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )
    found = verdict(said.returncode, said.stdout, said.stderr)
    sys.stdout.write(f"{found.words}\n")
    return found.exit_code


if __name__ == "__main__":
    sys.exit(main())
