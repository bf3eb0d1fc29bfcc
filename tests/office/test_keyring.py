"""The ring of payload keys: a new key is found while programs run, and none writes too early."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from loops import Loop
from offices import run_program, settings_for
from temporalio.api.common.v1 import Payload

from activities.db import audit
from activities.db.engine import Database
from activities.keyring import PayloadRing, rotate
from activities.keys import PayloadKey
from workflows.codec import CannotDecrypt, EncryptionCodec, KeyRing, PayloadKeys

PAYLOAD = Payload(metadata={"encoding": b"json/plain"}, data=b'"tea"')


@pytest.fixture
def first(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "payload.aes256"


class RestartNeeded:
    """The sabotage: a ring that reads its folder once."""

    def __init__(self, first: Path) -> None:
        self._keys = PayloadRing(first).now()

    def now(self, needed: str = "") -> PayloadKeys:
        return self._keys


def exchange(loop: Loop, writer: KeyRing, reader: KeyRing) -> str:
    """Let one program read what another has written; tell by which key it was."""
    (written,) = loop.run(EncryptionCodec(writer).encode([PAYLOAD]))
    assert loop.run(EncryptionCodec(reader).decode([written])) == [PAYLOAD]
    return written.metadata["key-id"].decode()


def test_programs_that_run_write_and_read_by_a_new_key(loop: Loop, first: Path) -> None:
    worker, api = PayloadRing(first), PayloadRing(first)
    old = exchange(loop, worker, api)

    new = rotate(first, 0)

    assert old != new.id
    assert exchange(loop, worker, api) == new.id
    assert exchange(loop, api, worker) == new.id


def test_a_program_that_would_need_a_restart_is_noticed(loop: Loop, first: Path) -> None:
    stale = RestartNeeded(first)

    rotate(first, 0)

    with pytest.raises(CannotDecrypt, match="is not at hand"):
        exchange(loop, PayloadRing(first), stale)


def test_what_an_older_key_wrote_is_read_for_ever(loop: Loop, first: Path) -> None:
    written = loop.run(EncryptionCodec(PayloadRing(first)).encode([PAYLOAD]))

    for _ in range(3):
        rotate(first, 0)

    assert loop.run(EncryptionCodec(PayloadRing(first)).decode(written)) == [PAYLOAD]


def test_a_key_can_be_read_from_the_start_and_writes_only_from_its_moment_on(
    loop: Loop, first: Path
) -> None:
    ring = PayloadRing(first)
    before = exchange(loop, ring, ring)

    later = rotate(first, 3600)

    assert exchange(loop, ring, ring) == before
    assert later.id in ring.now(later.id).keys


def test_many_programs_rotating_at_once_agree_in_the_end(loop: Loop, first: Path) -> None:
    rings = [PayloadRing(first) for _ in range(4)]

    def turn(ring: PayloadRing) -> None:
        for _ in range(5):
            rotate(first, 0)
            exchange(loop, ring, rings[0])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(turn, rings))

    assert len({ring.now().writing for ring in rings}) == 1
    assert len(rings[0].now().keys) == 1 + 4 * 5


def test_an_older_offices_keys_go_on_as_they_were(loop: Loop, first: Path) -> None:
    PayloadKey.at(first.with_name("payload-2025.aes256"))
    current = PayloadKey.at(first)
    for path in first.parent.iterdir():
        os.utime(path)

    assert exchange(loop, PayloadRing(first), PayloadRing(first)) == current.id


def test_a_key_in_a_folder_that_has_rested_is_found_too(loop: Loop, first: Path) -> None:
    PayloadKey.at(first)
    os.utime(first.parent, (1, 1))
    ring = PayloadRing(first)

    new = rotate(first, 0)

    assert exchange(loop, ring, ring) == new.id


def test_an_operator_rotates_by_one_command_that_is_in_the_audit(
    postgres_url: str, database: Database, tmp_path: Path
) -> None:
    settings = settings_for(tmp_path, postgres_url, 1)
    assert run_program("activities", "begin", settings=settings).returncode == 0
    before = PayloadRing(settings.payload_key_file).now().writing

    done = run_program("activities", "rotate-keys", "payload", "--after", "0", settings=settings)

    after = PayloadRing(settings.payload_key_file).now().writing
    assert done.returncode == 0, done.stderr
    assert after != before
    assert f"Payload key {after} writes in 0 s." in done.stdout
    with database.begin() as connection:
        last = audit.last_entry(connection)
    assert last is not None
    assert (last.action, last.subject, last.actor) == ("payload_key_made", after, "operator")


def test_no_payload_key_is_made_where_the_audit_cannot_have_it(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, "postgresql://nobody@127.0.0.1:1/none", 1)
    PayloadRing(settings.payload_key_file)

    done = run_program("activities", "rotate-keys", "payload", settings=settings)

    assert done.returncode == 1
    assert len(list(settings.payload_key_file.parent.iterdir())) == 1
