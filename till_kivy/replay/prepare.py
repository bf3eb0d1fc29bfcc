"""Making the plan of a replay: every line counted as sold or set aside, and the shop to load."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

from domain.errors import Conflict
from domain.money import UnitPrice
from till_kivy.replay.classify import SetAside, SoldLine
from till_kivy.replay.folder import Folder
from till_kivy.replay.invoices import Invoice
from till_kivy.replay.plan import Plan
from till_kivy.replay.source import Source, expected_minor


class OtherReplay(Conflict):
    """The folder already holds another replay."""

    def __init__(self, found: Plan, asked: Plan) -> None:
        super().__init__(
            f"This folder replays {found.source} through {found.tills or 'its own'} tills, not"
            f" {asked.source} through {asked.tills or 'its own'}. Choose another folder with --dir;"
            " nothing was changed."
        )


class NotEveryLine(Exception):
    """Lines got lost between reading and classifying: a mistake of this program."""


@dataclass(slots=True)
class Findings:
    """What a walk over all invoices brings up."""

    sales: int = 0
    sold: int = 0
    total_minor: int = 0
    aside: list[SetAside] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    categories: dict[str, str] = field(default_factory=dict)
    prices: dict[tuple[str, str], UnitPrice] = field(default_factory=dict)

    def note(self, invoice: Invoice, store_id: str) -> None:
        """Count an invoice and learn the products and prices it names."""
        self.sales += bool(invoice.sold)
        self.sold += len(invoice.sold)
        self.total_minor += invoice.total_minor
        self.aside += invoice.aside
        for line in invoice.sold:
            self._learn(line, store_id)

    def _learn(self, line: SoldLine, store_id: str) -> None:
        code = line.source.code
        if not self.names.get(code):
            self.names[code] = line.source.name
        self.categories.setdefault(code, line.source.category)
        self.prices.setdefault((store_id, code), line.price)

    @property
    def reasons(self) -> dict[str, int]:
        """How many lines were set aside, by reason, the most frequent first."""
        return dict(Counter(line.reason.value for line in self.aside).most_common())


def prepare(folder: Folder, asked: Plan, source: Source) -> tuple[Plan, Findings]:
    """Plan the replay of a source; raises `OtherReplay` when the folder holds another one."""
    found = folder.load()
    if found and (found.source_id, found.tills) != (asked.source_id, asked.tills):
        raise OtherReplay(found, asked)
    if found:  # what was asked for before stays asked for: its sales are in the journals
        asked = replace(asked, pin=found.pin, limit=max(asked.limit, found.limit))
    read = folder.write_lines(source, asked.tills, asked.limit)
    findings = _walk(folder, asked)
    if findings.sold + len(findings.aside) != read:
        message = f"Read {read} lines, sold {findings.sold}, set aside {len(findings.aside)}."
        raise NotEveryLine(message)
    plan = replace(
        asked,
        read=read,
        sold=findings.sold,
        sales=findings.sales,
        total_minor=findings.total_minor,
        expected_minor=expected_minor(source, asked.limit),
        aside=findings.reasons,
    )
    folder.write_set_aside(findings.aside)
    folder.save(plan)
    return plan, findings


def _walk(folder: Folder, plan: Plan) -> Findings:
    findings = Findings()
    for till in folder.tills():
        for invoice in folder.invoices(plan, till.id):
            findings.note(invoice, till.store_id)
    return findings
