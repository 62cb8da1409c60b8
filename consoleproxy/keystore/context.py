"""TLS for the console port: a keystore made into an SSL context."""

import enum
import os
import ssl
from dataclasses import dataclass

from consoleproxy.errors import KeystoreInvalid
from consoleproxy.keystore.model import Keystore


class TlsPolicy(enum.StrEnum):
    """``consoleproxy.tls.policy``: the ciphers of TLS 1.2.

    MODERN has forward secrecy and authenticated encryption only, and so has TLS 1.3 whatever the
    policy. INTERMEDIATE adds CBC with SHA-2, for clients that know no authenticated encryption.
    """

    MODERN = "modern"
    INTERMEDIATE = "intermediate"


_MODERN_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
_CIPHERS = {
    TlsPolicy.MODERN: _MODERN_CIPHERS,
    TlsPolicy.INTERMEDIATE: f"{_MODERN_CIPHERS}:ECDHE+AES:!SHA1",
}


@dataclass(frozen=True, slots=True)
class ServerTls:
    """What a TLS server is made of."""

    keystore: Keystore
    policy: TlsPolicy

    def context(self) -> ssl.SSLContext:
        """See ``server_context``."""
        return server_context(self.keystore, self.policy)


def server_context(keystore: Keystore, policy: TlsPolicy = TlsPolicy.MODERN) -> ssl.SSLContext:
    """A server's context: TLS 1.2 and 1.3, ALPN ``http/1.1``, session tickets.

    HTTP/2 is not offered: a browser would then have no way to open a websocket here
    (RFC 8441 is not served).

    Raises:
        KeystoreInvalid: OpenSSL does not take the key or a certificate.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_CIPHERS[policy])
    context.options |= ssl.OP_NO_RENEGOTIATION
    context.set_alpn_protocols(["http/1.1"])
    _load(context, keystore)
    return context


def _load(context: ssl.SSLContext, keystore: Keystore) -> None:
    """Give the key and the chain to OpenSSL.

    ``load_cert_chain`` reads files only. A memory file has no name in any file system, so the key
    reaches no disk and nothing is left behind, not even by a crash; a temporary file cannot
    promise that.
    """
    memory = os.memfd_create("keystore", os.MFD_CLOEXEC)
    with os.fdopen(memory, "wb") as file:
        file.write(keystore.key_pem() + keystore.chain_pem())
        file.flush()
        try:
            context.load_cert_chain(f"/proc/self/fd/{memory}")
        except ssl.SSLError as error:
            raise KeystoreInvalid(
                f"OpenSSL does not take this key and certificate ({error.reason}):"
                " have a certificate issued for a new key, RSA 2048 or ECDSA P-256"
            ) from error
