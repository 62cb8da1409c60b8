"""The hypervisor's end of a measurement: a short RFB login, then whatever the measurement does."""

import socket
import struct
from typing import Self

_SERVER_INIT = struct.pack(">HH", 640, 480) + bytes(16) + struct.pack(">I", 5) + b"bench"


class Guest:
    """Listens on a port of loopback and logs in whoever connects, without a password."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def accept(self) -> socket.socket:
        """Take the next connection through its login, and return it."""
        connection, _ = self._listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for says, hears in (
            (b"RFB 003.008\n", 12),
            (b"\x01\x01", 1),
            (struct.pack(">I", 0), 1),
        ):
            connection.sendall(says)
            connection.recv(hears, socket.MSG_WAITALL)
        connection.sendall(_SERVER_INIT)
        return connection
