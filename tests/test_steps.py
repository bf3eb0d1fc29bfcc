"""Every side effect promised in workflows/steps.py is kept in activities/ (rule 9)."""

from collections.abc import Callable
from datetime import timedelta
from types import ModuleType

import house
import pytest
from promises import Deed, broken, defined_in, incomplete, kept_in
from temporalio import activity

from workflows import steps


@activity.defn
def weigh(item: str) -> int:
    """Put it on the scale."""
    raise NotImplementedError


@activity.defn(name="weigh")
async def weigh_well(item: str) -> int:
    return len(item)


@activity.defn(name="weigh")
def weigh_by_number(item: int) -> int:
    return item


@activity.defn(name="weigh")
def weigh_in_words(item: str) -> str:
    return item


@activity.defn(name="weigh")
def weigh_two(item: str, other: str) -> int:
    return len(item + other)


@activity.defn
def steal(item: str) -> None:
    raise NotImplementedError


class Scale:
    """Keeps the promise as a method, as activities with a connection do."""

    @activity.defn
    def weigh(self, item: str) -> int:
        return len(item)


def page(**contents: object) -> ModuleType:
    module = ModuleType("page")
    vars(module).update(contents)
    return module


def test_every_promise_is_kept_with_the_same_types() -> None:
    assert broken(defined_in(steps), kept_in(house.ROOT / "activities")) == []


def test_every_promise_has_a_sentence_and_a_time_limit() -> None:
    promised = defined_in(steps)

    assert promised != []
    assert [line for promise in promised for line in incomplete(promise, steps)] == []


@pytest.mark.parametrize("body", [weigh_well, Scale.weigh])
def test_a_body_may_be_asynchronous_or_a_method(body: Callable[..., object]) -> None:
    assert broken([weigh], [body]) == []


@pytest.mark.parametrize(
    ("kept", "complaint"),
    [
        ([], "weigh is promised and nobody keeps it"),
        ([weigh, steal], "steal was never promised"),
        ([weigh, weigh_well], "weigh has two bodies"),
        ([weigh_by_number], "weigh: promised"),
        ([weigh_in_words], "weigh: promised"),
        ([weigh_two], "weigh: promised"),
    ],
)
def test_a_broken_promise_is_noticed(kept: list[Deed], complaint: str) -> None:
    assert any(line.startswith(complaint) for line in broken([weigh], kept))


def test_a_promise_without_sentence_or_limit_is_noticed() -> None:
    complete = page(WEIGH={"start_to_close_timeout": timedelta(seconds=1)})

    assert incomplete(weigh, complete) == []
    assert incomplete(weigh, page()) == ["WEIGH gives weigh no time limit"]
    assert incomplete(steal, page(STEAL={"start_to_close_timeout": 1})) == ["steal has no sentence"]


def test_activities_are_found_in_modules_and_in_their_classes() -> None:
    module = page(weigh=weigh, Scale=Scale)
    module.__name__ = __name__

    assert defined_in(module) == [weigh, Scale.weigh]
