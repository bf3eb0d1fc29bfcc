"""Paper comes after the sale: jobs wait in a bounded queue, and each one's fate is an entry."""

from __future__ import annotations

import logging
import queue
import threading
from dataclasses import dataclass
from uuid import UUID

from domain.events import JobState, ReceiptPrinted
from domain.receipt import Receipt
from till_kivy.errors import JournalRefused
from till_kivy.hardware.escpos_render import prepare, render
from till_kivy.hardware.protocols import Printer, PrinterFailed, PrintUnknown
from till_kivy.journal import Journal
from till_kivy.loop import Loop

MOST_JOBS = 20
REPORTS_LOOKED_AT = 200
_CLOSE_WITHIN_S = 10.0
_IDLE_S = 60.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PrintJob:
    """One receipt on its way to paper."""

    sale_id: UUID
    receipt: Receipt


class Spool:
    """Prints receipts on a thread of its own, one after another; nobody waits for paper.

    What did not surely come out stays in `problems` until it is printed again on purpose:
    nothing is reprinted by itself, because the first copy may lie on the counter.
    """

    def __init__(self, printer: Printer, journal: Journal, most_jobs: int = MOST_JOBS) -> None:
        self._printer = printer
        self._journal = journal
        self._jobs: queue.Queue[PrintJob] = queue.Queue(most_jobs)
        self._changed = threading.Condition()
        self._unreported = 0
        self._problems: dict[UUID, ReceiptPrinted] = {}
        self._loop = Loop(f"spool of till {journal.till_id}", self._step)
        self._loop.start()

    def recover(self) -> None:
        """Learn from the journal what a stopped program left without a word: that is unknown."""
        latest: dict[UUID, ReceiptPrinted] = {}
        for entry in self._journal.latest("receipt_printed", REPORTS_LOOKED_AT):
            report = self._journal.event_of(entry)
            assert isinstance(report, ReceiptPrinted)
            latest.setdefault(report.sale_id, report)
        for report in reversed(latest.values()):
            if report.state is JobState.QUEUED:
                why = "The till stopped before the printer had answered."
                self._report(ReceiptPrinted(report.sale_id, JobState.UNKNOWN, why))
            else:
                self._note(report)
        for entry in self._journal.latest("sale", 1):
            sale = self._journal.sale_of(entry)
            if sale.id not in latest:
                why = "The till stopped before the receipt reached the printer."
                self._report(ReceiptPrinted(sale.id, JobState.UNKNOWN, why))

    def put(self, job: PrintJob) -> None:
        """Hand over a job and return at once; a full queue fails it and says so."""
        self._report(ReceiptPrinted(job.sale_id, JobState.QUEUED))
        try:
            with self._changed:
                self._jobs.put_nowait(job)
                self._unreported += 1
        except queue.Full:
            why = f"{self._jobs.maxsize} receipts wait already: look at the printer."
            self._report(ReceiptPrinted(job.sale_id, JobState.FAILED, why))
        self._loop.nudge()

    @property
    def problems(self) -> tuple[ReceiptPrinted, ...]:
        """Receipts that failed or may have failed, the oldest first."""
        with self._changed:
            return tuple(self._problems.values())

    def wait(self, deadline_s: float) -> bool:
        """Wait until every job was reported; tell whether that was before the deadline."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._unreported, deadline_s)

    def close(self) -> None:
        """Print what waits, for ten seconds at most; the rest is unknown after the next start."""
        self.wait(_CLOSE_WITHIN_S)
        self._loop.stop()

    def _step(self) -> float:
        try:
            job = self._jobs.get_nowait()
        except queue.Empty:
            prepare()
            return _IDLE_S
        report = ReceiptPrinted(job.sale_id, JobState.UNKNOWN, "The printer's driver broke off.")
        try:
            report = self._print(job)
        finally:
            self._report(report)
            with self._changed:
                self._unreported -= 1
                self._changed.notify_all()
        return 0.0

    def _print(self, job: PrintJob) -> ReceiptPrinted:
        try:
            self._printer.print(render(job.receipt, self._printer.columns))
        except PrintUnknown as error:
            return ReceiptPrinted(job.sale_id, JobState.UNKNOWN, str(error))
        except PrinterFailed as error:
            return ReceiptPrinted(job.sale_id, JobState.FAILED, str(error))
        return ReceiptPrinted(job.sale_id, JobState.PRINTED)

    def _report(self, report: ReceiptPrinted) -> None:
        """Show first, then write down: a full disk must not hide that paper is missing."""
        self._note(report)
        try:
            self._journal.append(report)
        except JournalRefused:
            _log.exception("The journal did not take the fate of receipt %s", report.sale_id)

    def _note(self, report: ReceiptPrinted) -> None:
        with self._changed:
            self._problems.pop(report.sale_id, None)
            if report.state in (JobState.FAILED, JobState.UNKNOWN):
                self._problems[report.sale_id] = report
