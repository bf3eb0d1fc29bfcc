"""Files that say what the output was when somebody looked at it and found it right."""

from __future__ import annotations

import os
from pathlib import Path

GOLDEN = Path(__file__).parent / "till" / "golden"
REWRITE = "TILLFLOW_REWRITE_GOLDEN"


def check_golden(name: str, content: bytes) -> None:
    """Compare with the golden file; with TILLFLOW_REWRITE_GOLDEN=1 write it, then look at it."""
    path = GOLDEN / name
    if os.environ.get(REWRITE):
        path.write_bytes(content)
    assert path.read_bytes() == content, f"{name} changed: look at it, then set {REWRITE}=1"
