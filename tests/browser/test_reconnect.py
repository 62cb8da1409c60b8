"""A console whose machine goes away while it is open: what the page does about it by itself."""

import asyncio
import socket
import uuid
from collections.abc import Callable, Container
from contextlib import suppress
from pathlib import Path
from typing import Self

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.browser.viewer_page import open_tool, reached, state_of
from tests.integration.fixtures.cloud import Cloud, Machine, running_cloud
from tests.integration.fixtures.qemu import Qemu
from tests.waiting import wait_for

_RED = [168, 0, 0]
_CORNER = """
const canvas = document.querySelector("#screen > :not(.still) canvas");
if (!canvas || !canvas.width) return null;
return [...canvas.getContext("2d").getImageData(canvas.width - 2, canvas.height - 2, 1, 1).data];
"""
# Notes the page's states and words, with their times, in the page: a reload would lose them.
_WATCH = """
window.seen = [];
const root = document.documentElement;
const note = (kind, what) => seen.push({ kind, what, at: performance.now() });
new MutationObserver(() => note("state", root.dataset.state))
  .observe(root, { attributeFilter: ["data-state"] });
const status = document.getElementById("status");
new MutationObserver(() => note("words", status.textContent)).observe(status, { childList: true });
"""
_SPOKEN_TOO_EARLY = """
let dropped = 0;
return seen.filter(({ kind, what, at }) => {
  if (what === "reconnecting") dropped = at;
  return kind === "words" && at - dropped < 350;
});
"""
_DROPPED = "The machine's screen was closed. Reconnecting…"
_LOST = "The connection was lost. Reconnecting…"

Screenshot = Callable[[Chrome, str], Path]


@pytest.fixture
def machine(guest: Qemu) -> Machine:
    return Machine("machine 1", str(uuid.uuid4()), guest.port)


def _status(driver: Chrome) -> str:
    return driver.find_element(By.ID, "status").text


def _stills(driver: Chrome) -> int:
    return len(driver.find_elements(By.CSS_SELECTOR, ".still"))


def _is_red(driver: Chrome) -> bool:
    return bool(driver.execute_script(_CORNER) == [*_RED, 255])


def _open(driver: Chrome, url: str) -> None:
    """Open a console, and make the guest's screen red; note on the page what becomes of it."""
    driver.get(url)
    reached(driver, "connected")
    wait_for(lambda: driver.execute_script(_CORNER), "the guest's screen")
    ActionChains(driver).send_keys(Keys.F4).perform()
    wait_for(lambda: _is_red(driver), "the guest to turn red")
    driver.execute_script(_WATCH)


def _seen(driver: Chrome) -> list[str]:
    """Return the states that the page went through since it was opened."""
    return [
        note["what"] for note in driver.execute_script("return seen") if note["kind"] == "state"
    ]


def _ended(driver: Chrome) -> tuple[str, str, str]:
    reached(driver, "ended")
    code = driver.execute_script("return document.documentElement.dataset.closeCode")
    return (
        str(code),
        driver.find_element(By.ID, "reason").text,
        driver.find_element(By.ID, "advice").text,
    )


