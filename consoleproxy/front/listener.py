"""A port that browsers, load balancers or operators connect to."""

import socket
from collections.abc import Callable
from typing import Any

from tornado.netutil import add_accept_handler

_BACKLOG = 1024


class Listener:
    """One port.

    Args:
        accepted: gets every connection, non-blocking, and the address of its other side.
    """

    def __init__(self, accepted: Callable[[socket.socket, Any], None]) -> None:
        self._accepted = accepted
        self._socket: socket.socket | None = None
        self._stop_accepting: Callable[[], None]

    def listen(self, address: str, port: int) -> int:
        """Bind and accept; return the port, which is the system's choice for port 0.

        Raises:
            OSError: the port is taken or the address is not ours.
        """
        self._socket = socket.create_server(
            (address, port),
            family=socket.AF_INET6 if ":" in address else socket.AF_INET,
            backlog=_BACKLOG,
            dualstack_ipv6=address == "::",
        )
        self._socket.setblocking(False)
        self._stop_accepting = add_accept_handler(self._socket, self._take)
        return int(self._socket.getsockname()[1])

    def close(self) -> None:
        """Stop accepting; twice does no harm."""
        if self._socket is not None:
            self._stop_accepting()
            self._socket.close()
            self._socket = None

    def _take(self, connection: socket.socket, address: Any) -> None:
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._accepted(connection, address)
