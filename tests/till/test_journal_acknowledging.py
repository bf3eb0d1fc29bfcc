from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from builders import AT
from tills import OFFICE, acknowledgement, open_journal, sell

from domain.journal import Acknowledgement, Head, Refusal, RefusedEntry
from till_kivy.errors import Forked, NotTheOffice, OfficeRefused
from till_kivy.journal import Journal, Unsent
from till_kivy.keystore import Ed25519Signer

STRANGER = Ed25519Signer(b"s" * 32)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = open_journal(tmp_path)
    sell(journal, 3)
    yield journal
    journal.close()


def head_at(journal: Journal, sequence: int) -> Head:
    return journal.entries(sequence - 1, 1)[0].head


def refused(sequence: int, refusal: Refusal = Refusal.BAD_BODY) -> RefusedEntry:
    return RefusedEntry(sequence, refusal, "it has no lines")


def test_nothing_is_acknowledged_before_the_office_has_answered(journal: Journal) -> None:
    assert journal.acknowledged.sequence == 0
    assert journal.unsent == Unsent(3, AT, 0)


def test_an_acknowledgement_covers_all_entries_up_to_its_head(journal: Journal) -> None:
    journal.acknowledge(acknowledgement(head_at(journal, 2)))

    assert journal.acknowledged == head_at(journal, 2)
    assert journal.unsent.count == 1


def test_nothing_unsent_has_no_oldest(journal: Journal) -> None:
    journal.acknowledge(acknowledgement(journal.head))

    assert journal.unsent == Unsent(0, None, 0)


def test_acknowledged_entries_stay_in_the_journal(journal: Journal) -> None:
    journal.acknowledge(acknowledgement(journal.head))

    assert len(journal.entries()) == 3


def test_what_was_acknowledged_is_known_after_a_restart(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    sell(journal, 2)
    journal.acknowledge(acknowledgement(head_at(journal, 1), refused(1)))
    journal.close()

    again = open_journal(tmp_path)

    assert again.acknowledged.sequence == 1
    assert again.unsent.refused == 1
    again.close()


def test_an_office_restored_from_a_backup_gets_everything_again(journal: Journal) -> None:
    journal.acknowledge(acknowledgement(journal.head))

    journal.acknowledge(acknowledgement(head_at(journal, 1)))

    assert journal.unsent.count == 2
    assert journal.chain.countersigned == journal.head


@pytest.mark.parametrize("refusal", [Refusal.BAD_BODY, Refusal.CONFLICT])
def test_an_entry_stored_but_set_aside_stays_counted(journal: Journal, refusal: Refusal) -> None:
    journal.acknowledge(acknowledgement(head_at(journal, 2), refused(2, refusal)))

    journal.acknowledge(acknowledgement(journal.head))

    assert journal.unsent == Unsent(0, None, 1)


def test_a_refusal_ends_when_the_office_takes_the_entry_after_all(journal: Journal) -> None:
    journal.acknowledge(acknowledgement(head_at(journal, 1), refused(2, Refusal.BAD_SIGNATURE)))
    before = journal.unsent

    journal.acknowledge(acknowledgement(journal.head))

    assert before.refused == 1
    assert journal.unsent.refused == 0


def test_a_gap_is_no_refusal(journal: Journal) -> None:
    journal.acknowledge(acknowledgement(head_at(journal, 1), refused(3, Refusal.GAP)))

    assert journal.unsent.refused == 0


def test_a_refusal_of_an_entry_that_does_not_exist_is_ignored(journal: Journal) -> None:
    journal.acknowledge(acknowledgement(journal.head, refused(99)))

    assert journal.unsent.refused == 0


def test_a_head_beyond_the_own_chain_is_a_fork(journal: Journal) -> None:
    beyond = Head("T1", 1, 9, "9" * 64)

    with pytest.raises(Forked, match=r"entry 9 that this till did not write .* ends at 3"):
        journal.acknowledge(acknowledgement(beyond))

    assert journal.acknowledged.sequence == 0


def test_another_hash_at_the_same_place_is_a_fork(journal: Journal) -> None:
    other = replace(head_at(journal, 2), hash="2" * 64)

    with pytest.raises(Forked):
        journal.acknowledge(acknowledgement(other))


@pytest.mark.parametrize("head", [Head("T2"), Head("T1", epoch=2)])
def test_an_answer_for_another_chain_is_ignored(journal: Journal, head: Head) -> None:
    with pytest.raises(OfficeRefused, match="this is T1"):
        journal.acknowledge(acknowledgement(head))


# ---------------------------------------------------------------- who the office is


def test_the_first_office_met_is_trusted(journal: Journal) -> None:
    journal.acknowledge(acknowledgement(head_at(journal, 1)))

    assert journal.chain.office_key == OFFICE.public_key
    assert journal.chain.countersigned == head_at(journal, 1)


def test_another_office_is_not_believed(journal: Journal) -> None:
    journal.acknowledge(acknowledgement(head_at(journal, 1)))

    with pytest.raises(NotTheOffice, match="not signed by the office this till knows"):
        journal.acknowledge(acknowledgement(journal.head, office=STRANGER))

    assert journal.acknowledged.sequence == 1


def test_the_first_answer_must_fit_the_key_it_brings(journal: Journal) -> None:
    forged = replace(acknowledgement(journal.head), office_key=STRANGER.public_key)

    with pytest.raises(NotTheOffice):
        journal.acknowledge(forged)

    assert journal.chain.office_key == ""


def test_an_old_signature_does_not_confirm_a_new_head(journal: Journal) -> None:
    old = acknowledgement(head_at(journal, 1))
    journal.acknowledge(old)

    with pytest.raises(NotTheOffice):
        journal.acknowledge(replace(old, head=journal.head))


def test_an_office_without_a_key_is_heard_until_one_is_known(journal: Journal) -> None:
    journal.acknowledge(Acknowledgement(head_at(journal, 1), ""))

    assert journal.acknowledged.sequence == 1
    assert journal.chain.countersigned.sequence == 0
