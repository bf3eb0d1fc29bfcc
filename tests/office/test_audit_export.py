"""The exported audit can be checked by an outsider, with nothing of ours."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from offices import run_program, settings_for

from activities.audit_export import COLUMNS
from activities.db import audit
from activities.db.engine import Database
from activities.keys import OfficeKey
from activities.settings import Settings
from domain.audit import Act, Actor

Line = dict[str, object]


@pytest.fixture(scope="module")
def settings(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """An office in which things were done, with letters that are awkward to write."""
    settings = settings_for(tmp_path_factory.mktemp("office"), postgres_url, 1)
    key = OfficeKey.at(settings.office_key_file)
    database = Database(postgres_url, heads=settings.audit_heads_file)
    for name in ("Ada", "Zoë “Z”", 'comma, "quote"', "line\nbreak", "☃"):
        with database.begin() as connection:
            act = Act("person_added", "p1", "S1", after={"name": name, "role": "cashier"})
            audit.record(connection, key, Actor("ada", "manager", "192.0.2.7"), act)
    database.close()
    return settings


def export(settings: Settings, *words: str) -> tuple[str, str]:
    done = run_program("activities", "audit", "export", *words, settings=settings)
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


def first_bad(lines: list[Line], public_key: str) -> int | None:
    """Do by hand what docs/operations.md tells an outsider to do."""
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
    previous = "0" * 64
    for expected, line in enumerate(lines, start=1):
        sealed = {k: v for k, v in line.items() if k not in {"hash", "signature"}}
        text = json.dumps(sealed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        digest = hashlib.sha256(text.encode()).digest()
        if (line["sequence"], line["previous"]) != (expected, previous):
            return expected
        try:
            key.verify(bytes.fromhex(str(line["signature"])), digest)
        except InvalidSignature:
            return expected
        if digest.hex() != line["hash"]:
            return expected
        previous = digest.hex()
    return None


def of_json(text: str) -> list[Line]:
    return [json.loads(line) for line in text.splitlines()]


def of_csv(text: str) -> list[Line]:
    rows = csv.DictReader(io.StringIO(text, newline=""))
    return [{**row, "sequence": int(row["sequence"])} for row in rows]


def test_an_outsider_can_check_the_json_lines(settings: Settings) -> None:
    text, told = export(settings)
    key = OfficeKey.at(settings.office_key_file).public_key

    lines = of_json(text)

    assert len(lines) == 5
    assert first_bad(lines, key) is None
    assert f"5 entries, the last sealed by {lines[-1]['hash']}" in told
    assert key in told


@pytest.mark.parametrize("field", ["actor", "after", "at", "hash", "previous", "signature"])
def test_an_outsider_finds_the_line_that_was_changed(settings: Settings, field: str) -> None:
    lines = of_json(export(settings)[0])
    other = of_json(export(settings)[0])[3]

    lines[2] = {**lines[2], field: "eve" if field == "actor" else other[field]}

    assert first_bad(lines, OfficeKey.at(settings.office_key_file).public_key) == 3


def test_csv_says_the_same_and_can_be_checked_too(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "audit.csv"

    export(settings, "--format", "csv", "--out", str(path))

    lines = of_csv(path.read_bytes().decode())
    assert tuple(lines[0]) == COLUMNS
    assert first_bad(lines, OfficeKey.at(settings.office_key_file).public_key) is None
    assert lines == [{**line} for line in of_json(export(settings)[0])]


def test_verify_counts_the_audit_and_names_a_cut_off_end(
    settings: Settings, postgres_url: str
) -> None:
    sound = run_program("activities", "verify", settings=settings)
    owner = Database(postgres_url, as_owner=True)
    with owner.begin() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.exec_driver_sql("DELETE FROM audit_entries WHERE sequence = 5")
    owner.close()

    cut = run_program("activities", "verify", settings=settings)

    assert (sound.returncode, cut.returncode) == (0, 1)
    assert "5 audit entries" in sound.stdout
    assert "audit entry 5: it was written and is gone, the audit ends at 4" in cut.stdout
