"""How large and how sharp a machine's screen is shown."""

from collections.abc import Callable
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.browser.looks import inspect
from tests.browser.pixels import blurred, canvas, painted
from tests.browser.viewer_page import open_tool, reached
from tests.integration.fixtures.cloud import Machine, running_cloud
from tests.integration.fixtures.qemu import Qemu
from tests.waiting import wait_for

Screenshot = Callable[[Chrome, str], Path]

# The guest's, in text mode.
_WIDTH, _HEIGHT = 720, 400
_SCROLLED = """
const around = document.querySelector("#screen > :not(.still) > canvas").parentElement;
return [around.scrollLeft, around.scrollTop];
"""


def _connect(driver: Chrome, url: str) -> None:
    driver.get(url)
    reached(driver, "connected")
    wait_for(lambda: painted(driver), "the guest's screen")


def _factor(driver: Chrome) -> float:
    """Return how many of the display's pixels each of the machine's gets."""
    return float(canvas(driver)["box"][2] / _WIDTH)


def _spared(driver: Chrome) -> float:
    """Return how much of the room the picture leaves empty in the direction that it fills."""
    seen = canvas(driver)
    return float(min(seen["room"][2] - seen["box"][2], seen["room"][3] - seen["box"][3]))


def _becomes(driver: Chrome, factor: float) -> None:
    wait_for(lambda: abs(_factor(driver) - factor) < 0.01, f"the picture to be {factor} times")


@pytest.mark.parametrize("ratio", [1, 1.25, 1.5, 2])
def test_one_to_one_is_a_pixel_for_a_pixel_of_the_display(
    tmp_path: Path, machine: Machine, open_browser: Callable[..., Chrome], ratio: float
) -> None:
    with running_cloud(tmp_path, [machine]) as cloud:
        # Odd sizes: the middle is within a pixel.
        driver = open_browser(ratio=ratio, size=(1023, 701))
        _connect(driver, cloud.console(machine) + "&resize=off")
        assert _factor(driver) == pytest.approx(1, abs=0.0001)
        assert blurred(driver, 1) == (_WIDTH * _HEIGHT, 0)
        open_tool(driver, "display")
        driver.find_element(By.ID, "double").click()
        _becomes(driver, 2)
        looked, wrong = blurred(driver, 2)
        assert (looked > _WIDTH * _HEIGHT, wrong) == (True, 0)


def test_fitted_is_sharp_where_that_leaves_little_room_empty(
    tmp_path: Path, machine: Machine, open_browser: Callable[..., Chrome]
) -> None:
    with running_cloud(tmp_path, [machine]) as cloud:
        # 2.09 times would fit.
        driver = open_browser(ratio=2, size=(752, 700))
        _connect(driver, cloud.console(machine))
        assert _factor(driver) == pytest.approx(2, abs=0.0001)
        assert blurred(driver, 2) == (_WIDTH * _HEIGHT * 4, 0)
        # 2.84 times: the room is worth more.
        driver.set_window_size(1024, 768)
        wait_for(lambda: _factor(driver) > 2.5, "the picture to grow")
        wait_for(lambda: abs(_spared(driver)) <= 1, "the picture to fill the window")


def test_a_small_screen_stays_small_if_that_is_wanted_here_and_next_time(
    tmp_path: Path, machine: Machine, open_browser: Callable[..., Chrome]
) -> None:
    with running_cloud(tmp_path, [machine]) as cloud:
        driver = open_browser(size=(1400, 1000))
        _connect(driver, cloud.console(machine))
        assert _factor(driver) > 1.5
        open_tool(driver, "display")
        driver.find_element(By.ID, "enlarge").click()
        _becomes(driver, 1)
        assert blurred(driver, 1) == (_WIDTH * _HEIGHT, 0)
        _connect(driver, cloud.console(machine))
        _becomes(driver, 1)
        driver.set_window_size(500, 500)
        wait_for(lambda: _factor(driver) < 0.7, "the picture to fit")


def test_a_larger_picture_is_moved_by_mouse_and_keys(
    tmp_path: Path,
    guest: Qemu,
    machine: Machine,
    open_browser: Callable[..., Chrome],
    screenshot: Screenshot,
) -> None:
    with running_cloud(tmp_path, [machine]) as cloud:
        driver = open_browser(size=(500, 400))
        _connect(driver, cloud.console(machine) + "&resize=off")
        open_tool(driver, "display")
        move = driver.find_element(By.ID, "move")
        assert inspect(driver, "tool-display-actual", screenshot) == []
        driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        wait_for(move.is_displayed, "the window to be small again")
        move.click()
        assert move.get_attribute("aria-pressed") == "true"
        screen = driver.find_element(By.ID, "screen")
        drag = ActionChains(driver).move_to_element(screen).click_and_hold()
        drag.move_by_offset(-90, -20).release().perform()
        assert driver.execute_script(_SCROLLED) == [90, 20]
        ActionChains(driver).send_keys(Keys.ARROW_LEFT, "a").perform()
        assert driver.execute_script(_SCROLLED) == [30, 20]
        wait_for(lambda: [key[:2] for key in guest.keys()] == ["61"], "the letter alone")
        ActionChains(driver).send_keys(Keys.ESCAPE).perform()
        assert move.get_attribute("aria-pressed") == "false"
        ActionChains(driver).send_keys(Keys.ARROW_LEFT).perform()
        wait_for(lambda: len(guest.keys()) == 2, "the arrow to be the machine's again")
        assert driver.execute_script(_SCROLLED) == [30, 20]


def test_a_restart_finds_the_picture_where_it_was(
    tmp_path: Path,
    guest: Qemu,
    machine: Machine,
    qemu_factory: Callable[..., Qemu],
    open_browser: Callable[..., Chrome],
) -> None:
    with running_cloud(tmp_path, [machine]) as cloud:
        driver = open_browser(size=(500, 400))
        _connect(driver, cloud.console(machine) + "&resize=off")
        driver.execute_script(
            "document.querySelector('#screen canvas').parentElement.scrollTo(100, 30)"
        )
        guest.kill()
        status = driver.find_element(By.ID, "status")
        wait_for(lambda: "Reconnecting" in status.text, "the screen to be away")
        qemu_factory(port=machine.port)
        wait_for(lambda: status.text == "Connected", "the screen to be back")
        wait_for(lambda: driver.execute_script(_SCROLLED) == [100, 30], "its place")
        assert _factor(driver) == pytest.approx(1)


@pytest.mark.parametrize(
    ("parameters", "size"),
    [("", "fit"), ("&resize=scale", "fit"), ("&resize=off", "actual"), ("&resize=remote", "match")],
)
def test_the_link_chooses(
    tmp_path: Path,
    machine: Machine,
    open_browser: Callable[..., Chrome],
    parameters: str,
    size: str,
) -> None:
    with running_cloud(tmp_path, [machine]) as cloud:
        driver = open_browser()
        _connect(driver, cloud.console(machine) + parameters)
        open_tool(driver, "display")
        assert driver.find_element(By.ID, size).get_attribute("aria-pressed") == "true"
