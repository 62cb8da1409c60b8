"""The built-in guest, seen by our own RFB client."""

import asyncio
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from consoleproxy.errors import HypervisorLoginFailed
from consoleproxy.guest.address import GuestAddress
from consoleproxy.guest.builtin import builtin_guest
from consoleproxy.guest.picture import CELL_HEIGHT, NATIVE_FORMAT, Painter, PixelFormat
from consoleproxy.guest.screen import COLUMNS, PROMPT, ROWS
from consoleproxy.rfb.client import ClientLogin
from consoleproxy.rfb.policy import Credentials

pytestmark = pytest.mark.usefixtures("nothing_left")

_PASSWORD = "secret12"
_RGB565 = PixelFormat(16, 16, False, (31, 63, 31), (11, 5, 0))


@dataclass(frozen=True, slots=True)
class _Viewer:
    login: ClientLogin
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @classmethod
    async def of(cls, guest: GuestAddress, password: str = _PASSWORD) -> "_Viewer":
        reader, writer = await asyncio.open_connection(guest.host, guest.port)
        viewer = cls(ClientLogin(Credentials(password)), reader, writer)
        try:
            while viewer.login.result is None:
                viewer.login.receive_data(await reader.read(1000))
                writer.write(viewer.login.data_to_send())
        except HypervisorLoginFailed:
            await viewer.close()
            raise
        return viewer

    def ask(self, *, incremental: bool) -> None:
        self.writer.write(struct.pack("!BBHHHH", 3, incremental, 0, 0, 720, 400))

    def press(self, keysym: int) -> None:
        for down in (1, 0):
            self.writer.write(struct.pack("!BBxxI", 4, down, keysym))

    async def update(self, pixel_format: PixelFormat = NATIVE_FORMAT) -> dict[int, bytes]:
        """Return the text rows of one FramebufferUpdate."""
        kind, count = struct.unpack("!BxH", await self.reader.readexactly(4))
        assert kind == 0
        rows = {}
        for _ in range(count):
            x, y, width, height, encoding = struct.unpack(
                "!HHHHi", await self.reader.readexactly(12)
            )
            assert (x, width, height, encoding) == (0, 720, CELL_HEIGHT, 0)
            size = width * height * pixel_format.bits // 8
            rows[y // CELL_HEIGHT] = await self.reader.readexactly(size)
        return rows

    async def close(self) -> None:
        self.writer.close()
        await self.writer.wait_closed()


def _painted(text: str, pixel_format: PixelFormat = NATIVE_FORMAT) -> bytes:
    return Painter(pixel_format).line(text.ljust(COLUMNS))


def _run(story: Callable[[GuestAddress], Awaitable[None]]) -> None:
    async def main() -> None:
        async with asyncio.timeout(20), builtin_guest(_PASSWORD) as guest:
            await story(guest)

    asyncio.run(main())


def test_says_what_it_is() -> None:
    async def story(guest: GuestAddress) -> None:
        viewer = await _Viewer.of(guest)
        init = viewer.login.result
        assert init is not None
        assert (viewer.login.version, viewer.login.security) == ("3.8", "VNC Authentication")
        assert (init.width, init.height, init.name) == (720, 400, "built-in guest")
        assert init.pixel_format == NATIVE_FORMAT.serialize()
        await viewer.close()

    _run(story)


def test_wrong_password_is_refused() -> None:
    async def story(guest: GuestAddress) -> None:
        with pytest.raises(HypervisorLoginFailed, match="wrong password"):
            await _Viewer.of(guest, "wrong")
        await (await _Viewer.of(guest)).close()

    _run(story)


def test_keys_show_on_every_screen() -> None:
    async def story(guest: GuestAddress) -> None:
        viewers = [await _Viewer.of(guest) for _ in range(2)]
        for viewer in viewers:
            viewer.ask(incremental=False)
            rows = await viewer.update()
            assert sorted(rows) == list(range(ROWS))
            assert rows[0] == _painted(PROMPT)
            viewer.ask(incremental=True)
        viewers[0].press(ord("h"))
        for viewer in viewers:
            assert await viewer.update() == {0: _painted(PROMPT + "h")}
            await viewer.close()

    _run(story)


def test_nothing_is_sent_before_something_changed() -> None:
    async def story(guest: GuestAddress) -> None:
        viewer = await _Viewer.of(guest)
        viewer.ask(incremental=False)
        await viewer.update()
        viewer.ask(incremental=True)
        viewer.ask(incremental=False)
        assert len(await viewer.update()) == ROWS
        viewer.press(ord("a"))
        viewer.ask(incremental=True)
        assert await viewer.update() == {0: _painted(PROMPT + "a")}
        await viewer.close()

    _run(story)


def test_paints_in_the_format_that_is_asked_for() -> None:
    async def story(guest: GuestAddress) -> None:
        viewer = await _Viewer.of(guest)
        viewer.writer.write(b"\0\0\0\0" + _RGB565.serialize())
        viewer.writer.write(struct.pack("!BxHii", 2, 2, 7, 0))
        viewer.writer.write(struct.pack("!BBHH", 5, 1, 3, 4))
        viewer.writer.write(struct.pack("!B3xI", 6, 3) + b"cut")
        viewer.ask(incremental=False)
        assert (await viewer.update(_RGB565))[0] == _painted(PROMPT, _RGB565)
        await viewer.close()

    _run(story)


@pytest.mark.parametrize(
    "message",
    [
        b"\xff",
        struct.pack("!B3xI", 6, 1 << 31),
        b"\0\0\0\0" + bytes([24]) + bytes(15),
    ],
)
def test_a_viewer_that_breaks_rfb_is_cut_off_alone(message: bytes) -> None:
    async def story(guest: GuestAddress) -> None:
        other, broken = await _Viewer.of(guest), await _Viewer.of(guest)
        broken.writer.write(message)
        assert await broken.reader.read() == b""
        other.ask(incremental=False)
        assert len(await other.update()) == ROWS
        await broken.close()
        await other.close()

    _run(story)


def test_the_end_cuts_viewers_off() -> None:
    async def main() -> None:
        async with asyncio.timeout(20):
            async with builtin_guest(_PASSWORD) as guest:
                viewer = await _Viewer.of(guest)
            assert await viewer.reader.read() == b""
            await viewer.close()
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection(guest.host, guest.port)
            assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())
