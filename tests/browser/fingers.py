"""A phone in Chromium: its screen, and fingers on it."""

import time
from typing import Any

from selenium.webdriver import Chrome

PORTRAIT, LANDSCAPE = (360, 740), (740, 360)
# A finger that stays for longer than this is a long press to the viewer.
HOLD_SECONDS = 0.6


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


class Fingers:
    """All fingers on the glass at once, each by its place in the pixels of the page."""

    def __init__(self, driver: Chrome) -> None:
        self._driver = driver

    def _send(self, kind: str, *places: tuple[float, float]) -> None:
        points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
        event: dict[str, Any] = {"type": kind, "touchPoints": points}
        self._driver.execute_cdp_cmd("Input.dispatchTouchEvent", event)

    def down(self, *places: tuple[float, float]) -> None:
        """Put them down, those that are down already included."""
        self._send("touchStart", *places)

    def move(self, *places: tuple[float, float]) -> None:
        """Have them at other places."""
        self._send("touchMove", *places)

    def up(self, *left: tuple[float, float]) -> None:
        """Lift all but these."""
        self._send("touchEnd", *left)

    def tap(self, *places: tuple[float, float]) -> None:
        """Put them down and lift them."""
        self.down(*places)
        self.up()

    def hold(self, x: float, y: float) -> None:
        """Put one down, and leave it there for long."""
        self.down((x, y))
        time.sleep(HOLD_SECONDS)

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
