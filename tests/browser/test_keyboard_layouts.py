"""Each printable key of layouts, typed in the browser and read back from the guest's screen.

The guest is a Linux whose own keyboard driver makes characters of what it gets, dead keys included.
"""

import unicodedata
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select

from tests import xkb
from tests.browser.looks import inspect
from tests.browser.typewriter import Typewriter, wait_for_line
from tests.browser.viewer_page import open_console
from tests.integration.fixtures.cloud import Machine, running_cloud
from tests.integration.fixtures.linux_guest import LinuxGuest, Worn
from tests.integration.fixtures.plain_keys import without_extended_keys
from tests.waiting import wait_for

Open = Callable[..., tuple[Chrome, Worn]]
_KEYBOARDS = ("us", "de", "fr", "es", "br", "ru")
_LINE = 60


@pytest.fixture
def console(
    tmp_path: Path, linux: LinuxGuest, open_browser: Callable[..., Chrome]
) -> Iterator[Open]:
    """Opens the console of a guest with a layout.

    ``choose`` says the layout in the link, and ``plain`` hides extended key events.
    """

    def start(
        layout: str, *, choose: str = "", plain: bool = False, guest: LinuxGuest = linux
    ) -> tuple[Chrome, Worn]:
        worn, port = guest.wear(layout), guest.qemu.port
        if plain:
            port = stack.enter_context(without_extended_keys(port))
        machine = Machine(f"linux-{layout}", str(uuid.uuid4()), port)
        cloud = stack.enter_context(running_cloud(tmp_path, [machine]))
        driver = open_browser()
        open_console(driver, cloud.console(machine) + (f"&keyboard={choose}" if choose else ""))
        wait_for(lambda: _layout(driver) == choose, "the layout")
        return driver, worn

    with ExitStack() as stack:
        yield start


def _layout(driver: Chrome) -> str:
    """Return the layout to which the page converts keys, or nothing."""
    layout = "return document.getElementById('screen').dataset.layout ?? ''"
    return str(driver.execute_script(layout))


def _follower(worn: Worn, dead: str) -> tuple[str, str]:
    """Return what to strike behind a dead key, a letter if there is one, and what that makes."""
    known = {base: char for (key, base), char in worn.composed.items() if key == dead}
    plain = {levels[0] for levels in worn.keys.values()}
    base = sorted(known, key=lambda base: (base not in plain, not base.isalpha(), base))[0]
    return base, known[base]


@pytest.mark.parametrize("layout", _KEYBOARDS)
def test_each_key_and_level_by_position(layout: str, console: Open) -> None:
    driver, worn = console(layout)
    person = Typewriter(driver, worn.keys)
    number = 0
    for level in range(4):
        for codes in xkb.CODES:
            expected = ""
            for code in codes:
                levels = worn.keys.get(code, [])
                written = levels[level] if level < len(levels) else ""
                if not written:
                    continue
                person.strike(code, level, written)
                if written.startswith(xkb.CIRCLE):
                    base, written = _follower(worn, written)
                    person.write(base)
                expected += written
                # QEMU drops keys that wait for too long for their guest.
                wait_for_line(driver, worn, number, expected)
            if expected:
                person.write("\n")
                number += 1
    assert number >= 8


def _writable(worn: Worn) -> set[str]:
    """Return what a guest can be made to write with its layout: letters with marks, and accents."""
    direct = {written for levels in worn.keys.values() for written in levels if len(written) == 1}
    letters = {
        char
        for (dead, base), char in worn.composed.items()
        if unicodedata.normalize("NFC", base + dead[-1]) == char or base == " "
    }
    return direct | letters


def _type_all(driver: Chrome, worn: Worn, keyboard: str) -> None:
    """Type what both have, in lines, and compare each."""
    keys = xkb.layout(keyboard)
    person = Typewriter(driver, keys)
    theirs = [written for level in range(4) for written in _level(keys, level)]
    both = [char for char in dict.fromkeys(theirs) if char in _writable(worn)]
    for at, char in enumerate(both):
        number, column = divmod(at, _LINE)
        person.write(char)
        wait_for_line(driver, worn, number, "".join(both[number * _LINE : at + 1]))
        if column == _LINE - 1:
            person.write("\n")
    assert len(both) >= 10


def _level(keys: dict[str, list[str]], level: int) -> list[str]:
    return [levels[level] for levels in keys.values() if level < len(levels)]


@pytest.mark.parametrize(
    ("keyboard", "layout"),
    [
        ("us", "de"),
        ("us", "fr"),
        ("us", "es"),
        ("us", "jp"),
        ("us", "tr"),
        ("de", "us"),
        ("de", "fr"),
        ("ru", "ru"),
    ],
)
def test_each_character_in_the_layout_that_the_link_names(
    keyboard: str, layout: str, console: Open
) -> None:
    driver, worn = console(layout, choose=layout)
    _type_all(driver, worn, keyboard)


@pytest.mark.parametrize(("keyboard", "layout"), [("us", "de"), ("us", "fr"), ("es", "es")])
def test_each_character_on_a_server_without_extended_key_events(
    keyboard: str, layout: str, console: Open
) -> None:
    driver, worn = console(layout, choose=layout, plain=True)
    _type_all(driver, worn, keyboard)


def test_each_character_where_qemu_was_told_the_layout(tmp_path: Path, console: Open) -> None:
    with LinuxGuest(tmp_path, ["de"], ("-k", "de")) as guest:
        driver, worn = console("de", choose="de", guest=guest)
        _type_all(driver, worn, "us")


def test_what_the_layout_lacks_is_said(console: Open) -> None:
    driver, worn = console("us", choose="us")
    person = Typewriter(driver, xkb.layout("es"))
    status = driver.find_element(By.ID, "status")
    person.write("mañ")
    # It is said for a moment.
    wait_for(lambda: "ñ" in status.text, "the character to be named")
    person.write("ana\n")
    wait_for_line(driver, worn, 0, "maana")


def test_a_layout_is_chosen_in_the_page_and_remembered_for_the_machine(
    console: Open, screenshot: Callable[[Chrome, str], Path]
) -> None:
    driver, worn = console("de")
    person = Typewriter(driver, xkb.layout("us"))
    driver.find_element(By.CSS_SELECTOR, "[data-tool=keys]").click()
    choice = wait_for(lambda: driver.find_elements(By.ID, "layout"), "the tool")[0]
    assert Select(choice).first_selected_option.get_attribute("value") == ""
    Select(choice).select_by_visible_text("Deutsch")
    wait_for(lambda: _layout(driver) == "de", "the layout")
    assert inspect(driver, "keys-layout", screenshot) == []
    driver.find_element(By.CSS_SELECTOR, "[data-tool=keys]").click()
    person.write("yz@[~]\n")
    wait_for_line(driver, worn, 0, "yz@[~]")
    driver.refresh()
    wait_for(lambda: _layout(driver) == "de", "the layout to be remembered")
    person.write("z?\n")
    wait_for_line(driver, worn, 1, "z?")
