"""What the pages promise is there: links, lines, make targets and commands."""

import os
import re
import subprocess
import sys
from pathlib import Path

import house
import pytest
from pages import Page, slug_of

README = house.ROOT / "README.md"


def pages() -> list[Page]:
    found = [README, *sorted((house.ROOT / "docs").rglob("*.md"))]
    return [Page(path) for path in found if path.exists()]


def listed_targets() -> set[str]:
    listed = subprocess.run(
        ["make", "--no-print-directory", "help"],
        cwd=house.ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    ).stdout
    return {line.split()[1] for line in listed.splitlines() if line.startswith("  make ")}


def known_commands() -> set[str]:
    """The subcommands that `tillflow --help` lists, asked as a person would."""
    told = subprocess.run(
        [sys.executable, "-c", "from api.cli import main; main()", "--help"],
        cwd=house.ROOT,
        env=os.environ | {"TERM": "dumb", "COLUMNS": "100"},
        capture_output=True,
        text=True,
        check=True,
        timeout=50,
    ).stdout
    return set(re.findall(r"^[^\w\n-]*([a-z][a-z-]*)\b", told, re.MULTILINE))


def test_every_link_reaches_a_file_a_heading_or_a_line() -> None:
    assert [line for page in pages() for line in page.broken_links()] == []


def test_make_help_lists_every_target_the_pages_name() -> None:
    named = set[str]().union(*(page.targets for page in pages()))

    assert named - listed_targets() == set()


def test_make_help_lists_every_target_of_the_makefile() -> None:
    makefile = (house.ROOT / "Makefile").read_text()
    phony = makefile.partition(".PHONY:")[2].partition("\n")[0].split()

    assert set(phony) == listed_targets()


def test_every_command_the_pages_name_exists() -> None:
    named = set[str]().union(*(page.commands for page in pages()))

    assert not named or named - known_commands() == set()


@pytest.fixture
def page(tmp_path: Path) -> Page:
    (tmp_path / "till.py").write_text("one\ntwo\n")
    (tmp_path / "shop.md").write_text("# The `shop`: open, 8-20\n\n## Again\n\n## Again\n")
    return Page(tmp_path / "README.md")


@pytest.mark.parametrize(
    "link",
    [
        "[a](till.py)",
        "[a](till.py#L2)",
        "[a](till.py#L1-L2)",
        "[`a`](shop.md#the-shop-open-8-20)",
        "[a](shop.md#again-1)",
        "[a](#here)\n\n# Here",
        "[a](https://example.com/nothing)",
        "`[a](missing.py)`",
        "```\n[a](missing.py)\n```",
    ],
)
def test_a_link_that_leads_somewhere_is_good(page: Page, link: str) -> None:
    page.path.write_text(link)

    assert list(page.broken_links()) == []


@pytest.mark.parametrize(
    "link",
    [
        "[a](missing.py)",
        "![a](missing.png)",
        "[![a](till.py)](missing.py)",
        "[a](till.py#L3)",
        "[a](till.py#L2-L1)",
        "[a](till.py#sell)",
        "[a](shop.md#closed)",
        "[a](shop.md#again-2)",
        "[a](#nowhere)",
        "[a]: missing.py",
    ],
)
def test_a_link_that_leads_nowhere_is_noticed(page: Page, link: str) -> None:
    page.path.write_text(link)

    assert list(page.broken_links()) != []


def test_targets_and_commands_are_read_from_what_a_reader_would_type(page: Page) -> None:
    page.path.write_text(
        "We make no fuss and tillflow is its name. Type `make demo` or `.venv/bin/tillflow up`.\n"
        "```\ncd shop && make test\ntillflow query 'select 1'\n```\n"
    )

    assert page.targets == {"demo", "test"}
    assert page.commands == {"up", "query"}


def test_a_heading_becomes_the_anchor_that_code_hosts_make() -> None:
    assert slug_of("Follow one sale") == "follow-one-sale"
    assert slug_of("`make test`, and what it needs") == "make-test-and-what-it-needs"
