"""The browser's websocket during login: awaitable, and then handed over to the relay."""

import asyncio
from collections.abc import Mapping

from consoleproxy.frames import binary_frame
from consoleproxy.relay.websocket import NOTHING_MORE, Answer, BrowserWebSocket
from consoleproxy.wire import Socket, Wire

# Together with a refusal's RFB part, well within what a person waits for.
_CLOSE_SECONDS = 0.8


class BrowserGone(Exception):
    """The browser closed its websocket, or lost it, during login; the text says which.

    ``code`` is that of its close frame; 0 where there was none.
    """

    def __init__(self, how: str, code: int = 0) -> None:
        super().__init__(how)
        self.code = code


class BrowserChannel:
    """One browser's websocket, from its opening handshake on.

    Args:
        early: what the browser sent behind its request.
        echoes: see ``BrowserWebSocket``.
    """

    def __init__(
        self,
        sock: Socket,
        headers: Mapping[str, str],
        early: bytes,
        *,
        echoes: bool = False,
    ) -> None:
        self.engine = BrowserWebSocket(echoes=echoes)
        self._wire = Wire(sock)
        self._headers = headers
        self._early = early
        self._payload = b""
        self._unsent = b""
        # Pongs and RFB messages are sent by different tasks.
        self._sending = asyncio.Lock()

    @property
    def tls_version(self) -> str:
        """Of what the browser's side speaks with this process; "" without TLS."""
        return self._wire.tls_version

    async def open(self, answer: Answer = NOTHING_MORE) -> None:
        """Answer the opening handshake with this.

        Raises:
            BrowserGone: the connection broke.
        """
        self.engine.open(self._headers, answer)
        # It comes first, whatever the browser has sent behind its request.
        self._unsent = self.engine.take_output()
        self._payload = self.engine.feed(self._early)
        await self._flush()

    async def receive(self) -> bytes:
        """Return some payload; a cancelled call loses none.

        Raises:
            BrowserGone: the browser closed, broke the protocol, or the connection broke.
        """
        while not self._payload:
            if self.engine.fault:
                raise BrowserGone(str(self.engine.fault))
            if self.engine.close_received:
                raise BrowserGone(f"code {self.engine.close_code}", self.engine.close_code or 0)
            self._payload = self.engine.feed(await self._more())
            await self._flush()
        return self.take_payload()

    async def send(self, payload: bytes) -> None:
        """Send one binary frame.

        Raises:
            BrowserGone: the connection broke.
        """
        await self._flush(binary_frame(payload))

    async def tell(self, text: str) -> None:
        """Send a text frame, beside the stream of RFB.

        Raises:
            BrowserGone: the connection broke.
        """
        self.engine.tell(text)
        await self._flush()

    async def close(self, code: int, reason: str) -> None:
        """Send a close frame, wait a moment for the browser's, close the connection."""
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                self.engine.close_with(code, reason)
                await self._flush()
                while not self.engine.close_received:
                    self.engine.feed(await self._more())
        except (TimeoutError, BrowserGone):
            # It has had its chance to read the reason.
            return
        finally:
            self.abort()

    def abort(self) -> None:
        """Close the connection as it is; closing twice does nothing."""
        self._wire.close()

    def take_payload(self) -> bytes:
        """Return payload that was received and not yet asked for."""
        payload, self._payload = self._payload, b""
        return payload

    def take_back(self, unsent: bytes) -> None:
        """Go on where a relay has left off, with what it still had to send."""
        self._unsent = unsent
        self._payload = b""

    async def begin_anew(self) -> None:
        """Tell the viewer that a new stream begins, and hear nothing more of the old one.

        Raises:
            BrowserGone: the connection broke.
        """
        self.engine.begin_anew()
        await self._flush()

    def hand_over(self) -> tuple[Socket, BrowserWebSocket, bytes]:
        """Give away the socket, the engine with its state, and bytes still to be sent."""
        unsent, self._unsent = self._unsent, b""
        return self._wire.detach(), self.engine, unsent

    async def _more(self) -> bytes:
        try:
            data = await self._wire.receive()
        except OSError as error:
            raise BrowserGone(str(error.strerror or error)) from error
        if not data:
            raise BrowserGone("connection ended")
        return data

    async def _flush(self, frame: bytes = b"") -> None:
        self._unsent += self.engine.take_output() + frame
        async with self._sending:
            try:
                while self._unsent:
                    self._unsent = self._unsent[self._wire.send_now(self._unsent) :]
                    if self._unsent:
                        await self._wire.writable()
            except OSError as error:
                raise BrowserGone(str(error.strerror or error)) from error
