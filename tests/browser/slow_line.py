"""A line to the proxy that carries only so many bytes a second to the browser."""

import selectors
import socket
import threading
import time
from contextlib import suppress
from typing import Self

_TICK_SECONDS = 0.02
_PIECE = 65536
# The kernel would keep more on the way than any line does.
_BUFFER = 16384


class SlowLine:
    """Listens on ``port`` of loopback; a context manager.

    ``rate`` is in bytes a second, of all connections together, and may be changed meanwhile.
    """

    def __init__(self, proxy_port: int, rate: int) -> None:
        self.rate = rate
        self._proxy_port = proxy_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run, name="slow line")
        # Where what a socket receives goes to, and whether that is the browser.
        self._peers: dict[socket.socket, tuple[socket.socket, bool]] = {}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._thread.join()

    def _run(self) -> None:
        with self._listener, selectors.DefaultSelector() as selector:
            selector.register(self._listener, selectors.EVENT_READ)
            allowed, last = 0.0, time.monotonic()
            while not self._ends.is_set():
                now = time.monotonic()
                allowed = min(allowed + (now - last) * self.rate, self.rate * 2 * _TICK_SECONDS)
                last = now
                for key, _ in selector.select(_TICK_SECONDS):
                    if key.fileobj is self._listener:
                        for sock in self._accept():
                            selector.register(sock, selectors.EVENT_READ)
                    elif isinstance(key.fileobj, socket.socket):
                        allowed -= self._carry(key.fileobj, selector, int(allowed))
                if allowed < 1:
                    self._ends.wait(_TICK_SECONDS)
            for sock in self._peers:
                sock.close()

    def _accept(self) -> tuple[socket.socket, socket.socket]:
        browser, _ = self._listener.accept()
        proxy = socket.socket()
        proxy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        proxy.connect(("127.0.0.1", self._proxy_port))
        browser.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
        self._peers |= {browser: (proxy, False), proxy: (browser, True)}
        return browser, proxy

    def _carry(self, source: socket.socket, selector: selectors.BaseSelector, allowed: int) -> int:
        """Carry what there is; return how much of it was for the browser."""
        target, slow = self._peers[source]
        if slow and allowed < 1:
            return 0
        data = b""
        with suppress(ConnectionError):
            data = source.recv(min(_PIECE, allowed) if slow else _PIECE)
            target.sendall(data)
        if not data:
            selector.unregister(source)
            with suppress(OSError):
                target.shutdown(socket.SHUT_WR)
        return len(data) if slow else 0
