"""The viewer's page as different people see it: light or dark, at a desk or on a phone."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from selenium.webdriver import Chrome

from tests.browser.accessibility import violations
from tests.waiting import wait_for

_DESK = {"width": 1024, "height": 700, "deviceScaleFactor": 1, "mobile": False}
_PHONE = {"width": 360, "height": 640, "deviceScaleFactor": 2, "mobile": True}
LOOKS: dict[str, tuple[dict[str, Any], str]] = {
    "light": (_DESK, "light"),
    "dark": (_DESK, "dark"),
    "phone": (_PHONE, "dark"),
    "phone-light": (_PHONE, "light"),
}
_OVERFLOW = """
const scrolls = node => node.parentElement?.closest("#tool :is([role=toolbar], .type-row)");
const pointer = "body > canvas";
const wide = [...document.querySelectorAll(`body :not(${pointer})`)].filter(node => {
  const { left, right } = node.getBoundingClientRect();
  return node.checkVisibility() && (left < 0 || right > innerWidth + 1);
});
return wide.filter(node => !node.closest("#screen") && !scrolls(node)).map(node => node.outerHTML);
"""


def look(driver: Chrome, name: str) -> None:
    """Show the page in one of ``LOOKS``, without what moves."""
    size, scheme = LOOKS[name]
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    features = [
        {"name": "prefers-color-scheme", "value": scheme},
        {"name": "prefers-reduced-motion", "value": "reduce"},
    ]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    has_width(driver, size["width"])


def has_width(driver: Chrome, width: int) -> None:
    """Wait for a page that was made so wide: the browser does not wait for it."""
    matches = f"return matchMedia('(width: {width}px)').matches"
    wait_for(lambda: driver.execute_script(matches), f"a width of {width} px")


def inspect(driver: Chrome, state: str, screenshot: Callable[[Chrome, str], Path]) -> list[str]:
    """Return what keeps people out of the page in any of the looks; keep a picture of each."""
    faults: list[str] = []
    for name in LOOKS:
        look(driver, name)
        found = violations(driver) + outside(driver)
        faults += [f"{name}: {fault}" for fault in found]
        screenshot(driver, f"viewer-{state}-{name}")
    look(driver, "light")
    return faults


def outside(driver: Chrome) -> list[str]:
    """Return what is partly out of the window, and cannot be scrolled into it."""
    found: list[str] = driver.execute_script(_OVERFLOW)
    return found


def prefer(driver: Chrome, languages: str) -> None:
    """Have the browser prefer these languages from its next page on, such as ``de-AT,en``."""
    agent = driver.execute_script("return navigator.userAgent")
    driver.execute_cdp_cmd(
        "Emulation.setUserAgentOverride", {"userAgent": agent, "acceptLanguage": languages}
    )
