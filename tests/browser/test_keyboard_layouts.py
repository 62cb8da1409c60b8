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
from tests.browser.keyboard import connect
from tests.browser.looks import inspect
from tests.browser.typewriter import Typewriter, wait_for_line
from tests.integration.fixtures.cloud import Machine, running_cloud
from tests.integration.fixtures.linux_guest import LinuxGuest, make_linux_guest
from tests.integration.fixtures.plain_keys import without_extended_keys
from tests.integration.fixtures.qemu import Qemu
from tests.waiting import wait_for

Open = Callable[..., tuple[Chrome, LinuxGuest]]
_KEYBOARDS = ("us", "de", "fr", "es", "br", "ru")
_LINE = 60


@pytest.fixture
def open_console(
    tmp_path: Path,
    qemu_factory: Callable[..., Qemu],
    open_browser: Callable[..., Chrome],
) -> Iterator[Open]:
    """Opens the console of a guest with a layout.

    ``choose`` says the layout in the link, ``plain`` hides extended key events, and ``keymap``
    is QEMU's ``-k``.
    """

    def start(
        layout: str, *, choose: str = "", plain: bool = False, keymap: str = ""
    ) -> tuple[Chrome, LinuxGuest]:
        guest = make_linux_guest(tmp_path, layout)
        arguments = (*guest.arguments, *(("-k", keymap) if keymap else ()))
        qemu = qemu_factory(arguments=arguments, patience=60)
        wait_for(lambda: "ready" in qemu.said(), "Linux to boot", limit=45)
        port = stack.enter_context(without_extended_keys(qemu.port)) if plain else qemu.port
        machine = Machine(f"linux-{layout}", str(uuid.uuid4()), port)
        cloud = stack.enter_context(running_cloud(tmp_path, [machine]))
        driver = open_browser()
        connect(driver, cloud.console(machine) + (f"&keyboard={choose}" if choose else ""))
        wait_for(lambda: _layout(driver) == choose, "the layout")
        return driver, guest

    with ExitStack() as stack:
        yield start


def _layout(driver: Chrome) -> str:
    """Return the layout to which the page converts keys, or nothing."""
    layout = "return document.getElementById('screen').dataset.layout ?? ''"
    return str(driver.execute_script(layout))


def _follower(guest: LinuxGuest, dead: str) -> tuple[str, str]:
    """Return what to strike behind a dead key, a letter if there is one, and what that makes."""
    known = {base: char for (key, base), char in guest.composed.items() if key == dead}
    plain = {levels[0] for levels in guest.keys.values()}
    base = sorted(known, key=lambda base: (base not in plain, not base.isalpha(), base))[0]
    return base, known[base]


@pytest.mark.parametrize("layout", _KEYBOARDS)
@pytest.mark.timeout(180)
def test_each_key_and_level_by_position(layout: str, open_console: Open) -> None:
    driver, guest = open_console(layout)
    person = Typewriter(driver, guest.keys)
    number = 0
    for level in range(4):
        for codes in xkb.CODES:
            expected = ""
            for code in codes:
                levels = guest.keys.get(code, [])
                written = levels[level] if level < len(levels) else ""
                if not written:
                    continue
                person.strike(code, level, written)
                if written.startswith(xkb.CIRCLE):
                    base, written = _follower(guest, written)
                    person.write(base)
                expected += written
                # QEMU drops keys that wait for too long for their guest.
                wait_for_line(driver, guest, number, expected)
            if expected:
                person.write("\n")
                number += 1
    assert number >= 8


def _writable(guest: LinuxGuest) -> set[str]:
    """Return what a guest can be made to write with its layout: letters with marks, and accents."""
    direct = {written for levels in guest.keys.values() for written in levels if len(written) == 1}
    letters = {
        char
        for (dead, base), char in guest.composed.items()
        if unicodedata.normalize("NFC", base + dead[-1]) == char or base == " "
    }
    return direct | letters


def _type_all(driver: Chrome, guest: LinuxGuest, keyboard: str) -> None:
    """Type what both have, in lines, and compare each."""
    keys = xkb.layout(keyboard)
    person = Typewriter(driver, keys)
    theirs = [written for level in range(4) for written in _level(keys, level)]
    both = [char for char in dict.fromkeys(theirs) if char in _writable(guest)]
    for at, char in enumerate(both):
        number, column = divmod(at, _LINE)
        person.write(char)
        wait_for_line(driver, guest, number, "".join(both[number * _LINE : at + 1]))
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
@pytest.mark.timeout(180)
def test_each_character_in_the_layout_that_the_link_names(
    keyboard: str, layout: str, open_console: Open
) -> None:
    driver, guest = open_console(layout, choose=layout)
    _type_all(driver, guest, keyboard)


@pytest.mark.parametrize(("keyboard", "layout"), [("us", "de"), ("us", "fr"), ("es", "es")])
@pytest.mark.timeout(180)
def test_each_character_on_a_server_without_extended_key_events(
    keyboard: str, layout: str, open_console: Open
) -> None:
    driver, guest = open_console(layout, choose=layout, plain=True)
    _type_all(driver, guest, keyboard)


@pytest.mark.timeout(180)
def test_each_character_where_qemu_was_told_the_layout(open_console: Open) -> None:
    driver, guest = open_console("de", choose="de", keymap="de")
    _type_all(driver, guest, "us")


def test_what_the_layout_lacks_is_said(open_console: Open) -> None:
    driver, guest = open_console("us", choose="us")
    Typewriter(driver, xkb.layout("es")).write("mañana\n")
    wait_for_line(driver, guest, 0, "maana")
    status = driver.find_element(By.ID, "status").text
    assert "ñ" in status


@pytest.mark.timeout(180)
def test_a_layout_is_chosen_in_the_page_and_remembered_for_the_machine(
    open_console: Open, screenshot: Callable[[Chrome, str], Path]
) -> None:
    driver, guest = open_console("de")
    person = Typewriter(driver, xkb.layout("us"))
    driver.find_element(By.CSS_SELECTOR, "[data-tool=keys]").click()
    choice = wait_for(lambda: driver.find_elements(By.ID, "layout"), "the tool")[0]
    assert Select(choice).first_selected_option.get_attribute("value") == ""
    Select(choice).select_by_visible_text("Deutsch")
    wait_for(lambda: _layout(driver) == "de", "the layout")
    assert inspect(driver, "keys-layout", screenshot) == []
    driver.find_element(By.CSS_SELECTOR, "[data-tool=keys]").click()
    person.write("yz@[~]\n")
    wait_for_line(driver, guest, 0, "yz@[~]")
    driver.refresh()
    wait_for(lambda: _layout(driver) == "de", "the layout to be remembered")
    person.write("z?\n")
    wait_for_line(driver, guest, 1, "z?")
