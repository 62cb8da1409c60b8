"""``consoleproxy demo`` as a person runs it: open the printed link, type, Ctrl-C."""

import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest
import requests
from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains

from tests.integration.fixtures.qemu import QEMU, required
from tests.waiting import wait_for

_PICTURE = """
const canvas = document.querySelector("#screen canvas");
return canvas && canvas.width > 300 ? canvas.toDataURL() : null;
"""
_INK = """
const canvas = document.querySelector("#screen canvas");
const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
const first = data.slice(-4).join();
let ink = 0;
for (let at = 0; at < data.length; at += 4) ink += data.slice(at, at + 4).join() !== first;
return ink;
"""


@contextmanager
def _demo(path: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """Run the demo with this PATH; yield the process and the lines that it printed, by name."""
    process = subprocess.Popen(
        [sys.executable, "-m", "consoleproxy", "demo"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={"PATH": path},
    )
    try:
        assert process.stdout is not None
        yield process, _printed(process.stdout)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def _printed(output: IO[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in output:
        name, colon, value = line.partition(":")
        if colon:
            found[name] = value.strip()
        if name == "Console":
            return found
    raise AssertionError(f"the demo ended; it printed {found}")


@pytest.mark.parametrize("with_qemu", [True, False], ids=["qemu", "built-in"])
def test_the_printed_link_shows_a_guest_that_hears_keys(
    tmp_path: Path,
    open_browser: Callable[..., Chrome],
    screenshot: Callable[[Chrome, str], Path],
    with_qemu: bool,
) -> None:
    path = str(Path(required(QEMU)).parent) if with_qemu else str(tmp_path)
    with _demo(path) as (process, printed):
        assert printed["Guest"].startswith("QEMU") is with_qemu
        driver = open_browser()
        driver.get(printed["Console"])
        empty = wait_for(lambda: _picture_with_prompt(driver), "the guest's screen")
        ActionChains(driver).send_keys("hello").perform()
        wait_for(lambda: driver.execute_script(_PICTURE) != empty, "the screen to change")
        screenshot(driver, f"demo-{'qemu' if with_qemu else 'built-in'}")
        assert requests.get(printed["Pages"], timeout=10).status_code == 200
        for _ in range(2):
            process.send_signal(signal.SIGINT)
        assert process.wait(40) == 0
        if with_qemu:
            pid = re.search(r"process (\d+)", printed["Guest"])
            assert pid is not None
            assert not Path("/proc", pid[1]).exists()


def _picture_with_prompt(driver: Chrome) -> Any:
    """Return the screen once the guest has written its prompt, and nothing before."""
    picture = driver.execute_script(_PICTURE)
    return picture if picture and driver.execute_script(_INK) > 50 else None


def test_two_demos_do_not_get_in_each_others_way() -> None:
    path = str(Path(shutil.which(QEMU) or "/nowhere").parent)
    with _demo(path) as (one, first), _demo(path) as (two, second):
        assert first["Console"].split("/")[2] != second["Console"].split("/")[2]
        for process in (one, two):
            process.send_signal(signal.SIGTERM)
        assert [process.wait(40) for process in (one, two)] == [0, 0]
