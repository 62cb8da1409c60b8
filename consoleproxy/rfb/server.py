"""We play the server: offer the browser "None", or fail with a reason (RFC 6143 7.1 to 7.3)."""

from consoleproxy.errors import ViewerProtocolError
from consoleproxy.rfb.messages import (
    ProtocolVersion,
    SecurityResult,
    SecurityType,
    ServerInit,
    Step,
    reason_message,
)
from consoleproxy.rfb.reader import Read, Reader

# A viewer may write ahead of our answers, but not without end.
_AHEAD_LIMIT = 64 * 1024
_OFFER = bytes([1, SecurityType.NONE])


class ServerLogin:
    """One login of a browser.

    It runs beside the login to the hypervisor and stops where the outcome of that one is needed,
    until ``accept`` or ``refuse`` is called. An error ends it: nobody who breaks RFB can be told by
    RFB, so ``refuse`` has nothing to say then.

    Args:
        ahead: the browser is known to speak 3.8, so it is sent each message as soon as there is
            one, and its answers are checked as they come. That saves three round trips. If it
            turns out to speak another version while nothing was sent on that promise, the login
            goes on as without it.
    """

    def __init__(self, ahead: bool = False) -> None:
        self._reader = Reader(ViewerProtocolError, _AHEAD_LIMIT)
        self._outgoing = bytearray(ProtocolVersion.V3_8.message)
        self._ahead = ahead
        # What is only good for 3.8, and not sent yet.
        self._promised = bytearray(_OFFER if ahead else b"")
        self._promise_sent = False
        self._step = Step.VERSION
        self._version: ProtocolVersion | None = None
        self._server_init: ServerInit | None = None
        self._refusal: str | None = None
        self._shared: bool | None = None
        self._conversation = self._serve()
        next(self._conversation)

    @property
    def step(self) -> str:
        """The step that is waited for: a value of ``messages.Step``."""
        return self._step

    @property
    def version(self) -> str:
        """The version that is spoken, e.g. ``3.8``; "" until known."""
        return "" if self._version is None else str(self._version)

    @property
    def shared(self) -> bool | None:
        """ClientInit's shared flag; None until it came."""
        return self._shared

    @property
    def done(self) -> bool:
        """Whether nothing is left but to send ``data_to_send()``: ServerInit, or the refusal."""
        return self._step == Step.DONE

    def receive_data(self, data: bytes) -> None:
        """Take bytes from the browser, cut anywhere; behind a refusal or error they mean nothing.

        Raises:
            ViewerProtocolError: they break RFB, or more than 64 KiB came ahead.
        """
        if self.done and self._shared is None:
            return
        self._reader.feed(data)
        self._advance()

    def accept(self, server_init: ServerInit) -> None:
        """Let the browser in, now or as soon as it comes that far; behind ``refuse`` a no-op.

        Raises:
            ViewerProtocolError: what the browser sent ahead breaks RFB.
        """
        if self._server_init is None and not self.done:
            self._server_init = server_init
            if self._ahead:
                self._promised += SecurityResult.OK.message + server_init.serialize()
            self._advance()

    def refuse(self, reason: str) -> None:
        """Fail with the reason, now or as soon as the browser has said its version.

        RFB has no word for it behind a SecurityResult of OK, nor, before 3.8, behind the offer of
        None: then the login is done without a message. When it is done this is a no-op.
        """
        if self.done or self._refusal is not None:
            return
        self._refusal = reason
        if self._ahead and self._version is None and not self._promise_sent:
            self._forget_promise()
        elif self._ahead:
            if self._server_init is None:
                self._promised += SecurityResult.FAILED.message + reason_message(reason)
            self._end()
        elif self._version is not None:
            self._conversation.close()
            self._send_refusal(self._version, reason)

    def data_to_send(self) -> bytes:
        """Return and forget the bytes that are due to the browser."""
        data = bytes(self._outgoing + self._promised)
        self._promise_sent = self._promise_sent or bool(self._promised)
        self._outgoing.clear()
        self._promised.clear()
        return data

    def trailing_data(self) -> bytes:
        """Return and forget what came behind ClientInit; ``b""`` while that has not come."""
        return b"" if self._shared is None else self._reader.take_all()

    def _advance(self) -> None:
        try:
            next(self._conversation, None)
            self._reader.check_limit()
        except ViewerProtocolError:
            self._end()
            raise

    def _end(self) -> None:
        self._conversation.close()
        self._reader.take_all()
        self._step = Step.DONE

    def _forget_promise(self) -> None:
        self._ahead = False
        self._promised.clear()

    def _serve(self) -> Read[None]:
        version = self._version = yield from ProtocolVersion.parse(self._reader)
        if self._ahead and version < ProtocolVersion.V3_8:
            if self._promise_sent:
                raise ViewerProtocolError(f"speaks {version} and was said to speak 3.8")
            self._forget_promise()
        self._step = Step.SECURITY
        if self._refusal is not None:
            self._send_refusal(version, self._refusal)
            return

        if version < ProtocolVersion.V3_8:
            # No SecurityResult follows None here: only instead of the offer can we still refuse.
            yield from self._accepted()
        self._step = Step.CHOICE
        if version < ProtocolVersion.V3_7:
            self._outgoing += SecurityType.NONE.to_bytes(4, "big")
        else:
            if not self._ahead:
                self._outgoing += _OFFER
            choice = yield from self._reader.u8()
            if choice != SecurityType.NONE:
                raise ViewerProtocolError(f"chose security type {choice}, which was not offered")

        self._step = Step.RESULT
        server_init = yield from self._accepted()
        if version >= ProtocolVersion.V3_8 and not self._ahead:
            self._outgoing += SecurityResult.OK.message

        self._step = Step.INIT
        self._shared = bool((yield from self._reader.u8()))
        if not self._ahead:
            self._outgoing += server_init.serialize()
        self._step = Step.DONE

    def _accepted(self) -> Read[ServerInit]:
        while self._server_init is None:
            yield None
        return self._server_init

    def _send_refusal(self, version: ProtocolVersion, reason: str) -> None:
        match self._step:
            case Step.SECURITY:
                no_type = b"\0" if version >= ProtocolVersion.V3_7 else b"\0\0\0\0"
                self._outgoing += no_type + reason_message(reason)
            case Step.CHOICE | Step.RESULT if version >= ProtocolVersion.V3_8:
                self._outgoing += SecurityResult.FAILED.message + reason_message(reason)
        self._reader.take_all()
        self._step = Step.DONE
