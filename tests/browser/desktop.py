"""A desktop with a keyboard of its own: an X server, to which keys come as from a person's hands.

What DevTools press does not pass the browser's shortcuts, nor the system's keyboard layout.
"""

import socket
import struct
import subprocess
import threading
from types import TracebackType

from selenium.webdriver import Chrome

from tests.integration.fixtures.qemu import required
from tests.integration.fixtures.xvnc import Xvnc, exactly

# X11's numbers of keys (keysymdef.h).
KEYSYMS = {
    "Escape": 0xFF1B,
    "Tab": 0xFF09,
    "F4": 0xFFC1,
    "F11": 0xFFC8,
    "Control": 0xFFE3,
    "Alt": 0xFFE9,
    "AltGr": 0xFE03,
    "dead_circumflex": 0xFE52,
}
# Longer than what a browser takes for one key, and shorter than what X repeats.
_PAUSE_SECONDS = 0.05
_KEY_EVENT, _POINTER_EVENT = 4, 5
_PLACE = """
const { x, y, width, height } = document.querySelector(arguments[0]).getBoundingClientRect();
const left = screenX + (outerWidth - innerWidth) / 2;
const top = screenY + outerHeight - innerHeight;
return [Math.round(left + x + width / 2), Math.round(top + y + height / 2)];
"""


class Desktop:
    """Keyboard and mouse of an X server, whose keys have a layout.

    Args:
        server: with the security type ``None``.
        layout: as X names it, e.g. ``de``.
    """

    def __init__(self, server: Xvnc, layout: str) -> None:
        self.display = f":{server.display}"
        command = [required("setxkbmap"), "-display", self.display, "-layout", layout]
        subprocess.run(command, check=True)
        self._socket = socket.create_connection(("127.0.0.1", server.port))
        exactly(self._socket, 12)
        self._socket.sendall(b"RFB 003.008\n")
        (count,) = exactly(self._socket, 1)
        exactly(self._socket, count)
        self._socket.sendall(b"\x01")
        assert exactly(self._socket, 4) == bytes(4)
        self._socket.sendall(b"\x01")
        (name,) = struct.unpack(">20xI", exactly(self._socket, 24))
        exactly(self._socket, name)
        self._pause = threading.Event()

    def __enter__(self) -> "Desktop":
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the X server."""
        self._socket.close()

    def press(self, *keys: str, seconds: float = 0.0) -> None:
        """Press keys one after the other, hold them so long, and let go of the last one first."""
        numbers = [KEYSYMS.get(key) or ord(key) for key in keys]
        for number in numbers:
            self._key(number, down=True)
        self._pause.wait(seconds)
        for number in reversed(numbers):
            self._key(number, down=False)

    def click(self, driver: Chrome, selector: str) -> None:
        """Click in the middle of an element of a browser's page."""
        x, y = driver.execute_script(_PLACE, selector)
        for buttons in (0, 1, 0):
            self._socket.sendall(struct.pack(">BBHH", _POINTER_EVENT, buttons, x, y))
            self._pause.wait(_PAUSE_SECONDS)

    def _key(self, number: int, *, down: bool) -> None:
        self._socket.sendall(struct.pack(">BBxxI", _KEY_EVENT, down, number))
        self._pause.wait(_PAUSE_SECONDS)
