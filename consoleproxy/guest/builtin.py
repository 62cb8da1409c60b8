"""A guest without QEMU: an RFB server (RFC 6143) that draws text and echoes keys."""

import asyncio
import hmac
import os
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from consoleproxy.guest.address import GuestAddress
from consoleproxy.guest.screen import (
    CELL_HEIGHT,
    ROWS,
    SCREEN_HEIGHT,
    SCREEN_WIDTH,
    TextScreen,
)
from consoleproxy.rfb.challenge import CHALLENGE_BYTES, respond

_HOST = "127.0.0.1"
_VERSION = b"RFB 003.008\n"
_VNC_AUTHENTICATION = 2
_RETURN_KEYS = frozenset({0xFF0D, 0xFF8D})
_BACKSPACE = 0xFF08
_INK, _GROUND = (0xD8, 0xE6, 0xDD), (0x14, 0x1E, 0x2A)
_CUT_TEXT_LIMIT = 1 << 20


@dataclass(frozen=True, slots=True)
class PixelFormat:
    """RFC 6143 section 7.4, for true colour."""

    bits: int
    big_endian: bool
    maxima: tuple[int, int, int]
    shifts: tuple[int, int, int]

    @classmethod
    def parse(cls, data: bytes) -> "PixelFormat":
        """Read 16 bytes.

        Raises:
            ValueError: a size of pixel that RFB does not have.
        """
        bits, _, big, _, *rest = struct.unpack(">BBBBHHHBBBxxx", data)
        if bits not in {8, 16, 32}:
            raise ValueError(f"pixels of {bits} bits")
        return cls(bits, bool(big), (rest[0], rest[1], rest[2]), (rest[3], rest[4], rest[5]))

    def pixel(self, colour: tuple[int, int, int]) -> bytes:
        """Return a colour of 8 bits a channel as a pixel."""
        value = sum(
            (channel * maximum // 255) << shift
            for channel, maximum, shift in zip(colour, self.maxima, self.shifts, strict=True)
        )
        size = self.bits // 8
        value &= (1 << self.bits) - 1
        return value.to_bytes(size, "big" if self.big_endian else "little")


_OWN_FORMAT = struct.pack(">BBBBHHHBBBxxx", 32, 24, 0, 1, 255, 255, 255, 16, 8, 0)


@asynccontextmanager
async def builtin_guest(password: str) -> AsyncIterator[GuestAddress]:
    """Run a guest for as long as the context is open."""
    guest = _Guest(password)
    server = await asyncio.start_server(guest.serve, _HOST, 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield GuestAddress(_HOST, port, password, "built in")
    finally:
        server.close()
        guest.close()
        await server.wait_closed()


class _Guest:
    """One screen and all its viewers."""

    def __init__(self, password: str) -> None:
        self.screen = TextScreen()
        self._password = password
        self._viewers: set[_Viewer] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        viewer = _Viewer(self, reader, writer)
        self._viewers.add(viewer)
        try:
            if await viewer.log_in(self._password):
                await viewer.run()
        except (asyncio.IncompleteReadError, OSError, ValueError):
            # The viewer left, or does not speak RFB: either way it is gone.
            return
        finally:
            self._viewers.discard(viewer)
            writer.close()

    def press(self, keysym: int) -> None:
        if keysym in _RETURN_KEYS:
            self.screen.type("\n")
        elif keysym == _BACKSPACE:
            self.screen.erase()
        elif 32 <= keysym < 127:
            self.screen.type(chr(keysym))
        for viewer in self._viewers:
            viewer.update()

    def close(self) -> None:
        for viewer in self._viewers:
            viewer.close()


class _Viewer:
    """One connection."""

    def __init__(
        self, guest: _Guest, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._guest = guest
        self._reader = reader
        self._writer = writer
        self._format = PixelFormat.parse(_OWN_FORMAT)
        self._seen = [0] * ROWS
        self._asked = False

    async def log_in(self, password: str) -> bool:
        self._writer.write(_VERSION)
        await self._reader.readexactly(len(_VERSION))
        self._writer.write(bytes([1, _VNC_AUTHENTICATION]))
        await self._reader.readexactly(1)
        challenge = os.urandom(CHALLENGE_BYTES)
        self._writer.write(challenge)
        response = await self._reader.readexactly(CHALLENGE_BYTES)
        if not hmac.compare_digest(response, respond(password, challenge)):
            reason = b"Authentication failed"
            self._writer.write(struct.pack(">II", 1, len(reason)) + reason)
            return False
        self._writer.write(struct.pack(">I", 0))
        await self._reader.readexactly(1)
        name = b"built-in guest"
        self._writer.write(
            struct.pack(">HH", SCREEN_WIDTH, SCREEN_HEIGHT)
            + _OWN_FORMAT
            + struct.pack(">I", len(name))
            + name
        )
        return True

    async def run(self) -> None:
        """Take messages (RFC 6143 section 7.5) until the viewer leaves."""
        while True:
            (kind,) = await self._reader.readexactly(1)
            match kind:
                case 0:
                    self._format = PixelFormat.parse((await self._reader.readexactly(19))[3:])
                    self._seen = [0] * ROWS
                case 2:
                    (count,) = struct.unpack(">xH", await self._reader.readexactly(3))
                    await self._reader.readexactly(4 * count)
                case 3:
                    incremental = (await self._reader.readexactly(9))[0]
                    if not incremental:
                        self._seen = [0] * ROWS
                    self._asked = True
                    self.update()
                case 4:
                    down, keysym = struct.unpack(">BxxI", await self._reader.readexactly(7))
                    if down:
                        self._guest.press(keysym)
                case 5:
                    await self._reader.readexactly(5)
                case 6:
                    (length,) = struct.unpack(">xxxI", await self._reader.readexactly(7))
                    if length > _CUT_TEXT_LIMIT:
                        raise ValueError("too much text")
                    await self._reader.readexactly(length)
                case _:
                    raise ValueError(f"message {kind}")
            await self._writer.drain()

    def update(self) -> None:
        """Send the rows that have changed, if the viewer has asked for them."""
        versions = self._guest.screen.versions
        changed = [row for row in range(ROWS) if self._seen[row] != versions[row]]
        if not self._asked or not changed:
            return
        self._asked = False
        self._seen = list(versions)
        self._writer.write(struct.pack(">BxH", 0, len(changed)))
        palette = (self._format.pixel(_GROUND), self._format.pixel(_INK))
        for row in changed:
            self._writer.write(
                struct.pack(">HHHHi", 0, row * CELL_HEIGHT, SCREEN_WIDTH, CELL_HEIGHT, 0)
            )
            for dots in self._guest.screen.dots(row):
                self._writer.write(b"".join([palette[dot] for dot in dots]))

    def close(self) -> None:
        self._writer.close()
