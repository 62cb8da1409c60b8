"""A phone's keyboard: what it writes into the line is what a real guest's keyboard types."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.browser.accessibility import violations
from tests.browser.fingers import LANDSCAPE, be_a_phone
from tests.browser.viewer_page import reached
from tests.integration.fixtures.cloud import Cloud, Machine
from tests.integration.fixtures.qemu import Qemu
from tests.waiting import wait_for

Screenshot = Callable[[Chrome, str], Path]
_LYING_WITH_KEYBOARD = (740, 180)
_PICTURE_WIDTH = "return document.querySelector('#screen canvas').getBoundingClientRect().width"
_SCREEN = "return document.querySelector('#screen').getBoundingClientRect().toJSON()"


class _Keyboard:
    """The keyboard of a phone that has the tool open."""

    def __init__(self, driver: Chrome, guest: Qemu, url: str) -> None:
        self.driver = driver
        self._guest = guest
        be_a_phone(driver)
        driver.get(url)
        reached(driver, "connected")
        self.button("[data-tool=type]").click()
        wait_for(self._ready, "the line")

    def _ready(self) -> Any:
        return self.driver.execute_script("return document.activeElement.id === 'type-text'")

    def button(self, selector: str) -> Any:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def named(self, name: str) -> Any:
        return self.driver.find_element(
            By.XPATH, f"//*[@id='tool']//button[.='{name}' or span[.='{name}']]"
        )

    def commit(self, text: str) -> None:
        """Put a text in as a keyboard does that is done with it."""
        self.driver.execute_cdp_cmd("Input.insertText", {"text": text})

    def compose(self, text: str) -> None:
        """Show a word that may still change."""
        where = {"selectionStart": len(text), "selectionEnd": len(text)}
        self.driver.execute_cdp_cmd("Input.imeSetComposition", {"text": text, **where})

    def press(self, key: str) -> None:
        ActionChains(self.driver).send_keys(key).perform()

    def line(self) -> str:
        value = self.driver.execute_script("return document.querySelector('#type-text').value")
        return str(value).replace("\u200b", "")

    def received(self) -> str:
        """Return what the guest's keyboard has typed so far."""
        return "".join(chr(int(key[:2], 16)) for key in self._guest.keys())

    def until(self, text: str) -> None:
        """Wait until the guest has received this, and nothing else."""
        wait_for(lambda: len(self.received()) >= len(text), f"{text!r} to arrive")
        assert self.received() == text

    def kept(self) -> list[str]:
        """Return the last lines as they are offered."""
        buttons = self.driver.find_elements(By.CSS_SELECTOR, ".type-again")
        return [button.text for button in buttons]


@pytest.fixture
def keyboard(
    cloud: Cloud, machine: Machine, guest: Qemu, open_browser: Callable[..., Chrome]
) -> _Keyboard:
    return _Keyboard(open_browser(), guest, cloud.console(machine))


def test_what_is_written_is_typed_as_it_is_written(keyboard: _Keyboard) -> None:
    keyboard.commit("ls")
    keyboard.until("ls")
    keyboard.commit(" -l")
    keyboard.press(Keys.ENTER)
    keyboard.until("ls -l\r")
    assert keyboard.line() == ""


def test_a_word_that_the_keyboard_changes_is_changed_in_the_machine(keyboard: _Keyboard) -> None:
    for word in ("t", "te", "teh"):
        keyboard.compose(word)
    keyboard.until("teh")
    keyboard.commit("the ")
    keyboard.until("teh\b\bhe ")
    assert keyboard.line() == "the "
    # By swiping, whole words come at once.
    keyboard.compose("quick")
    keyboard.commit("quick")
    keyboard.until("teh\b\bhe quick")


def test_backspace_goes_on_in_a_line_that_is_empty_here(keyboard: _Keyboard) -> None:
    keyboard.commit("a")
    for _ in range(20):
        keyboard.press(Keys.BACKSPACE)
    keyboard.until("a" + 20 * "\b")
    keyboard.commit("b")
    keyboard.until("a" + 20 * "\b" + "b")


def test_the_last_lines_are_there_to_be_typed_again(
    keyboard: _Keyboard, screenshot: Screenshot
) -> None:
    for line in ("uptime", "df -h"):
        keyboard.commit(line)
        keyboard.press(Keys.ENTER)
    keyboard.until("uptime\rdf -h\r")
    assert keyboard.kept() == ["df -h", "uptime"]
    screenshot(keyboard.driver, "touch-keyboard")
    assert violations(keyboard.driver) == []
    keyboard.named("uptime").click()
    keyboard.until("uptime\rdf -h\ruptime")
    assert keyboard.line() == "uptime"
    focused = keyboard.driver.switch_to.active_element
    assert focused.get_attribute("id") == "type-text"
    # They go with the page alone, and at once if that is wanted.
    assert "uptime" not in keyboard.driver.execute_script("return JSON.stringify(localStorage)")
    keyboard.named("Forget these lines").click()
    assert keyboard.kept() == []


