"""The link against a server that frames by itself, as the management server does."""

import ssl
import struct
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consoleproxy.agent.secure_link import MESSAGE_LIMIT_BYTES, SecureLink, link_context
from consoleproxy.errors import AgentLinkBroken
from tests.unit.keystore.authority import Issued, issue


class Server:
    """The other end: TLS in memory, every flight after the handshake behind four bytes."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_side=True)

    def handshake(self, data: bytes) -> bytes:
        self.incoming.write(data)
        try:
            self.tls.do_handshake()
        except ssl.SSLWantReadError:
            pass
        return self.outgoing.read()

    def frame(self, *plain: bytes, more: bool = False) -> bytes:
        for one in plain:
            self.tls.write(one)
        records = self.outgoing.read()
        return struct.pack(">HH", int(more), len(records)) + records

    def received(self, stream: bytes) -> tuple[list[bool], bytes]:
        """Each frame's bit for more to come, and all that was in them."""
        bits, plain = [], b""
        while stream:
            more, length = struct.unpack_from(">HH", stream)
            assert length <= 18_000
            bits.append(bool(more))
            self.incoming.write(stream[4 : 4 + length])
            stream = stream[4 + length :]
            while self.incoming.pending or self.tls.pending():
                plain += self.tls.read(20_000)
        return bits, plain


@cache
def _issued() -> Issued:
    return issue("management")


@cache
def _server_context(folder: Path, newest: ssl.TLSVersion) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    file = folder / "server.pem"
    file.write_bytes(_issued().pem + _issued().key_pem)
    context.load_cert_chain(file)
    context.maximum_version = newest
    return context


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("link")


def connected(
    folder: Path, newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3
) -> tuple[SecureLink, Server]:
    link, server = SecureLink(link_context()), Server(_server_context(folder, newest))
    to_server = link.handshake()
    while not link.established:
        to_server = link.handshake(server.handshake(to_server))
    return link, server


def test_it_is_tls_1_2_though_the_server_knows_better(folder: Path) -> None:
    link, server = connected(folder)
    assert server.tls.version() == "TLSv1.2"
    assert link.server_certificate == ssl.PEM_cert_to_DER_cert(_issued().pem.decode())


def test_messages_both_ways(folder: Path) -> None:
    link, server = connected(folder)
    assert list(link.messages(server.frame(b"one") + server.frame(b"two"))) == [b"one", b"two"]
    assert server.received(link.framed(b"hello")) == ([False], b"hello")


def test_a_message_over_several_frames(folder: Path) -> None:
    link, server = connected(folder)
    long = bytes(range(256)) * 200
    assert server.received(link.framed(long)) == ([True, True, True, False], long)
    cut = [long[start : start + 16_384] for start in range(0, len(long), 16_384)]
    frames = [server.frame(part, more=part is not cut[-1]) for part in cut]
    assert list(link.messages(b"".join(frames))) == [long]


def test_several_records_in_one_frame(folder: Path) -> None:
    link, server = connected(folder)
    assert list(link.messages(server.frame(b"a" * 9000, b"b" * 8000))) == [
        b"a" * 9000 + b"b" * 8000
    ]


@settings(max_examples=25)
@given(cuts=st.lists(st.integers(min_value=1, max_value=900), max_size=40))
def test_however_the_network_cuts_it(folder: Path, cuts: list[int]) -> None:
    link, server = (
        SecureLink(link_context()),
        Server(_server_context(folder, ssl.TLSVersion.TLSv1_2)),
    )
    waiting, sizes = server.handshake(link.handshake()), iter(cuts)
    while not link.established:
        size = next(sizes, len(waiting))
        answer = link.handshake(waiting[:size])
        waiting = waiting[size:]
        if answer:
            waiting += server.handshake(answer)
    stream = server.frame(b"x" * 2000) + server.frame(b"y")
    found: list[bytes] = []
    while stream:
        size = next(sizes, len(stream))
        found += link.messages(stream[:size])
        stream = stream[size:]
    assert found == [b"x" * 2000, b"y"]


def test_what_came_with_the_end_of_the_handshake_is_not_lost(folder: Path) -> None:
    link, server = (
        SecureLink(link_context()),
        Server(_server_context(folder, ssl.TLSVersion.TLSv1_2)),
    )
    finished = server.handshake(link.handshake(server.handshake(link.handshake())))
    link.handshake(finished + server.frame(b"early"))
    assert link.established
    assert list(link.messages()) == [b"early"]


def test_a_server_that_speaks_no_tls_1_2(folder: Path) -> None:
    _server_context(folder, ssl.TLSVersion.TLSv1_2)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    link, server = SecureLink(link_context()), Server(context)
    hello = link.handshake()
    with pytest.raises(ssl.SSLError):
        server.handshake(hello)
    with pytest.raises(AgentLinkBroken, match="TLS failed"):
        link.handshake(server.outgoing.read())


def test_a_record_that_was_modified(folder: Path) -> None:
    link, server = connected(folder)
    frame = bytearray(server.frame(b"abc"))
    frame[-1] ^= 1
    with pytest.raises(AgentLinkBroken, match="TLS failed"):
        list(link.messages(bytes(frame)))


def test_a_message_without_end(folder: Path) -> None:
    link, server = connected(folder)
    with pytest.raises(AgentLinkBroken, match="a message of more than"):
        for _ in range(MESSAGE_LIMIT_BYTES // 16_384 + 1):
            assert list(link.messages(server.frame(bytes(16_384), more=True))) == []


def test_an_end_inside_of_tls(folder: Path) -> None:
    link, server = connected(folder)
    with pytest.raises(ssl.SSLWantReadError):
        server.tls.unwrap()
    with pytest.raises(AgentLinkBroken):
        list(link.messages(server.frame()))


def test_nothing_is_no_message(folder: Path) -> None:
    link, _ = connected(folder)
    with pytest.raises(ValueError, match="empty"):
        link.framed(b"")
