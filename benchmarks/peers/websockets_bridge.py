"""A bridge as one writes it with `websockets` on uvloop in half an hour."""

import asyncio
import contextlib
import ssl
import sys

import uvloop
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

_BINARY = Subprotocol("binary")


async def _up(browser: ServerConnection, guest: asyncio.StreamWriter) -> None:
    async for message in browser:
        guest.write(message if isinstance(message, bytes) else message.encode())
        await guest.drain()


async def _down(guest: asyncio.StreamReader, browser: ServerConnection) -> None:
    while data := await guest.read(65536):
        await browser.send(data)


async def _serve(port: int, target_port: int, certificate: str = "", key: str = "") -> None:
    async def bridge(browser: ServerConnection) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", target_port)
        down = asyncio.ensure_future(_down(reader, browser))
        up = asyncio.ensure_future(_up(browser, writer))
        try:
            await asyncio.wait((down, up), return_when=asyncio.FIRST_COMPLETED)
        finally:
            down.cancel()
            up.cancel()
            with contextlib.suppress(ConnectionClosed, OSError, asyncio.CancelledError):
                await asyncio.gather(down, up)
            writer.close()

    context = None
    if certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate, key)
    async with serve(
        bridge, "127.0.0.1", port, ssl=context, subprotocols=[_BINARY], compression=None
    ) as server:
        await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:]))
