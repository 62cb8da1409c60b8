"""A real Chromium, and the real components of the integration tests."""

import os
import signal
import subprocess
import uuid
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from selenium import webdriver

from tests.browser.embedded import Embedded
from tests.browser.portal import Portal, running_portal
from tests.integration.conftest import (
    _leaves_nothing,
    echo_image,
    pki,
    proxy_factory,
    qemu_factory,
    unused_port,
    xvnc_factory,
)
from tests.integration.fixtures.cloud import Cloud, Machine, running_cloud
from tests.integration.fixtures.linux_guest import LinuxGuest
from tests.integration.fixtures.qemu import Qemu, required
from tests.waiting import wait_for

__all__ = [
    "_leaves_nothing",
    "echo_image",
    "open_browser",
    "pki",
    "proxy_factory",
    "qemu_factory",
    "screenshot",
    "unused_port",
    "xvnc_factory",
]

_OUTPUT = Path(__file__).parents[1] / "output"
_END_SECONDS = 20.0
_ARGUMENTS = (
    "--no-sandbox",  # Chromium's sandbox does not run as root, which tests in containers are
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)
# What chromedriver starts Chromium with.
_IMPATIENT = [
    "disable-background-timer-throttling",
    "disable-backgrounding-occluded-windows",
    "disable-renderer-backgrounding",
]
# Of the machines whose keyboard driver tests look at.
_LAYOUTS = ("us", "de", "fr", "es", "br", "ru", "jp", "tr")
_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note that a test failed, for the picture that is taken before its browser is closed."""
    report = yield
    if report.failed:
        item.stash[_FAILED] = True
    return report


@pytest.fixture
def open_browser(
    tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Callable[..., webdriver.Chrome]]:
    """Opens browsers: ``trusted_root`` is a PEM file, ``size`` the window's.

    ``letters`` is the size in pixels that the person has set for texts.

    ``patient`` says that timers come late in pages that nobody looks at, as they do for people, and
    not for chromedriver.

    ``display`` is an X server's on which it has a window, and gets its keys; it has none else.

    ``ratio`` is how many of the display's pixels there are to each of CSS, in each direction. What
    DevTools emulate is not as sharp as such a display: they place elements at whole pixels of CSS.

    Where the test fails, a picture of each is kept under ``tests/output/``.
    """
    homes: list[Path] = []

    def start(
        *,
        trusted_root: Path | None = None,
        size: tuple[int, int] = (1024, 768),
        ratio: float = 1,
        letters: int = 16,
        patient: bool = False,
        display: str = "",
    ) -> webdriver.Chrome:
        home = tmp_path / f"home-{len(homes)}"
        home.mkdir()
        homes.append(home)
        if trusted_root is not None:
            _trust(home, trusted_root)
        options = webdriver.ChromeOptions()
        options.binary_location = required("chromium")
        for argument in (
            *_ARGUMENTS,
            *([] if display else ["--headless=new"]),
            f"--window-size={size[0]},{size[1]}",
            f"--force-device-scale-factor={ratio}",
            f"--user-data-dir={home / 'profile'}",
            "--host-resolver-rules=MAP *.console.example.test 127.0.0.1 , "
            "MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
        ):
            options.add_argument(argument)
        if patient:
            options.add_experimental_option("excludeSwitches", _IMPATIENT)
        options.add_experimental_option("prefs", {"webkit.webprefs.default_font_size": letters})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        service = webdriver.ChromeService(
            required("chromedriver"),
            env={**os.environ, "HOME": str(home), "DISPLAY": display},
        )
        driver = webdriver.Chrome(options=options, service=service)
        # Last in, first out; each is done even where one before it fails, as with a browser that
        # crashed.
        stack.callback(_close, driver, service, home)
        stack.callback(_keep_failure, driver, request.node, len(homes) - 1)
        return driver

    with ExitStack() as stack:
        yield start


@pytest.fixture(scope="session")
def linux(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LinuxGuest]:
    """A Linux guest for all tests that leave it as it was."""
    with LinuxGuest(tmp_path_factory.mktemp("linux"), _LAYOUTS) as guest:
        yield guest


@pytest.fixture
def guest(qemu_factory: Callable[..., Qemu]) -> Qemu:
    """A guest that shows the keys that it gets."""
    return qemu_factory()


@pytest.fixture
def machine(guest: Qemu) -> Machine:
    """The guest, as a cloud has it."""
    return Machine("web-1", str(uuid.uuid4()), guest.port)


@pytest.fixture
def cloud(tmp_path: Path, machine: Machine) -> Iterator[Cloud]:
    """A management server with one proxy, and the machine."""
    with running_cloud(tmp_path, [machine]) as running:
        yield running


@pytest.fixture
def portal() -> Iterator[Portal]:
    """A site with pages of its own, at an origin of its own."""
    with running_portal() as running:
        yield running


@pytest.fixture
def embedded(
    tmp_path: Path, machine: Machine, portal: Portal, open_browser: Callable[..., webdriver.Chrome]
) -> Iterator[Embedded]:
    """A cloud whose consoles the portal may show in its pages."""
    with running_cloud(tmp_path, [machine], frame_ancestors=portal.origin) as cloud:
        yield Embedded(open_browser(), portal, cloud, machine)


@pytest.fixture
def screenshot() -> Callable[[webdriver.Chrome, str], Path]:
    """Keeps a picture of the page under ``tests/output/``."""
    return _save


def _keep_failure(driver: webdriver.Chrome, test: pytest.Item, number: int) -> None:
    if test.stash.get(_FAILED, False):
        _save(driver, f"failed-{test.name}-{number}")


def _close(driver: webdriver.Chrome, service: webdriver.ChromeService, home: Path) -> None:
    """End a browser, and fail if parts of it have to be killed for that."""
    driver.quit()
    try:
        wait_for(lambda: _ended(service), "chromedriver to end", limit=_END_SECONDS)
        wait_for(lambda: not _processes_of(home), "all of Chromium to end", limit=_END_SECONDS)
    finally:
        for process in _processes_of(home):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)


def _save(driver: webdriver.Chrome, name: str) -> Path:
    _OUTPUT.mkdir(exist_ok=True)
    path = _OUTPUT / f"{name}.png"
    assert driver.save_screenshot(str(path))
    return path


def _processes_of(home: Path) -> list[int]:
    """Return the processes whose commands name the folder, as Chromium's do with the profile's."""
    processes = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = entry.read_text(encoding="utf-8", errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue  # It has ended.
        if f"{home}/" in command:
            processes.append(int(entry.parent.name))
    return processes


def _ended(service: webdriver.ChromeService) -> bool:
    return service.process.poll() is not None


def _trust(home: Path, root: Path) -> None:
    """Put the root into the browser's own trust, so that names are still checked."""
    database = home / ".pki" / "nssdb"
    database.mkdir(parents=True)
    certutil = [required("certutil"), "-d", f"sql:{database}"]
    subprocess.run([*certutil, "-N", "--empty-password"], check=True)
    subprocess.run([*certutil, "-A", "-t", "C,,", "-n", "root", "-i", root], check=True)
