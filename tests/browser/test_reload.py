"""A page that is loaded again while its console is not open yet, or while its network is away."""

import asyncio
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from selenium.common.exceptions import WebDriverException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from consoleproxy import errors
from tests.browser.test_reconnect import Network, _copy
from tests.browser.viewer_page import reached, state_of, text_of
from tests.integration.fixtures.cloud import Cloud, Machine, running_cloud
from tests.integration.fixtures.qemu import Qemu
from tests.waiting import wait_for

_KEPT = "return JSON.stringify([location.href, history.state, {...sessionStorage}])"


class LossyNetwork(Network):
    """A way to the proxy on which websockets may fare worse than the page.

    It ``refuses`` them, or is ``deaf``: what the proxy answers them does not arrive.
    """

    refuses = False
    deaf = False

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            request = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            request = b""
        websocket = request.startswith(b"GET /websockify")
        if self._is_cut or not request or (websocket and self.refuses):
            writer.transport.abort()
        else:
            there = await asyncio.open_connection("127.0.0.1", self._cloud.proxy.port)
            there[1].write(request)
            self._writers.add(there[1])
            back = there[0].read() if websocket and self.deaf else _copy(there[0], writer)
            await asyncio.gather(_copy(reader, there[1]), back)
            self._writers.discard(there[1])
            writer.close()
        self._writers.discard(writer)


@pytest.fixture
def network(cloud: Cloud) -> Iterator[LossyNetwork]:
    with LossyNetwork(cloud) as network:
        yield network


def _link(cloud: Cloud, machine: Machine, network: Network) -> str:
    return cloud.console(machine, extra="extra-value").replace(
        str(cloud.proxy.port), str(network.port)
    )


def _reload_in_vain(driver: Chrome) -> None:
    """Load the page again while nobody answers, so that the browser shows a page of its own."""
    with suppress(WebDriverException):
        driver.refresh()
    assert driver.execute_script("return location.protocol") == "chrome-error:"


def test_a_reload_finds_back_after_a_page_of_the_browser_s_own(
    cloud: Cloud, machine: Machine, network: LossyNetwork, open_browser: Callable[..., Chrome]
) -> None:
    driver = open_browser()
    driver.get(_link(cloud, machine, network))
    reached(driver, "connected")
    network.cut()
    reached(driver, "reconnecting")
    for _ in range(2):
        _reload_in_vain(driver)
    network.mend()
    driver.refresh()
    reached(driver, "connected")
    (session,) = cloud.proxy.registry
    assert session.number == 2


def test_a_link_is_in_the_page_s_memory_only_even_before_the_first_answer(
    cloud: Cloud,
    machine: Machine,
    guest: Qemu,
    network: LossyNetwork,
    open_browser: Callable[..., Chrome],
) -> None:
    url = _link(cloud, machine, network)
    driver = open_browser()
    network.deaf = True
    driver.get(url)
    wait_for(guest.clients, "the console to open for nobody")
    assert state_of(driver) == "connecting"
    kept = driver.execute_script(_KEPT)
    assert url.partition("token=")[2].partition("&")[0] not in kept
    assert "extra-value" not in kept
    network.deaf = False
    driver.refresh()
    reached(driver, "ended")
    assert text_of(driver, "reason") == errors.SessionOver.sentence


def test_a_link_that_was_not_used_is_tried_again_in_the_page(
    cloud: Cloud, machine: Machine, network: LossyNetwork, open_browser: Callable[..., Chrome]
) -> None:
    network.refuses = True
    driver = open_browser()
    driver.get(_link(cloud, machine, network))
    reached(driver, "ended")
    network.refuses = False
    driver.find_element(By.ID, "again").click()
    reached(driver, "connected")


def test_another_link_in_the_same_window_is_opened_though_only_its_fragment_differs(
    tmp_path: Path, qemu_factory: Callable[..., Qemu], open_browser: Callable[..., Chrome]
) -> None:
    guests = [qemu_factory(), qemu_factory()]
    machines = [
        Machine(f"web-{number}", str(uuid.uuid4()), guest.port)
        for number, guest in enumerate(guests)
    ]

    def show(number: int) -> None:
        """Wait until this machine's screen is open, and the other's is not."""
        expected = [int(one == number) for one in range(2)]
        wait_for(lambda: [len(guest.clients()) for guest in guests] == expected, "the machine")

    with running_cloud(tmp_path, machines) as cloud:
        driver = open_browser()
        for number, machine in enumerate(machines):
            driver.get(cloud.console(machine).replace("?", "#"))
            show(number)
            wait_for(lambda: "token=" not in driver.current_url, "the link to be gone")
            reached(driver, "connected")
        driver.back()
        show(0)
        reached(driver, "connected")
        driver.forward()
        show(1)


def test_what_an_extension_of_the_browser_does_wrong_is_not_the_viewer_s_fault(
    cloud: Cloud, machine: Machine, open_browser: Callable[..., Chrome]
) -> None:
    driver = open_browser()
    script = """addEventListener("readystatechange", () => { throw new Error("mine") }, true);
    //# sourceURL=chrome-extension://abc/inpage.js"""
    driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": script})
    driver.get(cloud.console(machine))
    reached(driver, "connected")
    assert text_of(driver, "reason") == ""
