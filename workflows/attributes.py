"""What operators search workflows by; never encrypted, so nothing here names a person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

from domain.ledger import Outcome, Posted
from domain.sale import Sale

STORE_ID = SearchAttributeKey.for_keyword("StoreId")
TILL_ID = SearchAttributeKey.for_keyword("TillId")
BUSINESS_DATE = SearchAttributeKey.for_keyword_list("BusinessDate")
AMOUNT = SearchAttributeKey.for_int("Amount")
CURRENCY = SearchAttributeKey.for_keyword("Currency")
STATE = SearchAttributeKey.for_keyword("State")
RECEIPT_NUMBER = SearchAttributeKey.for_keyword_list("ReceiptNumber")
LIST_BYTES = 32_000
"""What a list may take; a server takes 2,048 unless it is told `LIST_LIMIT`."""
LIST_LIMIT = {"frontend.searchAttributesSizeOfValueLimit": str(2 * LIST_BYTES)}

REGISTERED = {
    STORE_ID.name: "Keyword",
    TILL_ID.name: "Keyword",
    BUSINESS_DATE.name: "KeywordList",
    AMOUNT.name: "Int",
    CURRENCY.name: "Keyword",
    STATE.name: "Keyword",
    RECEIPT_NUMBER.name: "KeywordList",
}
"""Name and type of each, as a server has to know them before the first workflow starts."""


class State(StrEnum):
    """Where a workflow is on its way."""

    POSTING = "posting"
    POSTED = "posted"
    CONFLICT = "conflict"
    REFUSED = "refused"
    EXPORTING = "exporting"
    EXPORTED = "exported"


_ENDS = {
    Outcome.RECORDED: State.POSTED,
    Outcome.ALREADY: State.POSTED,
    Outcome.CONFLICT: State.CONFLICT,
    Outcome.REFUSED: State.REFUSED,
    Outcome.UNSIGNED: State.REFUSED,
}


def state_of(posted: Posted) -> str:
    """Say in operators' words how posting a sale ended."""
    return _ENDS[posted.outcome].value


def shortened(text: str, most_bytes: int) -> str:
    """Cut a text to what the server takes; a refused start would be tried again for ever."""
    return text.replace("\0", " ").encode("utf-8", "replace")[:most_bytes].decode("utf-8", "ignore")


def of_sale(sale: Sale) -> TypedSearchAttributes:
    """Let a sale be found by store, till, day (ISO), amount (minor units) and receipt number."""
    return TypedSearchAttributes(
        [
            SearchAttributePair(STORE_ID, sale.store_id),
            SearchAttributePair(TILL_ID, sale.till_id),
            SearchAttributePair(BUSINESS_DATE, [sale.business_date.isoformat()]),
            SearchAttributePair(AMOUNT, sale.total.minor),
            SearchAttributePair(CURRENCY, sale.currency),
            SearchAttributePair(STATE, State.POSTING.value),
            SearchAttributePair(RECEIPT_NUMBER, [sale.receipt_number]),
        ]
    )


@dataclass(frozen=True, slots=True)
class Covered:
    """Which receipts and days (ISO) a reconciliation is about."""

    receipt_numbers: tuple[str, ...] = ()
    business_dates: tuple[str, ...] = ()


def of_backlog(store_id: str, till_id: str, covered: Covered) -> TypedSearchAttributes:
    """Let a reconciliation be found by its store and till, and by each of its receipts and days."""
    return TypedSearchAttributes(
        [
            SearchAttributePair(STORE_ID, store_id),
            SearchAttributePair(TILL_ID, till_id),
            SearchAttributePair(STATE, State.POSTING.value),
            SearchAttributePair(RECEIPT_NUMBER, _fitting(covered.receipt_numbers)),
            SearchAttributePair(BUSINESS_DATE, _fitting(covered.business_dates)),
        ]
    )


def _fitting(words: Iterable[str]) -> list[str]:
    """Return as many of the first words as a list may hold."""
    kept, size = [], 0
    for word in words:
        size += len(word.encode()) + len('"",')
        if size > LIST_BYTES:
            break
        kept.append(word)
    return kept


def of_export() -> TypedSearchAttributes:
    """Let exports be found by their state."""
    return TypedSearchAttributes([SearchAttributePair(STATE, State.EXPORTING.value)])
