"""Much at once from the guest's socket to the browser's inside the kernel: splice(2).

A copy into this process and out again is most of what a streaming screen costs. Both sockets must
be plain TCP.
"""

import array
import contextlib
import fcntl
import os
import socket
import termios

# Measured: half of it costs a fifth more. It is also what an unprivileged pipe may have.
SPLICE_ROOM = 1024 * 1024


class BrowserBroke(Exception):
    """The browser's connection broke."""


def waiting(sock: socket.socket) -> int:
    """Return how many bytes can be read at once (tcp(7), ``SIOCINQ``)."""
    count = array.array("i", [0])
    fcntl.ioctl(sock, termios.FIONREAD, count)
    return count[0]


class Splice:
    """A pipe that is empty between two transfers, so that one is enough for a loop."""

    def __init__(self) -> None:
        self._out, self._in = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        # A smaller one does as well, only slower: a user may have so much room for pipes in all.
        with contextlib.suppress(OSError):
            fcntl.fcntl(self._in, fcntl.F_SETPIPE_SZ, SPLICE_ROOM)

    def close(self) -> None:
        """Close the pipe."""
        os.close(self._out)
        os.close(self._in)

    def move(
        self, guest: socket.socket, browser: socket.socket, header: bytes, length: int
    ) -> bytes:
        """Send a header and as many bytes of the guest; return what the browser did not take.

        Args:
            length: no more than ``waiting`` says.

        Raises:
            BrowserBroke: nothing is left in the pipe.
            OSError: the guest's connection broke.
        """
        try:
            sent = browser.send(header, socket.MSG_MORE)
        except BlockingIOError:
            sent = 0
        except OSError as error:
            raise BrowserBroke(error.strerror or error) from error
        if sent < len(header):
            return header[sent:] + _exactly(guest, length)
        left, piped = length, 0
        while left or piped:
            if not piped:
                try:
                    piped = os.splice(guest.fileno(), self._in, left, flags=os.SPLICE_F_NONBLOCK)
                except OSError:
                    # Where it is not allowed, it is copied; if the connection broke, that says so.
                    break
                if not piped:
                    break
                left -= piped
            more = os.SPLICE_F_MORE if left else 0
            try:
                piped -= os.splice(
                    self._out, browser.fileno(), piped, flags=os.SPLICE_F_NONBLOCK | more
                )
            except BlockingIOError:
                break
            except OSError as error:
                os.read(self._out, piped)
                raise BrowserBroke(error.strerror or error) from error
        rest = os.read(self._out, piped) if piped else b""
        return rest + _exactly(guest, left) if left else rest


def _exactly(sock: socket.socket, length: int) -> bytes:
    """Return bytes that are there; the frame that they belong to has been announced."""
    data = sock.recv(length)
    if len(data) != length:
        raise ConnectionError("less came than was waiting")
    return data
