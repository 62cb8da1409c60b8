"""The tools below the bar: how they are opened, left and named."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.browser.looks import inspect
from tests.browser.viewer_page import open_console, open_tool, opened_tool
from tests.integration.fixtures.cloud import Machine, running_cloud
from tests.integration.fixtures.qemu import Qemu
from tests.waiting import wait_for

Screenshot = Callable[[Chrome, str], Path]


def _button(driver: Chrome, name: str) -> Any:
    return driver.find_element(By.CSS_SELECTOR, f"[data-tool={name}]")


def test_each_tool_is_for_everybody(
    tmp_path: Path, machine: Machine, open_browser: Callable[..., Chrome], screenshot: Screenshot
) -> None:
    with running_cloud(tmp_path, [machine]) as cloud:
        driver = open_browser()
        open_console(driver, cloud.console(machine))
        names = [
            str(button.get_attribute("data-tool"))
            for button in driver.find_elements(By.CSS_SELECTOR, "[data-tool]")
            if button.is_displayed()
        ]
        assert {"keys", "display"} <= set(names)
        for name in names:
            open_tool(driver, name)
            box = driver.find_element(By.ID, "tool")
            # A connection that has become slow is said by the button alone.
            named = {_button(driver, name).text, *(["Session"] if name == "session" else [])}
            assert box.get_attribute("aria-label") in named
            assert inspect(driver, f"tool-{name}", screenshot) == []


def test_a_tool_is_left_by_its_button_and_by_escape(
    tmp_path: Path, guest: Qemu, machine: Machine, open_browser: Callable[..., Chrome]
) -> None:
    with running_cloud(tmp_path, [machine]) as cloud:
        driver = open_browser()
        open_console(driver, cloud.console(machine))
        open_tool(driver, "keys")
        assert _button(driver, "keys").get_attribute("aria-expanded") == "true"
        open_tool(driver, "display")
        assert _button(driver, "keys").get_attribute("aria-expanded") == "false"
        driver.find_element(By.ID, "fit").send_keys(Keys.ESCAPE)
        assert opened_tool(driver) == ""
        assert driver.switch_to.active_element == _button(driver, "display")

        open_tool(driver, "display")
        _button(driver, "display").click()
        assert opened_tool(driver) == ""
        ActionChains(driver).send_keys("x").perform()
        wait_for(lambda: len(guest.keys()) == 1, "the guest to receive the key")


def test_a_tool_that_does_not_come_is_no_end(
    tmp_path: Path, machine: Machine, open_browser: Callable[..., Chrome]
) -> None:
    with running_cloud(tmp_path, [machine]) as cloud:
        driver = open_browser()
        open_console(driver, cloud.console(machine))
        driver.execute_cdp_cmd("Network.enable", {})
        driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["*/keys-*"]})
        _button(driver, "keys").click()
        status = driver.find_element(By.ID, "status")
        wait_for(lambda: "could not be loaded" in status.text, "the page to say so")
        assert opened_tool(driver) == ""
        assert _button(driver, "keys").get_attribute("aria-expanded") == "false"
        wait_for(lambda: status.text == "Connected", "the state again")
