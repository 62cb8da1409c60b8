"""A bridge as one writes it with Tornado in half an hour: what the product is measured against."""

import asyncio
import ssl
import sys

from tornado.httpserver import HTTPServer
from tornado.iostream import StreamClosedError
from tornado.tcpclient import TCPClient
from tornado.web import Application
from tornado.websocket import WebSocketClosedError, WebSocketHandler


class Bridge(WebSocketHandler):
    """One session; both directions wait for the other side, so its memory is bounded."""

    def initialize(self, target_port: int) -> None:
        """Take what the application gives every handler."""
        self._target_port = target_port

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        """Speak ``binary``, as noVNC wants it."""
        return "binary" if "binary" in subprotocols else None

    async def open(self, *_: str, **__: str) -> None:
        """Connect to the guest, and carry what it sends from then on."""
        self.set_nodelay(True)
        self._guest = await TCPClient().connect("127.0.0.1", self._target_port)
        self._guest.set_nodelay(True)
        self._carrying = asyncio.ensure_future(self._carry())

    async def on_message(self, message: str | bytes) -> None:
        """Carry what the browser sends."""
        try:
            await self._guest.write(message if isinstance(message, bytes) else message.encode())
        except StreamClosedError:
            self.close()

    def on_close(self) -> None:
        """Close the guest's side."""
        if hasattr(self, "_guest"):
            self._guest.close()

    async def _carry(self) -> None:
        try:
            while True:
                data = await self._guest.read_bytes(65536, partial=True)
                await self.write_message(data, binary=True)
        except (StreamClosedError, WebSocketClosedError):
            self.close()


async def _serve(port: int, target_port: int, certificate: str = "", key: str = "") -> None:
    context = None
    if certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate, key)
    application = Application([(r"/.*", Bridge, {"target_port": target_port})])
    HTTPServer(application, ssl_options=context).listen(port, "127.0.0.1")
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:]))
