"""A real browser for tests: Debian's Chromium without a screen, on a phone or on a PC."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from notrun import not_run
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

SMALL_PHONE, PHONE, PC = (360, 640), (390, 844), (1280, 800)
WAIT_S = 15
REMEDY = "apt install chromium chromium-driver"
_TARGET = 44
"""Pixels that a thumb needs; links inside of sentences are as high as their line."""
_SMALL = f"""
    return [...document.querySelectorAll("a, button, input, select, summary, label.check")]
        .filter(one => !one.matches("p a:not(.button), [type=hidden], [type=checkbox]"))
        .filter(one => one.getBoundingClientRect().height < {_TARGET})
        .map(one => one.outerHTML)
"""
_DRAWN = """
    const drawn = arguments[0]
    scrollTo(0, 0)
    requestAnimationFrame(() => requestAnimationFrame(drawn))
"""
_DESCRIBED = """
    return document.activeElement.getAttribute("aria-describedby").split(" ")
        .map(id => document.getElementById(id).textContent)
"""


class Browser:
    """What a person does: opens pages, fills in fields by their labels, presses buttons."""

    def __init__(self, driver: webdriver.Chrome, url: str) -> None:
        self._driver = driver
        self._url = url

    def open(self, path: str) -> None:
        self._driver.get(self._url + path)

    def size(self, width: int, height: int) -> None:
        """Be a phone or a PC from now on."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self._driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def fill(self, **fields: str) -> None:
        for name, text in fields.items():
            field = self._driver.find_element(By.CSS_SELECTOR, f"main [name={name}]")
            if field.tag_name != "select":
                field.clear()
            field.send_keys(text)

    def press(self, button: str) -> None:
        """Press a button and wait for the page that comes of it."""
        before = self._driver.find_element(By.TAG_NAME, "html")
        self._driver.find_element(By.XPATH, f"//button[normalize-space()='{button}']").click()
        self._wait().until(lambda _: self._is_gone(before))

    def until_at(self, path: str) -> None:
        self._wait().until(lambda driver: driver.current_url == self._url + path)

    def read(self, selector: str = "main") -> str:
        return str(self._driver.find_element(By.CSS_SELECTOR, selector).text)

    def focus(self) -> tuple[str, list[str]]:
        """Return the name of the field that has the focus, and what is read out with it."""
        name = self._driver.switch_to.active_element.get_attribute("name")
        return str(name), list(self._driver.execute_script(_DESCRIBED))

    def value(self, name: str) -> str:
        field = self._driver.find_element(By.CSS_SELECTOR, f"main [name={name}]")
        return str(field.get_attribute("value"))

    def run(self, script: str, *given: object) -> None:
        """Change the page for a picture."""
        self._driver.execute_script(script, *given)

    def too_small_for_a_thumb(self) -> list[str]:
        return list(self._driver.execute_script(_SMALL))

    def wider_than_the_screen(self) -> bool:
        """Tell whether a person would have to scroll the page or its menu sideways."""
        return bool(
            self._driver.execute_script(
                "return document.documentElement.scrollWidth > window.innerWidth || "
                "[...document.querySelectorAll('nav')].some(n => n.scrollWidth > n.clientWidth)"
            )
        )

    def complaints(self) -> list[str]:
        """Return what the browser refused to do: scripts, styles, pictures from elsewhere."""
        log = self._driver.get_log("browser")  # type: ignore[no-untyped-call]  # selenium's own
        return [str(entry["message"]) for entry in log if _is_bad(entry)]

    def picture(self, path: Path, width: int, height: int) -> None:
        """Draw the whole page as a screen of this size shows it, and all that is below."""
        self.size(width, height)
        whole = self._driver.execute_script("return document.documentElement.scrollHeight")
        self.size(width, max(height, whole))
        self._driver.execute_async_script(_DRAWN)
        self._driver.save_screenshot(str(path))

    def _wait(self) -> WebDriverWait[webdriver.Chrome]:
        return WebDriverWait(self._driver, WAIT_S, poll_frequency=0.05)

    def _is_gone(self, element: object) -> bool:
        return bool(self._driver.find_element(By.TAG_NAME, "html") != element)


def _is_bad(entry: dict[str, str]) -> bool:
    return entry["level"] == "SEVERE" and "status of 4" not in entry["message"]


def is_installed() -> bool:
    return all(map(shutil.which, ("chromium", "chromedriver")))


@contextmanager
def browser(url: str) -> Iterator[Browser]:
    """Open Chromium; NOT RUN where there is none."""
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or driver is None:
        not_run("the manager's page in a browser: no Chromium", REMEDY)
    options = Options()
    options.binary_location = chromium
    # Chromium's own sandbox refuses root; what it shows here is ours.
    for word in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--no-proxy-server"):
        options.add_argument(word)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    opened = webdriver.Chrome(options=options, service=Service(driver))
    try:
        yield Browser(opened, url)
    finally:
        opened.quit()
