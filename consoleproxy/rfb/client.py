"""We play the client: log in to the hypervisor's VNC server (RFC 6143 7.1 to 7.3)."""

from collections.abc import Collection

from consoleproxy.errors import (
    HypervisorClientCertificateRefused,
    HypervisorClosed,
    HypervisorEncryptionMissing,
    HypervisorLoginFailed,
    HypervisorNotRfb,
    HypervisorRefused,
    HypervisorSecurityUnsupported,
    HypervisorTurnedAway,
)
from consoleproxy.rfb import tight, vencrypt
from consoleproxy.rfb.choice import PLAIN_TYPES, Choice
from consoleproxy.rfb.messages import (
    ProtocolVersion,
    SecurityResult,
    SecurityType,
    ServerInit,
    Step,
)
from consoleproxy.rfb.policy import (
    DEFAULT_POLICY,
    PUBLIC_LINK,
    Credentials,
    Link,
    SecurityKind,
    SecurityPolicy,
)
from consoleproxy.rfb.reader import Read, Reader, StartTls
from consoleproxy.rfb.security import authenticate

# A server that was asked for nothing yet has little to say: Bell, ServerCutText.
_TRAILING_LIMIT = 256 * 1024
_SHARED = b"\x01"
_NAMES = {SecurityKind.VNC_AUTH: "VNC Authentication", SecurityKind.NONE: "None"}
_WRAPPERS = {
    SecurityType.VENCRYPT: (vencrypt.NAME, vencrypt.negotiate),
    SecurityType.TIGHT: (tight.NAME, tight.negotiate),
}


