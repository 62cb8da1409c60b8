"""A real server on loopback, with TLS or without, for one conversation a connection."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.integration.fixtures.pki import Pair

_SECONDS = 10


def context_of(pair: Pair, client_root: Path | None = None) -> ssl.SSLContext:
    """Return a server's context; with a root, clients must show a certificate of it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)
    if client_root is not None:
        context.load_verify_locations(client_root)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def anonymous_context() -> ssl.SSLContext:
    """Return a server's context without a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("aNULL:@SECLEVEL=0")
    return context


@contextmanager
def serving(
    converse: Callable[[socket.socket], None], tls: ssl.SSLContext | Pair | None
) -> Iterator[int]:
    """Serve on the port that is yielded; a handshake that fails ends one connection."""
    context = context_of(tls) if isinstance(tls, Pair) else tls
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                raw, _ = listener.accept()
            except OSError:
                return
            raw.settimeout(_SECONDS)
            with raw, suppress(OSError):
                if context is None:
                    converse(raw)
                else:
                    with context.wrap_socket(raw, server_side=True) as wrapped:
                        converse(wrapped)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(_SECONDS)
        assert not thread.is_alive()
