"""What a link's parameters do, those of noVNC and of CloudStack among them."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.browser.looks import inspect
from tests.browser.test_reconnect import Network
from tests.browser.viewer_page import reached, state_of, text_of
from tests.integration.fixtures.cloud import Cloud, Machine
from tests.integration.fixtures.qemu import Qemu
from tests.waiting import wait_for

Screenshot = Callable[[Chrome, str], Path]


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
    assert state_of(driver) == "waiting"
    assert text_of(driver, "status") == "Not connected"
    assert guest.clients() == []
    assert cloud.sessions() == 0
    assert not _shown(driver, "cancel")
    assert inspect(driver, "waiting", screenshot) == []
    assert driver.switch_to.active_element.get_attribute("id") == "connect"
    ActionChains(driver).send_keys(Keys.ENTER).perform()
    reached(driver, "connected")
    ActionChains(driver).send_keys("x").perform()
    wait_for(lambda: len(guest.keys()) == 1, "the guest to receive the key")


def test_parameters_may_stand_in_the_fragment(
    cloud: Cloud, machine: Machine, open_browser: Callable[..., Chrome]
) -> None:
    driver = open_browser()
    url = urlsplit(cloud.console(machine, extra="a+b"))
    page = url._replace(query="language=fr", fragment=f"{url.query}&language=de").geturl()
    driver.get(page)
    reached(driver, "connected")
    wait_for(lambda: text_of(driver, "status") == "Verbunden", "the language of the fragment")


@pytest.mark.parametrize("parameter", ["host=192.0.2.1", "path=elsewhere", "encrypt=1"])
def test_a_link_does_not_say_where_to_connect(
    cloud: Cloud, machine: Machine, open_browser: Callable[..., Chrome], parameter: str
) -> None:
    driver = open_browser()
    driver.get(f"{cloud.console(machine)}&{parameter}&password=no&username=no&guest=windows")
    reached(driver, "connected")


def test_a_page_that_does_not_return_by_itself_offers_to(
    cloud: Cloud, machine: Machine, guest: Qemu, open_browser: Callable[..., Chrome]
) -> None:
    with Network(cloud) as network:
        driver = open_browser()
        url = cloud.console(machine).replace(str(cloud.proxy.port), str(network.port))
        driver.get(f"{url}&reconnect=false")
        reached(driver, "connected")
        network.cut()
        reached(driver, "ended")
        assert text_of(driver, "reason") == "The connection to the console was lost."
        network.mend()
        driver.find_element(By.ID, "again").click()
        reached(driver, "connected")
        guest.stop()
        reached(driver, "ended")
        assert text_of(driver, "reason") == "The machine's screen was closed."
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
    reached(driver, "connected")
    top = "return document.getElementById('screen').getBoundingClientRect().top"
    assert driver.execute_script(top) == 0
    status = driver.find_element(By.ID, "status")
    assert status.get_attribute("textContent") == "Connected"
    assert not _shown(driver, "actions")
    assert inspect(driver, "no-bar", screenshot) == []
    ActionChains(driver).send_keys("x").perform()
    wait_for(lambda: len(guest.keys()) == 1, "the guest to receive the key")
