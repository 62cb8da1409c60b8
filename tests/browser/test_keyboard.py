"""A person who has a keyboard and nothing else, and what the keys of one become in the guest."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.browser.keyboard import Keyboard, held, strokes
from tests.browser.viewer_page import (
    COME_PARTS,
    hold_parts_back,
    is_whole,
    open_console,
    opened_tool,
    reached,
)
from tests.integration.fixtures.cloud import Cloud, Machine
from tests.integration.fixtures.qemu import Qemu, assemble
from tests.waiting import wait_for

Screenshot = Callable[[Chrome, str], Path]

_OUT = "Ctrl-Alt-Shift leads to the bar."
_STATE = "return document.documentElement.dataset.state"
_SPY = """
window.asked = [];
for (const name of ["lock", "unlock"]) {
  const does = Keyboard.prototype[name];
  Keyboard.prototype[name] = function (...given) {
    const done = does.apply(this, given);
    Promise.resolve(done).then(() => asked.push(name), error => asked.push(String(error)));
    return done;
  };
}
"""
_WINDOWS = "Object.defineProperty(navigator, 'platform', { value: 'Win32' })"
# Left Ctrl at the same moment, which nobody has pressed.
_ALTGR_Q = """
const tell = (type, code, key) => document.activeElement.dispatchEvent(
  new KeyboardEvent(type, { code, key, bubbles: true, cancelable: true })
);
tell("keydown", "ControlLeft", "Control");
tell("keydown", "AltRight", "AltGraph");
tell("keydown", "KeyQ", "@");
tell("keyup", "KeyQ", "@");
tell("keyup", "ControlLeft", "Control");
tell("keyup", "AltRight", "AltGraph");
"""


@pytest.fixture
def guest(qemu_factory: Callable[..., Qemu], tmp_path: Path) -> Qemu:
    return qemu_factory(assemble("scancodes", tmp_path))


@pytest.fixture
def driver(cloud: Cloud, machine: Machine, open_browser: Callable[..., Chrome]) -> Chrome:
    driver = open_browser()
    open_console(driver, cloud.console(machine))
    return driver


def _press(driver: Chrome, *keys: str) -> None:
    ActionChains(driver).send_keys(*keys).perform()


def _focused(driver: Chrome) -> str:
    return str(driver.execute_script("return document.activeElement.innerText.trim()"))


def _is_at_the_screen(driver: Chrome) -> bool:
    return str(driver.execute_script("return document.activeElement.tagName")) == "CANVAS"


def _leave_the_screen(driver: Chrome) -> None:
    keyboard = Keyboard(driver)
    modifiers = {"ControlLeft": "Control", "AltLeft": "Alt", "ShiftLeft": "Shift"}
    for code, key in modifiers.items():
        keyboard.down(code, key)
    for code in modifiers:
        keyboard.up(code)


def test_the_whole_page_by_keyboard(driver: Chrome, guest: Qemu) -> None:
    _press(driver, "a", Keys.TAB)
    keys = ["+KeyA", "-KeyA", "+Tab", "-Tab"]
    wait_for(lambda: strokes(guest) == keys, "the guest to get both, the Tab key as well")
    assert _is_at_the_screen(driver)

    _leave_the_screen(driver)
    wait_for(lambda: held(guest) == set(), "the three keys to be up")
    # Not their texts: a connection may become slow meanwhile, and its button says so.
    buttons = [
        button
        for button in driver.find_elements(By.CSS_SELECTOR, "#actions button")
        if button.is_displayed()
    ]
    for place, button in enumerate(buttons):
        assert driver.switch_to.active_element == button, f"button {place}"
        if tool := button.get_attribute("data-tool"):
            _press(driver, Keys.ENTER)
            wait_for(lambda tool=tool: opened_tool(driver) == tool, f"the tool {tool}")  # type: ignore[misc]
            inside = "return document.getElementById('tool').contains(document.activeElement)"
            presses = 0
            while not driver.execute_script(inside):
                presses += 1
                assert presses <= len(buttons) + 1, f"the Tab key does not lead into {tool}"
                _press(driver, Keys.TAB)
            _press(driver, Keys.ESCAPE)
            assert opened_tool(driver) == ""
            assert driver.switch_to.active_element == button
        if place + 1 < len(buttons):
            _press(driver, Keys.TAB)

    _press(driver, Keys.ESCAPE)
    assert _is_at_the_screen(driver)
    before = len(strokes(guest))
    _press(driver, "b")
    wait_for(lambda: strokes(guest)[before:] == ["+KeyB", "-KeyB"], "the guest to get the letter")

    _leave_the_screen(driver)
    leave = driver.find_element(By.ID, "leave")
    for _ in buttons:
        if driver.switch_to.active_element != leave:
            _press(driver, Keys.TAB)
    _press(driver, Keys.ENTER)
    wait_for(lambda: driver.execute_script(_STATE) == "ended", "the console to end")
    focused = driver.switch_to.active_element.get_attribute("id")
    assert focused in {"ended", "again", "close"}


def test_the_tab_key_leads_from_the_bar_to_the_screen_and_shows_where_keys_go(
    driver: Chrome, screenshot: Screenshot
) -> None:
    shown = "return getComputedStyle(document.getElementById('screen'), '::after').content"
    assert driver.execute_script(shown) == "none", "who did nothing sees no frame"
    _leave_the_screen(driver)
    for _ in driver.find_elements(By.CSS_SELECTOR, "#actions button"):
        if not _is_at_the_screen(driver):
            _press(driver, Keys.TAB)
    assert _is_at_the_screen(driver)
    assert driver.execute_script(shown) == '""'
    assert driver.find_element(By.ID, "status").text == _OUT
    screenshot(driver, "viewer-by-keyboard")
    driver.find_element(By.CSS_SELECTOR, "#screen canvas").click()
    assert driver.execute_script(shown) == "none"


def test_without_a_bar_the_way_out_leads_out_of_the_screen(
    cloud: Cloud, machine: Machine, open_browser: Callable[..., Chrome]
) -> None:
    driver = open_browser()
    open_console(driver, f"{cloud.console(machine)}&bar=no")
    hint = "return document.getElementById('way-out').textContent"
    assert driver.execute_script(hint) == "Ctrl-Alt-Shift leads out of the screen."
    assert _is_at_the_screen(driver)
    _leave_the_screen(driver)
    assert not _is_at_the_screen(driver)


def test_the_way_leads_to_a_bar_that_is_folded_and_shows_it(driver: Chrome) -> None:
    driver.execute_script("document.getElementById('fold').click()")
    shown = "return getComputedStyle(document.getElementById('actions')).clipPath === 'none'"
    wait_for(lambda: not driver.execute_script(shown), "the bar to be folded")
    _leave_the_screen(driver)
    assert _focused(driver) == "Keys"
    assert driver.execute_script(shown)


def test_screen_readers_say_what_has_the_focus_and_the_way_out(driver: Chrome) -> None:
    driver.execute_cdp_cmd("Accessibility.enable", {})
    nodes = driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    (node,) = (
        node
        for node in nodes
        if node["role"]["value"] == "application" and _property(node, "focused")
    )
    assert node["name"]["value"] == "Screen of the machine"
    assert node["description"]["value"] == _OUT


def _property(node: dict[str, Any], name: str) -> Any:
    values = {one["name"]: one["value"].get("value") for one in node.get("properties", [])}
    return values.get(name)


def test_combinations_with_the_three_keys_are_the_machine_s(driver: Chrome, guest: Qemu) -> None:
    keyboard = Keyboard(driver)
    for code, key in (("ControlLeft", "Control"), ("AltLeft", "Alt"), ("ShiftLeft", "Shift")):
        keyboard.down(code, key)
    keyboard.tap("F1", "F1")
    for code in ("ShiftLeft", "AltLeft", "ControlLeft"):
        keyboard.up(code)
    modifiers = ["ControlLeft", "AltLeft", "ShiftLeft"]
    up = [f"-{code}" for code in reversed(modifiers)]
    expected = [*(f"+{code}" for code in modifiers), "+F1", "-F1", *up]
    wait_for(lambda: strokes(guest) == expected, "the guest to get all")
    assert _is_at_the_screen(driver)


def test_altgr_is_the_right_alt_key_of_the_machine(driver: Chrome, guest: Qemu) -> None:
    keyboard = Keyboard(driver)
    keyboard.down("AltRight", "AltGraph")
    keyboard.tap("KeyQ", "@")
    keyboard.up("AltRight")
    expected = ["+AltRight", "+KeyQ", "-KeyQ", "-AltRight"]
    wait_for(lambda: strokes(guest) == expected, "the guest to get right Alt and Q")


def test_altgr_as_windows_tells_of_it(driver: Chrome, guest: Qemu) -> None:
    keyboard = Keyboard(driver)
    driver.execute_script(_WINDOWS)
    keyboard.tap("KeyA", "a")
    driver.execute_script(_ALTGR_Q)
    expected = ["+KeyA", "-KeyA", "+AltRight", "+KeyQ", "-KeyQ", "-AltRight"]
    wait_for(lambda: strokes(guest) == expected, "the guest to get right Alt and Q")
    # And a Ctrl that is one.
    keyboard.down("ControlLeft", "Control")
    keyboard.tap("KeyC", "c")
    keyboard.up("ControlLeft")
    expected += ["+ControlLeft", "+KeyC", "-KeyC", "-ControlLeft"]
    wait_for(lambda: strokes(guest) == expected, "the guest to get Ctrl and C")


def test_dead_keys_reach_a_machine_by_their_place(driver: Chrome, guest: Qemu) -> None:
    keyboard = Keyboard(driver)
    keyboard.tap("BracketLeft", "Dead")
    keyboard.tap("KeyE", "ê")
    expected = ["+BracketLeft", "-BracketLeft", "+KeyE", "-KeyE"]
    wait_for(lambda: strokes(guest) == expected, "the guest to get both, to compose them")


def test_in_full_screen_all_keys_are_asked_for_unless_the_person_does_not_want_it(
    cloud: Cloud, machine: Machine, open_browser: Callable[..., Chrome]
) -> None:
    driver = open_browser()
    driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": _SPY})
    open_console(driver, cloud.console(machine))
    full = driver.find_element(By.ID, "full")
    full.click()
    asked = "return asked"
    wait_for(lambda: driver.execute_script(asked) == ["lock"], "the keys to be captured")
    status = driver.find_element(By.ID, "status")
    assert status.text == "All keys go to the machine. Hold Esc to leave full screen."

    driver.find_element(By.CSS_SELECTOR, "[data-tool=keys]").click()
    wait_for(lambda: driver.find_elements(By.ID, "capture"), "the choice")
    choice = driver.find_element(By.ID, "capture")
    assert choice.get_attribute("aria-pressed") == "true"
    choice.click()
    wait_for(lambda: driver.execute_script(asked) == ["lock", "unlock"], "the keys to be let go")
    choice.click()
    wait_for(lambda: driver.execute_script(asked)[2:] == ["lock"], "the keys again")
    driver.execute_script("document.exitFullscreen()")
    wait_for(lambda: driver.execute_script(asked)[3:] == ["unlock"], "the keys to be let go")
    choice.click()
    assert choice.get_attribute("aria-pressed") == "false"
    full.click()
    wait_for(lambda: driver.execute_script("return !!document.fullscreenElement"), "full screen")
    wait_for(lambda: driver.execute_script(asked)[-1] == "unlock", "nothing to be captured")


def test_who_is_in_full_screen_before_all_parts_have_come_has_it_whole(
    cloud: Cloud, machine: Machine, open_browser: Callable[..., Chrome]
) -> None:
    driver = open_browser()
    driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": _SPY})
    hold_parts_back(driver)
    driver.get(cloud.console(machine))
    reached(driver, "connected")
    full = driver.find_element(By.ID, "full")
    full.click()
    wait_for(lambda: driver.execute_script("return !!document.fullscreenElement"), "full screen")
    driver.execute_script(COME_PARTS)
    is_whole(driver)
    assert full.get_attribute("aria-pressed") == "true"
    wait_for(lambda: driver.execute_script("return asked") == ["lock"], "the keys to be captured")


@pytest.mark.parametrize(
    ("lacks", "said"),
    [
        (
            "delete Navigator.prototype.keyboard",
            "This browser keeps Alt-Tab, Ctrl-W and others for itself, also in full screen.",
        ),
        (
            "delete Navigator.prototype.keyboard; window.isSecureContext = false;"
            "Object.defineProperty(window, 'isSecureContext', {value: false})",
            "On a page without encryption, the browser keeps Alt-Tab, Ctrl-W and others "
            "for itself.",
        ),
    ],
)
def test_a_browser_that_cannot_capture_keys_says_so(
    cloud: Cloud, machine: Machine, open_browser: Callable[..., Chrome], lacks: str, said: str
) -> None:
    driver = open_browser()
    driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": lacks})
    open_console(driver, cloud.console(machine))
    driver.find_element(By.CSS_SELECTOR, "[data-tool=keys]").click()
    wait_for(lambda: said in driver.find_element(By.ID, "tool").text, "a word on that")
    assert not driver.find_elements(By.ID, "capture")
