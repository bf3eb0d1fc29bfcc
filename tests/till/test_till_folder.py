"""A till in its folder: made once, opened as often as wanted, counted and checked by commands."""

import json
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from domain.money import Money
from till_kivy import sample
from till_kivy.__main__ import app
from till_kivy.errors import JournalUnusable, KeysUnusable, TillOccupied
from till_kivy.till import IDENTITY, JOURNAL, Till, create, identity


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A till of the sample shop that has sold one croissant."""
    create(tmp_path, sample.TILL.id, sample.TILL.series)
    till = Till.open(tmp_path)
    till.catalog.replace(sample.snapshot())
    till.register.log_in("anna", sample.PIN)
    till.register.scan(sample.gtin(1))
    till.register.pay(Money(200, "EUR"))
    till.close()
    return tmp_path


def test_making_a_till_twice_keeps_its_keys(tmp_path: Path) -> None:
    first = CliRunner().invoke(app, ["init", "--till", "north-1", "--dir", str(tmp_path)])
    again = CliRunner().invoke(app, ["init", "--till", "north-1", "--dir", str(tmp_path)])

    assert first.exit_code == 0
    assert json.loads(first.stdout) == json.loads(again.stdout)
    assert json.loads(first.stdout)["till_id"] == "north-1"
    assert identity(tmp_path).series == "NORTH-1"


def test_what_was_not_sent_can_be_read_out_entry_by_entry(folder: Path) -> None:
    with closing(Till.open(folder)) as till:
        till.catalog.replace(sample.snapshot())
        till.register.log_in("anna", sample.PIN)
        till.register.scan(sample.gtin(1))
        known = till.journal.head.sequence
        sale = till.register.pay(till.register.view().quick_cash[0])

    read = CliRunner().invoke(app, ["entries", "--dir", str(folder), "--after", str(known)])

    assert read.exit_code == 0
    first = json.loads(read.stdout.splitlines()[0])
    assert (first["sequence"], first["kind"]) == (known + 1, "sale")
    assert json.loads(first["body"])["id"] == str(sale.id)


def test_another_tills_folder_is_not_taken_over(tmp_path: Path) -> None:
    create(tmp_path, "north-1")

    with pytest.raises(KeysUnusable, match="is till north-1, series NORTH-1, and was left"):
        create(tmp_path, "south-1")


def test_a_folder_without_a_till_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(KeysUnusable, match="create one with `init --till NAME"):
        Till.open(tmp_path)


def test_a_damaged_name_is_told(tmp_path: Path) -> None:
    create(tmp_path, "north-1")
    (tmp_path / IDENTITY).write_text("{}")

    with pytest.raises(KeysUnusable, match="is damaged"):
        Till.open(tmp_path)


def test_a_lost_journal_is_told_and_never_begun_again(folder: Path) -> None:
    for file in folder.glob(f"{JOURNAL}*"):
        file.unlink()

    with pytest.raises(JournalUnusable, match="is gone"):
        Till.open(folder)

    create(folder, sample.TILL.id)
    assert not (folder / JOURNAL).exists()


def test_an_opened_till_goes_on_where_it_was_closed(folder: Path) -> None:
    till = Till.open(folder)
    till.register.log_in("anna", sample.PIN)
    till.register.scan(sample.gtin(2))
    till.close()

    again = Till.open(folder)
    view = again.view()
    again.close()

    assert [line.sku for line in view.lines] == ["P002"]
    assert view.connection.online is False


def test_the_tally_counts_what_was_sold(folder: Path) -> None:
    for_programs = CliRunner().invoke(app, ["tally", "--dir", str(folder), "--json"])
    for_people = CliRunner().invoke(app, ["tally", "--dir", str(folder)])

    assert json.loads(for_programs.stdout) == [
        {"till_id": "corner-1", "currency": "EUR", "sales": 1, "total_minor": 140}
    ]
    assert for_people.stdout == "corner-1: 1 sales 1.40 EUR\n"


def test_a_sound_journal_is_verified(folder: Path) -> None:
    verified = CliRunner().invoke(app, ["verify", "--dir", str(folder)])

    assert verified.exit_code == 0
    assert "entries are sound" in verified.stdout


def test_a_second_program_is_refused_while_the_first_sells(folder: Path) -> None:
    first = Till.open(folder)

    with pytest.raises(TillOccupied, match="open in another program already"):
        Till.open(folder)

    first.close()
    Till.open(folder).close()


@pytest.mark.parametrize("command", ["tally", "verify"])
def test_a_running_till_can_be_counted_and_checked(folder: Path, command: str) -> None:
    till = Till.open(folder)

    looked = CliRunner().invoke(app, [command, "--dir", str(folder)])

    till.close()
    assert looked.exit_code == 0
