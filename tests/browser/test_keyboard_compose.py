"""Text that this computer's input method composes, typed into the machine."""

import socket
import struct
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.browser.desktop import Desktop
from tests.browser.keyboard import strokes
from tests.browser.viewer_page import open_console
from tests.integration.fixtures.cloud import Cloud, Machine, running_cloud
from tests.integration.fixtures.plain_keys import without_extended_keys
from tests.integration.fixtures.qemu import Qemu, assemble
from tests.integration.fixtures.x_client import connect as connect_to_x
from tests.integration.fixtures.xvnc import Xvnc, exactly
from tests.waiting import wait_for

# Chromium composes what is pressed behind the picture with the focus in a field, not before.
_SHOWN = "requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(arguments[0])))"


@pytest.fixture
def guest(qemu_factory: Callable[..., Qemu], tmp_path: Path) -> Qemu:
    return qemu_factory(assemble("scancodes", tmp_path))


@pytest.fixture
def console(cloud: Cloud, machine: Machine) -> str:
    """A console of a machine with a German keyboard, which the link says."""
    return f"{cloud.console(machine)}&language=de"


def _open(driver: Chrome, console: str) -> Any:
    open_console(driver, console)
    driver.find_element(By.CSS_SELECTOR, "[data-tool=keys]").click()
    wait_for(lambda: driver.find_elements(By.ID, "compose"), "the field")
    return driver.find_element(By.ID, "compose")


def _compose(driver: Chrome, text: str) -> None:
    """Compose a text, as an input method does that is not done yet."""
    place = len(text)
    driver.execute_cdp_cmd(
        "Input.imeSetComposition",
        {"text": text, "selectionStart": place, "selectionEnd": place},
    )


def _commit(driver: Chrome, text: str) -> None:
    driver.execute_cdp_cmd("Input.insertText", {"text": text})


def _got(guest: Qemu, *codes: str) -> None:
    expected = [f"{way}{code}" for code in codes for way in "+-"]
    wait_for(lambda: strokes(guest)[len(expected) - 1 :], f"the guest to get {expected}")
    assert strokes(guest) == expected


def test_what_has_been_composed_is_typed_in_the_machine_s_layout(
    console: str, guest: Qemu, open_browser: Callable[..., Chrome]
) -> None:
    driver = open_browser()
    field = _open(driver, console)
    field.click()
    for text in ("k", "z", "zé"):
        _compose(driver, text)
        assert field.get_attribute("value") == text
    assert strokes(guest) == [], "nothing is typed before it is done"
    _commit(driver, "zé")
    typed = ["KeyY", "Equal", "KeyE"]
    _got(guest, *typed)
    assert field.get_attribute("value") == ""

    # And what is no composition at once, with keys that make no text.
    ActionChains(driver).send_keys("a", Keys.RETURN, "b", Keys.BACK_SPACE, Keys.ARROW_UP).perform()
    _got(guest, *typed, "KeyA", "Enter", "KeyB", "Backspace", "ArrowUp")
    assert driver.switch_to.active_element == field
    ActionChains(driver).send_keys(Keys.TAB).perform()
    assert driver.switch_to.active_element != field


def test_the_enter_that_ends_a_composition_is_not_the_machine_s(
    console: str, guest: Qemu, open_browser: Callable[..., Chrome]
) -> None:
    """Safari tells it behind the composition's end, with the input method's key code, 229."""
    driver = open_browser()
    _open(driver, console).click()
    _compose(driver, "a")
    _commit(driver, "a")
    key = {"code": "Enter", "key": "Enter", "windowsVirtualKeyCode": 229}
    for kind in ("rawKeyDown", "keyUp"):
        driver.execute_cdp_cmd("Input.dispatchKeyEvent", {"type": kind, **key})
    ActionChains(driver).send_keys("b").perform()
    _got(guest, "KeyA", "KeyB")


