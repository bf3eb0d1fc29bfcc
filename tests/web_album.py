"""Draws the manager's pages for the documentation in a demo shop: `make screenshots`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import chromium
from album_shop import ANALYST, OWNER_LOGIN, SOLD_AT, opened_shop
from browsing import PASSWORD
from chromium import PC, PHONE, Browser, browser
from commands import OWNER_PASSWORD

from api.pages.barcode import badge_picture

SIZES = (PHONE, PC)
NO_CHROMIUM = (
    "No picture of the manager's pages was drawn: this machine lacks Chromium and its driver. "
    f"Install them ({chromium.REMEDY}), then draw again."
)
_BADGE, _CODE = "TFBSAMPLE00000000000000000000", "K7QM-4T9X-2HRP"
# What differs each time: moments, to ten minutes; secrets that are shown once; a blinking caret.
_STILL = """
    const [badge, code, picture] = arguments, step = 600000, morning = Date.UTC(2026, 10, 21, 9, 41)
    const shift = at => morning + Math.round((at - Date.now()) / step) * step
    const words = at => new Date(at).toISOString().slice(0, 16).replace("T", " ") + " UTC"
    for (const one of document.querySelectorAll("time"))
        if (one.textContent.endsWith("UTC"))
            one.textContent = words(shift(Date.parse(one.dateTime)))
    for (const one of document.querySelectorAll(".code"))
        one.textContent = one.matches(".large") ? code : badge
    for (const one of document.querySelectorAll(".barcode img"))
        one.src = "data:image/svg+xml;base64," + picture
    document.documentElement.style.caretColor = "transparent"
"""

Scene = Callable[[Browser], None]


def draw(page: Browser, out: Path, scenes: dict[str, Scene]) -> Iterator[Path]:
    """Draw every scene in every size into a folder; yield the pictures as they are written."""
    out.mkdir(parents=True, exist_ok=True)
    for name, scene in scenes.items():
        scene(page)
        page.run(_STILL, _BADGE, _CODE, badge_picture(_BADGE))
        for width, height in SIZES:
            path = out / f"{name}-{width}.png"
            page.picture(path, width, height)
            yield path


def at(path: str) -> Scene:
    """A page as it is opened."""
    return lambda page: page.open(path)


def _log_in(page: Browser, login: str, password: str) -> None:
    page.open("/log-in")
    page.fill(login=login, password=password)
    page.press("Log in")


def _wrong_password(page: Browser) -> None:
    _log_in(page, OWNER_LOGIN, "not the owner's words")


def _inbox(page: Browser) -> None:
    _log_in(page, OWNER_LOGIN, OWNER_PASSWORD)
    page.until_at("/inbox")


def _person_refused(page: Browser) -> None:
    page.open("/people/new")
    page.fill(name="Ada Lovelace", id="berlin-1", pin="135791")
    page.press("Add")


def _badge(page: Browser) -> None:
    page.open("/people/berlin/berlin-2")
    page.press("Make a new badge")


def _code(page: Browser) -> None:
    page.open("/tills/vancouver-1")
    page.press("Make a code")


def _till_refused(page: Browser) -> None:
    page.open("/tills")
    page.fill(id="berlin-3", series="B1")
    page.press("Add")


def _user(page: Browser) -> None:
    page.open("/users")
    page.run("document.querySelector('#users-mia-role').closest('details').open = true")


def _audit(page: Browser) -> None:
    page.open("/audit")
    page.run("document.querySelectorAll('details')[1].open = true")


def _nothing(page: Browser) -> None:
    page.press("Log out")
    _log_in(page, ANALYST, PASSWORD)
    page.until_at("/nothing")


SCENES: dict[str, Scene] = {
    "log-in": at("/log-in"),
    "log-in-refused": _wrong_password,
    "inbox": _inbox,
    "people": at("/people"),
    "person-new": at("/people/new"),
    "person-refused": _person_refused,
    "person": at("/people/berlin/berlin-2"),
    "badge": _badge,
    "tills": at("/tills"),
    "till-refused": _till_refused,
    "till": at(f"/tills/{SOLD_AT}"),
    "till-new": at("/tills/vancouver-1"),
    "code": _code,
    "stores": at("/stores"),
    "users": at("/users"),
    "user": _user,
    "audit": _audit,
    "no-page": at("/nowhere"),
    "nothing": _nothing,
}


def main(out: Path) -> None:
    """Draw all of them, or say what is missing."""
    if not chromium.is_installed():
        sys.exit(NO_CHROMIUM)
    with opened_shop() as url, browser(url) as page:
        for picture in draw(page, out, SCENES):
            sys.stdout.write(f"{picture}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
