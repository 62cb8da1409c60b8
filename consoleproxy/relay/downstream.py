"""One transfer from the guest to the browser, which becomes one binary frame."""

import socket

from consoleproxy.frames import HEADER_ROOM, write_header
from consoleproxy.relay.arena import LARGE, Arena
from consoleproxy.relay.splice import SPLICE_ROOM, BrowserBroke, waiting
from consoleproxy.wire import Socket, is_plain_tcp, receive_into, send_some


class Downstream:
    """From one guest to one browser.

    Args:
        arena: of the event loop.
    """

    def __init__(self, arena: Arena, guest: Socket, browser: Socket) -> None:
        self._arena = arena
        self._guest = guest
        self._browser = browser
        self._plain: tuple[socket.socket, socket.socket] | None = None
        if is_plain_tcp(guest) and is_plain_tcp(browser):
            self._plain = guest, browser

    def transfer(self, *, streams: bool) -> tuple[int | None, bytes]:
        """Move what has come, up to an arena's worth.

        Args:
            streams: there was much the last time.

        Returns:
            How long the payload is, 0 at the guest's end and ``None`` if nothing has come; and what
            the browser did not take of the frame.

        Raises:
            BrowserBroke: the browser's connection broke.
            OSError: the guest's connection broke.
        """
        if streams and self._plain:
            guest, browser = self._plain
            length = min(waiting(guest), SPLICE_ROOM)
            if length >= LARGE:
                start = write_header(self._arena.buffer, HEADER_ROOM, length)
                header = bytes(self._arena.view[start:HEADER_ROOM])
                return length, self._arena.splice.move(guest, browser, header, length)
        return self._copy()

    def _copy(self) -> tuple[int | None, bytes]:
        received = receive_into(self._guest, self._arena.payload)
        if not received:
            return received, b""
        start = write_header(self._arena.buffer, HEADER_ROOM, received)
        frame = self._arena.view[start : HEADER_ROOM + received]
        try:
            sent = send_some(self._browser, frame)
        except OSError as error:
            raise BrowserBroke(error.strerror or error) from error
        return received, bytes(frame[sent:]) if sent < len(frame) else b""
