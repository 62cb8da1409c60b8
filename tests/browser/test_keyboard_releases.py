"""No key stays down in the machine when the keys are not the machine's any more."""

from collections.abc import Callable
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from tests.browser.embedded import Embedded
from tests.browser.keyboard import Keyboard, held, strokes
from tests.browser.test_reconnect import Network
from tests.browser.viewer_page import (
    COME_PARTS,
    hold_parts_back,
    is_whole,
    open_console,
    reached,
)
from tests.integration.fixtures.cloud import Cloud, Machine
from tests.integration.fixtures.qemu import Qemu, assemble
from tests.waiting import wait_for

_STATE = "return document.documentElement.dataset.state"


@pytest.fixture
def guest(qemu_factory: Callable[..., Qemu], tmp_path: Path) -> Qemu:
    return qemu_factory(assemble("scancodes", tmp_path))


def _hold(keyboard: Keyboard, guest: Qemu) -> None:
    keyboard.down("ControlLeft", "Control")
    keyboard.down("KeyA", "a")
    wait_for(lambda: held(guest) == {"ControlLeft", "KeyA"}, "the guest to get the keys")


def _let_go(guest: Qemu) -> None:
    wait_for(lambda: held(guest) == set(), "all keys to be up in the guest")


@pytest.mark.parametrize(
    "leave",
    [
        "dispatchEvent(new Event('blur'))",
        "document.querySelector('[data-tool=keys]').focus()",
        "document.activeElement.blur()",
        "document.dispatchEvent(new Event('visibilitychange'))",
        "document.dispatchEvent(new Event('freeze'))",
        "location.href = 'about:blank'",
    ],
)
def test_keys_go_up_however_the_screen_is_left(
    cloud: Cloud, machine: Machine, guest: Qemu, open_browser: Callable[..., Chrome], leave: str
) -> None:
    driver = open_browser()
    open_console(driver, cloud.console(machine))
    _hold(Keyboard(driver), guest)
    driver.execute_script(leave)
    _let_go(guest)
    # QEMU lets go of the keys of who has left, too, but in an order of its own, as noVNC does.
    if "blur'" not in leave:
        assert strokes(guest)[-2:] == ["-KeyA", "-ControlLeft"]


def test_keys_go_up_when_a_tool_is_opened_and_another_tab(
    cloud: Cloud, machine: Machine, guest: Qemu, open_browser: Callable[..., Chrome]
) -> None:
    driver = open_browser()
    open_console(driver, cloud.console(machine))
    _hold(Keyboard(driver), guest)
    driver.find_element(By.CSS_SELECTOR, "[data-tool=display]").click()
    _let_go(guest)

    driver.find_element(By.CSS_SELECTOR, "#screen canvas").click()
    _hold(Keyboard(driver), guest)
    driver.switch_to.new_window("tab")
    _let_go(guest)


def test_keys_go_up_with_full_screen(
    cloud: Cloud, machine: Machine, guest: Qemu, open_browser: Callable[..., Chrome]
) -> None:
    driver = open_browser()
    open_console(driver, cloud.console(machine))
    driver.find_element(By.ID, "full").click()
    # The browser tells of it a little later, and the page lets go of all keys then.
    full = """return document.getElementById("full").ariaPressed === "true"
        && document.getElementById("screen").contains(document.activeElement)"""
    wait_for(lambda: driver.execute_script(full), "full screen")
    _hold(Keyboard(driver), guest)
    driver.execute_script("document.exitFullscreen()")
    _let_go(guest)


def test_keys_that_were_down_when_the_connection_went_go_up_when_it_is_back(
    cloud: Cloud, machine: Machine, guest: Qemu, open_browser: Callable[..., Chrome]
) -> None:
    with Network(cloud) as network:
        driver = open_browser()
        url = cloud.console(machine).replace(str(cloud.proxy.port), str(network.port))
        open_console(driver, url)
        keyboard = Keyboard(driver)
        _hold(keyboard, guest)
        network.cut()
        wait_for(lambda: driver.execute_script(_STATE) == "reconnecting", "the connection to go")
        network.mend()
        wait_for(lambda: driver.execute_script(_STATE) == "connected", "the console", limit=15.0)
        _let_go(guest)


