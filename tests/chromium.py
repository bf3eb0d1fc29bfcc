"""A real browser for tests: Debian's Chromium without a screen, on a phone or on a PC."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from notrun import not_run
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

PHONE, PC = (375, 760), (1100, 800)
WAIT_S = 15


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

    def picture(self, path: str) -> None:
        self._driver.save_screenshot(path)

    def _wait(self) -> WebDriverWait[webdriver.Chrome]:
        return WebDriverWait(self._driver, WAIT_S, poll_frequency=0.05)

    def _is_gone(self, element: object) -> bool:
        return bool(self._driver.find_element(By.TAG_NAME, "html") != element)


def _is_bad(entry: dict[str, str]) -> bool:
    return entry["level"] == "SEVERE" and "status of 4" not in entry["message"]


@contextmanager
def browser(url: str) -> Iterator[Browser]:
    """Open Chromium; NOT RUN where there is none."""
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or driver is None:
        not_run("the manager's page in a browser: no Chromium", "apt install chromium-driver")
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
