"""What the viewer's page says and offers in each state, to everybody."""

import socket
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from selenium.common.exceptions import NoSuchWindowException
from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from consoleproxy import errors
from tests.browser.looks import inspect
from tests.browser.page_server import page_server
from tests.browser.portal import running_portal
from tests.browser.test_reconnect import Network
from tests.browser.viewer_page import (
    GOES_OFFLINE,
    connections,
    count_connections,
    reached,
    text_of,
)
from tests.integration.fixtures.cloud import Machine, running_cloud
from tests.integration.fixtures.qemu import Qemu
from tests.waiting import wait_for

Screenshot = Callable[[Chrome, str], Path]


def _focused(driver: Chrome) -> Any:
    return driver.switch_to.active_element.get_attribute("id")


def _press(driver: Chrome, *keys: str) -> None:
    ActionChains(driver).send_keys(*keys).perform()


def _pauses(driver: Chrome) -> None:
    """Wait for a long pause between two attempts that has just begun."""
    wait_for(lambda: "begins in 5 seconds" in text_of(driver, "panel-detail"), "a long pause")


@contextmanager
def _silent() -> Iterator[int]:
    """A port where connections are taken, and nothing is ever said."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_connecting_says_what_it_waits_for(
    tmp_path: Path, open_browser: Callable[..., Chrome], screenshot: Screenshot
) -> None:
    with _silent() as port:
        machine = Machine("web-1", str(uuid.uuid4()), port)
        with running_cloud(tmp_path, [machine]) as cloud, page_server() as pages:
            driver = open_browser()
            driver.get(cloud.console(machine))
            awaited = "Waiting for the machine's screen…"
            wait_for(lambda: text_of(driver, "panel-detail") == awaited, "a word on the screen")
            assert text_of(driver, "status") == awaited
            assert inspect(driver, "connecting", screenshot) == []

            url = cloud.console(machine).replace(str(cloud.proxy.port), str(port))
            driver.get(url.replace(f":{port}/", f":{pages}/"))
            awaited = f"Waiting for the console proxy at 127.0.0.1:{port}…"
            wait_for(lambda: text_of(driver, "panel-detail") == awaited, "a word on the proxy")
            _press(driver, Keys.TAB)
            assert _focused(driver) == "cancel"
            _press(driver, Keys.ENTER)
            reached(driver, "ended")
            assert text_of(driver, "reason") == "The console was closed."


def test_a_cloud_that_takes_its_time_is_named(
    tmp_path: Path, machine: Machine, open_browser: Callable[..., Chrome]
) -> None:
    with running_cloud(tmp_path, [machine]) as cloud:
        driver = open_browser()
        url = cloud.console(machine)
        with _busy(tmp_path / "consoleproxy.db"):
            driver.get(url)
            awaited = "Waiting for the cloud's answer…"
            # The management server waits for its database for 5 s, and then refuses.
            wait_for(lambda: text_of(driver, "panel-detail") == awaited, "a word on the cloud")
            assert text_of(driver, "status") == awaited
        reached(driver, "connected")


@contextmanager
def _busy(database: Path) -> Iterator[None]:
    """Keep the management server from writing, as another one with much to do would."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


def test_connected_is_quiet(
    tmp_path: Path,
    machine: Machine,
    open_browser: Callable[..., Chrome],
    screenshot: Screenshot,
) -> None:
    with running_cloud(tmp_path, [machine]) as cloud:
        driver = open_browser()
        driver.get(cloud.console(machine))
        reached(driver, "connected")
        assert not driver.find_element(By.ID, "panel").is_displayed()
        assert inspect(driver, "connected", screenshot) == []


def test_a_machine_that_restarts_is_waited_for(
    tmp_path: Path,
    guest: Qemu,
    machine: Machine,
    open_browser: Callable[..., Chrome],
    screenshot: Screenshot,
) -> None:
    with running_cloud(tmp_path, [machine]) as cloud:
        driver = open_browser()
        driver.get(cloud.console(machine))
        reached(driver, "connected")
        guest.stop()
        wait_for(lambda: driver.find_element(By.ID, "panel").is_displayed(), "the panel")
        assert not driver.find_element(By.ID, "now").is_displayed()
        assert inspect(driver, "restarting", screenshot) == []


