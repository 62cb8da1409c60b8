"""websockify's ``WebSocket`` as a protocol engine without a socket, its hot paths replaced.

Kept from it: the opening handshake's answer, control frames, the close handshake. Replaced: what
it does per byte and per frame of data (it has no frame limit, collects large frames in quadratic
time, and is where a session would spend its time), and its I/O, which is the pump's.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from websockify.websocket import WebSocket, WebSocketWantReadError

from consoleproxy.frames import FrameFault, FrameReader, Opcode
from consoleproxy.relay.echo import ECHO_LIMIT, Echo

# A key event has 8 bytes; pasted text comes in ClientCutText. A frame is streamed, not stored.
FRAME_LIMIT = 4 * 1024 * 1024

_SUBPROTOCOL = "binary"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a browser's opening handshake is answered with.

    Args:
        subprotocol: one that was offered, to be agreed on. Without it that is ``binary`` if it is
            offered, and none otherwise.
        set_cookies: the browser answers a ping behind them, and so tells that it has them.
    """

    subprotocol: str = ""
    set_cookies: tuple[str, ...] = field(default=(), repr=False)


NOTHING_MORE = Answer()


def _nobody_waits() -> None:
    """Pongs keep the connection alive, and are told to nobody."""


class BrowserWebSocket(WebSocket):  # type: ignore[misc]
    """The server's end of one browser's websocket: bytes in, payload and answers out.

    Args:
        echoes: whether the browser may say ``echo`` and a number in a text frame, and gets it back.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        frame_limit: int = FRAME_LIMIT,
        *,
        echoes: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._reader = FrameReader(frame_limit, words=ECHO_LIMIT if echoes else 0)
        self._clock = clock
        self._echo = Echo()
        self._pong: bytes | None = None
        self.fault: FrameFault | None = None
        self.ponged: Callable[[], None] = _nobody_waits
        self._set_cookies: tuple[str, ...] = ()

    def open(self, headers: Mapping[str, str], answer: Answer = NOTHING_MORE) -> None:
        """Queue the 101 for a checked opening handshake (RFC 6455 section 4.2.2)."""
        self._set_cookies = answer.set_cookies
        offered = headers.get("Sec-WebSocket-Protocol", "").split(",")
        self.accept(
            None,
            {
                "upgrade": "websocket",
                "Sec-WebSocket-Version": "13",
                "Sec-WebSocket-Key": headers.get("Sec-WebSocket-Key"),
                "Sec-WebSocket-Protocol": answer.subprotocol
                or (_SUBPROTOCOL if _SUBPROTOCOL in map(str.strip, offered) else ""),
            },
        )
        if answer.set_cookies:
            self.ping()

    def end_headers(self) -> None:
        """Put our own headers behind websockify's."""
        for cookie in self._set_cookies:
            self.send_header("Set-Cookie", cookie)
        super().end_headers()

    def feed(self, data: bytes) -> bytes:
        """Return the payload for the guest; answers wait in ``take_output``.

        After a fault or the browser's close frame, whatever else comes is dropped.
        """
        if self.fault is not None or self._received_close:
            return b""
        try:
            payload = self._reader.feed(data)
            if self._reader.controls:
                self._hear_words()
        except FrameFault as fault:
            self.fault = fault
            self.close_with(fault.code, str(fault))
            return b""
        if self._reader.controls:
            self._handle_controls()
        return payload

    def take_output(self) -> bytes:
        """Return control frames to send, in order; each is returned once."""
        output: bytes = self._send_buffer  # type: ignore[has-type]
        self._send_buffer = b""
        # Ahead of all else: it may be a close frame.
        if self._echo.waiting is not None:
            output = self._encode_hybi(Opcode.TEXT, self._echo.waiting) + output
            self._echo.waiting = None
        if self._pong is not None:
            output = self._encode_hybi(Opcode.PONG, self._pong) + output
            self._pong = None
        return output

    def begin_anew(self) -> None:
        """Queue the empty text frame that separates two streams; the viewer answers with one.

        What it sent before that was for the old stream, and is dropped.
        """
        self._reader.drop_until_text()
        self._send_buffer += self._encode_hybi(Opcode.TEXT, b"")

    def tell(self, text: str) -> None:
        """Queue a text frame: a word for the page beside its stream."""
        self._send_buffer += self._encode_hybi(Opcode.TEXT, text.encode())

    def close_with(self, code: int, reason: str) -> None:
        """Queue a close frame, unless one was sent; the reason is cut to fit."""
        self.shutdown(None, code, reason.encode()[:123].decode(errors="ignore"))

    @property
    def has_output(self) -> bool:
        """Whether ``take_output`` would return something."""
        return bool(self._send_buffer) or self._pong is not None or self._echo.waiting is not None

    @property
    def close_received(self) -> bool:
        """Whether the browser has sent its close frame."""
        return bool(self._received_close)

    def handle_ping(self, data: bytes) -> None:
        """Answer the last ping only, so that a browser that does not read cannot pile up pongs."""
        self._pong = data

    def handle_pong(self, data: bytes) -> None:
        """Tell whoever waits for a sign of life."""
        self.ponged()

    def select_subprotocol(self, protocols: list[str]) -> str:
        """Agree on what ``open`` has left of the offer."""
        return protocols[0]

    def _hear_words(self) -> None:
        controls = self._reader.controls
        words = [control.payload for control in controls if control.opcode is Opcode.TEXT]
        self._echo.hear(words, self._clock())

    def _handle_controls(self) -> None:
        self._recv_queue.extend(
            {"opcode": control.opcode, "fin": True, "masked": True, "payload": control.payload}
            for control in self._reader.controls
            if control.opcode >= Opcode.CLOSE
        )
        self._reader.controls.clear()
        try:
            self._recvmsg()
        except WebSocketWantReadError:
            return

    def _flush(self) -> None:
        """Output waits for ``take_output``."""

    def _close(self) -> None:
        """The socket is the pump's to close."""
