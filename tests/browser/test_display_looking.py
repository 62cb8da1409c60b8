"""To look on only, pictures of the screen, the dot, and full screen."""

import base64
import hashlib
import re
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from tests.browser.looks import inspect
from tests.browser.pixels import canvas, same_picture
from tests.browser.viewer_page import hasten, open_console
from tests.integration.fixtures.cloud import Cloud, Machine
from tests.integration.fixtures.x_painter import Painter
from tests.integration.fixtures.x_pointer import Pointer
from tests.integration.fixtures.xvnc import Xvnc
from tests.waiting import wait_for

Screenshot = Callable[[Chrome, str], Path]

_CURSOR = "return document.querySelector('#screen canvas').style.cursor"
_FULL = "return document.fullscreenElement !== null"
_DIGEST = """
const done = arguments[0];
const { width, height } = document.querySelector("#screen canvas");
const context = document.querySelector("#screen canvas").getContext("2d");
const colours = context.getImageData(0, 0, width, height).data.filter((_, at) => at % 4 < 3);
crypto.subtle.digest("SHA-256", colours).then((digest) =>
  done([...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("")));
"""
_COPIED = """
const done = arguments[0];
(async () => {
  const [item] = await navigator.clipboard.read();
  const reader = new FileReader();
  reader.onload = () => done(reader.result);
  reader.readAsDataURL(await item.getType("image/png"));
})();
"""


@pytest.fixture
def server() -> Iterator[Xvnc]:
    server = Xvnc("None")
    yield server
    server.stop()


@pytest.fixture
def pointer(server: Xvnc) -> Iterator[Pointer]:
    with Pointer(server) as pointer:
        yield pointer


@pytest.fixture
def machine(server: Xvnc) -> Machine:
    return Machine("desktop/1", str(uuid.uuid4()), server.port)


def _tool(driver: Chrome) -> WebElement:
    return driver.find_element(By.CSS_SELECTOR, "[data-tool=display]")


def _open_tool(driver: Chrome) -> None:
    _tool(driver).click()
    wait_for(lambda: driver.find_element(By.ID, "tool").is_displayed(), "the tool")


def _click_and_type(driver: Chrome) -> None:
    screen = driver.find_element(By.ID, "screen")
    ActionChains(driver).move_to_element(screen).click().send_keys("x").perform()


@pytest.mark.parametrize("ratio", [1, 1.5, 2])
@pytest.mark.parametrize("size", ["scale", "off"])
def test_a_click_is_where_it_is_seen(
    cloud: Cloud,
    machine: Machine,
    pointer: Pointer,
    open_browser: Callable[..., Chrome],
    size: str,
    ratio: float,
) -> None:
    driver = open_browser(ratio=ratio, size=(903, 701))
    open_console(driver, cloud.console(machine) + f"&resize={size}")
    seen = driver.find_element(By.CSS_SELECTOR, "#screen canvas")
    width = seen.rect["width"]
    # From its middle, in pixels of CSS.
    across, down = 0.25 * width, -0.125 * width
    ActionChains(driver).move_to_element_with_offset(seen, across, down).click().perform()
    wait_for(lambda: len(pointer.buttons()) == 2, "the click")
    x, y = pointer.buttons()[0][2:]
    # A pixel of CSS may be two of the machine's.
    assert [x, y] == pytest.approx([480, 160], abs=2)


def test_who_looks_on_only_does_nothing_to_the_machine(
    cloud: Cloud,
    machine: Machine,
    server: Xvnc,
    pointer: Pointer,
    open_browser: Callable[..., Chrome],
    screenshot: Screenshot,
) -> None:
    driver = open_browser()
    open_console(driver, cloud.console(machine) + "&view_only=true")
    sign = driver.find_element(By.ID, "view-only")
    acting = driver.find_elements(By.CSS_SELECTOR, "[data-acts]")
    assert sign.text == "View only"
    assert [button.is_enabled() for button in acting] == [False] * len(acting)
    _click_and_type(driver)
    ActionChains(driver).key_down("a").perform()
    _open_tool(driver)
    assert inspect(driver, "view-only", screenshot) == []
    assert server.keys() == set()
    driver.find_element(By.ID, "look").click()
    assert not sign.is_displayed()
    assert all(button.is_enabled() for button in acting)
    ActionChains(driver).key_up("a").perform()
    _click_and_type(driver)
    wait_for(lambda: len(pointer.buttons()) == 2, "a click, and none of those before")

    # A tool that acts is closed, and its button is out of reach.
    driver.find_element(By.CSS_SELECTOR, "[data-tool=keys]").click()
    wait_for(lambda: driver.find_elements(By.ID, "cad"), "the tool for keys")
    assert driver.find_element(By.ID, "tool").get_attribute("data-tool") == "keys"
    _open_tool(driver)
    driver.find_element(By.ID, "look").send_keys(Keys.SPACE)
    assert sign.is_displayed()
    assert not any(button.is_enabled() for button in acting)
    # The next page begins as usual.
    open_console(driver, cloud.console(machine))
    assert not driver.find_element(By.ID, "view-only").is_displayed()


