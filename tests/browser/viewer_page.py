"""The viewer's page, as tests see and use it."""

from typing import Any

from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from tests.browser.pixels import canvas
from tests.waiting import wait_for


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
    """Open a console, and wait for its screen."""
    driver.get(url)
    reached(driver, "connected")
    wait_for(lambda: canvas(driver)["width"], "the machine's screen")


def open_tool(driver: Chrome, name: str) -> None:
    """Open a tool by its button, and wait for it."""
    driver.find_element(By.CSS_SELECTOR, f"[data-tool={name}]").click()
    wait_for(lambda: opened_tool(driver) == name, f"the tool {name}")


def opened_tool(driver: Chrome) -> str:
    """Return the name of the open tool; empty if there is none."""
    box = driver.find_element(By.ID, "tool")
    return str(box.get_attribute("data-tool")) if box.is_displayed() else ""