def test_the_console_of_a_restarted_machine_comes_back(
    tmp_path: Path,
    guest: Qemu,
    machine: Machine,
    qemu_factory: Callable[..., Qemu],
    open_browser: Callable[..., Chrome],
    screenshot: Screenshot,
) -> None:
    with running_cloud(tmp_path, [machine]) as cloud:
        driver = open_browser()
        _open(driver, cloud.console(machine))
        open_tool(driver, "display")
        driver.find_element(By.ID, "actual").click()

        guest.stop()
        wait_for(lambda: _status(driver) == _DROPPED, "the page to say that it reconnects")
        assert state_of(driver) == "reconnecting"
        assert _stills(driver) == 1
        assert driver.find_element(By.ID, "cancel").is_displayed()
        ActionChains(driver).send_keys("lost").perform()
        wait_for(lambda: _is_dimmed(driver), "the last picture to be dimmed")
        screenshot(driver, "reconnecting")

        again = qemu_factory(port=guest.port)
        reached(driver, "connected")
        wait_for(lambda: _stills(driver) == 0, "the new screen")
        assert not _is_red(driver)
        ActionChains(driver).send_keys("hello").perform()
        wait_for(lambda: len(again.keys()) == 5, "the new guest to receive the keys")
        assert [chr(int(key[:2], 16)) for key in again.keys()] == list("hello")
        screenshot(driver, "reconnected")
        assert _status(driver) == "Connected"
        assert driver.find_element(By.ID, "leave").is_displayed()
        actual = driver.find_element(By.ID, "actual")
        assert actual.get_attribute("aria-pressed") == "true"
        assert len(driver.find_elements(By.CSS_SELECTOR, "canvas")) == 1
        (session,) = cloud.proxy.registry
        assert session.number == 1, "the screen came back on another websocket"
        assert _seen(driver) == ["reconnecting", "connected"]


def _is_dimmed(driver: Chrome) -> bool:
    still = driver.find_element(By.CSS_SELECTOR, ".still")
    return float(still.value_of_css_property("opacity")) < 0.5


def test_a_machine_that_is_not_started_again_ends_its_console(
    tmp_path: Path,
    guest: Qemu,
    machine: Machine,
    open_browser: Callable[..., Chrome],
    screenshot: Screenshot,
) -> None:
    with running_cloud(tmp_path, [machine], session_reconnection_window=4000) as cloud:
        driver = open_browser(size=(420, 720))
        _open(driver, cloud.console(machine))
        guest.stop()
        wait_for(lambda: _status(driver) == _DROPPED, "the page to say that it reconnects")
        assert _ended(driver) == (
            "4502",
            "The screen of this machine did not come back. "
            "Open the console again from the cloud's page.",
            "",
        )
        screenshot(driver, "not-come-back")
        assert _stills(driver) == 0
        assert not driver.find_element(By.ID, "again").is_displayed()


def test_a_person_need_not_wait_for_the_machine(
    tmp_path: Path, guest: Qemu, machine: Machine, open_browser: Callable[..., Chrome]
) -> None:
    with running_cloud(tmp_path, [machine]) as cloud:
        driver = open_browser()
        _open(driver, cloud.console(machine))
        guest.stop()
        wait_for(lambda: _status(driver) == _DROPPED, "the page to say that it reconnects")
        driver.find_element(By.ID, "cancel").click()
        assert _ended(driver)[:2] == ("1000", "The console was closed.")
        wait_for(lambda: cloud.sessions() == 0, "the proxy to have no session left")
        assert driver.find_elements(By.CSS_SELECTOR, "#screen canvas") == []


def test_a_short_loss_is_not_worth_a_word(
    tmp_path: Path, guest: Qemu, machine: Machine, open_browser: Callable[..., Chrome]
) -> None:
    with running_cloud(tmp_path, [machine]) as cloud:
        driver = open_browser()
        _open(driver, cloud.console(machine))
        _push_viewers_out(guest)
        wait_for(lambda: _seen(driver)[-1:] == ["connected"], "the console to come back")
        wait_for(lambda: _is_red(driver) and _stills(driver) == 0, "the same screen again")
        assert driver.execute_script(_SPOKEN_TOO_EARLY) == []
        ActionChains(driver).send_keys("x").perform()
        wait_for(lambda: len(guest.keys()) == 2, "the guest to receive the key")


