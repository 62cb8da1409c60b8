"""The viewer's page for people who need it otherwise, in each state and with each tool."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from tests.browser.accessibility import violations
from tests.browser.fingers import be_a_phone
from tests.browser.looks import inspect, outside
from tests.browser.needs import MIRRORED, cut_off, emulate
from tests.browser.test_reconnect import Network
from tests.browser.viewer_page import reached
from tests.integration.fixtures.cloud import Cloud, Machine
from tests.waiting import wait_for

Screenshot = Callable[[Chrome, str], Path]
_TOOLS = """
return [...document.querySelectorAll("button[data-tool]")]
  .filter((button) => button.checkVisibility() && !button.disabled)
  .map((button) => button.dataset.tool);
"""
_COLOURS = """
return [...document.querySelectorAll("#actions [aria-expanded]")].map((button) => {
  const { color, backgroundColor } = getComputedStyle(button);
  return [button.getAttribute("aria-expanded"), color, backgroundColor];
});
"""
_MOVING = "return document.getAnimations().filter(one => one.playState === 'running').length"


def _colours(driver: Chrome) -> list[tuple[str, str, str]]:
    """Return of each tool's button whether its tool is open, and its colours."""
    found: list[tuple[str, str, str]] = driver.execute_script(_COLOURS)
    return found


def _appears(driver: Chrome, selector: str) -> None:
    wait_for(lambda: driver.find_elements(By.CSS_SELECTOR, selector), selector)


def _each_look(driver: Chrome, cloud: Cloud, machine: Machine) -> Iterator[str]:
    """Take the page through its states and its tools; yield the name of each."""
    with Network(cloud) as network:
        url = cloud.console(machine).replace(str(cloud.proxy.port), str(network.port))
        driver.get(f"{url}&autoconnect=no")
        reached(driver, "waiting")
        wait_for(lambda: driver.find_element(By.ID, "connect").is_displayed(), "the button")
        yield "waiting"
        driver.find_element(By.ID, "connect").click()
        reached(driver, "connected")
        for name in driver.execute_script(_TOOLS):
            driver.find_element(By.CSS_SELECTOR, f"button[data-tool={name}]").click()
            _appears(driver, f"#tool[data-tool={name}]")
            yield f"tool-{name}"
        driver.find_element(By.CSS_SELECTOR, f"button[data-tool={name}]").click()
        yield "connected"
        network.cut()
        panel = driver.find_element(By.ID, "panel")
        wait_for(panel.is_displayed, "the panel")
        yield "reconnecting"
        driver.find_element(By.ID, "cancel").click()
        reached(driver, "ended")
        yield "ended"


def test_from_right_to_left(
    cloud: Cloud, machine: Machine, open_browser: Callable[..., Chrome], screenshot: Screenshot
) -> None:
    driver = open_browser()
    driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": MIRRORED})
    for name in _each_look(driver, cloud, machine):
        assert driver.execute_script("return document.documentElement.dir") == "rtl"
        assert inspect(driver, f"rtl-{name}", screenshot) == []
        assert cut_off(driver) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_with_the_person_s_own_colours(
    cloud: Cloud,
    machine: Machine,
    open_browser: Callable[..., Chrome],
    screenshot: Screenshot,
    scheme: str,
) -> None:
    driver = open_browser()
    for name in _each_look(driver, cloud, machine):
        emulate(driver, forced_colors="active", prefers_color_scheme=scheme)
        # axe-core takes the page's own backgrounds for those that are shown.
        found = [fault for fault in violations(driver) if not fault.startswith("color-contrast")]
        assert found == []
        screenshot(driver, f"viewer-forced-{scheme}-{name}")
        if name.startswith("tool-"):
            colours = {opened: (text, ground) for opened, text, ground in _colours(driver)}
            assert colours["true"] != colours["false"]
            assert all(text != ground for text, ground in colours.values())


def test_with_letters_of_twice_the_size(
    cloud: Cloud, machine: Machine, open_browser: Callable[..., Chrome], screenshot: Screenshot
) -> None:
    driver = open_browser(letters=32)
    for name in _each_look(driver, cloud, machine):
        size = "return parseFloat(getComputedStyle(document.body).fontSize)"
        assert driver.execute_script(size) == 28
        assert inspect(driver, f"large-{name}", screenshot) == []
        assert cut_off(driver) == []


@pytest.mark.parametrize("need", ["rtl", "large"])
def test_tools_for_fingers(
    cloud: Cloud,
    machine: Machine,
    open_browser: Callable[..., Chrome],
    screenshot: Screenshot,
    need: str,
) -> None:
    driver = open_browser(letters=32 if need == "large" else 16)
    be_a_phone(driver)
    if need == "rtl":
        driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": MIRRORED})
    driver.get(cloud.console(machine))
    reached(driver, "connected")
    tools = driver.execute_script(_TOOLS)
    assert {"type", "touch"} <= set(tools)
    for name in tools:
        driver.find_element(By.CSS_SELECTOR, f"button[data-tool={name}]").click()
        _appears(driver, f"#tool[data-tool={name}]")
        screenshot(driver, f"viewer-{need}-fingers-{name}")
        assert violations(driver) + outside(driver) + cut_off(driver) == [], name


def test_nothing_moves_for_who_wants_that(
    cloud: Cloud, machine: Machine, open_browser: Callable[..., Chrome]
) -> None:
    driver = open_browser()
    emulate(driver, prefers_reduced_motion="reduce")
    for name in _each_look(driver, cloud, machine):
        wait_for(lambda: driver.execute_script(_MOVING) == 0, f"all to be still: {name}")
