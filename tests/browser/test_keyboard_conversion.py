"""Keys that are converted to the machine's layout: what goes down in the guest, and up again."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from selenium.webdriver import Chrome

from tests.browser.keyboard import Keyboard, held, strokes
from tests.browser.viewer_page import open_console
from tests.integration.fixtures.cloud import Machine, running_cloud
from tests.integration.fixtures.qemu import Qemu, assemble
from tests.waiting import wait_for

Start = Callable[..., tuple[Chrome, Qemu]]
_LAYOUT = "return document.getElementById('screen').dataset.layout"
# Events that come right behind each other, which a browser told to press keys cannot promise.
_AT_ONCE = """
const canvas = document.querySelector("#screen canvas");
for (const [type, code, key] of arguments[0]) {
  const init = { code, key, bubbles: true, cancelable: true };
  canvas.dispatchEvent(new KeyboardEvent(type, init));
}
"""


@pytest.fixture
def start(
    tmp_path: Path, qemu_factory: Callable[..., Qemu], open_browser: Callable[..., Chrome]
) -> Iterator[Start]:
    """Opens the console of a guest that tells its keys; ``platform`` is the person's computer."""

    def begin(layout: str, platform: str = "Linux x86_64") -> tuple[Chrome, Qemu]:
        guest = qemu_factory(assemble("scancodes", tmp_path))
        machine = Machine("web-1", str(uuid.uuid4()), guest.port)
        cloud = stack.enter_context(running_cloud(tmp_path, [machine]))
        driver = open_browser()
        driver.execute_cdp_cmd(
            "Emulation.setUserAgentOverride", {"userAgent": "Mozilla/5.0", "platform": platform}
        )
        open_console(driver, f"{cloud.console(machine)}&keyboard={layout}")
        wait_for(lambda: driver.execute_script(_LAYOUT) == layout, "the layout")
        return driver, guest

    with ExitStack() as stack:
        yield begin


def _gets(guest: Qemu, expected: str) -> None:
    try:
        wait_for(lambda: " ".join(strokes(guest)) == expected, "the guest to get the keys")
    except AssertionError:
        assert " ".join(strokes(guest)) == expected
        raise


def test_a_key_that_is_held_repeats_and_goes_up(start: Start) -> None:
    driver, guest = start("de")
    keyboard = Keyboard(driver)
    keyboard.down("KeyZ", "z")
    keyboard.down("KeyZ", "z", repeats=True)
    keyboard.down("KeyZ", "z", repeats=True)
    _gets(guest, "+KeyY +KeyY +KeyY")
    keyboard.up("KeyZ")
    _gets(guest, "+KeyY +KeyY +KeyY -KeyY")


def test_a_key_with_other_modifiers_is_struck_as_often_as_it_repeats(start: Start) -> None:
    driver, guest = start("de")
    keyboard = Keyboard(driver)
    keyboard.down("Slash", "/")
    keyboard.down("Slash", "/", repeats=True)
    keyboard.up("Slash")
    keyboard.tap("F1", "F1")
    slash = "+ShiftLeft +Digit7 -Digit7 -ShiftLeft"
    _gets(guest, f"{slash} {slash} +F1 -F1")


def test_no_key_stays_down_when_the_window_loses_the_focus(start: Start) -> None:
    driver, guest = start("de")
    keyboard = Keyboard(driver)
    keyboard.down("ShiftLeft", "Shift")
    keyboard.down("KeyZ", "Z")
    wait_for(lambda: held(guest) == {"ShiftLeft", "KeyY"}, "the keys to be down")
    driver.execute_script("dispatchEvent(new Event('blur'))")
    wait_for(lambda: held(guest) == set(), "all keys to be up")
    before = len(strokes(guest))
    keyboard.up("KeyZ")
    keyboard.up("ShiftLeft")
    keyboard.tap("KeyZ", "z")
    wait_for(lambda: strokes(guest)[before:] == ["+KeyY", "-KeyY"], "the next key")


def test_a_shortcut_goes_by_its_letter(start: Start) -> None:
    driver, guest = start("fr")
    keyboard = Keyboard(driver)
    keyboard.down("ControlLeft", "Control")
    keyboard.tap("KeyA", "a")
    keyboard.up("ControlLeft")
    _gets(guest, "+ControlLeft +KeyQ -KeyQ -ControlLeft")


def test_windows_altgr_is_no_ctrl_and_alt(start: Start) -> None:
    driver, guest = start("us", "Win32")
    events = [
        ("keydown", "ControlLeft", "Control"),
        ("keydown", "AltRight", "AltGraph"),
        ("keydown", "KeyQ", "@"),
        ("keyup", "KeyQ", "@"),
        ("keyup", "ControlLeft", "Control"),
        ("keyup", "AltRight", "AltGraph"),
    ]
    driver.execute_script(_AT_ONCE, events)
    Keyboard(driver).tap("F1", "F1")
    _gets(guest, "+ShiftLeft +Digit2 -Digit2 -ShiftLeft +F1 -F1")


def test_option_of_a_mac_is_in_what_its_keyboard_makes(start: Start) -> None:
    driver, guest = start("us", "MacIntel")
    keyboard = Keyboard(driver)
    keyboard.down("AltLeft", "Alt")
    keyboard.tap("KeyL", "@")
    keyboard.up("AltLeft")
    keyboard.tap("F1", "F1")
    _gets(guest, "+ShiftLeft +Digit2 -Digit2 -ShiftLeft +F1 -F1")


def test_what_the_row_holds_counts_for_what_is_typed(start: Start) -> None:
    driver, guest = start("fr")
    driver.find_element("css selector", "[data-tool=keys]").click()
    control = "//div[@role='toolbar']//button[contains(., 'Ctrl')]"
    wait_for(lambda: driver.find_elements("xpath", control), "the row")[0].click()
    # As Ctrl and the letter, not as Ctrl and what makes a capital.
    Keyboard(driver).tap("KeyA", "A")
    _gets(guest, "+ControlLeft +KeyQ -KeyQ -ControlLeft")