def test_what_the_layout_has_no_key_for_is_named(
    console: str, guest: Qemu, open_browser: Callable[..., Chrome]
) -> None:
    driver = open_browser()
    _open(driver, console).click()
    _compose(driver, "かん")
    _commit(driver, "漢a")
    status = driver.find_element(By.ID, "status")
    said = "Für diese Zeichen hat die Tastaturbelegung der Maschine keine Taste: 漢"
    wait_for(lambda: status.get_attribute("textContent") == said, "the character to be named")
    _got(guest, "KeyA")


def test_a_modifier_of_the_row_is_held_for_composed_text(
    console: str, guest: Qemu, open_browser: Callable[..., Chrome]
) -> None:
    driver = open_browser()
    field = _open(driver, console)
    field.click()
    driver.find_element(By.XPATH, "//section[@id='tool']//button[span='Strg']").click()
    assert driver.switch_to.active_element == field
    _commit(driver, "c")
    expected = ["+ControlLeft", "+KeyC", "-KeyC", "-ControlLeft"]
    wait_for(lambda: strokes(guest) == expected, f"the guest to get {expected}")


def _known_keysyms(client: socket.socket) -> set[int]:
    """Return what the keys of an X server make (X11 protocol, section 9: GetKeyboardMapping)."""
    first, count = 8, 248
    client.sendall(struct.pack("<BxHBBxx", 101, 2, first, count))
    while (told := exactly(client, 32))[0] != 1:
        pass  # An event: the keys have changed.
    (length,) = struct.unpack_from("<I", told, 4)
    return set(struct.unpack(f"<{length}I", exactly(client, 4 * length)))


def test_a_server_without_extended_key_events_is_told_any_character(
    tmp_path: Path, xvnc_factory: Callable[..., Xvnc], open_browser: Callable[..., Chrome]
) -> None:
    server = xvnc_factory("None")
    # A server that its last client leaves forgets its keys.
    client, _ = connect_to_x(server)
    with client, without_extended_keys(server.port) as port:
        machine = Machine("x-1", str(uuid.uuid4()), port)
        with running_cloud(tmp_path, [machine]) as cloud:
            driver = open_browser()
            field = _open(driver, cloud.console(machine))
            field.click()
            _compose(driver, "かんじ")
            _commit(driver, "漢字a")
            # The server gives its spare key to what it had none for last.
            keysym = 0x1000000 + ord("字")
            wait_for(lambda: keysym in _known_keysyms(client), "the X server to get it")


def test_dead_keys_on_the_screen_for_a_machine_with_another_layout(
    cloud: Cloud,
    machine: Machine,
    guest: Qemu,
    xvnc_factory: Callable[..., Xvnc],
    open_browser: Callable[..., Chrome],
) -> None:
    with Desktop(xvnc_factory("None", geometry="1024x768"), "de") as desktop:
        driver = open_browser(display=desktop.display, size=(1000, 740))
        open_console(driver, f"{cloud.console(machine)}&keyboard=fr")
        converts = "return document.getElementById('screen').dataset.layout"
        wait_for(lambda: driver.execute_script(converts) == "fr", "the layout")
        desktop.click(driver, "#screen canvas")
        # What begins as ^ on a German keyboard has another place on a French one.
        desktop.press("dead_circumflex")
        desktop.press("e")
        _got(guest, "BracketLeft", "KeyE")
        desktop.press("a")
        _got(guest, "BracketLeft", "KeyE", "KeyQ")
        desktop.press("dead_circumflex")
        desktop.press("dead_circumflex")
        desktop.press("a")
        typed = ["BracketLeft", "KeyE", "KeyQ", "BracketLeft", "Space", "KeyQ"]
        _got(guest, *typed)
        desktop.press("dead_circumflex")
        desktop.press("Escape")
        desktop.press("e")
        _got(guest, *typed, "Escape", "KeyE")