def test_reconnecting_counts_down_and_can_be_hurried_or_cancelled_by_keyboard(
    tmp_path: Path,
    machine: Machine,
    open_browser: Callable[..., Chrome],
    screenshot: Screenshot,
) -> None:
    with running_cloud(tmp_path, [machine]) as cloud, Network(cloud) as network:
        driver = open_browser()
        count_connections(driver)
        driver.get(cloud.console(machine).replace(str(cloud.proxy.port), str(network.port)))
        reached(driver, "connected")
        network.cut()
        _pauses(driver)
        assert inspect(driver, "reconnecting", screenshot) == []
        # It is not to be over by itself before it is hurried.
        _pauses(driver)
        network.mend()
        before = connections(driver)
        assert _focused(driver) == "screen"
        _press(driver, Keys.TAB)
        assert _focused(driver) == "now"
        _press(driver, Keys.ENTER)
        assert connections(driver) == before + 1
        reached(driver, "connected")

        network.cut()
        wait_for(lambda: driver.find_element(By.ID, "panel").is_displayed(), "the panel")
        driver.find_element(By.ID, "cancel").send_keys(Keys.ENTER)
        reached(driver, "ended")
        assert text_of(driver, "reason") == "The console was closed."
        assert text_of(driver, "advice") == "Open the console again from the cloud's page."


def test_a_network_that_went_is_noticed_at_once_and_so_is_its_return(
    tmp_path: Path, machine: Machine, open_browser: Callable[..., Chrome]
) -> None:
    with running_cloud(tmp_path, [machine]) as cloud, Network(cloud) as network:
        driver = open_browser()
        count_connections(driver)
        driver.get(cloud.console(machine).replace(str(cloud.proxy.port), str(network.port)))
        reached(driver, "connected")
        network.cut()
        assert driver.execute_script(GOES_OFFLINE) == "reconnecting"
        _pauses(driver)
        network.mend()
        online = "const before = connections; dispatchEvent(new Event('online'));"
        assert driver.execute_script(f"{online} return connections - before") == 1
        reached(driver, "connected")


def test_an_offline_event_alone_costs_no_more_than_a_moment(
    tmp_path: Path, machine: Machine, open_browser: Callable[..., Chrome]
) -> None:
    with running_cloud(tmp_path, [machine]) as cloud:
        driver = open_browser()
        count_connections(driver)
        driver.get(cloud.console(machine))
        reached(driver, "connected")
        assert driver.execute_script(GOES_OFFLINE) == "reconnecting"
        reached(driver, "connected")
        assert connections(driver) == 2, "the first attempt, which has no pause before it"


def test_an_end_says_why_and_offers_the_one_thing_to_do(
    tmp_path: Path,
    machine: Machine,
    open_browser: Callable[..., Chrome],
    screenshot: Screenshot,
    unused_port: int,
) -> None:
    away = Machine("web-2", str(uuid.uuid4()), unused_port)
    with running_cloud(tmp_path, [machine, away]) as cloud:
        driver = open_browser()
        driver.get(cloud.console(away))
        reached(driver, "ended")
        assert text_of(driver, "reason") == errors.HypervisorUnreachable.sentence
        assert _focused(driver) == "again"
        assert text_of(driver, "code") == "Code 4502 screen"
        assert inspect(driver, "try-again", screenshot) == []

        driver.get(cloud.console(machine).replace("token=", "token=x"))
        reached(driver, "ended")
        assert text_of(driver, "reason") == errors.TokenInvalid.sentence
        assert not driver.find_element(By.ID, "again").is_displayed()
        assert inspect(driver, "ended", screenshot) == []


@pytest.mark.parametrize("relation", ["opener", "noopener"])
def test_a_window_that_was_opened_for_the_console_can_be_closed(
    tmp_path: Path, machine: Machine, open_browser: Callable[..., Chrome], relation: str
) -> None:
    with running_cloud(tmp_path, [machine]) as cloud, running_portal() as portal:
        driver = open_browser()
        url = cloud.console(machine).replace("token=", "token=x").replace("&", "&amp;")
        link = f'<a id="open" href="{url}" target="_blank" rel="{relation}">Console</a>'
        portal.pages["/"] = f"<!doctype html><title>Portal</title>{link}"
        driver.get(portal.origin)
        driver.find_element(By.ID, "open").click()
        wait_for(lambda: len(driver.window_handles) == 2, "the console's window")
        driver.switch_to.window(driver.window_handles[1])
        reached(driver, "ended")
        assert _focused(driver) == "close"
        assert text_of(driver, "close") == "Close this window"
        # The window may be gone before the driver has heard what became of the click.
        with suppress(NoSuchWindowException):
            driver.find_element(By.ID, "close").click()
        wait_for(lambda: len(driver.window_handles) == 1, "the window to close")
        driver.switch_to.window(driver.window_handles[0])


def test_a_window_that_has_another_page_to_go_back_to_offers_no_close(
    tmp_path: Path, machine: Machine, open_browser: Callable[..., Chrome]
) -> None:
    with running_cloud(tmp_path, [machine]) as cloud, running_portal() as portal:
        driver = open_browser()
        portal.pages["/"] = "<!doctype html><title>Portal</title>"
        driver.get(portal.origin)
        driver.get(cloud.console(machine).replace("token=", "token=x"))
        reached(driver, "ended")
        assert not driver.find_element(By.ID, "close").is_displayed()
        assert _focused(driver) == "ended"
