"""The quality of the picture, as a real X server is told and as the line carries it."""

import struct
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from tests.browser.pixels import canvas
from tests.browser.slow_line import SlowLine
from tests.browser.test_reconnect import Network
from tests.browser.viewer_page import hasten, open_console, open_tool
from tests.integration.fixtures.cloud import Cloud, Machine
from tests.integration.fixtures.x_painter import Painter
from tests.integration.fixtures.xvnc import Xvnc
from tests.waiting import wait_for

Screenshot = Callable[[Chrome, str], Path]

_LISTEN = """
const { send } = WebSocket.prototype;
window.said = [];
WebSocket.prototype.send = function (data) {
  if (typeof data !== "string" && data[0] === 2) said.push([...data]);
  send.call(this, data);
};
"""
_CORNER = """
const canvas = document.querySelector("#screen canvas");
return [...canvas.getContext("2d").getImageData(9, 9, 1, 1).data];
"""
_CURSOR = "return document.querySelector('#screen > :not(.still) > canvas').style.cursor"
# Pseudo-encodings of Tight: the lowest level's numbers.
_QUALITY, _COMPRESSION = -32, -256


@pytest.fixture
def server() -> Iterator[Xvnc]:
    server = Xvnc("None")
    yield server
    server.stop()


@pytest.fixture
def painter(server: Xvnc) -> Iterator[Painter]:
    with Painter(server) as painter:
        yield painter


@pytest.fixture
def machine(server: Xvnc) -> Machine:
    return Machine("desktop-1", str(uuid.uuid4()), server.port)


def _connect(driver: Chrome, url: str) -> None:
    driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": _LISTEN})
    open_console(driver, url)


def _told(driver: Chrome) -> tuple[int, int]:
    """Return the levels of quality and compression that the server was last told."""
    message = bytes(driver.execute_script("return said")[-1])
    (count,) = struct.unpack_from(">H", message, 2)
    encodings = struct.unpack_from(f">{count}i", message, 4)
    (quality,) = [code - _QUALITY for code in encodings if 0 <= code - _QUALITY <= 9]
    (compression,) = [code - _COMPRESSION for code in encodings if 0 <= code - _COMPRESSION <= 9]
    return quality, compression


def _is_told(driver: Chrome, levels: tuple[int, int], limit: float = 15.0) -> None:
    wait_for(lambda: _told(driver) == levels, f"the server to be told {levels}", limit=limit)


@contextmanager
def _painting(painter: Painter) -> Iterator[None]:
    """Paint all the time, ten times a second at most."""
    ends = threading.Event()

    def paint() -> None:
        while not ends.wait(0.1):
            painter.noise()

    thread = threading.Thread(target=paint, name="painter")
    thread.start()
    try:
        yield
    finally:
        ends.set()
        thread.join()


def _shows(driver: Chrome, painter: Painter, colour: int) -> None:
    painter.fill(colour)
    expected = [*colour.to_bytes(3, "big"), 255]
    wait_for(lambda: driver.execute_script(_CORNER) == expected, f"the colour {colour:06x}")


def test_another_quality_counts_at_once_on_the_same_stream_and_next_time(
    cloud: Cloud, machine: Machine, painter: Painter, open_browser: Callable[..., Chrome]
) -> None:
    driver = open_browser()
    _connect(driver, cloud.console(machine))
    assert _told(driver) == (6, 2)
    open_tool(driver, "display")
    for quality, levels, colour in (("best", (9, 2), 0x204060), ("save", (2, 9), 0x4080C0)):
        with _painting(painter):
            driver.find_element(By.ID, quality).click()
            _is_told(driver, levels)
        _shows(driver, painter, colour)
    (session,) = cloud.proxy.registry
    assert session.number == 1, "the stream broke"

    # Its request says another quality than the one that counts.
    _connect(driver, cloud.console(machine))
    assert _told(driver) == (2, 9)
    _shows(driver, painter, 0x8090A0)


def test_the_link_names_levels_until_a_person_chooses(
    cloud: Cloud, machine: Machine, open_browser: Callable[..., Chrome]
) -> None:
    driver = open_browser()
    _connect(driver, cloud.console(machine) + "&quality=1&compression=7")
    assert _told(driver) == (1, 7)
    open_tool(driver, "display")
    tool = driver.find_element(By.ID, "tool")
    assert "levels of its own: 1/7" in tool.text
    assert tool.find_elements(By.CSS_SELECTOR, "#automatic[aria-pressed=true]") == []
    driver.find_element(By.ID, "balanced").click()
    _is_told(driver, (6, 2))
    assert "levels of its own" not in tool.text


def test_an_automatic_quality_follows_a_line_that_is_full(
    cloud: Cloud,
    machine: Machine,
    painter: Painter,
    open_browser: Callable[..., Chrome],
    screenshot: Screenshot,
) -> None:
    driver = open_browser()
    hasten(driver)
    with SlowLine(cloud.proxy.port, 3_000_000) as line:
        url = cloud.console(machine).replace(f":{cloud.proxy.port}/", f":{line.port}/")
        _connect(driver, url)
        with _painting(painter):
            line.rate = 60_000
            _is_told(driver, (2, 9), limit=80)
        line.rate = 3_000_000
        open_tool(driver, "display")
        assert "good for: Save data" in driver.find_element(By.ID, "tool").text
        assert driver.find_element(By.ID, "automatic").get_attribute("aria-pressed") == "true"
        screenshot(driver, "display-automatic")
        _shows(driver, painter, 0x205080)


def test_a_connection_that_comes_back_has_all_that_was_chosen(
    cloud: Cloud, machine: Machine, painter: Painter, open_browser: Callable[..., Chrome]
) -> None:
    with Network(cloud) as network:
        driver = open_browser()
        _connect(driver, cloud.console(machine).replace(str(cloud.proxy.port), str(network.port)))
        open_tool(driver, "display")
        for choice in ("save", "match", "dot"):
            driver.find_element(By.ID, choice).click()
        _is_told(driver, (2, 9))
        wait_for(lambda: painter.size() != (640, 480), "the machine's screen to match")
        driver.find_element(By.ID, "look").click()
        size = painter.size()
        driver.execute_script("said.length = 0")
        network.cut()
        status = driver.find_element(By.ID, "status")
        wait_for(lambda: "Reconnecting" in status.text, "the connection to go")
        network.mend()
        wait_for(lambda: driver.execute_script("return said.length"), "the console to be back")
        wait_for(lambda: status.text == "Connected", "the console to be back")
        assert _told(driver) == (2, 9)
        assert driver.find_element(By.ID, "view-only").is_displayed()
        assert driver.find_element(By.ID, "match").get_attribute("aria-pressed") == "true"
        wait_for(lambda: canvas(driver)["width"], "the machine's screen")
        assert painter.size() == size
        wait_for(lambda: driver.execute_script(_CURSOR) == "none", "no dot")