# A person who types fast: all of it before anything else of the page has its turn.
_AT_ONCE = """
const canvas = document.querySelector("#screen canvas");
const [keys, shiftKey = false] = arguments;
for (const [type, code, key] of keys) {
  const init = { code, key, shiftKey, bubbles: true, cancelable: true };
  canvas.dispatchEvent(new KeyboardEvent(type, init));
}
"""
_COMPOSES = "return document.getElementById('screen').dataset.composes"
_ACCENT = [("keydown", "BracketLeft", "Dead"), ("keyup", "BracketLeft", "Dead")]
_LETTER = [("keydown", "KeyE", "e"), ("keypress", "KeyE", "ê"), ("keyup", "KeyE", "e")]


def test_what_is_composed_comes_before_the_keys_behind_it(
    cloud: Cloud, machine: Machine, guest: Qemu, open_browser: Callable[..., Chrome]
) -> None:
    driver = open_browser()
    open_console(driver, f"{cloud.console(machine)}&keyboard=fr")
    wait_for(lambda: driver.execute_script(_COMPOSES) == "fr", "the layout")
    keys = [*_ACCENT, *_LETTER, ("keydown", "KeyT", "t"), ("keyup", "KeyT", "t")]
    driver.execute_script(_AT_ONCE, keys)
    _got(guest, "BracketLeft", "KeyE", "KeyT")


def test_a_key_that_is_dead_at_times_goes_up_when_it_is_not(
    cloud: Cloud, machine: Machine, guest: Qemu, open_browser: Callable[..., Chrome]
) -> None:
    """Chrome on Linux does not tell a page that a dead key was released."""
    driver = open_browser()
    open_console(driver, f"{cloud.console(machine)}&keyboard=fr")
    wait_for(lambda: driver.execute_script(_COMPOSES) == "fr", "the layout")
    driver.execute_script(_AT_ONCE, [_ACCENT[0], *_LETTER])
    shifted = [("keydown", "BracketLeft", "*"), ("keyup", "BracketLeft", "*")]
    driver.execute_script(_AT_ONCE, shifted)
    _got(guest, "BracketLeft", "KeyE", "Backslash")


def test_shift_that_is_held_for_what_is_composed_is_held_behind_it_too(
    tmp_path: Path, guest: Qemu, open_browser: Callable[..., Chrome]
) -> None:
    with without_extended_keys(guest.port) as port:
        machine = Machine("web-1", str(uuid.uuid4()), port)
        with running_cloud(tmp_path, [machine]) as cloud:
            driver = open_browser()
            open_console(driver, cloud.console(machine))
            wait_for(lambda: driver.execute_script(_COMPOSES) == "us", "the layout")
            keys = [
                ("keydown", "ShiftLeft", "Shift"),
                *_ACCENT,
                ("keydown", "Space", " "),
                ("keypress", "Space", "^"),
                ("keyup", "Space", " "),
                ("keydown", "KeyT", "T"),
                ("keyup", "KeyT", "T"),
                ("keyup", "ShiftLeft", "Shift"),
            ]
            driver.execute_script(_AT_ONCE, keys, True)
            # A US keyboard's ^, then T with the person's own Shift.
            power = ["+ShiftLeft", "-ShiftLeft", "+ShiftLeft", "+07", "-07", "-ShiftLeft"]
            capital = ["+ShiftLeft", "+KeyT", "-KeyT", "-ShiftLeft"]
            wait_for(lambda: strokes(guest)[-4:] == capital, "the guest to get the letter")
            assert strokes(guest) == [*power, *capital]


def test_dead_keys_of_this_computer_s_keyboard(
    console: str,
    guest: Qemu,
    xvnc_factory: Callable[..., Xvnc],
    open_browser: Callable[..., Chrome],
) -> None:
    with Desktop(xvnc_factory("None", geometry="1024x768"), "de") as desktop:
        driver = open_browser(display=desktop.display, size=(1000, 740))
        _open(driver, console)
        desktop.click(driver, "#compose")
        focused = "return document.activeElement.id"
        wait_for(lambda: driver.execute_script(focused) == "compose", "the field to be clicked")
        driver.execute_async_script(_SHOWN)
        desktop.press("dead_circumflex")
        desktop.press("e")
        _got(guest, "Backquote", "KeyE")
        desktop.press("y")
        _got(guest, "Backquote", "KeyE", "KeyZ")
