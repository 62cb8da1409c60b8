"""The viewer's page, as tests see and use it."""

from typing import Any

from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from tests.waiting import wait_for

_HAS_PARTS = "return !!document.querySelector('#screen canvas[aria-describedby]')"
_COUNT = """
window.connections = 0;
window.WebSocket = new Proxy(WebSocket, {
  construct(target, given) {
    connections += 1;
    return new target(...given);
  },
});
"""
_HASTEN = """
const later = setTimeout;
window.setTimeout = (act, time, ...given) =>
  later(act, time < 2000 ? time : time / 10, ...given);
"""
_UNPAINTED = """
const read = CanvasRenderingContext2D.prototype.getImageData;
CanvasRenderingContext2D.prototype.getImageData = function (...given) {
  const picture = read.apply(this, given);
  if (!window.painted) picture.data.fill(0);
  return picture;
};
"""
# Lets the parts of the page come that were held back.
COME_PARTS = "window.painted = true"
# In one script: the console may be back before another one looks.
GOES_OFFLINE = "dispatchEvent(new Event('offline')); return document.documentElement.dataset.state"


def state_of(driver: Chrome) -> Any:
    """Return the page's state, such as ``connected``."""
    return driver.execute_script("return document.documentElement.dataset.state")


def text_of(driver: Chrome, name: str) -> str:
    """Return what an element shows; empty while it is hidden."""
    return driver.find_element(By.ID, name).text


def reached(driver: Chrome, state: str) -> None:
    """Wait for a state."""
    wait_for(lambda: state_of(driver) == state, f"the page to be {state}")


def open_console(driver: Chrome, url: str) -> None:
    """Open a console, and wait for its picture and the parts of the page that come behind that."""
    driver.get(url)
    is_whole(driver)


def hold_parts_back(driver: Chrome) -> None:
    """Keep what comes behind the first picture away, in pages that are opened from now on."""
    driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": _UNPAINTED})


def is_whole(driver: Chrome) -> None:
    """Wait for a console's picture and the parts of the page that come behind that."""
    reached(driver, "connected")
    wait_for(lambda: driver.execute_script(_HAS_PARTS), "the page's parts")


def count_connections(driver: Chrome) -> None:
    """Have the pages that are opened from now on count the websockets that they open."""
    driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": _COUNT})


def connections(driver: Chrome) -> int:
    """Return how many websockets the page has opened, after ``count_connections``."""
    return int(driver.execute_script("return connections"))


def hasten(driver: Chrome) -> None:
    """Have long timers, of 2 s or more, be a tenth of that in pages that are opened from now on."""
    driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": _HASTEN})


def open_tool(driver: Chrome, name: str) -> None:
    """Open a tool by its button, and wait for it."""
    driver.find_element(By.CSS_SELECTOR, f"[data-tool={name}]").click()
    wait_for(lambda: opened_tool(driver) == name, f"the tool {name}")


def opened_tool(driver: Chrome) -> str:
    """Return the name of the open tool; empty if there is none."""
    box = driver.find_element(By.ID, "tool")
    return str(box.get_attribute("data-tool")) if box.is_displayed() else ""
