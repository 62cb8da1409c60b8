"""What a screen reader finds in the viewer's page, and what it is told as things happen."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from tests.browser.accessibility import heard
from tests.browser.test_reconnect import Network
from tests.integration.fixtures.cloud import Cloud, Machine, running_cloud
from tests.integration.fixtures.qemu import Qemu
from tests.waiting import wait_for

_LISTEN = """
window.told = [];
new MutationObserver(() => {
  const status = document.getElementById("status");
  if (status) told.push(status.textContent);
}).observe(document, { childList: true, characterData: true, subtree: true });
"""
_SCREEN = ("application", "Screen of the machine")


@pytest.fixture
def machine(qemu_factory: Callable[..., Qemu]) -> Machine:
    return Machine("web-1", str(uuid.uuid4()), qemu_factory().port)


@pytest.fixture
def cloud(tmp_path: Path, machine: Machine) -> Iterator[Cloud]:
    with running_cloud(tmp_path, [machine]) as cloud:
        yield cloud


def _reached(driver: Chrome, state: str) -> None:
    script = "return document.documentElement.dataset.state"
    wait_for(lambda: driver.execute_script(script) == state, f"the page to be {state}")


def _text(driver: Chrome, name: str) -> str:
    return driver.find_element(By.ID, name).text


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
        wait_for(lambda: _text(driver, "panel-detail"), "the panel")
        panel = heard(driver)
        assert panel[panel.index(("dialog", "Not connected")) :] == [
            ("dialog", "Not connected"),
            ("heading", "Not connected"),
            ("StaticText", "The console opens when you connect."),
            ("button", "Connect"),
        ]

        driver.get(cloud.console(machine).replace(str(cloud.proxy.port), str(network.port)))
        _reached(driver, "connected")
        page = heard(driver)
        assert page[:3] == [("banner", ""), ("heading", "web-1"), ("status", "Connected")]
        assert ("button", "Disconnect") in page
        assert _SCREEN in page
        assert "" not in [name for role, name in page if role == "button"]

        network.cut()
        wait_for(lambda: "begins in" in _text(driver, "panel-detail"), "a pause")
        page = heard(driver)
        assert ("status", "The connection was lost. Reconnecting…") in page
        assert ("button", "Disconnect") not in page
        assert page[-2:] == [("button", "Try now"), ("button", "Cancel")]
        assert ("dialog", "Reconnecting…") in page

        driver.find_element(By.ID, "cancel").click()
        _reached(driver, "ended")
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
    _reached(driver, "connected")
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
        _reached(driver, "connected")
        network.cut()
        wait_for(lambda: "begins in 3 seconds" in _text(driver, "panel-detail"), "a long pause")
        network.mend()
        driver.find_element(By.ID, "now").click()
        _reached(driver, "connected")
        driver.find_element(By.ID, "leave").click()
        _reached(driver, "ended")
        told: list[Any] = [text for text in _told(driver) if not text.startswith("Waiting")]
        assert told == [
            "Connecting…",
            "Connected",
            "The connection was lost. Reconnecting…",
            "Connected",
            "Ended",
        ]
