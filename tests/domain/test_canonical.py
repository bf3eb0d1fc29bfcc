import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from uuid import UUID

import pytest
from builders import sale
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from domain.canonical import NotCanonical, canonical, content_hash
from domain.sale import Sale

DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@dataclass(frozen=True)
class Note:
    text: str
    count: int = 0


@dataclass(frozen=True)
class LaterNote:
    text: str
    count: int = 0
    colour: str = "white"


@given(DOCUMENTS)
def test_a_document_reads_back_as_it_was_written(document: object) -> None:
    assert json.loads(canonical(document)) == document


@given(st.dictionaries(st.text(), st.integers()))
def test_the_order_of_keys_changes_nothing(document: dict[str, int]) -> None:
    backwards = dict(reversed(document.items()))

    assert canonical(backwards) == canonical(document)


@given(DOCUMENTS, DOCUMENTS)
def test_only_equal_documents_have_equal_texts(one: object, other: object) -> None:
    assert (canonical(one) == canonical(other)) == (json_equal(one, other))


def json_equal(one: object, other: object) -> bool:
    """Python takes True for 1; JSON does not."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def test_text_has_no_white_space_and_keeps_its_letters() -> None:
    assert canonical({"b": ["ü", 1], "a": None}) == '{"a":null,"b":["ü",1]}'


def test_the_hash_is_the_sha256_of_the_text() -> None:
    assert content_hash("ü") == hashlib.sha256('"ü"'.encode()).hexdigest()


def test_ids_and_dates_are_written_as_text() -> None:
    noon_in_berlin = dt.datetime(2026, 7, 1, 12, 0, tzinfo=dt.timezone(dt.timedelta(hours=2)))

    written = canonical([UUID(int=5), dt.date(2026, 7, 1), noon_in_berlin])

    expected = "00000000-0000-0000-0000-000000000005", "2026-07-01", "2026-07-01T10:00:00.000000Z"
    assert json.loads(written) == list(expected)


def test_the_same_moment_has_the_same_text_in_every_time_zone() -> None:
    tokyo = dt.timezone(dt.timedelta(hours=9))
    moment = dt.datetime(2026, 7, 1, 12, 0, 0, 250, tzinfo=dt.UTC)

    assert canonical(moment.astimezone(tokyo)) == canonical(moment)


def test_a_type_that_gains_a_field_keeps_the_hash_of_older_documents() -> None:
    assert content_hash(LaterNote("tea", 2)) == content_hash(Note("tea", 2))


def test_a_field_that_differs_from_its_default_changes_the_hash() -> None:
    assert content_hash(LaterNote("tea", colour="red")) != content_hash(LaterNote("tea"))


@pytest.mark.parametrize(
    "value",
    [3.5, float("nan"), b"bytes", object(), {1.5}, dt.datetime(2026, 1, 1, 12, 0)],  # noqa: DTZ001 -- a time without a zone is what is refused
)
def test_what_has_no_canonical_form_is_refused_by_name(value: object) -> None:
    with pytest.raises(NotCanonical, match="has no canonical form"):
        canonical({"deep": [value]})


def test_a_sale_reads_back_and_keeps_its_hash() -> None:
    sold = sale(given=1000)

    again = TypeAdapter(Sale).validate_json(canonical(sold))

    assert again == sold
    assert content_hash(again) == content_hash(sold)