def test_keys_go_up_when_the_console_is_only_looked_at_from_now_on(
    cloud: Cloud, machine: Machine, guest: Qemu, open_browser: Callable[..., Chrome]
) -> None:
    driver = open_browser()
    open_console(driver, cloud.console(machine))
    driver.find_element(By.CSS_SELECTOR, "[data-tool=display]").click()
    wait_for(lambda: driver.find_elements(By.ID, "look"), "the choice")
    driver.execute_script("document.querySelector('#screen canvas').focus()")
    _hold(Keyboard(driver), guest)
    # As a page around this one may do it, while the keys are down.
    driver.execute_script("document.getElementById('look').click()")
    _let_go(guest)


def test_a_modifier_whose_release_the_browser_never_saw_goes_up_with_the_next_key(
    cloud: Cloud, machine: Machine, guest: Qemu, open_browser: Callable[..., Chrome]
) -> None:
    driver = open_browser()
    open_console(driver, cloud.console(machine))
    keyboard = Keyboard(driver)
    keyboard.down("MetaLeft", "Meta")
    keyboard.down("KeyQ", "q")
    keyboard.up("KeyQ")
    keyboard.lose("MetaLeft")
    keyboard.tap("KeyA", "a")
    expected = ["+MetaLeft", "+KeyQ", "-KeyQ", "-MetaLeft", "+KeyA", "-KeyA"]
    wait_for(lambda: strokes(guest) == expected, f"{expected}, not {strokes(guest)}")


def test_a_key_that_was_down_before_is_not_repeated_into_the_machine(
    cloud: Cloud, machine: Machine, guest: Qemu, open_browser: Callable[..., Chrome]
) -> None:
    driver = open_browser()
    open_console(driver, cloud.console(machine))
    keyboard = Keyboard(driver)
    keyboard.down("Enter", "Enter", repeats=True)
    keyboard.up("Enter")
    keyboard.down("KeyA", "a")
    keyboard.down("KeyA", "a", repeats=True)
    keyboard.up("KeyA")
    wait_for(lambda: strokes(guest) == ["+KeyA", "+KeyA", "-KeyA"], "the letter alone")


def test_a_key_that_is_pressed_before_all_parts_of_the_page_have_come_goes_up(
    cloud: Cloud, machine: Machine, guest: Qemu, open_browser: Callable[..., Chrome]
) -> None:
    driver = open_browser()
    hold_parts_back(driver)
    driver.get(cloud.console(machine))
    reached(driver, "connected")
    keyboard = Keyboard(driver)
    _hold(keyboard, guest)
    driver.execute_script(COME_PARTS)
    is_whole(driver)
    keyboard.down("KeyA", "a", repeats=True)
    keyboard.up("KeyA")
    driver.execute_script("dispatchEvent(new Event('blur'))")
    _let_go(guest)
    expected = ["+ControlLeft", "+KeyA", "+KeyA", "-KeyA", "-ControlLeft"]
    assert strokes(guest) == expected


def test_a_key_of_the_portal_s_that_is_pressed_before_goes_up_too(
    embedded: Embedded, guest: Qemu
) -> None:
    driver = embedded.driver
    hold_parts_back(driver)
    embedded.open(f'src="{embedded.link}"')
    embedded.reached("connected")
    assert embedded.command("sendKey", 0xFFE1, "ShiftLeft", True) == "done"
    wait_for(lambda: held(guest) == {"ShiftLeft"}, "the guest to get the key")
    frame = driver.execute_script(
        "return document.querySelector('console-viewer').shadowRoot.querySelector('iframe')"
    )
    driver.switch_to.frame(frame)
    driver.execute_script(COME_PARTS)
    is_whole(driver)
    driver.switch_to.default_content()
    assert embedded.command("sendKey", 0xFFE1, "ShiftLeft", False) == "done"
    _let_go(guest)


def test_keys_repeat_while_a_mac_s_meta_is_held(
    cloud: Cloud, machine: Machine, guest: Qemu, open_browser: Callable[..., Chrome]
) -> None:
    driver = open_browser()
    driver.execute_cdp_cmd(
        "Emulation.setUserAgentOverride", {"userAgent": "Mozilla/5.0", "platform": "MacIntel"}
    )
    open_console(driver, cloud.console(machine))
    keyboard = Keyboard(driver)
    keyboard.down("MetaLeft", "Meta")
    keyboard.down("KeyA", "a")
    keyboard.down("KeyA", "a", repeats=True)
    # macOS tells nothing of the letter's release.
    keyboard.lose("KeyA")
    keyboard.up("MetaLeft")
    expected = ["+MetaLeft", "+KeyA", "-KeyA", "+KeyA", "-KeyA", "-MetaLeft"]
    wait_for(lambda: strokes(guest) == expected, f"{expected}, not {strokes(guest)}")
