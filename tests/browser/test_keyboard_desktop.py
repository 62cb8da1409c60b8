"""Keys as they come from a person's hands, with the browser's own shortcuts and a German layout."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome

from tests.browser.desktop import Desktop
from tests.browser.keyboard import held, strokes
from tests.browser.viewer_page import open_console
from tests.integration.fixtures.cloud import Cloud, Machine
from tests.integration.fixtures.qemu import Qemu, assemble
from tests.integration.fixtures.xvnc import Xvnc
from tests.waiting import wait_for

_FULL = "return document.fullscreenElement !== null"
# How long Chromium wants Esc to be held, and some more.
_HOLD_SECONDS = 2.5


@pytest.fixture
def guest(qemu_factory: Callable[..., Qemu], tmp_path: Path) -> Qemu:
    return qemu_factory(assemble("scancodes", tmp_path))


@pytest.fixture
def desktop(xvnc_factory: Callable[..., Xvnc]) -> Iterator[Desktop]:
    with Desktop(xvnc_factory("None", geometry="1024x768"), "de") as desktop:
        yield desktop


@pytest.fixture
def driver(
    cloud: Cloud, machine: Machine, desktop: Desktop, open_browser: Callable[..., Chrome]
) -> Chrome:
    driver = open_browser(display=desktop.display, size=(1000, 740))
    open_console(driver, cloud.console(machine))
    desktop.click(driver, "#screen canvas")
    return driver


def _gets(guest: Qemu, *expected: str) -> None:
    """Wait for what the guest gets, from its first key on or since this was asked last."""
    keys = list(expected)
    wait_for(lambda: strokes(guest)[-len(keys) :] == keys, f"the guest to get {keys}")


def test_altgr_and_dead_keys_of_a_german_keyboard(
    driver: Chrome, desktop: Desktop, guest: Qemu
) -> None:
    desktop.press("AltGr", "@")
    _gets(guest, "+AltRight", "+KeyQ", "-KeyQ", "-AltRight")
    desktop.press("dead_circumflex")
    _gets(guest, "+Backquote", "-Backquote")
    desktop.press("e")
    _gets(guest, "-Backquote", "+KeyE", "-KeyE")


def test_the_browser_s_shortcuts_are_the_machine_s_in_full_screen(
    driver: Chrome, desktop: Desktop, guest: Qemu
) -> None:
    desktop.click(driver, "#full")
    wait_for(lambda: driver.execute_script(_FULL), "full screen")
    shown = "return document.getElementById('status').innerText"
    wait_for(lambda: "Hold Esc" in driver.execute_script(shown), "the keys to be captured")
    for keys, codes in {
        ("Control", "w"): ("ControlLeft", "KeyW"),
        ("Control", "t"): ("ControlLeft", "KeyT"),
        ("Alt", "Tab"): ("AltLeft", "Tab"),
        ("Alt", "F4"): ("AltLeft", "F4"),
        ("F11",): ("F11",),
        ("Escape",): ("Escape",),
    }.items():
        desktop.press(*keys)
        down, up = [f"+{code}" for code in codes], [f"-{code}" for code in reversed(codes)]
        _gets(guest, *down, *up)
    assert driver.execute_script(_FULL)
    assert len(driver.window_handles) == 1

    desktop.press("Escape", seconds=_HOLD_SECONDS)
    wait_for(lambda: not driver.execute_script(_FULL), "full screen to end")
    wait_for(lambda: held(guest) == set(), "all keys to be up")
    desktop.press("Control", "t")
    wait_for(lambda: len(driver.window_handles) == 2, "the browser to open a tab")
    _gets(guest, "+ControlLeft", "-ControlLeft")
