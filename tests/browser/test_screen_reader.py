"""What a screen reader finds in the viewer's page, and what it is told as things happen."""

from collections.abc import Callable
from typing import Any

from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from tests.browser.accessibility import heard
from tests.browser.test_reconnect import Network
from tests.browser.viewer_page import reached, text_of
from tests.integration.fixtures.cloud import Cloud, Machine
from tests.waiting import wait_for

_LISTEN = """
window.told = [];
new MutationObserver(() => {
  const status = document.getElementById("status");
  if (status) told.push(status.textContent);
}).observe(document, { childList: true, characterData: true, subtree: true });
"""
_SCREEN = ("application", "Screen of the machine")


def _told(driver: Chrome) -> list[str]:
    """Return what the status has said, each change once."""
    told: list[str] = driver.execute_script("return told")
    return [text for at, text in enumerate(told) if at == 0 or told[at - 1] != text]


def test_each_state_has_its_name_and_its_buttons(
    cloud: Cloud, machine: Machine, open_browser: Callable[..., Chrome]
) -> None:
    with Network(cloud) as network:
        driver = open_browser()
        driver.get(f"{cloud.console(machine)}&autoconnect=no")
        wait_for(lambda: text_of(driver, "panel-detail"), "the panel")
        panel = heard(driver)
        assert panel[panel.index(("dialog", "Not connected")) :] == [
            ("dialog", "Not connected"),
            ("heading", "Not connected"),
            ("StaticText", "The console opens when you connect."),
            ("button", "Connect"),
        ]

        driver.get(cloud.console(machine).replace(str(cloud.proxy.port), str(network.port)))
        reached(driver, "connected")
        page = heard(driver)
        assert page[:3] == [("banner", ""), ("heading", "web-1"), ("status", "Connected")]
        assert ("button", "Disconnect") in page
        assert _SCREEN in page
        assert "" not in [name for role, name in page if role == "button"]

        network.cut()
        wait_for(lambda: "begins in" in text_of(driver, "panel-detail"), "a pause")
        page = heard(driver)
        assert ("status", "The connection was lost. Reconnecting…") in page
        assert ("button", "Disconnect") not in page
        assert page[-2:] == [("button", "Try now"), ("button", "Cancel")]
        assert ("dialog", "Reconnecting…") in page

        driver.find_element(By.ID, "cancel").click()
        reached(driver, "ended")
        assert heard(driver) == [
            ("banner", ""),
            ("heading", "web-1"),
            ("status", "Ended"),
            ("main", ""),
            (
                "alert",
                "The console was closed. Open the console again from the cloud's page. "
                "Code 1000 closed-here",
            ),
        ]


def test_a_page_without_a_bar_is_not_silent(
    cloud: Cloud, machine: Machine, open_browser: Callable[..., Chrome]
) -> None:
    driver = open_browser()
    driver.get(f"{cloud.console(machine)}&bar=no")
    reached(driver, "connected")
    page = heard(driver)
    assert ("status", "Connected") in page
    assert _SCREEN in page
    assert [name for role, name in page if role == "button"] == []


def test_each_change_is_said_once_and_the_countdown_is_not(
    cloud: Cloud, machine: Machine, open_browser: Callable[..., Chrome]
) -> None:
    with Network(cloud) as network:
        driver = open_browser()
        driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": _LISTEN})
        driver.get(cloud.console(machine).replace(str(cloud.proxy.port), str(network.port)))
        reached(driver, "connected")
        network.cut()
        wait_for(lambda: "begins in 3 seconds" in text_of(driver, "panel-detail"), "a long pause")
        network.mend()
        driver.find_element(By.ID, "now").click()
        reached(driver, "connected")
        driver.find_element(By.ID, "leave").click()
        reached(driver, "ended")
        told: list[Any] = [text for text in _told(driver) if not text.startswith("Waiting")]
        assert told == [
            "Connecting…",
            "Connected",
            "The connection was lost. Reconnecting…",
            "Connected",
            "Ended",
        ]
