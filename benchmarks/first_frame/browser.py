"""A Chromium with a fresh profile, and the time until it shows a console."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from selenium import webdriver

from benchmarks.first_frame.relay import DelayingRelay
from benchmarks.first_frame.servers import DOMAIN
from tests.integration.fixtures.qemu import required

_PROBE = Path(__file__).with_name("probe.js")
_SECONDS = 20.0
_WAIT = "firstFrame.then(arguments[0])"
_ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",  # it does not run as root, which benchmarks in containers are
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--window-size=1024,768",
    f"--host-resolver-rules=MAP *.{DOMAIN} 127.0.0.1 , MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstFrame:
    """One console, from the navigation to the first pixel of the guest.

    Args:
        requests: what went to the server: page, files, websocket.
        wire_bytes: TCP payload in both directions, counted outside of the browser.
        connections: TCP connections.
        steps: what happened when, in milliseconds since the navigation began.
    """

    seconds: float
    requests: int
    wire_bytes: int
    connections: int
    steps: tuple[tuple[str, float], ...]


class Browser:
    """A running Chromium, and a probe in each of its pages."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self._driver = driver
        driver.set_script_timeout(_SECONDS)
        driver.execute_cdp_cmd(
            "Page.addScriptToEvaluateOnNewDocument",
            {"source": _PROBE.read_text(encoding="utf-8")},
        )

    def first_frame(self, url: str, relay: DelayingRelay) -> FirstFrame:
        """Open a console from an empty page, over new connections, and leave it again.

        Args:
            url: of a console that was not open yet, through the relay.

        Raises:
            TimeoutException: it showed nothing within 20 seconds.
        """
        driver = self._driver
        driver.get("about:blank")
        relay.forget()
        driver.get(url)
        seen = driver.execute_async_script(_WAIT)
        # What comes behind the first picture may be under way by now.
        traffic = relay.traffic_until(seen["at"] / 1000)
        frame = FirstFrame(
            seconds=seen["seconds"],
            requests=seen["requests"],
            wire_bytes=traffic.total,
            connections=traffic.connections,
            steps=tuple((name, at) for name, at in seen["steps"]),
        )
        driver.get("about:blank")
        return frame


@contextmanager
def fresh_browser(home: Path, trusted_root: Path) -> Iterator[Browser]:
    """Start a Chromium with nothing in its cache, and end it.

    Args:
        home: an empty folder, for its profile.
        trusted_root: PEM file of the authority that it trusts; certificates are checked.
    """
    _trust(home, trusted_root)
    options = webdriver.ChromeOptions()
    options.binary_location = required("chromium")
    for argument in (*_ARGUMENTS, f"--user-data-dir={home / 'profile'}"):
        options.add_argument(argument)
    service = webdriver.ChromeService(
        required("chromedriver"), env={**os.environ, "HOME": str(home)}
    )
    driver = webdriver.Chrome(options=options, service=service)
    try:
        yield Browser(driver)
    finally:
        driver.quit()


def _trust(home: Path, root: Path) -> None:
    database = home / ".pki" / "nssdb"
    database.mkdir(parents=True)
    certutil = [required("certutil"), "-d", f"sql:{database}"]
    subprocess.run([*certutil, "-N", "--empty-password"], check=True)
    subprocess.run([*certutil, "-A", "-t", "C,,", "-n", "root", "-i", root], check=True)