class ClientLogin:
    """One login to a hypervisor.

    Errors end it: the object has nothing more to give then, except ``step``, ``version``,
    ``security`` and ``detour``, which say how far it came.

    Args:
        avoid: security types that are not to be chosen; the ``detour`` of a login before.
    """

    def __init__(
        self,
        credentials: Credentials,
        policy: SecurityPolicy = DEFAULT_POLICY,
        link: Link = PUBLIC_LINK,
        avoid: Collection[int] = (),
    ) -> None:
        self._credentials = credentials
        self._choice = Choice(credentials, policy, link)
        self._avoid = frozenset(avoid)
        self._reader = Reader(HypervisorNotRfb, _TRAILING_LIMIT)
        self._outgoing = bytearray()
        self._heard = False
        self._step = Step.VERSION
        self._version: ProtocolVersion | None = None
        self._security = ""
        self._detour: frozenset[int] = frozenset()
        self._start_tls: StartTls | None = None
        # TLS with certificates is up, and the server said nothing inside it yet.
        self._certificate_unanswered = False
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
        """What was chosen, e.g. ``VNC Authentication``, ``VeNCrypt X509Vnc``; "" until known."""
        return self._security

    @property
    def start_tls(self) -> StartTls | None:
        """The TLS to start, once ``data_to_send`` is sent; then ``tls_started`` is to be called."""
        return self._start_tls

    @property
    def detour(self) -> frozenset[int]:
        """What a new login may ``avoid`` to come further; empty if nothing would.

        A wrapper was entered and holds nothing that may be used, and outside it there is something:
        RFB has no way back from a choice.
        """
        return self._detour

    def receive_data(self, data: bytes) -> None:
        """Take bytes from the hypervisor, cut anywhere.

        Raises:
            HypervisorNotRfb: what came breaks RFB.
            HypervisorTurnedAway: the server wants no viewer now.
            HypervisorSecurityUnsupported: it offers no security type that may be used.
            HypervisorEncryptionMissing: it offers none that is encrypted, and one is demanded.
            HypervisorTlsFailed: it does not start the TLS that it offers.
            HypervisorLoginFailed: it refused the credentials, or there are none to give.
            HypervisorClosed: it refused the login, without having asked for a password.
        """
        if not data:
            return
        self._heard = True
        self._certificate_unanswered = False
        if self._start_tls is not None:
            self._start_tls = None
            self._conversation.close()
            raise self._reader.fault(f"sent {len(data)} bytes ahead of TLS")
        self._reader.feed(data)
        try:
            self._advance()
            self._reader.check_limit()
        except HypervisorRefused:
            self._reader.take_all()
            raise

    def tls_started(self) -> None:
        """Go on inside the TLS that ``start_tls`` asked for."""
        asked, self._start_tls = self._start_tls, None
        if asked is not None:
            self._certificate_unanswered = not asked.anonymous
            self._advance()

    def receive_eof(self) -> None:
        """Take the end of the hypervisor's stream; behind a login that is done it means nothing.

        Raises:
            HypervisorClosed: the stream ended inside the login.
            HypervisorClientCertificateRefused: it ended right behind the TLS handshake.
            HypervisorLoginFailed: it ended where the answer to the password was due.
            HypervisorRefused: it ended inside the reason of a refusal.
        """
        if self._certificate_unanswered:
            # TLS 1.3 servers look at our certificate when we have taken the handshake as done.
            raise HypervisorClientCertificateRefused(
                "closed right behind the TLS handshake: it may want a client certificate "
                "(consoleproxy.hypervisor.tls.certificate.file)"
            )
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

    def _advance(self) -> None:
        self._start_tls = next(self._conversation, None)
        if self._start_tls is not None:
            self._step = Step.TLS

    def _log_in(self) -> Read[None]:
        version = self._version = yield from ProtocolVersion.parse(self._reader)
        self._send(version.message)

        self._step = Step.SECURITY
        offered = yield from self._offered_types(version)
        if version >= ProtocolVersion.V3_7:
            number = self._choice.security_type(offered)
            self._send(bytes([number]))
        else:
            number = self._choice.among(offered, PLAIN_TYPES)
        if number in PLAIN_TYPES:
            kind = PLAIN_TYPES[number]
            self._security = _NAMES[kind]
        else:
            kind = yield from self._unwrapped(SecurityType(number), offered)

        self._step = Step.AUTHENTICATION
        yield from authenticate(kind, self._credentials, self._reader, self._send)

        # None by itself has no result before 3.8, wherever it was chosen.
        if version >= ProtocolVersion.V3_8 or kind is not SecurityKind.NONE:
            self._step = Step.RESULT
            yield from self._security_result(version, kind)

        self._step = Step.INIT
        self._send(_SHARED)
        server_init = yield from ServerInit.parse(self._reader)
        if number == SecurityType.TIGHT:
            yield from tight.skip_interactions(self._reader)
        self._result = server_init
        self._step = Step.DONE

    def _unwrapped(self, wrapper: SecurityType, offered: Collection[int]) -> Read[SecurityKind]:
        self._security, negotiate = _WRAPPERS[wrapper]
        try:
            kind = yield from negotiate(self._reader, self._send, self._choice)
        except (
            HypervisorEncryptionMissing,
            HypervisorLoginFailed,
            HypervisorSecurityUnsupported,
        ):
            self._detour = self._detour_around(wrapper, offered)
            raise
        self._security += f" {kind}"
        return kind

    def _detour_around(self, wrapper: SecurityType, offered: Collection[int]) -> frozenset[int]:
        try:
            self._choice.security_type([number for number in offered if number != wrapper])
        except HypervisorRefused:
            return frozenset()
        return self._avoid | {wrapper}

    def _offered_types(self, version: ProtocolVersion) -> Read[Collection[int]]:
        """Read them all (RFC 6143 7.1.2): in 3.3 the server decides, and sends one."""
        if version < ProtocolVersion.V3_7:
            decided = yield from self._reader.u32()
            if decided != SecurityType.INVALID:
                return (decided,)
        elif count := (yield from self._reader.u8()):
            offered = yield from self._reader.exact(count)
            return [number for number in offered if number not in self._avoid]
        reason = yield from self._reader.reason()
        raise HypervisorTurnedAway(f"the hypervisor wants no viewer: {reason}")

    def _security_result(self, version: ProtocolVersion, kind: SecurityKind) -> Read[None]:
        refusal = HypervisorLoginFailed if kind.needs_password else HypervisorClosed
        try:
            result = yield from self._reader.u32()
        except EOFError:
            raise refusal(
                f"the hypervisor closed the connection instead of a result of {self._security}"
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
        raise refusal(f"the hypervisor refused {self._security}: {reason}")
