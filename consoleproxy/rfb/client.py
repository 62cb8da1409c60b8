"""We play the client: log in to the hypervisor's VNC server (RFC 6143 7.1 to 7.3)."""

from collections.abc import Collection

from consoleproxy.errors import HypervisorClosed, HypervisorNotRfb, HypervisorRefused
from consoleproxy.rfb.messages import (
    ProtocolVersion,
    SecurityResult,
    SecurityType,
    ServerInit,
    Step,
)
from consoleproxy.rfb.reader import Read, Reader
from consoleproxy.rfb.security import Security, choose_security

# A server that was asked for nothing yet has little to say: Bell, ServerCutText.
_TRAILING_LIMIT = 256 * 1024
_SHARED = b"\x01"


class ClientLogin:
    """One login to a hypervisor.

    Errors end it: the object has nothing more to give then, except ``step``, ``version`` and
    ``security``, which say how far it came.

    Args:
        password: for VNC Authentication; "" if there is none.
    """

    def __init__(self, password: str) -> None:
        self._password = password
        self._reader = Reader(HypervisorNotRfb, _TRAILING_LIMIT)
        self._outgoing = bytearray()
        self._heard = False
        self._step = Step.VERSION
        self._version: ProtocolVersion | None = None
        self._security: Security | None = None
        self._result: ServerInit | None = None
        self._conversation = self._log_in()
        next(self._conversation)

    @property
    def result(self) -> ServerInit | None:
        """What the hypervisor says of its screen; None until the login is done."""
        return self._result

    @property
    def step(self) -> str:
        """The step that is waited for: a value of ``messages.Step``."""
        return self._step

    @property
    def version(self) -> str:
        """The version that is spoken, e.g. ``3.8``; "" until known."""
        return "" if self._version is None else str(self._version)

    @property
    def security(self) -> str:
        """RFC 6143's name of the chosen security type; "" until known."""
        return "" if self._security is None else self._security.name

    def receive_data(self, data: bytes) -> None:
        """Take bytes from the hypervisor, cut anywhere.

        Raises:
            HypervisorNotRfb: what came breaks RFB.
            HypervisorRefused: the server wants no viewer now.
            HypervisorSecurityUnsupported: it offers no security type that is known here.
            HypervisorLoginFailed: it refused the password, or there is none to give.
            HypervisorClosed: it refused the login, without having asked for a password.
        """
        self._heard = self._heard or bool(data)
        self._reader.feed(data)
        next(self._conversation, None)
        self._reader.check_limit()

    def receive_eof(self) -> None:
        """Take the end of the hypervisor's stream; behind a login that is done it means nothing.

        Raises:
            HypervisorClosed: the stream ended inside the login.
            HypervisorLoginFailed: it ended where the answer to the password was due.
            HypervisorRefused: it ended inside the reason of a refusal.
        """
        try:
            self._conversation.throw(EOFError)
        except EOFError:
            if self._result is None:
                heard = f"in the step {self._step}" if self._heard else "without a word"
                raise HypervisorClosed(f"the hypervisor closed the connection {heard}") from None

    def data_to_send(self) -> bytes:
        """Return and forget the bytes that are due to the hypervisor."""
        data = bytes(self._outgoing)
        self._outgoing.clear()
        return data

    def trailing_data(self) -> bytes:
        """Return and forget what came behind ServerInit; ``b""`` while the login runs."""
        return b"" if self._result is None else self._reader.take_all()

    def _send(self, data: bytes) -> None:
        self._outgoing += data

    def _log_in(self) -> Read[None]:
        self._version = yield from ProtocolVersion.parse(self._reader)
        self._send(self._version.message)

        self._step = Step.SECURITY
        offered = yield from self._offered_types(self._version)
        security = self._security = choose_security(offered, self._password)
        if self._version >= ProtocolVersion.V3_7:
            self._send(bytes([security.number]))

        self._step = Step.AUTHENTICATION
        yield from security.authenticate(self._reader, self._send)

        if self._version >= security.result_since:
            self._step = Step.RESULT
            yield from self._security_result(self._version, security)

        self._step = Step.INIT
        self._send(_SHARED)
        self._result = yield from ServerInit.parse(self._reader)
        self._step = Step.DONE

    def _offered_types(self, version: ProtocolVersion) -> Read[Collection[int]]:
        """Read them all (RFC 6143 7.1.2): in 3.3 the server decides, and sends one."""
        if version < ProtocolVersion.V3_7:
            decided = yield from self._reader.u32()
            if decided != SecurityType.INVALID:
                return (decided,)
        elif count := (yield from self._reader.u8()):
            return (yield from self._reader.exact(count))
        reason = yield from self._reader.reason()
        raise HypervisorRefused(f"the hypervisor wants no viewer: {reason}")

    def _security_result(self, version: ProtocolVersion, security: Security) -> Read[None]:
        try:
            result = yield from self._reader.u32()
        except EOFError:
            raise security.refusal(
                f"the hypervisor closed the connection instead of a result of {security.name}"
            ) from None
        if result == SecurityResult.OK:
            return
        # Before 3.8 the server says no more, and closes.
        if version >= ProtocolVersion.V3_8:
            reason = yield from self._reader.reason()
        elif result == SecurityResult.TOO_MANY:
            reason = "too many attempts"
        else:
            reason = "no reason given"
        raise security.refusal(f"the hypervisor refused {security.name}: {reason}")