def test_a_lost_connection_to_the_proxy_is_made_again(
    tmp_path: Path,
    guest: Qemu,
    machine: Machine,
    open_browser: Callable[..., Chrome],
    screenshot: Screenshot,
) -> None:
    with running_cloud(tmp_path, [machine]) as cloud, Network(cloud) as network:
        driver = open_browser()
        url = cloud.console(machine)
        _open(driver, url.replace(str(cloud.proxy.port), str(network.port)))
        network.cut()
        wait_for(lambda: _status(driver) == _LOST, "the page to say that it reconnects")
        wait_for(lambda: _is_dimmed(driver), "the last picture to be dimmed")
        screenshot(driver, "connection-lost")
        network.mend()
        reached(driver, "connected")
        wait_for(lambda: _is_red(driver) and _stills(driver) == 0, "the same screen again")
        ActionChains(driver).send_keys("x").perform()
        wait_for(lambda: len(guest.keys()) == 2, "the guest to receive the key")
        assert set(_seen(driver)) == {"reconnecting", "connected"}


def test_a_connection_that_is_gone_without_a_word_is_noticed_by_who_types(
    tmp_path: Path, guest: Qemu, machine: Machine, open_browser: Callable[..., Chrome]
) -> None:
    with running_cloud(tmp_path, [machine]) as cloud, Network(cloud) as network:
        driver = open_browser()
        url = cloud.console(machine)
        _open(driver, url.replace(str(cloud.proxy.port), str(network.port)))
        # What looks after it comes behind the first picture.
        wait_for(lambda: driver.find_elements(By.ID, "way-out"), "the rest of the page")
        network.forget()
        ActionChains(driver).send_keys("lost").perform()
        wait_for(lambda: "reconnecting" in _seen(driver), "the page to notice", limit=30)
        wait_for(lambda: _seen(driver)[-1] == "connected", "the console to be back")
        ActionChains(driver).send_keys("x").perform()
        wait_for(lambda: len(guest.keys()) == 2, "the guest to receive the key")


def _push_viewers_out(guest: Qemu) -> None:
    """Ask QEMU for its screen without sharing it (RFC 6143 section 7.3.1), and leave at once."""
    with socket.create_connection(("127.0.0.1", guest.port), 10) as viewer:
        for answer, expected in ((b"RFB 003.008\n", 12), (b"\x01", 2), (b"\x00", 4)):
            assert len(viewer.recv(expected, socket.MSG_WAITALL)) == expected
            viewer.sendall(answer)
        viewer.shutdown(socket.SHUT_WR)
        while viewer.recv(4096):
            pass


class Network:
    """A way to the proxy, at ``port``, that can be cut; a context manager.

    ``source`` is where it comes from, as the proxy sees it; empty for the system's choice.
    """

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._is_cut = False
        self.source = ""
        self._writers: set[asyncio.StreamWriter] = set()
        self._silent: set[asyncio.StreamWriter] = set()
        self._server = cloud.run(lambda: asyncio.start_server(self._carry, "127.0.0.1", 0))
        self.port = int(self._server.sockets[0].getsockname()[1])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._cloud.run(self._end)

    def cut(self) -> None:
        """Break all connections, and let none be made until it is mended."""
        self._is_cut = True
        self._cloud.run(self._break)

    def mend(self) -> None:
        """Let connections be made again."""
        self._is_cut = False

    def forget(self) -> None:
        """Carry nothing more over the connections that there are, and tell nobody."""
        self._silent |= self._writers

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.transport.abort()
            return
        there = await asyncio.open_connection(
            "127.0.0.1",
            self._cloud.proxy.port,
            local_addr=(self.source, 0) if self.source else None,
        )
        self._writers |= {writer, there[1]}
        await asyncio.gather(
            _copy(reader, there[1], self._silent), _copy(there[0], writer, self._silent)
        )
        self._writers -= {writer, there[1]}

    async def _break(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def _end(self) -> None:
        self._server.close()
        await self._break()
        await self._server.wait_closed()


async def _copy(
    source: asyncio.StreamReader,
    target: asyncio.StreamWriter,
    silent: Container[asyncio.StreamWriter] = (),
) -> None:
    with suppress(ConnectionError):
        while data := await source.read(65536):
            if target not in silent:
                target.write(data)
                await target.drain()
    target.close()
