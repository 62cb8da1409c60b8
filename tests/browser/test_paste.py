"""Text of a person, typed into a real guest."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

from tests.browser.embedded import Embedded
from tests.browser.looks import inspect
from tests.browser.viewer_page import is_whole
from tests.integration.fixtures.cloud import Cloud, Machine
from tests.integration.fixtures.qemu import Qemu
from tests.waiting import wait_for

Screenshot = Callable[[Chrome, str], Path]
_FILL = """
const field = document.getElementById("paste-text");
field.value = arguments[0];
field.dispatchEvent(new Event("input"));
"""
_NOT_SHOWN = "return !document.getElementById(arguments[0])?.checkVisibility()"


@pytest.fixture
def driver(cloud: Cloud, machine: Machine, open_browser: Callable[..., Chrome]) -> Chrome:
    """The console with the tool open."""
    browser = open_browser()
    browser.get(cloud.console(machine))
    open_paste(browser)
    return browser


def open_paste(driver: Chrome) -> None:
    # A server says what its clipboard can do before it sends its picture.
    is_whole(driver)
    driver.find_element(By.CSS_SELECTOR, "[data-tool=paste]").click()
    wait_for(lambda: not hidden(driver, "paste-type"), "the tool to open")


def hidden(driver: Chrome, name: str) -> Any:
    return driver.execute_script(_NOT_SHOWN, name)


def click(driver: Chrome, name: str) -> None:
    driver.find_element(By.ID, name).click()


def fill(driver: Chrome, text: str) -> None:
    driver.execute_script(_FILL, text)


def note(driver: Chrome) -> str:
    return driver.find_element(By.ID, "paste-note").text


def _received(guest: Qemu) -> str:
    return "".join(chr(int(key[:2], 16)) for key in guest.keys()).replace("\r", "\n")


def test_a_short_text_is_typed_at_once_and_the_keys_are_the_machine_s_again(
    driver: Chrome, guest: Qemu, screenshot: Screenshot
) -> None:
    assert inspect(driver, "paste-idle", screenshot) == []
    ActionChains(driver).send_keys("echo Hi!", Keys.TAB).perform()
    click(driver, "paste-type")
    wait_for(lambda: note(driver).startswith("Typed: 8"), "it to be typed")
    ActionChains(driver).send_keys("x").perform()
    wait_for(lambda: _received(guest) == "echo Hi!x", "the guest to have it")
    assert driver.execute_script("return JSON.stringify(localStorage)") == "{}"


def test_closing_the_tool_stops_it(driver: Chrome, guest: Qemu) -> None:
    fill(driver, "x" * 300)
    click(driver, "paste-type")
    wait_for(lambda: len(_received(guest)) > 5, "some of it")
    ActionChains(driver).send_keys(Keys.ESCAPE).perform()
    status = driver.find_element(By.ID, "status")
    wait_for(lambda: status.text.startswith("Stopped."), "a word on it")
    assert len(_received(guest)) < 300
    open_paste(driver)
    assert driver.find_element(By.ID, "paste-text").get_attribute("value") == ""


def test_what_has_no_key_is_named_and_the_rest_is_typed(
    driver: Chrome, guest: Qemu, screenshot: Screenshot
) -> None:
    Select(driver.find_element(By.ID, "paste-layout")).select_by_value("us")
    fill(driver, "a漢b😀c漢\u00a0d")
    click(driver, "paste-type")
    wait_for(lambda: not hidden(driver, "paste-yes"), "the question")
    named = [item.text for item in driver.find_elements(By.CSS_SELECTOR, ".paste-missing li")]
    assert named == [
        "漢 line 1, column 2 (×2)",  # noqa: RUF001
        "😀 line 1, column 4",
        "U+00A0 line 1, column 7",
    ]
    assert inspect(driver, "paste-named", screenshot) == []
    assert driver.switch_to.active_element.text == "Type the rest"
    ActionChains(driver).send_keys(Keys.ENTER).perform()
    wait_for(lambda: _received(guest) == "abcd", "the rest")


def test_a_line_end_is_asked_for(driver: Chrome, guest: Qemu) -> None:
    fill(driver, "reboot\n")
    click(driver, "paste-type")
    wait_for(lambda: not hidden(driver, "paste-yes"), "the question")
    asked = driver.find_element(By.ID, "paste-asked").text
    assert "Enter is pressed 1 time." in asked
    click(driver, "paste-no")
    assert driver.switch_to.active_element.get_attribute("id") == "paste-text"
    assert _received(guest) == ""


def test_a_screen_that_is_lost_ends_it(driver: Chrome, guest: Qemu) -> None:
    fill(driver, "x" * 400)
    click(driver, "paste-type")
    wait_for(lambda: len(_received(guest)) > 5, "some of it")
    guest.kill()
    wait_for(lambda: note(driver).startswith("The screen was lost."), "a word on it")
    assert not driver.find_element(By.ID, "paste-type").is_enabled()


def test_a_secret_is_hidden_and_forgotten(
    driver: Chrome, guest: Qemu, screenshot: Screenshot
) -> None:
    field = driver.find_element(By.ID, "paste-text")
    click(driver, "paste-secret")
    field.send_keys("Pa55€word")
    assert field.value_of_css_property("-webkit-text-security") == "disc"
    assert inspect(driver, "paste-secret", screenshot) == []
    click(driver, "paste-type")
    wait_for(lambda: not hidden(driver, "paste-yes"), "the question")
    asked = driver.find_element(By.ID, "paste-asked").text
    assert "line 1, column 5" in asked
    assert "€" not in asked
    click(driver, "paste-yes")
    wait_for(lambda: _received(guest) == "Pa55word", "the guest to have it")
    wait_for(lambda: field.get_attribute("value") == "", "it to be forgotten")
    field.click()
    ActionChains(driver).key_down(Keys.CONTROL).send_keys("z").key_up(Keys.CONTROL).perform()
    assert field.get_attribute("value") == "", "nor can it be had again"


def test_keys_of_the_person_do_not_come_between(driver: Chrome, guest: Qemu) -> None:
    text = "x" * 150
    fill(driver, text)
    click(driver, "paste-type")
    wait_for(lambda: len(_received(guest)) > 5, "some of it")
    driver.find_element(By.CSS_SELECTOR, "#screen canvas").click()
    ActionChains(driver).send_keys("abc").perform()
    status = driver.find_element(By.ID, "status")
    wait_for(lambda: status.text.startswith("The text is still being typed."), "a word on it")
    wait_for(lambda: _received(guest) == text, "all of the text, and nothing else")


def test_who_looks_at_something_else_meanwhile_gets_the_same_text(
    driver: Chrome, guest: Qemu
) -> None:
    text = "ABCDEFGHIJ" * 12
    fill(driver, text)
    click(driver, "paste-type")
    for more in (5, 30, 60):
        wait_for(lambda more=more: len(_received(guest)) > more, "some of it")  # type: ignore[misc]
        driver.execute_script("dispatchEvent(new Event('blur'))")
    wait_for(lambda: note(driver).startswith("Typed: 120"), "it to be typed")
    wait_for(lambda: len(_received(guest)) == len(text), "the guest to have it")
    assert _received(guest) == text


def _enter(driver: Chrome, *, repeats: bool = False) -> None:
    """Press Enter so that it clicks, and hold it."""
    event = {"type": "keyDown", "code": "Enter", "key": "Enter", "windowsVirtualKeyCode": 13}
    event |= {"text": "\r", "autoRepeat": repeats}
    driver.execute_cdp_cmd("Input.dispatchKeyEvent", event)


def test_a_key_that_is_held_answers_no_question(driver: Chrome, guest: Qemu) -> None:
    fill(driver, "reboot\n")
    driver.execute_script("document.getElementById('paste-type').focus()")
    _enter(driver)
    wait_for(lambda: not hidden(driver, "paste-yes"), "the question")
    for _ in range(5):
        _enter(driver, repeats=True)
    assert not hidden(driver, "paste-yes")
    _enter(driver)
    for _ in range(5):
        _enter(driver, repeats=True)
    wait_for(lambda: _received(guest) == "reboot\n", "the guest to have it")


def test_who_presses_twice_gets_it_once(driver: Chrome, guest: Qemu) -> None:
    fill(driver, "once")
    driver.execute_script(
        "const type = document.getElementById('paste-type'); type.click(); type.click();"
    )
    wait_for(lambda: note(driver).startswith("Typed: 4"), "it to be typed")
    ActionChains(driver).send_keys("x").perform()
    wait_for(lambda: _received(guest).endswith("x"), "the next key")
    assert _received(guest) == "oncex"


def test_the_clipboard_is_read_where_the_browser_allows_it(driver: Chrome, guest: Qemu) -> None:
    permission = {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
    driver.execute_cdp_cmd("Browser.grantPermissions", permission)
    driver.execute_async_script("navigator.clipboard.writeText('from afar').then(arguments[0])")
    click(driver, "paste-read")
    field = driver.find_element(By.ID, "paste-text")
    wait_for(lambda: field.get_attribute("value") == "from afar", "the text in the field")
    assert driver.switch_to.active_element.get_attribute("id") == "paste-type"
    ActionChains(driver).send_keys(Keys.ENTER).perform()
    wait_for(lambda: _received(guest) == "from afar", "the guest to have it")


def test_a_browser_that_does_not_let_the_clipboard_be_read_is_told(driver: Chrome) -> None:
    permission = {"permission": {"name": "clipboard-read"}, "setting": "denied"}
    driver.execute_cdp_cmd("Browser.setPermission", permission)
    fill(driver, "kept")
    click(driver, "paste-read")
    denied = "The browser does not let this page read the clipboard."
    wait_for(lambda: note(driver).startswith(denied), "a word on it")
    field = driver.switch_to.active_element
    assert (field.get_attribute("id"), field.get_attribute("value")) == ("paste-text", "kept")


def test_who_writes_in_the_page_around_is_not_taken_away_from_there(
    embedded: Embedded, guest: Qemu
) -> None:
    driver = embedded.driver
    embedded.open(f'src="{embedded.link}"')
    embedded.reached("connected")
    frame = driver.execute_script(
        "return document.querySelector('console-viewer').shadowRoot.querySelector('iframe')"
    )
    driver.switch_to.frame(frame)
    open_paste(driver)
    text = "x" * 150
    fill(driver, text)
    click(driver, "paste-type")
    wait_for(lambda: len(_received(guest)) > 5, "some of it")
    driver.switch_to.default_content()
    field = driver.find_element(By.ID, "field")
    field.click()
    driver.switch_to.frame(frame)
    wait_for(lambda: note(driver).startswith("Typed: 150"), "it to be typed")
    driver.switch_to.default_content()
    ActionChains(driver).send_keys("y").perform()
    assert field.get_attribute("value") == "y"
    wait_for(lambda: len(_received(guest)) >= 150, "the guest to have it")
    assert _received(guest) == text
