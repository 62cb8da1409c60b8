"""A real Chromium, and the real components of the integration tests."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from selenium import webdriver

from tests.integration.conftest import echo_image, qemu_factory, unused_port
from tests.integration.fixtures.qemu import required
from tests.waiting import wait_for

__all__ = ["echo_image", "open_browser", "qemu_factory", "screenshot", "unused_port"]

_OUTPUT = Path(__file__).parents[1] / "output"
_ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",  # Chromium's sandbox does not run as root, which tests in containers are
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)


@pytest.fixture
def open_browser(tmp_path: Path) -> Iterator[Callable[..., webdriver.Chrome]]:
    """Opens browsers: ``trusted_root`` is a PEM file, ``size`` the window's."""
    drivers: list[webdriver.Chrome] = []
    services: list[webdriver.ChromeService] = []

    def start(
        *, trusted_root: Path | None = None, size: tuple[int, int] = (1024, 768)
    ) -> webdriver.Chrome:
        home = tmp_path / f"home-{len(drivers)}"
        home.mkdir()
        if trusted_root is not None:
            _trust(home, trusted_root)
        options = webdriver.ChromeOptions()
        options.binary_location = required("chromium")
        for argument in (
            *_ARGUMENTS,
            f"--window-size={size[0]},{size[1]}",
            f"--user-data-dir={home / 'profile'}",
            "--host-resolver-rules=MAP *.console.example.test 127.0.0.1 , "
            "MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
        ):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        service = webdriver.ChromeService(
            required("chromedriver"), env={**os.environ, "HOME": str(home)}
        )
        driver = webdriver.Chrome(options=options, service=service)
        drivers.append(driver)
        services.append(service)
        return driver

    yield start
    for driver, service in zip(drivers, services, strict=True):
        driver.quit()
        wait_for(lambda service=service: _ended(service), "chromedriver to end")  # type: ignore[misc]


@pytest.fixture
def screenshot() -> Callable[[webdriver.Chrome, str], Path]:
    """Keeps a picture of the page under ``tests/output/``."""

    def save(driver: webdriver.Chrome, name: str) -> Path:
        _OUTPUT.mkdir(exist_ok=True)
        path = _OUTPUT / f"{name}.png"
        assert driver.save_screenshot(str(path))
        return path

    return save


def _ended(service: webdriver.ChromeService) -> bool:
    return service.process.poll() is not None


def _trust(home: Path, root: Path) -> None:
    """Put the root into the browser's own trust, so that names are still checked."""
    database = home / ".pki" / "nssdb"
    database.mkdir(parents=True)
    certutil = [required("certutil"), "-d", f"sql:{database}"]
    subprocess.run([*certutil, "-N", "--empty-password"], check=True)
    subprocess.run([*certutil, "-A", "-t", "C,,", "-n", "root", "-i", root], check=True)
