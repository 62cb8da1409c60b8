"""A console in a real browser while what carries it, or what stands behind it, is killed."""

import uuid
from collections.abc import Callable
from pathlib import Path

from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By

from tests.browser.viewer_page import state_of
from tests.integration.fixtures.cloud import Machine
from tests.integration.fixtures.fleet import Fleet, running_fleet
from tests.integration.fixtures.mariadb import MariaDb
from tests.integration.fixtures.qemu import Qemu
from tests.waiting import wait_for

_LOST = "The connection was lost. Reconnecting…"


def _open_in_books(fleet: Fleet) -> int:
    return len(fleet.sessions(activeonly="true"))


def _types(driver: Chrome, guest: Qemu) -> None:
    before = len(guest.keys())
    ActionChains(driver).send_keys("x").perform()
    wait_for(lambda: len(guest.keys()) == before + 1, "the key")


def test_a_console_outlives_database_management_server_and_its_own_proxy(
    tmp_path: Path,
    qemu_factory: Callable[..., Qemu],
    open_browser: Callable[..., Chrome],
    screenshot: Callable[[Chrome, str], Path],
) -> None:
    guest = qemu_factory()
    machine = Machine("web-1", str(uuid.uuid4()), guest.port)
    mariadb = MariaDb(durable=True)
    try:
        database = mariadb.make_database()
        with running_fleet(tmp_path, [machine], database, proxies=2, servers=1) as fleet:
            driver = open_browser()
            url = fleet.link(machine)
            driver.get(url)
            wait_for(lambda: state_of(driver) == "connected", "the console to connect", 30.0)
            _types(driver, guest)

            mariadb.kill()
            _types(driver, guest)
            fleet.servers[0].kill()
            _types(driver, guest)
            mariadb.start()
            fleet.servers[0].start_anew()
            fleet.servers[0].wait_until_ready()
            wait_for(lambda: _open_in_books(fleet) == 1, "the session in the books", 20.0)
            assert state_of(driver) == "connected"
            _types(driver, guest)

            proxy = fleet.proxy_of(url)
            fleet.proxies[proxy].kill()
            wait_for(
                lambda: driver.find_element(By.ID, "status").text == _LOST, "the page to say so"
            )
            screenshot(driver, "proxy-killed")
            assert state_of(driver) == "reconnecting"
            fleet.proxies[proxy].start_anew()
            wait_for(lambda: state_of(driver) == "connected", "the console to come back", 30.0)
            _types(driver, guest)
            wait_for(lambda: _open_in_books(fleet) == 1, "the session in the books", 20.0)
            assert len(fleet.sessions()) == 1
            fleet.healthy()
    finally:
        mariadb.remove()


def test_a_proxy_that_has_no_way_back_is_told_of(
    tmp_path: Path,
    qemu_factory: Callable[..., Qemu],
    open_browser: Callable[..., Chrome],
    screenshot: Callable[[Chrome, str], Path],
) -> None:
    """The machine was opened at another proxy before this one was started again."""
    guest = qemu_factory()
    machine = Machine("web-1", str(uuid.uuid4()), guest.port)
    database = str(tmp_path / "consoleproxy.db")
    with running_fleet(tmp_path, [machine], database, proxies=2, servers=1) as fleet:
        first, second = open_browser(), open_browser()
        url = fleet.link(machine)
        first.get(url)
        wait_for(lambda: state_of(first) == "connected", "the console to connect", 30.0)
        proxy = fleet.proxy_of(url)
        fleet.proxies[proxy].kill()
        wait_for(lambda: fleet.state(proxy) == "Disconnected", "the silence", 20.0)
        other = fleet.link(machine)
        assert fleet.proxy_of(other) != proxy
        second.get(other)
        wait_for(lambda: state_of(second) == "connected", "the console to connect", 30.0)
        assert state_of(first) == "reconnecting"
        fleet.proxies[proxy].start_anew()
        wait_for(lambda: state_of(first) == "ended", "the page to say that it ended", 30.0)
        screenshot(first, "proxy-killed-no-way-back")
        reason = first.find_element(By.ID, "reason").text
        assert "Open it again from the cloud's page." in reason
        _types(second, guest)
        fleet.healthy()
