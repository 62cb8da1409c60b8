"""Conversations with a login: what the peer says, cut at will, and two logins back to back."""

import itertools
import random
from collections.abc import Iterable, Iterator
from typing import Protocol

from consoleproxy.rfb.client import ClientLogin
from consoleproxy.rfb.messages import ServerInit
from consoleproxy.rfb.policy import (
    DEFAULT_ORDER,
    Credentials,
    Encryption,
    Link,
    SecurityKind,
    SecurityPolicy,
)
from consoleproxy.rfb.server import ServerLogin

PIXEL_FORMAT = bytes.fromhex("2018000100ff00ff00ff100800000000")
SERVER_INIT = ServerInit(640, 480, PIXEL_FORMAT, "guest")
SERVER_INIT_BYTES = bytes.fromhex("028001e0") + PIXEL_FORMAT + b"\0\0\0\5guest"
BELL = b"\2"

PASSWORD = "Rm4wQ2x1dTEyMzQ1Njc4OQ"
CHALLENGE = bytes(range(16))
RESPONSE = bytes.fromhex("6e0127d2ea52d50225b67701f2297550")

V33, V37, V38 = b"RFB 003.003\n", b"RFB 003.007\n", b"RFB 003.008\n"
USERNAME = "operator"
# What Plain sends: both lengths, then both texts.
PLAIN = bytes.fromhex("00000008 00000016") + b"operator" + b"Rm4wQ2x1dTEyMzQ1Njc4OQ"

OK, FAILED, TOO_MANY = b"\0\0\0\0", b"\0\0\0\1", b"\0\0\0\2"


class Login(Protocol):
    """What both roles have."""

    def receive_data(self, data: bytes) -> None: ...

    def data_to_send(self) -> bytes: ...


def reason(text: bytes) -> bytes:
    """A reason as it is on the wire."""
    return len(text).to_bytes(4, "big") + text


def u32(*numbers: int) -> bytes:
    """Numbers as they are on the wire."""
    return b"".join(number.to_bytes(4, "big") for number in numbers)


def make_login(
    password: str = PASSWORD,
    username: str = "",
    *,
    order: tuple[SecurityKind, ...] = DEFAULT_ORDER,
    encryption: Encryption = Encryption.PREFERRED,
    private: bool = False,
    tls: bool = True,
) -> ClientLogin:
    """A login to a hypervisor, as set up by default but for what is named."""
    return ClientLogin(
        Credentials(password, username), SecurityPolicy(order, encryption), Link(private, tls)
    )


def say(login: Login, pieces: Iterable[bytes]) -> bytes:
    """Feed all pieces and return all that the login sent."""
    sent = bytearray(login.data_to_send())
    for piece in pieces:
        login.receive_data(piece)
        sent += login.data_to_send()
    return bytes(sent)


def say_around_tls(login: ClientLogin, before: Iterable[bytes], inside: Iterable[bytes]) -> bytes:
    """Feed all pieces, with TLS started between them, and return all that the login sent."""
    sent = say(login, before)
    assert login.start_tls is not None
    assert login.step == "tls"
    login.tls_started()
    assert login.start_tls is None
    return sent + say(login, inside)


def every_cut(data: bytes) -> Iterator[list[bytes]]:
    """Yield the data whole, cut in two at every point, and byte by byte."""
    for point in range(len(data)):
        yield [data[:point], data[point:]]
    yield [data[i : i + 1] for i in range(len(data))]


def cut_at(data: bytes, points: Iterable[int]) -> list[bytes]:
    """Return the data cut at the points."""
    edges = [0, *sorted(point for point in points if point <= len(data)), len(data)]
    return [data[a:b] for a, b in itertools.pairwise(edges)]


class Pair:
    """Our client and our server, wired to each other through pipes that pass bits of any size.

    Args:
        version: the ProtocolVersion that the client sees instead of the server's.
        seed: of the sizes.
    """

    def __init__(self, version: bytes, seed: int) -> None:
        self.client = make_login("")
        self.server = ServerLogin()
        assert self.server.data_to_send() == V38
        self._down = bytearray(version)
        self._up = bytearray()
        self._sizes = random.Random(seed)

    def run(self) -> None:
        """Pass bytes until both sides are silent."""
        while True:
            self._down += self.server.data_to_send()
            self._up += self.client.data_to_send()
            if not self._down and not self._up:
                return
            self.client.receive_data(self._take(self._down))
            self._up += self.client.data_to_send()
            self.server.receive_data(self._take(self._up))

    def write_ahead(self, data: bytes) -> None:
        """Send bytes to the server behind those of the client's."""
        self._up += self.client.data_to_send() + data

    def _take(self, pipe: bytearray) -> bytes:
        size = self._sizes.randint(0, 5)
        data = bytes(pipe[:size])
        del pipe[:size]
        return data
