"""A machine's screen that is made as large as the window: where the server can, and where not."""

import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.browser.pixels import canvas
from tests.browser.viewer_page import hasten, open_console, open_tool
from tests.integration.fixtures.cloud import Cloud, Machine, running_cloud
from tests.integration.fixtures.qemu import Qemu
from tests.integration.fixtures.rounding import RoundingServer
from tests.integration.fixtures.x_painter import Painter
from tests.integration.fixtures.xvnc import Xvnc
from tests.waiting import wait_for

Screenshot = Callable[[Chrome, str], Path]

# Notes each height that the machine's screen becomes.
_HEIGHTS = """
window.heights = [];
const canvas = document.querySelector("#screen > :not(.still) > canvas");
new MutationObserver(() => heights.push(canvas.height))
  .observe(canvas, { attributeFilter: ["height"] });
"""


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


def _room(driver: Chrome) -> tuple[int, int]:
    width, height = canvas(driver)["room"][2:]
    # What is a whole number of pixels may come out a little below it.
    return int(width + 0.01), int(height + 0.01)


def _note(driver: Chrome) -> str:
    notes = driver.find_elements(By.CSS_SELECTOR, "#tool .note")
    return " ".join(note.text for note in notes if note.text)


@pytest.mark.parametrize(("ratio", "each"), [(1, 1), (1.1, 1), (1.5, 1), (2, 2)])
def test_the_machine_takes_the_window_s_size_and_is_sharp(
    cloud: Cloud,
    machine: Machine,
    painter: Painter,
    open_browser: Callable[..., Chrome],
    ratio: float,
    each: int,
) -> None:
    driver = open_browser(ratio=ratio, size=(903, 701))
    open_console(driver, cloud.console(machine) + "&resize=remote")
    for size in ((903, 701), (751, 602)):
        driver.set_window_size(*size)
        wait_for(
            lambda: painter.size() == tuple(length // each for length in _room(driver)),
            "the machine's screen to be as large as the window",
        )
        wait_for(lambda: canvas(driver)["width"] == painter.size()[0], "the picture")
        box = canvas(driver)["box"]
        assert box[2:] == pytest.approx([length * each for length in painter.size()], abs=0.1)


def test_a_tool_that_is_opened_leaves_the_machine_s_size_alone(
    cloud: Cloud, machine: Machine, painter: Painter, open_browser: Callable[..., Chrome]
) -> None:
    driver = open_browser()
    open_console(driver, cloud.console(machine))
    assert painter.size() == (640, 480)
    closed = _room(driver)
    open_tool(driver, "display")
    driver.find_element(By.ID, "match").click()
    wait_for(lambda: painter.size() == closed, "the machine's screen to fill the window")
    wait_for(lambda: canvas(driver)["box"][3] <= _room(driver)[1] < closed[1], "it to be seen")
    assert _note(driver) == ""
    driver.find_element(By.CSS_SELECTOR, "[data-tool=display]").click()
    wait_for(lambda: canvas(driver)["box"][2:] == list(closed), "the picture to be as large")
    assert painter.size() == closed


def test_every_pixel_of_the_display_if_that_is_wanted(
    cloud: Cloud,
    machine: Machine,
    painter: Painter,
    open_browser: Callable[..., Chrome],
    screenshot: Screenshot,
) -> None:
    driver = open_browser(ratio=2, size=(700, 500))
    open_console(driver, cloud.console(machine))
    room = _room(driver)
    open_tool(driver, "display")
    assert not driver.find_element(By.ID, "finest").is_displayed()
    driver.find_element(By.ID, "match").click()
    wait_for(lambda: painter.size() == tuple(length // 2 for length in room), "the size")
    driver.find_element(By.ID, "finest").click()
    wait_for(lambda: painter.size() == room, "the display's pixels")
    screenshot(driver, "display-match-finest")


def test_who_looks_on_only_asks_for_nothing(
    cloud: Cloud, machine: Machine, painter: Painter, open_browser: Callable[..., Chrome]
) -> None:
    driver = open_browser()
    open_console(driver, cloud.console(machine) + "&resize=remote&view_only=true")
    open_tool(driver, "display")
    wait_for(lambda: "only looks on" in _note(driver), "the tool to say so")
    assert painter.size() == (640, 480)
    driver.find_element(By.ID, "look").click()
    wait_for(lambda: painter.size() != (640, 480), "the machine's screen to change")


@pytest.mark.parametrize(
    ("graphics", "said"),
    [
        ("std", "The machine did not take the window's size."),
        # It could, and has told its guest, which has no driver for that.
        ("virtio", "The machine was asked for the window's size."),
    ],
)
def test_a_machine_that_cannot_is_fitted_and_the_tool_says_so(
    tmp_path: Path,
    qemu_factory: Callable[..., Qemu],
    open_browser: Callable[..., Chrome],
    screenshot: Screenshot,
    graphics: str,
    said: str,
) -> None:
    guest = qemu_factory(arguments=("-vga", graphics))
    machine = Machine("web-1", str(uuid.uuid4()), guest.port)
    with running_cloud(tmp_path, [machine]) as cloud:
        driver = open_browser()
        open_console(driver, cloud.console(machine))
        open_tool(driver, "display")
        driver.find_element(By.ID, "match").click()
        wait_for(lambda: said in _note(driver), "a word of the tool")
        screenshot(driver, f"display-match-{graphics}")
        box, room = canvas(driver)["box"], canvas(driver)["room"]
        assert min(room[2] - box[2], room[3] - box[3]) == pytest.approx(0, abs=1)
        assert canvas(driver)["width"] == 720


def test_a_server_that_rounds_is_asked_once_for_each_size_of_the_window(
    tmp_path: Path, open_browser: Callable[..., Chrome]
) -> None:
    with RoundingServer() as server:
        machine = Machine("rounds", str(uuid.uuid4()), server.port)
        with running_cloud(tmp_path, [machine]) as cloud:
            # Neither is a multiple of eight.
            driver = open_browser(size=(901, 703))
            open_console(driver, cloud.console(machine) + "&resize=remote")
            wide = _room(driver)
            wait_for(lambda: canvas(driver)["width"] == 896, "the next size that it has")
            wait_for(lambda: time.monotonic() - server.wishes[0][0] > 1, "time to ask again")
            assert [wish[1:] for wish in server.wishes] == [wide]
            driver.set_window_size(807, 703)
            wait_for(lambda: canvas(driver)["width"] == 800, "the next size that it has")
            assert server.wishes[-1][1:] == _room(driver)


def test_the_bar_that_comes_back_in_full_screen_leaves_the_machine_s_size_alone(
    cloud: Cloud, machine: Machine, open_browser: Callable[..., Chrome]
) -> None:
    driver = open_browser(size=(803, 601))
    hasten(driver)
    open_console(driver, cloud.console(machine) + "&resize=remote")
    wait_for(lambda: driver.find_elements(By.ID, "way-out"), "the rest of the page")
    driver.find_element(By.ID, "full").click()
    ActionChains(driver).move_to_element(driver.find_element(By.ID, "screen")).perform()
    wait_for(lambda: canvas(driver)["room"][1] == 0, "the bar to go")
    whole = _room(driver)
    wait_for(lambda: canvas(driver)["height"] == whole[1], "the machine's screen to fill the room")
    driver.execute_script(_HEIGHTS)
    keys = ActionChains(driver)
    for key in (Keys.CONTROL, Keys.ALT, Keys.SHIFT):
        keys.key_down(key)
    for key in (Keys.SHIFT, Keys.ALT, Keys.CONTROL):
        keys.key_up(key)
    keys.perform()
    wait_for(lambda: canvas(driver)["box"][3] <= _room(driver)[1] < whole[1], "the bar")
    ActionChains(driver).send_keys(Keys.ESCAPE).perform()
    wait_for(lambda: canvas(driver)["box"][2:] == list(whole), "the bar to go again")
    assert driver.execute_script("return heights") == []
