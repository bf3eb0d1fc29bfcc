"""The walls of the house style, and for each a snippet that shows it can fall."""

import ast
from collections.abc import Callable

import house
import pytest
from house import SourceFile

Wall = Callable[[SourceFile], list[str]]

# Commands whose parameters are a person's options, not a caller's: "file function" and the reason.
WIDE_ON_PURPOSE = {
    "api/cli.py replay": "what a person may say about a replay, each with a default",
    "till_kivy/replay/command.py prepare_replay": "what `tillflow replay` may be told about a file",
}

WALLS: list[Wall] = [
    house.too_long,
    house.vague_name,
    house.unfinished,
    house.places_of_one_machine,
    house.registries,
    house.neighbours,
    house.bare_silence,
]
PYTHON_WALLS: list[Wall] = [house.long_functions, house.deep_nesting, house.sleeps]

DEEP = """
def rummage(boxes):
    for box in boxes:
        if box:
            with box:
                while box.full:
                    try:
                        box.take()
                    finally:
                        pass
"""
LEVEL = """
def sort(code):
    if code == 8:
        return "EAN-8"
    elif code == 12:
        return "UPC-A"
    elif code == 13:
        return "EAN-13"
    elif code == 14:
        return "GTIN-14"
    elif code == 6:
        return "UPC-E"
"""
SILENT = "import kivy  # no" + "qa"
TYPED = "import kivy  # type: ignor" + "e"


def snippet(text: str, path: str = "domain/till.py") -> SourceFile:
    return SourceFile(path, text)


def function_of(complaint: str) -> str:
    """Turn `api/cli.py:7 demo: 8 parameters` into `api/cli.py demo`."""
    place, name, *_ = complaint.split()
    return f"{place.partition(':')[0]} {name.rstrip(':')}"


@pytest.mark.parametrize("wall", WALLS, ids=lambda wall: wall.__name__)
def test_every_tracked_file_stays_within_the_wall(wall: Wall) -> None:
    assert [complaint for file in house.tracked_files() for complaint in wall(file)] == []


@pytest.mark.parametrize("wall", PYTHON_WALLS, ids=lambda wall: wall.__name__)
def test_every_function_stays_within_the_wall(wall: Wall) -> None:
    assert [complaint for file in house.python_files() for complaint in wall(file)] == []


def test_no_function_takes_more_parameters_than_a_reader_can_hold() -> None:
    wide = [line for file in house.python_files() for line in house.many_parameters(file)]

    assert [line for line in wide if function_of(line) not in WIDE_ON_PURPOSE] == []
    assert WIDE_ON_PURPOSE.keys() <= {function_of(line) for line in wide}


def test_at_most_three_broad_excepts_stand_in_the_repository() -> None:
    broad = [place for file in house.python_files() for place in house.broad_excepts(file)]

    assert broad[house.MOST_BROAD_EXCEPTS :] == [], broad


def test_there_are_at_least_as_many_lines_of_tests_as_of_code() -> None:
    assert house.fewer_tests_than_code(house.python_files()) == []


def test_most_files_and_functions_are_short() -> None:
    assert house.medians_too_high(house.python_files()) == []


def test_every_room_is_a_package_that_says_what_it_is() -> None:
    silent = [
        room
        for room in house.ROOMS
        if (file := house.read(f"{room}/__init__.py")) is None
        or not ast.get_docstring(ast.parse(file.text))
    ]

    assert silent == []


SABOTAGE: list[tuple[Wall, SourceFile]] = [
    (house.too_long, snippet("x = 1\n" * 401)),
    (house.long_functions, snippet("def sell():\n" + "    x = 1\n" * 50)),
    (house.many_parameters, snippet("def pay(a, b, c, /, d, e, *f, g): ...")),
    (house.many_parameters, snippet("class T:\n def pay(self, a, b, c, d, e, f, **g): ...")),
    (house.deep_nesting, snippet(DEEP)),
    (house.broad_excepts, snippet("try:\n    x = 1\nexcept Exception:\n    pass")),
    (house.broad_excepts, snippet("try:\n    x = 1\nexcept:\n    pass")),
    (house.broad_excepts, snippet("try:\n    x = 1\nexcept (OSError, BaseException):\n    pass")),
    (house.broad_excepts, snippet("with contextlib.suppress(Exception):\n    x = 1")),
    (house.vague_name, snippet("", "api/sale_helpers.py")),
    (house.vague_name, snippet("", "till_kivy/utils.py")),
    (house.sleeps, snippet("import time\ntime.sleep(1)", "tests/test_x.py")),
    (house.sleeps, snippet("async def f():\n    await asyncio.sleep(1)", "tests/test_x.py")),
    (house.sleeps, snippet("from time import sleep", "tests/test_x.py")),
    (house.bare_silence, snippet(SILENT)),
    (house.bare_silence, snippet(f"{SILENT}: F401")),
    (house.bare_silence, snippet(f"{SILENT} because it is needed here")),
    (house.bare_silence, snippet(TYPED)),
    (house.bare_silence, snippet(f"{TYPED}[import-untyped]")),
    (house.unfinished, snippet("# TO" + "DO later")),
    (house.places_of_one_machine, snippet('DATA = "/ho' + 'me/pi/till"')),
    (house.places_of_one_machine, snippet("see /wo" + "rk for more", "README.md")),
    (house.registries, snippet("https://py" + "pi.org/simple", "README.md")),
    (house.neighbours, snippet("cp ../sha" + "red/data .", "Makefile")),
]


@pytest.mark.parametrize(("wall", "bad"), SABOTAGE)
def test_the_wall_stops_what_it_is_built_against(wall: Wall, bad: SourceFile) -> None:
    assert wall(bad) != []


HARMLESS: list[tuple[Wall, SourceFile]] = [
    (house.deep_nesting, snippet(LEVEL)),
    (house.many_parameters, snippet("class T:\n def pay(self, a, b, c, *, d, e, f): ...")),
    (house.broad_excepts, snippet("try:\n    x = 1\nexcept OSError:\n    pass")),
    (house.sleeps, snippet("import time\ntime.sleep(1)", "till_kivy/outbox.py")),
    (house.bare_silence, snippet(f"{SILENT}: F401 - registers its widgets on import")),
    (house.bare_silence, snippet(f"{TYPED}[import-untyped]  # ships no types")),
    (house.places_of_one_machine, snippet('get("/api/work/root")')),
    (house.vague_name, snippet("", "domain/catalog.py")),
]


@pytest.mark.parametrize(("wall", "good"), HARMLESS)
def test_the_wall_lets_good_work_pass(wall: Wall, good: SourceFile) -> None:
    assert wall(good) == []


def test_a_file_of_code_without_tests_is_noticed() -> None:
    code = snippet("x = 1\n\ny = 2\n")
    tests = snippet("z = 3\n", "tests/test_x.py")

    assert house.fewer_tests_than_code([code, tests]) == ["1 lines of tests for 2 lines of code"]


def test_long_files_and_functions_are_noticed_in_the_median() -> None:
    long = snippet("def sell():\n" + "    x = 1\n" * 130)

    assert len(house.medians_too_high([long, long])) == len(["files", "functions"])