def test_a_picture_is_saved_and_copied_as_it_is(
    tmp_path: Path,
    cloud: Cloud,
    machine: Machine,
    server: Xvnc,
    open_browser: Callable[..., Chrome],
) -> None:
    driver = open_browser(ratio=2, size=(700, 600))
    folder = tmp_path / "pictures"
    behaviour = {"behavior": "allow", "downloadPath": str(folder)}
    driver.execute_cdp_cmd("Browser.setDownloadBehavior", behaviour)
    granted = {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
    driver.execute_cdp_cmd("Browser.grantPermissions", granted)
    with Painter(server) as painter:
        digest = hashlib.sha256(painter.checks()).hexdigest()
        open_console(driver, cloud.console(machine) + "&resize=off")
        _open_tool(driver)
        wait_for(lambda: driver.execute_async_script(_DIGEST) == digest, "the very picture")
        driver.find_element(By.ID, "picture").click()
        wait_for(lambda: list(folder.glob("*.png")), "the file")
        (file,) = folder.iterdir()
        assert re.fullmatch(r"desktop 1 \d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d\.png", file.name)
        saved = "data:image/png;base64," + base64.b64encode(file.read_bytes()).decode()
        assert same_picture(driver, saved, canvas(driver)["picture"]) == (640, 480)

        driver.find_element(By.ID, "copy").click()
        status = driver.find_element(By.ID, "status")
        wait_for(lambda: status.text == "The picture was copied.", "a word on it")
        copied = driver.execute_async_script(_COPIED)
        assert same_picture(driver, copied, canvas(driver)["picture"]) == (640, 480)


def test_a_dot_stands_in_for_a_pointer_if_that_is_wanted(
    cloud: Cloud, machine: Machine, open_browser: Callable[..., Chrome]
) -> None:
    driver = open_browser()
    url = cloud.console(machine)
    assert "show_dot=true" in url
    # An X server without a window manager draws none.
    open_console(driver, url)
    wait_for(lambda: driver.execute_script(_CURSOR).startswith("url("), "the dot")
    _open_tool(driver)
    dot = driver.find_element(By.ID, "dot")
    dot.click()
    assert driver.execute_script(_CURSOR) == "none"
    dot.click()
    open_console(driver, cloud.console(machine).replace("show_dot=true", "guest=x"))
    wait_for(lambda: driver.execute_script(_CURSOR).startswith("url("), "the dot, remembered")


def test_in_full_screen_the_bar_goes_by_itself_and_comes_back(
    cloud: Cloud,
    machine: Machine,
    open_browser: Callable[..., Chrome],
    screenshot: Screenshot,
) -> None:
    driver = open_browser(size=(800, 600))
    hasten(driver)
    open_console(driver, cloud.console(machine) + "&view_only=1")
    full = driver.find_element(By.ID, "full")
    height = canvas(driver)["room"][3]
    assert full.get_attribute("aria-pressed") == "false"
    full.click()
    wait_for(lambda: driver.execute_script(_FULL), "full screen")
    wait_for(lambda: full.get_attribute("aria-pressed") == "true", "the button to say so")
    # The pointer is still at the bar.
    ActionChains(driver).move_to_element(driver.find_element(By.ID, "screen")).perform()
    wait_for(lambda: canvas(driver)["room"][1] == 0, "the bar to go")
    screenshot(driver, "display-full-screen")
    assert driver.find_element(By.ID, "view-only").is_displayed()
    ActionChains(driver).key_down(Keys.CONTROL).key_down(Keys.ALT).key_down(Keys.SHIFT).key_up(
        Keys.SHIFT
    ).key_up(Keys.ALT).key_up(Keys.CONTROL).perform()
    wait_for(lambda: canvas(driver)["room"][1] > 0, "the bar to be back by keyboard")
    screenshot(driver, "display-full-screen-bar")
    # There is room for all of it, with the sign that is there only at times.
    for name in ("name", "status", "view-only", "actions", "fold"):
        rect = driver.find_element(By.ID, name).rect
        assert rect["width"] > 20, name
        assert rect["x"] + rect["width"] <= 800, name
    ActionChains(driver).send_keys(Keys.ESCAPE).perform()
    wait_for(lambda: canvas(driver)["room"][1] == 0, "the bar to go again")
    driver.find_element(By.ID, "fold").click()
    assert canvas(driver)["room"][1] > 0
    full.click()
    wait_for(lambda: full.get_attribute("aria-pressed") == "false", "the page in its window")
    assert canvas(driver)["room"][3] == height
