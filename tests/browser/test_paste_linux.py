"""Text that is typed into a Linux guest, and read back from its screen."""

import os
import re
import signal
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.browser.looks import inspect
from tests.browser.test_paste import click, fill, hidden, note, open_paste
from tests.browser.typewriter import wait_for_line
from tests.integration.fixtures.cloud import Machine, running_cloud
from tests.integration.fixtures.linux_guest import LinuxGuest, Worn
from tests.integration.fixtures.qemu import Qemu
from tests.waiting import wait_for

_LINE = 'The quick Brown fox: jumps over (12) lazy dogs; x=$HOME/.ssh "a" | tail -n 5 #'
# No sign tells when a page that nobody looks at has done something.
_AWAY_SECONDS = 4
# It is waited for 10 s.
_LATER = """
const now = performance.now.bind(performance);
performance.now = () => now() + 10_000;
"""
# How often a timer is called while nobody looks at the page.
_WATCH = """
window.calls = 0;
setInterval(() => document.hidden && calls++, 50);
"""


@pytest.fixture
def guest(linux: LinuxGuest) -> Qemu:
    return linux.qemu


@pytest.fixture
def worn(linux: LinuxGuest) -> Worn:
    return linux.wear("us")


@pytest.fixture
def driver(
    tmp_path: Path, worn: Worn, guest: Qemu, open_browser: Callable[..., Chrome]
) -> Iterator[Chrome]:
    with _tool(tmp_path, guest, open_browser) as browser:
        yield browser


@contextmanager
def _tool(folder: Path, guest: Qemu, open_browser: Callable[..., Chrome]) -> Iterator[Chrome]:
    machine = Machine("linux", str(uuid.uuid4()), guest.port)
    with running_cloud(folder, [machine]) as cloud:
        browser = open_browser(patient=True)
        browser.get(cloud.console(machine))
        open_paste(browser)
        yield browser


@contextmanager
def _halting(guest: Qemu, seconds: float) -> Iterator[None]:
    """Have QEMU stand still half of the time, as on a host that has too much to do."""
    over = threading.Event()

    def halt() -> None:
        while not over.wait(seconds):
            os.kill(guest.pid, signal.SIGSTOP)
            over.wait(seconds)
            os.kill(guest.pid, signal.SIGCONT)

    thread = threading.Thread(target=halt, name="halting")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        os.kill(guest.pid, signal.SIGCONT)


def _type(driver: Chrome, text: str) -> None:
    fill(driver, text)
    click(driver, "paste-type")
    wait_for(lambda: not hidden(driver, "paste-yes"), "the question")
    click(driver, "paste-yes")


@pytest.mark.timeout(300)
def test_two_thousand_characters_arrive(
    driver: Chrome, worn: Worn, screenshot: Callable[[Chrome, str], Path]
) -> None:
    lines = [f"{number:2} {_LINE}"[:79] for number in range(25)]
    lines[-1] += "!"
    fill(driver, "\n".join(lines))
    click(driver, "paste-type")
    wait_for(lambda: not hidden(driver, "paste-yes"), "the question")
    assert inspect(driver, "paste-asking", screenshot) == []
    ActionChains(driver).send_keys(Keys.ENTER).perform()
    wait_for(lambda: "%" in note(driver), "progress")
    assert inspect(driver, "paste-typing", screenshot) == []
    wait_for(lambda: note(driver).startswith("Typed: 2,000"), "all to be typed", limit=240)
    for number, line in enumerate(lines):
        wait_for_line(driver, worn, number, line)


def test_it_is_stopped_half_way_and_says_how_far_it_came(driver: Chrome, worn: Worn) -> None:
    text = "ABCDEFGHIJ" * 40
    fill(driver, text)
    click(driver, "paste-type")
    wait_for(lambda: re.match(r"\d\d%", note(driver)), "some of it", limit=60)
    ActionChains(driver).send_keys(Keys.ENTER).perform()
    (typed,) = wait_for(lambda: re.findall(r"typed: (\d+) of 400\.", note(driver)), "a word on it")
    done = int(typed)
    assert 20 < done < 400
    selected = "return [document.activeElement.id, getSelection().toString()]"
    assert driver.execute_script(selected) == ["paste-text", text[done:]]
    # Shift is up again.
    driver.find_element(By.CSS_SELECTOR, "#screen canvas").click()
    ActionChains(driver).send_keys("a").perform()
    shown = text[:done] + "a"
    for number in range(len(shown) // 80 + 1):
        wait_for_line(driver, worn, number, shown[number * 80 :][:80])


def test_it_goes_on_in_a_tab_that_is_not_looked_at(driver: Chrome, worn: Worn) -> None:
    page = driver.current_window_handle
    fill(driver, "xyz" * 100)
    click(driver, "paste-type")
    wait_for(lambda: "%" in note(driver), "some of it")
    driver.execute_script(_WATCH)
    before = driver.find_element(By.ID, "paste-progress").get_property("value")
    driver.switch_to.new_window("tab")
    threading.Event().wait(_AWAY_SECONDS)
    driver.switch_to.window(page)
    after = driver.find_element(By.ID, "paste-progress").get_property("value")
    assert 0 < driver.execute_script("return window.calls") < 10 * _AWAY_SECONDS
    assert float(str(after)) > float(str(before)) + 0.05
    wait_for(lambda: note(driver).startswith("Typed: 300"), "all to be typed", limit=60)
    for number, length in enumerate((80, 80, 80, 60)):
        wait_for_line(driver, worn, number, ("xyz" * 100)[number * 80 :][:length])


def test_a_machine_that_stands_still_at_times_gets_all(
    driver: Chrome, guest: Qemu, worn: Worn
) -> None:
    lines = [f"{number:2} {_LINE}"[:79] for number in range(6)]
    with _halting(guest, 0.3):
        _type(driver, "\n".join(lines))
        wait_for(lambda: note(driver).startswith("Typed:"), "all to be typed", limit=180)
    for number, line in enumerate(lines):
        wait_for_line(driver, worn, number, line)


def test_a_machine_that_takes_no_keys_is_told(
    tmp_path: Path, open_browser: Callable[..., Chrome]
) -> None:
    # Of its own, as it is not to be used any more.
    with LinuxGuest(tmp_path, ["us"]) as guest:
        guest.wear("us")
        with _tool(tmp_path, guest.qemu, open_browser) as driver:
            _type(driver, (_LINE + "\n") * 20)
            wait_for(lambda: note(driver).startswith("1"), "some of it", limit=60)
            guest.qemu.qmp("stop")
            driver.execute_script(_LATER)
            said = "The machine takes no keys any more."
            wait_for(lambda: note(driver).startswith(said), "a word on it", limit=60)


def test_caps_lock_of_the_machine_does_not_change_the_text(
    driver: Chrome, guest: Qemu, worn: Worn
) -> None:
    guest.qmp("send-key", keys=[{"type": "qcode", "data": "caps_lock"}])
    guest.qmp("send-key", keys=[{"type": "qcode", "data": "x"}])
    wait_for_line(driver, worn, 0, "X")
    fill(driver, "Hello")
    click(driver, "paste-type")
    wait_for_line(driver, worn, 0, "XHello")
