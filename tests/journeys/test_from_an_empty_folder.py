"""From an empty folder to a manager in a browser, an enrolled till, and a revoked one.

The shop is loaded by the README's own words, in the terminal of somebody who has set nothing.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import house
import pytest
from called_back import listening
from chromium import SMALL_PHONE, Browser, browser
from commands import OWNER_PASSWORD, Tillflow, place, settings_in, tillflow
from offices import run_program
from waiting import until

from activities.settings import Settings
from api.running import running_office
from domain.canonical import canonical
from domain.catalog import Shop, Store
from till_kivy.enrolling import enrol
from till_kivy.errors import OfficeRefused
from till_kivy.office import HttpOffice
from till_kivy.permission import NotTrading
from till_kivy.till import Till, open_journal

pytestmark = pytest.mark.timeout(240)
READY = "Ctrl-C stops everything"


@pytest.fixture(scope="module")
def settings() -> Iterator[Settings]:
    with place() as folder:
        yield settings_in(folder)


@pytest.fixture(scope="module")
def office(settings: Settings) -> Iterator[Tillflow]:
    """`tillflow up` in an empty folder, with a store and nobody in it."""
    with Tillflow(settings, "up") as office:
        office.until_it_says(READY)
        shop = settings.data_dir / "shop.json"
        shop.write_text(canonical(Shop(stores=(Store("corner", "Corner shop", "EUR"),))))
        loaded = as_the_readme_says("load", settings.data_dir)
        assert loaded.returncode == 0, loaded.stderr
        yield office


def as_the_readme_says(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Do what "A shop of your own" says, with this folder for `my-shop`; no variable helps."""
    chapter = (house.ROOT / "README.md").read_text().partition("## A shop of your own")[2]
    (line,) = re.findall(rf"^ *\.venv/bin/(tillflow {command} .*)$", chapter, re.MULTILINE)
    words = shlex.split(line.replace("my-shop", str(folder)))
    kept = {name: text for name, text in os.environ.items() if not name.startswith("TILLFLOW_")}
    return subprocess.run(
        [Path(sys.executable).parent / words[0], *words[1:]],
        cwd=folder,
        env=kept | {"HOME": str(folder / "home"), "COLUMNS": "300"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture(scope="module")
def owner(office: Tillflow, settings: Settings) -> Iterator[Browser]:
    """The owner, on a phone, logged in with what `tillflow up` was told."""
    with browser(settings.api_url) as opened:
        opened.size(*SMALL_PHONE)
        opened.open("/")
        opened.fill(login="olga", password=OWNER_PASSWORD)
        opened.press("Log in")
        opened.until_at("/inbox")
        yield opened


@pytest.fixture(scope="module")
def cashier(owner: Browser) -> str:
    """A cashier added in the browser, by number."""
    owner.open("/people/new")
    owner.fill(name="Ada", id="7", role="cashier", pin="135791")
    owner.press("Add")
    owner.until_at("/people/corner/7")
    return "7"


@pytest.fixture(scope="module")
def device(owner: Browser, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A device that became a till by the code in the browser."""
    owner.open("/tills")
    owner.fill(id="corner-1", series="C1")
    owner.press("Add")
    owner.press("Make a code")
    code = owner.read(".code")
    folder = tmp_path_factory.mktemp("device")
    enrol(folder, settings.api_url, code)
    return folder


def test_the_owner_is_told_where_to_log_in(office: Tillflow, settings: Settings) -> None:
    assert re.search(rf"Manager's page: +{settings.api_url}\n", office.text)
    assert "Olga may log in as olga." in office.text
    assert OWNER_PASSWORD not in office.text


def test_what_the_readme_says_makes_no_keys_elsewhere_and_leaves_the_audit_whole(
    office: Tillflow, settings: Settings
) -> None:
    verified = tillflow("verify", "--dir", str(settings.data_dir), settings=settings)

    assert verified.returncode == 0, verified.stdout
    assert "BROKEN" not in verified.stdout
    assert not (settings.data_dir / "home").exists()


def test_nobody_is_asked_a_second_time(office: Tillflow, settings: Settings) -> None:
    needed = run_program("activities", "owner", "--needed", settings=running(settings))

    assert needed.stdout.strip() == "false"


def running(settings: Settings) -> Settings:
    found = running_office(settings)
    assert found is not None
    return found


def test_a_cashier_added_in_the_browser_sells_at_the_till_enrolled_there(
    cashier: str, device: Path, settings: Settings
) -> None:
    till = Till.open(device, settings.api_url)
    try:
        assert till.uplink is not None
        assert till.uplink.sync.wait(30)
        person = till.register.log_in(cashier, "135791")
        till.register.permission.insist()
        assert till.drain(30)
    finally:
        till.close()
    assert person.name == "Ada"


def test_a_till_revoked_in_the_browser_is_refused_on_its_next_request(
    device: Path, owner: Browser, settings: Settings
) -> None:
    owner.open("/tills/corner-1")
    owner.fill(why="It was stolen")
    owner.press("Revoke")

    journal = open_journal(device)
    with (
        HttpOffice(settings.api_url, "corner-1", journal.signer) as next_request,
        pytest.raises(OfficeRefused, match=r"403.*It was stolen"),
    ):
        next_request.snapshot(0)
    journal.close()
    assert "revoked: It was stolen" in owner.read()
    till = Till.open(device, settings.api_url)
    try:
        until(lambda: _is_stopped(till), 30)
    finally:
        till.close()


def _is_stopped(till: Till) -> bool:
    try:
        till.register.permission.insist()
    except NotTrading as error:
        return "It was stolen" in str(error)
    return False


@pytest.mark.parametrize(
    "path",
    ["/inbox", "/people", "/people/new", "/people/corner/7", "/tills", "/tills/corner-1", "/stores",
     "/users", "/audit", "/nowhere"],
)  # fmt: skip
def test_a_phone_never_scrolls_sideways_every_target_fits_a_thumb_and_nothing_is_complained_of(
    owner: Browser, cashier: str, device: Path, path: str
) -> None:
    owner.open(path)

    assert not owner.wider_than_the_screen()
    assert owner.too_small_for_a_thumb() == []
    assert owner.complaints() == []


def test_a_badge_is_drawn_in_the_browser(owner: Browser, cashier: str) -> None:
    owner.open(f"/people/corner/{cashier}")
    owner.press("Make a badge")

    assert owner.read(".code").startswith("TFB")
    assert owner.complaints() == []


@pytest.mark.parametrize(("button", "said"), [("Allow", "code"), ("Refuse", "error")])
def test_a_program_gets_the_answer_that_is_pressed_in_the_browser(
    owner: Browser, button: str, said: str
) -> None:
    with listening() as program:
        owner.open(f"/oauth/authorize?{urlencode(program.asked)}")
        fits = not owner.wider_than_the_screen()
        owner.press(button)
        query = program.heard()

    assert fits
    assert said in query
    assert query["state"] == [program.asked["state"]]
    assert owner.complaints() == []


def test_without_a_terminal_and_without_variables_a_new_office_says_what_to_set() -> None:
    with place() as folder:
        done = tillflow("up", settings=settings_in(folder), owner=False)

    assert done.returncode == 1
    assert "TILLFLOW_OWNER_PASSWORD_FILE" in done.stderr
