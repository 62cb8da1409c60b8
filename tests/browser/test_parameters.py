"""What a link's parameters do, those of noVNC and of CloudStack among them."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.browser.looks import inspect
from tests.browser.test_reconnect import Network
from tests.integration.fixtures.cloud import Cloud, Machine, running_cloud
from tests.integration.fixtures.qemu import Qemu
from tests.waiting import wait_for

Screenshot = Callable[[Chrome, str], Path]


@pytest.fixture
def guest(qemu_factory: Callable[..., Qemu]) -> Qemu:
    return qemu_factory()


@pytest.fixture
def machine(guest: Qemu) -> Machine:
    return Machine("web-1", str(uuid.uuid4()), guest.port)


@pytest.fixture
def cloud(tmp_path: Path, machine: Machine) -> Iterator[Cloud]:
    with running_cloud(tmp_path, [machine]) as cloud:
        yield cloud


def _state(driver: Chrome) -> Any:
    return driver.execute_script("return document.documentElement.dataset.state")


def _reached(driver: Chrome, state: str) -> None:
    wait_for(lambda: _state(driver) == state, f"the page to be {state}")


def _text(driver: Chrome, name: str) -> str:
    return driver.find_element(By.ID, name).text


def _shown(driver: Chrome, name: str) -> bool:
    return driver.find_element(By.ID, name).is_displayed()


def test_a_link_may_wait_for_its_person(
    cloud: Cloud,
    machine: Machine,
    guest: Qemu,
    open_browser: Callable[..., Chrome],
    screenshot: Screenshot,
) -> None:
    driver = open_browser()
    driver.get(cloud.console(machine).replace("autoconnect=true", "autoconnect=false"))
    wait_for(lambda: _shown(driver, "connect"), "the button")
    assert _state(driver) == "waiting"
    assert _text(driver, "status") == "Not connected"
    assert guest.clients() == []
    assert cloud.sessions() == 0
    assert not _shown(driver, "cancel")
    assert inspect(driver, "waiting", screenshot) == []
    assert driver.switch_to.active_element.get_attribute("id") == "connect"
    ActionChains(driver).send_keys(Keys.ENTER).perform()
    _reached(driver, "connected")
    ActionChains(driver).send_keys("x").perform()
    wait_for(lambda: len(guest.keys()) == 1, "the guest to receive the key")


def test_parameters_may_stand_in_the_fragment(
    cloud: Cloud, machine: Machine, open_browser: Callable[..., Chrome]
) -> None:
    driver = open_browser()
    url = urlsplit(cloud.console(machine, extra="a+b"))
    page = url._replace(query="language=fr", fragment=f"{url.query}&language=de").geturl()
    driver.get(page)
    _reached(driver, "connected")
    wait_for(lambda: _text(driver, "status") == "Verbunden", "the language of the fragment")


@pytest.mark.parametrize("parameter", ["host=192.0.2.1", "path=elsewhere", "encrypt=1"])
def test_a_link_does_not_say_where_to_connect(
    cloud: Cloud, machine: Machine, open_browser: Callable[..., Chrome], parameter: str
) -> None:
    driver = open_browser()
    driver.get(f"{cloud.console(machine)}&{parameter}&password=no&username=no&guest=windows")
    _reached(driver, "connected")


def test_a_page_that_does_not_return_by_itself_offers_to(
    cloud: Cloud, machine: Machine, guest: Qemu, open_browser: Callable[..., Chrome]
) -> None:
    with Network(cloud) as network:
        driver = open_browser()
        url = cloud.console(machine).replace(str(cloud.proxy.port), str(network.port))
        driver.get(f"{url}&reconnect=false")
        _reached(driver, "connected")
        network.cut()
        _reached(driver, "ended")
        assert _text(driver, "reason") == "The connection to the console was lost."
        network.mend()
        driver.find_element(By.ID, "again").click()
        _reached(driver, "connected")
        guest.stop()
        _reached(driver, "ended")
        assert _text(driver, "reason") == "The machine's screen was closed."
        assert _shown(driver, "again")


def test_a_page_without_a_bar_still_says_its_state(
    cloud: Cloud,
    machine: Machine,
    guest: Qemu,
    open_browser: Callable[..., Chrome],
    screenshot: Screenshot,
) -> None:
    driver = open_browser()
    driver.get(f"{cloud.console(machine)}&bar=no")
    _reached(driver, "connected")
    top = "return document.getElementById('screen').getBoundingClientRect().top"
    assert driver.execute_script(top) == 0
    status = driver.find_element(By.ID, "status")
    assert status.get_attribute("textContent") == "Connected"
    assert not _shown(driver, "actions")
    assert inspect(driver, "no-bar", screenshot) == []
    ActionChains(driver).send_keys("x").perform()
    wait_for(lambda: len(guest.keys()) == 1, "the guest to receive the key")
