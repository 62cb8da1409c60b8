"""The keys on the screen: for phones, and for what browsers and systems keep for themselves."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.browser.keyboard import Keyboard, held, strokes
from tests.browser.looks import look
from tests.browser.viewer_page import open_console
from tests.integration.fixtures.cloud import Cloud, Machine
from tests.integration.fixtures.qemu import Qemu, assemble
from tests.waiting import wait_for


@pytest.fixture
def guest(qemu_factory: Callable[..., Qemu], tmp_path: Path) -> Qemu:
    return qemu_factory(assemble("scancodes", tmp_path))


@pytest.fixture
def driver(cloud: Cloud, machine: Machine, open_browser: Callable[..., Chrome]) -> Chrome:
    driver = open_browser()
    open_console(driver, cloud.console(machine))
    driver.find_element(By.CSS_SELECTOR, "[data-tool=keys]").click()
    wait_for(lambda: driver.find_elements(By.ID, "cad"), "the row")
    return driver


def _key(driver: Chrome, name: str) -> Any:
    path = f"//section[@id='tool']//button[normalize-space(span[1])='{name}' or .='{name}']"
    return driver.find_element(By.XPATH, path)


def _click(driver: Chrome, *names: str) -> None:
    for name in names:
        _key(driver, name).click()


def _got(guest: Qemu, *expected: str) -> None:
    wait_for(lambda: strokes(guest)[len(expected) - 1 :], f"{expected}")
    assert strokes(guest) == list(expected)


def _pressed(driver: Chrome, name: str) -> str:
    return str(_key(driver, name).get_attribute("aria-pressed"))


def test_a_modifier_is_held_for_the_next_key_of_the_row_or_of_the_keyboard(
    driver: Chrome, guest: Qemu
) -> None:
    _click(driver, "Ctrl", "Alt")
    wait_for(lambda: held(guest) == {"ControlLeft", "AltLeft"}, "both to be held")
    assert _pressed(driver, "Ctrl") == _pressed(driver, "Alt") == "true"
    _click(driver, "F1")
    first = ["+ControlLeft", "+AltLeft", "+F1", "-F1", "-ControlLeft", "-AltLeft"]
    _got(guest, *first)
    assert _pressed(driver, "Ctrl") == _pressed(driver, "Alt") == "false"

    _click(driver, "AltGr")
    Keyboard(driver).tap("KeyQ", "q")
    _got(guest, *first, "+AltRight", "+KeyQ", "-KeyQ", "-AltRight")


def test_a_modifier_that_is_pressed_twice_stays(driver: Chrome, guest: Qemu) -> None:
    _click(driver, "Shift", "Shift")
    assert "locked" in driver.find_element(By.ID, "tool").text
    keyboard = Keyboard(driver)
    keyboard.tap("KeyA", "a")
    keyboard.tap("KeyB", "b")
    keys = ["+ShiftLeft", "+KeyA", "-KeyA", "+KeyB", "-KeyB"]
    _got(guest, *keys)
    # The keyboard's own Shift does not let go of it.
    keyboard.tap("ShiftLeft", "Shift")
    _click(driver, "Shift")
    _got(guest, *keys, "+ShiftLeft", "-ShiftLeft")
    assert "locked" not in driver.find_element(By.ID, "tool").text


@pytest.mark.parametrize(
    "leave",
    [
        "dispatchEvent(new Event('blur'))",
        "document.querySelector('[data-tool=display]').click()",
        "document.querySelector('[data-tool=keys]').click()",
        "document.getElementById('leave').click()",
    ],
)
def test_what_is_held_goes_up_with_the_row_and_with_the_screen(
    driver: Chrome, guest: Qemu, leave: str
) -> None:
    _click(driver, "Ctrl", "Win", "Win", "SysRq")
    wait_for(lambda: "SysRq" in held(guest), "all to be held")
    driver.execute_script(leave)
    wait_for(lambda: held(guest) == set(), "all keys to be up")


def test_what_the_machine_gets_of_single_keys(driver: Chrome, guest: Qemu) -> None:
    names = {"Esc": "Escape", "Tab": "Tab", "Start menu": "MetaLeft", "Print": "PrintScreen"}
    names |= {"Del": "Delete", "Home": "Home", "↑": "ArrowUp", "F12": "F12"}
    expected: list[str] = []
    for name, code in names.items():
        _click(driver, name)
        expected += [f"+{code}", f"-{code}"]
    _got(guest, *expected)


def test_a_sysrq_combination(driver: Chrome, guest: Qemu) -> None:
    _click(driver, "SysRq")
    Keyboard(driver).tap("KeyB", "b")
    # As a PC's keyboard does it, QEMU lets go of Alt for a moment.
    again = ["-AltLeft", "+AltLeft"]
    keys = ["+SysRq", "+KeyB", "-KeyB", "-SysRq"]
    _got(guest, "+AltLeft", *again, *keys, *again, "-AltLeft")


def test_ctrl_alt_del_stands_apart(driver: Chrome, guest: Qemu) -> None:
    apart = driver.find_element(By.ID, "cad")
    for name in ("light", "phone"):
        look(driver, name)
        own = apart.rect
        others = [
            button.rect
            for button in driver.find_elements(By.CSS_SELECTOR, "#tool button:not(#cad)")
            if button.is_displayed()
        ]
        for rect in others:
            across = max(rect["x"] - _right(own), own["x"] - _right(rect))
            along = max(rect["y"] - _bottom(own), own["y"] - _bottom(rect))
            assert max(across, along) >= 12, (name, rect, own)
    look(driver, "light")
    apart.click()
    down = ["+ControlLeft", "+AltLeft", "+Delete"]
    _got(guest, *down, "-Delete", "-AltLeft", "-ControlLeft")


def _right(rect: dict[str, float]) -> float:
    return rect["x"] + rect["width"]


def _bottom(rect: dict[str, float]) -> float:
    return rect["y"] + rect["height"]


def test_the_pointer_leaves_the_focus_with_the_machine(driver: Chrome, guest: Qemu) -> None:
    focused = "return document.activeElement.tagName"
    assert driver.execute_script(focused) == "CANVAS", "the row was opened with a pointer"
    _click(driver, "F1")
    assert driver.execute_script(focused) == "CANVAS"
    Keyboard(driver).tap("KeyA", "a")
    _got(guest, "+F1", "-F1", "+KeyA", "-KeyA")


def test_the_keyboard_goes_along_the_row_and_stays(driver: Chrome, guest: Qemu) -> None:
    def focused() -> str:
        return str(driver.switch_to.active_element.text)

    def press(*keys: str) -> None:
        ActionChains(driver).send_keys(*keys).perform()

    driver.execute_script("document.querySelector('#tool [role=toolbar] button').focus()")
    assert focused() == "Ctrl"
    press(Keys.SPACE)
    assert _pressed(driver, "Ctrl") == "true"
    press(Keys.ARROW_RIGHT)
    assert focused() == "Alt"
    press(Keys.END)
    assert focused() == "SysRq"
    press(Keys.ARROW_RIGHT)
    assert focused() == "Ctrl"
    press(Keys.ARROW_LEFT)
    assert focused() == "SysRq"
    press(Keys.TAB)
    assert focused() == "F1"
    press(Keys.ENTER)
    _got(guest, "+ControlLeft", "+F1", "-F1", "-ControlLeft")
    assert focused() == "F1"
    press(Keys.ESCAPE)
    assert focused() == "Keys"
