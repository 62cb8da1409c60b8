"""A guest without QEMU: an RFB server of its own, with a text screen that echoes keys."""

import asyncio
import hmac
import secrets
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from consoleproxy.guest.address import GuestAddress
from consoleproxy.guest.picture import (
    CELL_HEIGHT,
    CELL_WIDTH,
    NATIVE_FORMAT,
    Painter,
    PixelFormat,
)
from consoleproxy.guest.screen import COLUMNS, ROWS, TextScreen
from consoleproxy.rfb.challenge import CHALLENGE_BYTES, respond
from consoleproxy.rfb.messages import (
    ProtocolVersion,
    SecurityResult,
    SecurityType,
    ServerInit,
    reason_message,
)

_LOOPBACK = "127.0.0.1"
_NAME = "built-in guest"
_WIDTH, _HEIGHT = COLUMNS * CELL_WIDTH, ROWS * CELL_HEIGHT
_CUT_TEXT_LIMIT = 1 << 20
_NOTHING_SEEN = -1
_RAW = 0


class _ProtocolError(Exception):
    """The viewer said what RFB does not know, or this server does not do."""


@asynccontextmanager
async def builtin_guest(password: str) -> AsyncIterator[GuestAddress]:
    """Serve a screen on a free port of loopback; at the end its viewers are cut off.

    Args:
        password: for VNC Authentication, which looks at its first eight bytes.
    """
    guest = _Guest(password)
    server = await asyncio.start_server(guest.serve, _LOOPBACK, 0)
    try:
        yield GuestAddress(
            host=_LOOPBACK,
            port=server.sockets[0].getsockname()[1],
            password=password,
            description=f"{_NAME}, echoes what is typed; a real PC if QEMU is installed",
        )
    finally:
        server.close()
        await guest.cut_off()
        await server.wait_closed()


class _Guest:
    """The screen, and everybody who looks at it."""

    def __init__(self, password: str) -> None:
        self._password = password
        self._screen = TextScreen()
        self._viewers: set[_Viewer] = set()
        self._conversations: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talk to one viewer until it goes."""
        conversation = asyncio.current_task()
        assert conversation is not None  # noqa: S101 - a coroutine runs in a task
        self._conversations.add(conversation)
        try:
            if await self._log_in(reader, writer):
                await self._show(reader, writer)
        except (_ProtocolError, asyncio.IncompleteReadError, ConnectionError):
            pass  # Nothing is left to say to this one; the guest runs on.
        finally:
            self._conversations.discard(conversation)
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def cut_off(self) -> None:
        """End all conversations."""
        conversations = list(self._conversations)
        for conversation in conversations:
            conversation.cancel()
        await asyncio.gather(*conversations, return_exceptions=True)

    async def _log_in(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Play the server of RFC 6143 sections 7.1 to 7.3, in version 3.8 alone."""
        version = ProtocolVersion.V3_8.message
        writer.write(version)
        if await reader.readexactly(len(version)) != version:
            raise _ProtocolError
        writer.write(bytes([1, SecurityType.VNC_AUTHENTICATION]))
        if await reader.readexactly(1) != bytes([SecurityType.VNC_AUTHENTICATION]):
            raise _ProtocolError
        challenge = secrets.token_bytes(CHALLENGE_BYTES)
        writer.write(challenge)
        response = await reader.readexactly(CHALLENGE_BYTES)
        if not hmac.compare_digest(response, respond(self._password, challenge)):
            writer.write(SecurityResult.FAILED.message + reason_message("wrong password"))
            return False
        writer.write(SecurityResult.OK.message)
        await reader.readexactly(1)
        init = ServerInit(_WIDTH, _HEIGHT, NATIVE_FORMAT.serialize(), _NAME)
        writer.write(init.serialize())
        return True

    async def _show(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        viewer = _Viewer(self._screen, writer)
        self._viewers.add(viewer)
        try:
            while True:
                await self._take_message(reader, viewer)
                # A viewer that does not read is not read from either.
                await writer.drain()
        finally:
            self._viewers.discard(viewer)

    async def _take_message(self, reader: asyncio.StreamReader, viewer: "_Viewer") -> None:
        """Read one of RFC 6143 section 7.5's messages, and do as it says."""
        match (await reader.readexactly(1))[0]:
            case 0:
                viewer.set_pixel_format((await reader.readexactly(19))[3:])
            case 2:
                (count,) = struct.unpack("!xH", await reader.readexactly(3))
                await reader.readexactly(4 * count)
            case 3:
                viewer.request(incremental=bool((await reader.readexactly(9))[0]))
            case 4:
                down, keysym = struct.unpack("!B2xI", await reader.readexactly(7))
                if down:
                    self._press(keysym)
            case 5:
                await reader.readexactly(5)
            case 6:
                (length,) = struct.unpack("!3xI", await reader.readexactly(7))
                if length > _CUT_TEXT_LIMIT:
                    raise _ProtocolError
                await reader.readexactly(length)
            case _:
                raise _ProtocolError

    def _press(self, keysym: int) -> None:
        self._screen.press(keysym)
        for viewer in self._viewers:
            viewer.update()


class _Viewer:
    """What one viewer asked for, and what it has seen."""

    def __init__(self, screen: TextScreen, writer: asyncio.StreamWriter) -> None:
        self._screen = screen
        self._writer = writer
        self._painter = Painter(NATIVE_FORMAT)
        self._seen = _NOTHING_SEEN
        self._waiting = False

    def set_pixel_format(self, message: bytes) -> None:
        """Paint in this format from now on."""
        try:
            self._painter = Painter(PixelFormat.parse(message))
        except ValueError as error:
            raise _ProtocolError from error

    def request(self, *, incremental: bool) -> None:
        """Send an update: now, or, if nothing is new to the viewer, when something is."""
        if not incremental:
            self._seen = _NOTHING_SEEN
        self._waiting = True
        self.update()

    def update(self) -> None:
        """Send what is new, if the viewer waits for it (RFC 6143 section 7.6.1)."""
        rows = self._screen.changed_since(self._seen)
        if not self._waiting or not rows:
            return
        self._waiting = False
        self._seen = self._screen.version
        self._writer.write(struct.pack("!BxH", 0, len(rows)))
        for row in rows:
            top = row * CELL_HEIGHT
            self._writer.write(struct.pack("!HHHHi", 0, top, _WIDTH, CELL_HEIGHT, _RAW))
            self._writer.write(self._painter.line(self._screen.line(row)))
