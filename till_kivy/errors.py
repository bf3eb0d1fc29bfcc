"""What can go wrong inside a till or on its way to the office, each as a sentence."""

from __future__ import annotations

from pathlib import Path

from domain.errors import Conflict, DomainError


class TillError(DomainError):
    """Something of this till does not work now."""

    status = 503


class KeysUnusable(TillError):
    """The till's keys are missing or damaged."""


class TillOccupied(TillError):
    """Another program sells on this till."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"The till in {folder} is open in another program already. Go on there, or close it"
            " first; nothing was changed."
        )


class JournalUnusable(TillError):
    """The journal cannot be opened, so the till must not sell."""


class JournalRefused(TillError):
    """The disk did not take an entry; nothing of it was stored, or that is not `certain`."""

    def __init__(self, cause: Exception, *, certain: bool = True) -> None:
        outcome = (
            "Nothing was recorded and the ticket is as it was: do not take the money yet, make"
            " room on the disk and try again."
            if certain
            else "Whether it was recorded shows when the till is started again: do not take the"
            " money yet, and have the disk looked at."
        )
        super().__init__(f"The till's disk did not take this ({cause}). {outcome}")
        self.certain = certain


class OfficeAway(TillError):
    """The office did not answer, or said that it cannot work now; nothing is lost."""

    def __init__(self, why: str, retry_after_s: float = 0.0) -> None:
        super().__init__(f"The office does not answer ({why}). Selling goes on; entries wait here.")
        self.retry_after_s = retry_after_s


class OfficeRefused(TillError):
    """The office answered, but will not have what this till sends."""


class NotTheOffice(OfficeRefused):
    """An answer that was not signed by the office this till knows."""

    def __init__(self, known_key: str) -> None:
        super().__init__(
            "An answer was not signed by the office this till knows"
            f" (key {known_key[:16]}…). It was ignored and the entries are kept."
        )


class Forked(Conflict):
    """The office holds another continuation of this till's journal."""

    def __init__(self, sequence: int, own_sequence: int) -> None:
        super().__init__(
            f"The office holds an entry {sequence} that this till did not write (its own journal"
            f" ends at {own_sequence}). This till may have been copied or restored: sending has"
            " stopped and every entry is kept. Call support."
        )