def test_a_secret_is_not_kept(keyboard: _Keyboard) -> None:
    keyboard.commit("root")
    keyboard.press(Keys.ENTER)
    keyboard.named("Secret").click()
    keyboard.commit("hush")
    masked = "return getComputedStyle(document.querySelector('#type-text')).webkitTextSecurity"
    assert keyboard.driver.execute_script(masked) == "disc"
    # A line is a secret also if only its beginning was meant to be one.
    keyboard.named("Secret").click()
    keyboard.commit("hush")
    keyboard.press(Keys.ENTER)
    keyboard.commit("id")
    keyboard.press(Keys.ENTER)
    keyboard.until("root\rhushhush\rid\r")
    assert keyboard.kept() == ["id", "root"]


def test_ctrl_is_held_for_one_letter_and_the_line_begins_anew(keyboard: _Keyboard) -> None:
    keyboard.commit("abc")
    keyboard.named("Ctrl").click()
    keyboard.commit("c")
    keyboard.until("abc\x03")
    assert keyboard.line() == ""
    keyboard.commit("d")
    keyboard.until("abc\x03d")
    keyboard.named("Tab").click()
    keyboard.until("abc\x03d\t")


def test_the_machine_s_layout_counts_and_what_it_lacks_is_named(
    cloud: Cloud, machine: Machine, guest: Qemu, open_browser: Callable[..., Chrome]
) -> None:
    keyboard = _Keyboard(open_browser(), guest, f"{cloud.console(machine)}&language=de")
    keyboard.commit("z😀x")
    # It is said for a moment.
    status = keyboard.driver.find_element(By.ID, "status")
    wait_for(lambda: status.text.endswith(": 😀"), "the character to be named")
    # The guest has a US keyboard, where a German z is a y.
    keyboard.until("yx")
    keyboard.press(Keys.BACKSPACE)
    keyboard.press(Keys.BACKSPACE)
    keyboard.press(Keys.BACKSPACE)
    keyboard.until("yx\b\b")


def test_the_screen_stays_above_the_phone_s_keyboard(
    keyboard: _Keyboard, screenshot: Screenshot
) -> None:
    driver = keyboard.driver
    be_a_phone(driver, LANDSCAPE)
    # This browser makes the page smaller by itself, as Chrome does on Android,
    be_a_phone(driver, _LYING_WITH_KEYBOARD)
    wait_for(lambda: driver.execute_script(_SCREEN)["height"] >= 110, "the bar to go")
    keyboard.commit("ls")
    seen = "const { top } = document.querySelector('#screen canvas').getBoundingClientRect();"
    seen += "return top >= document.querySelector('#tool').getBoundingClientRect().bottom"
    wait_for(lambda: driver.execute_script(seen), "what is written")
    assert driver.execute_script(_PICTURE_WIDTH) == 720
    screenshot(driver, "touch-keyboard-landscape")
    be_a_phone(driver, LANDSCAPE)
    wait_for(lambda: driver.execute_script(_PICTURE_WIDTH) < 500, "all of the screen")
    # and this one does not, as on iOS.
    driver.execute_script(
        "Object.defineProperty(visualViewport, 'height', { get: () => 180, configurable: true });"
        "visualViewport.dispatchEvent(new Event('resize'))"
    )
    wait_for(lambda: driver.execute_script(_SCREEN)["bottom"] == 180, "the screen to be above")


def test_what_is_written_is_kept_in_sight_while_zoomed(keyboard: _Keyboard) -> None:
    driver = keyboard.driver
    keyboard.button("[data-tool=touch]").click()
    wait_for(lambda: driver.find_elements(By.ID, "touch-in"), "the tool")
    for _ in range(6):
        keyboard.button("#touch-in").click()
    left = "return document.querySelector('#screen canvas').parentElement.scrollLeft"
    assert driver.execute_script(left) > 300
    keyboard.button("[data-tool=type]").click()
    wait_for(lambda: driver.execute_script("return document.activeElement.id") == "type-text", "")
    keyboard.commit("ls")
    keyboard.until("ls")
    # The guest's prompt has six letters of nine pixels.
    wait_for(lambda: driver.execute_script(left) < 120, "the beginning of the line")
