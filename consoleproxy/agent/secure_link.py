"""TLS on the link to a CloudStack management server: handshake in the open, then inside of frames.

No stock TLS socket can do this, so TLS works in memory. The version is held to TLS 1.2: with 1.3
the server would send session tickets outside of any frame, and drop what came with the client's
last handshake message.
"""

import ssl
from collections.abc import Iterator

from consoleproxy.agent.link import Frame, FrameReader
from consoleproxy.errors import AgentLinkBroken

# Of one message; the largest is a keystore as a list of numbers, some 30 KB.
MESSAGE_LIMIT_BYTES = 4 * 1024 * 1024
# RFC 5246 section 6.2.1: what one record holds; one record in each frame, as the server does it.
_RECORD_BYTES = 16_384
_READ_BYTES = 64 * 1024


def link_context(certificate: str = "", key: str = "") -> ssl.SSLContext:
    """Return the TLS rules of the link.

    The server's certificate is its CA's own, marked for signing only, which OpenSSL never takes for
    a server's. So the handshake lets any pass, and whoever uses the link compares it before a byte
    is sent.

    Args:
        certificate, key: PEM files of this agent; empty where it has none.

    Raises:
        OSError: a file cannot be read.
        ssl.SSLError: they are no certificate and its key.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.options |= ssl.OP_NO_TICKET | ssl.OP_NO_RENEGOTIATION
    if certificate:
        context.load_cert_chain(certificate, key)
    return context


class SecureLink:
    """One link, without a socket: bytes of the network in, messages out, and the other way."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing)
        self._frames = FrameReader()
        self._message = bytearray()
        self._established = False

    @property
    def established(self) -> bool:
        """Whether the handshake is done."""
        return self._established

    @property
    def server_certificate(self) -> bytes:
        """The server's certificate as DER, once the handshake is done."""
        return self._tls.getpeercert(binary_form=True) or b""

    def handshake(self, data: bytes = b"") -> bytes:
        """Take what arrived, and return what to send.

        What came behind the handshake waits for the next ``messages``.

        Raises:
            AgentLinkBroken: TLS failed; the text says why.
        """
        self._incoming.write(data)
        try:
            self._tls.do_handshake()
            self._established = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as error:
            raise AgentLinkBroken(f"TLS failed: {error.reason or error}") from None
        return self._outgoing.read()

    def messages(self, data: bytes = b"") -> Iterator[bytes]:
        """Yield the messages that are complete with what arrived.

        Raises:
            AgentLinkBroken: it was not a management server that sent this.
        """
        early = self._incoming.read() if self._incoming.pending else b""
        for frame in self._frames.feed(early + data):
            self._incoming.write(frame.records)
            self._read()
            if not frame.following:
                message, self._message = bytes(self._message), bytearray()
                # TLS has records of its own, without a message in them.
                if message:
                    yield message

    def framed(self, message: bytes) -> bytes:
        """Return a message as it is sent.

        Raises:
            ValueError: it is empty.
        """
        if not message:
            raise ValueError("an empty message")
        sent = bytearray()
        for start in range(0, len(message), _RECORD_BYTES):
            end = start + _RECORD_BYTES
            self._tls.write(message[start:end])
            sent += Frame(self._outgoing.read(), following=end < len(message)).to_bytes()
        return bytes(sent)

    def _read(self) -> None:
        while True:
            try:
                plain = self._tls.read(_READ_BYTES)
            except ssl.SSLWantReadError:
                return
            except ssl.SSLError as error:
                raise AgentLinkBroken(f"TLS failed: {error.reason or error}") from None
            if not plain:
                raise AgentLinkBroken("the management server ended TLS")
            self._message += plain
            if len(self._message) > MESSAGE_LIMIT_BYTES:
                raise AgentLinkBroken(f"a message of more than {MESSAGE_LIMIT_BYTES} bytes")
