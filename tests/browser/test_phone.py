"""The page on a phone: everything is there, large enough for fingers, and nothing is cut off."""

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from tests.browser.fingers import LANDSCAPE, PORTRAIT, be_a_phone
from tests.browser.looks import has_width, inspect
from tests.browser.viewer_page import open_console
from tests.integration.fixtures.cloud import Cloud, Machine
from tests.integration.fixtures.qemu import Qemu
from tests.waiting import wait_for

Screenshot = Callable[[Chrome, str], Path]
_SIZES = {"portrait": PORTRAIT, "landscape": LANDSCAPE}
_FINGER = 44
_SMALL = f"""
const inputs = "button, input, select, textarea, summary, a";
return [...document.querySelectorAll(inputs)].filter(node => {{
  if (!node.checkVisibility()) return false;
  const {{ width, height }} = (node.closest("label") ?? node).getBoundingClientRect();
  return width < {_FINGER} - 0.5 || height < {_FINGER} - 0.5;
}}).map(node => node.outerHTML);
"""
_LARGE = "document.documentElement.style.fontSize = arguments[0]"
_CUT = """
const scrolls = node =>
  !["tool", "bar"].includes(node.id) &&
  (getComputedStyle(node).overflowX === "auto" || scrolls(node.parentElement));
const nodes = [...document.querySelectorAll("#bar *, #tool *")];
const loose = nodes.filter(node => !scrolls(node.parentElement));
return loose.filter(node => {
  const { left, right, top } = node.getBoundingClientRect();
  return node.checkVisibility() && (left < 0 || right > innerWidth + 1 || top < 0);
}).map(node => node.outerHTML);
"""


@pytest.fixture
def machine(qemu_factory: Callable[..., Qemu]) -> Machine:
    name = "a machine with a long name, as some clouds make them"
    return Machine(name, str(uuid.uuid4()), qemu_factory().port)


def _height(driver: Chrome, name: str) -> float:
    height = "return document.querySelector(arguments[0]).getBoundingClientRect().height"
    return float(driver.execute_script(height, name))


def _tools(driver: Chrome) -> list[Any]:
    buttons = driver.find_elements(By.CSS_SELECTOR, "[data-tool]")
    return [button for button in buttons if button.is_displayed()]


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("shape", sorted(_SIZES))
def test_all_is_large_enough_for_fingers_and_nothing_is_cut_off(
    cloud: Cloud,
    machine: Machine,
    open_browser: Callable[..., Chrome],
    screenshot: Screenshot,
    shape: str,
    language: str,
) -> None:
    driver = open_browser()
    be_a_phone(driver, _SIZES[shape])
    open_console(driver, f"{cloud.console(machine)}&language={language}")
    for button in [None, *_tools(driver)]:
        name = "none"
        if button is not None:
            name = button.get_attribute("data-tool")
            button.click()
            box = driver.find_element(By.ID, "tool")
            wait_for(lambda: box.get_attribute("data-tool") == name, "the tool")  # noqa: B023
        assert driver.execute_script(_SMALL) == []
        assert driver.execute_script(_CUT) == []
        driver.execute_script(_LARGE, "200%")
        assert driver.execute_script(_CUT) == []
        driver.execute_script(_LARGE, "")
        if language == "en":
            screenshot(driver, f"phone-{shape}-{name}")


def test_tools_for_fingers_are_for_everybody(
    cloud: Cloud, machine: Machine, open_browser: Callable[..., Chrome], screenshot: Screenshot
) -> None:
    driver = open_browser()
    for name in ("type", "touch"):
        be_a_phone(driver)
        open_console(driver, cloud.console(machine))
        driver.find_element(By.CSS_SELECTOR, f"[data-tool={name}]").click()
        box = driver.find_element(By.ID, "tool")
        wait_for(lambda: box.get_attribute("data-tool") == name, "the tool")  # noqa: B023
        assert inspect(driver, f"tool-{name}", screenshot) == []


def test_the_bar_is_one_row_of_a_phone_that_lies_and_may_go(
    cloud: Cloud, machine: Machine, open_browser: Callable[..., Chrome], screenshot: Screenshot
) -> None:
    driver = open_browser()
    be_a_phone(driver, LANDSCAPE)
    open_console(driver, cloud.console(machine))
    assert _height(driver, "#bar") <= _FINGER + 4
    fold = driver.find_element(By.ID, "fold")
    fold.click()
    assert fold.get_attribute("aria-expanded") == "false"
    assert _height(driver, "#screen") == LANDSCAPE[1]
    screenshot(driver, "phone-landscape-folded")
    fold.click()
    assert _height(driver, "#screen") < LANDSCAPE[1]
    # Upright there is room for the bar, and still a way to bring it back.
    fold.click()
    be_a_phone(driver, PORTRAIT)
    has_width(driver, PORTRAIT[0])
    fold.click()
    assert driver.find_element(By.ID, "leave").is_displayed()
