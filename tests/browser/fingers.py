"""A phone in Chromium: its screen, and fingers on it."""

import datetime
from typing import Any

from selenium.webdriver import Chrome

from tests.waiting import wait_for

PORTRAIT, LANDSCAPE = (360, 740), (740, 360)
_STEP_SECONDS = 0.016
_SIGN = "return document.querySelector('.hold')?.checkVisibility() ?? false"


def be_a_phone(driver: Chrome, size: tuple[int, int] = PORTRAIT, scheme: str = "dark") -> None:
    """Make the browser a phone's; before a page is opened, which looks what there is."""
    width, height = size
    screen = {"width": width, "height": height, "deviceScaleFactor": 2, "mobile": True}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    fingers = {"enabled": True, "maxTouchPoints": 5}
    driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", fingers)
    features = [
        {"name": "prefers-color-scheme", "value": scheme},
        {"name": "prefers-reduced-motion", "value": "reduce"},
    ]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


def _clock() -> float:
    return datetime.datetime.now(datetime.UTC).timestamp()


class Fingers:
    """All fingers on the glass at once, each by its place in the pixels of the page.

    They are quick however slow the machine is: each event says when it happened.
    """

    def __init__(self, driver: Chrome) -> None:
        self._driver = driver
        self._now = 0.0

    def _send(self, kind: str, *places: tuple[float, float]) -> None:
        self._now += _STEP_SECONDS
        points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
        event: dict[str, Any] = {"type": kind, "touchPoints": points, "timestamp": self._now}
        self._driver.execute_cdp_cmd("Input.dispatchTouchEvent", event)

    def down(self, *places: tuple[float, float], again: bool = False) -> None:
        """Put them down; ``again``: at once after the last time."""
        if not again:
            self._now = _clock()
        self._send("touchStart", *places)

    def move(self, *places: tuple[float, float]) -> None:
        """Have them at other places."""
        self._send("touchMove", *places)

    def up(self) -> None:
        """Lift all."""
        self._send("touchEnd")

    def tap(self, *places: tuple[float, float], again: bool = False) -> None:
        """Put them down and lift them."""
        self.down(*places, again=again)
        self.up()

    def hold(self, x: float, y: float) -> None:
        """Put one down, and leave it there for as long as a long press takes."""
        self.down((x, y))
        wait_for(self.holds, "the sign of a long press")
        self._now = _clock()

    def holds(self) -> bool:
        """Whether the page shows that the finger has been there for long."""
        return bool(self._driver.execute_script(_SIGN))

    def glide(
        self, begin: list[tuple[float, float]], end: list[tuple[float, float]], steps: int = 6
    ) -> None:
        """Move from where they are to elsewhere, in steps."""
        for step in range(1, steps + 1):
            self.move(
                *(
                    (x + (to_x - x) * step / steps, y + (to_y - y) * step / steps)
                    for (x, y), (to_x, to_y) in zip(begin, end, strict=True)
                )
            )
