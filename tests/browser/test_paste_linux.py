"""Text that is typed into a Linux guest, and read back from its screen."""

import os
import signal
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from selenium.webdriver import Chrome

from tests.browser.test_paste import click, fill, hidden, note, open_paste
from tests.browser.typewriter import wait_for_line
from tests.integration.fixtures.cloud import Machine, running_cloud
from tests.integration.fixtures.linux_guest import LinuxGuest, make_linux_guest
from tests.integration.fixtures.qemu import Qemu
from tests.waiting import wait_for

_LINE = 'The quick Brown fox: jumps over (12) lazy dogs; x=$HOME/.ssh "a" | tail -n 5 #'


@pytest.fixture
def linux(tmp_path: Path) -> LinuxGuest:
    return make_linux_guest(tmp_path, "us")


@pytest.fixture
def guest(linux: LinuxGuest, qemu_factory: Callable[..., Qemu]) -> Qemu:
    qemu = qemu_factory(arguments=linux.arguments, patience=60)
    wait_for(lambda: "ready" in qemu.said(), "Linux to boot", limit=45)
    return qemu


@pytest.fixture
def driver(tmp_path: Path, guest: Qemu, open_browser: Callable[..., Chrome]) -> Iterator[Chrome]:
    machine = Machine("linux", str(uuid.uuid4()), guest.port)
    with running_cloud(tmp_path, [machine]) as cloud:
        browser = open_browser()
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


@pytest.mark.timeout(240)
def test_a_machine_that_stands_still_at_times_gets_all(
    driver: Chrome, guest: Qemu, linux: LinuxGuest
) -> None:
    lines = [f"{number:2} {_LINE}"[:79] for number in range(10)]
    with _halting(guest, 0.3):
        _type(driver, "\n".join(lines))
        wait_for(lambda: note(driver).startswith("Typed:"), "all to be typed", limit=180)
    for number, line in enumerate(lines):
        wait_for_line(driver, linux, number, line)


@pytest.mark.timeout(120)
def test_a_machine_that_takes_no_keys_is_told(driver: Chrome, guest: Qemu) -> None:
    _type(driver, (_LINE + "\n") * 20)
    wait_for(lambda: note(driver).startswith("1"), "some of it", limit=60)
    guest.qmp("stop")
    said = "The machine takes no keys any more."
    wait_for(lambda: note(driver).startswith(said), "a word on it", limit=30)


def test_caps_lock_of_the_machine_does_not_change_the_text(
    driver: Chrome, guest: Qemu, linux: LinuxGuest
) -> None:
    guest.qmp("send-key", keys=[{"type": "qcode", "data": "caps_lock"}])
    guest.qmp("send-key", keys=[{"type": "qcode", "data": "x"}])
    wait_for_line(driver, linux, 0, "X")
    fill(driver, "Hello")
    click(driver, "paste-type")
    wait_for_line(driver, linux, 0, "XHello")
