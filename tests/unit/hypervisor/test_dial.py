"""Connecting for real, on loopback, and only to where this proxy may."""

import asyncio
import os
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

from consoleproxy.errors import (
    HypervisorCertificateUnknown,
    HypervisorForbidden,
    HypervisorTunnelRefused,
    HypervisorUnreachable,
)
from consoleproxy.hypervisor.allowed import AllowedTargets
from consoleproxy.hypervisor.dial import Dialling, Line
from consoleproxy.hypervisor.route import RouteCheck
from consoleproxy.hypervisor.target import (
    Target,
    TcpTarget,
    TunnelTarget,
    UnixTarget,
    WebSocketTarget,
)
from consoleproxy.hypervisor.tls import HypervisorTls, Secrecy, TlsFiles, Verify
from tests.integration.fixtures.pki import Pki
from tests.unit.hypervisor.tls_server import serving

_HERE = "127.0.0.0/8, ::1"


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return Pki(tmp_path_factory.mktemp("pki"))


@cache
def _tls(ca: Path | None) -> HypervisorTls:
    return HypervisorTls(TlsFiles(ca=str(ca or "")), Verify.FULL)


def _dialling(
    allowed: str = _HERE, *, limit: float = 5, ca: Path | None = None, route: str = ""
) -> Dialling:
    return Dialling(
        allowed=AllowedTargets.parse(allowed),
        route=RouteCheck(route),
        tls=_tls(ca),
        limit=limit,
    )


def _dialled(target: Target, dialling: Dialling, look: Callable[[Line], object] = id) -> object:
    """Dial, look at the line, and close it."""

    async def story() -> object:
        line = await dialling.dial(target)
        try:
            return look(line)
        finally:
            line.wire.close()

    return asyncio.run(story())


@contextmanager
def _listening(host: str = "127.0.0.1", backlog: int = 5) -> Iterator[int]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.bind((host, 0))
        listener.listen(backlog)
        yield listener.getsockname()[1]


def _no_delay(line: Line) -> object:
    sock = line.wire.detach()
    assert isinstance(sock, socket.socket)
    return sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_connects_without_delay_of_small_writes(host: str) -> None:
    with _listening("::1" if host == "::1" else "127.0.0.1") as port:
        assert _dialled(TcpTarget(host, port), _dialling(), _no_delay)


def test_a_plain_line_is_neither_private_nor_closed_to_tls() -> None:
    with _listening() as port:
        seen = _dialled(
            TcpTarget("localhost", port),
            _dialling(),
            lambda line: (line.host, line.received, line.private, line.plain),
        )
    assert seen == ("localhost", b"", False, True)


def test_a_closed_port_is_unreachable() -> None:
    with _listening() as port:
        """Nobody listens there any more."""
    with pytest.raises(HypervisorUnreachable, match="refused"):
        _dialled(TcpTarget("127.0.0.1", port), _dialling())


def test_a_name_that_does_not_resolve_is_unreachable() -> None:
    with pytest.raises(HypervisorUnreachable):
        _dialled(TcpTarget("no-such-host.invalid", 5900), _dialling(limit=20))


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_what_is_not_allowed_is_not_dialled_whatever_its_name(host: str) -> None:
    with _listening() as port, pytest.raises(HypervisorForbidden, match=r"hypervisor\.allowed"):
        _dialled(TcpTarget(host, port), _dialling(""))


def test_of_a_name_only_the_allowed_addresses_are_dialled(monkeypatch: pytest.MonkeyPatch) -> None:
    async def resolve(self: object, host: str, port: int, **_: object) -> list[object]:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.2", port)),
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)),
        ]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", resolve)
    with _listening("127.0.0.2") as port:
        assert _dialled(TcpTarget("two.test", port), _dialling("127.0.0.2"))
        with pytest.raises(HypervisorUnreachable):
            _dialled(TcpTarget("two.test", port), _dialling("127.0.0.1"))


def test_silence_is_unreachable_within_the_limit() -> None:
    # A full backlog drops further handshakes: the kernel's own silent host.
    with _listening(backlog=0) as port:
        address = ("127.0.0.1", port)
        with socket.create_connection(address), socket.socket() as second:
            second.setblocking(False)
            second.connect_ex(address)
            with pytest.raises(HypervisorUnreachable, match=r"within 0\.2 s"):
                _dialled(TcpTarget(*address), _dialling(limit=0.2))


@pytest.mark.parametrize(
    "target",
    [
        lambda port: TunnelTarget("127.0.0.1", port, False, "/console", "session"),
        lambda port: TunnelTarget("127.0.0.1", port, True, "/console", "session"),
        lambda port: WebSocketTarget("127.0.0.1", port, False, "/ticket/1"),
        lambda port: WebSocketTarget("127.0.0.1", port, True, "/ticket/1"),
    ],
)
def test_silence_behind_the_connection_too(target: Callable[[int], Target]) -> None:
    with _listening() as port, pytest.raises(HypervisorUnreachable, match=r"within 0\.2 s"):
        _dialled(target(port), _dialling(limit=0.2))


def test_a_route_that_cannot_be_had_ends_the_attempt() -> None:
    with _listening() as port, pytest.raises(HypervisorUnreachable):
        _dialled(TcpTarget("127.0.0.1", port), _dialling(route="/bin/false"))


def test_addresses_without_a_route_are_left_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def resolve(self: object, host: str, port: int, **_: object) -> list[object]:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.2", port)),
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)),
        ]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", resolve)
    program = tmp_path / "ensure-route"
    program.write_text('#!/bin/sh\ntest "$1" = 127.0.0.1\n', encoding="utf-8")
    program.chmod(0o755)
    with _listening() as port:
        assert _dialled(TcpTarget("two.test", port), _dialling(route=str(program)))


def test_unix_socket() -> None:
    # A path has at most 107 bytes: pytest's folders may be longer.
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
        path = os.path.join(folder, "vnc.sock")
        target = UnixTarget(path)
        with pytest.raises(HypervisorUnreachable, match="No such file"):
            _dialled(target, _dialling(f"unix:{folder}/"))
        listener.bind(path)
        listener.listen()
        seen = _dialled(
            target,
            _dialling(f"unix:{folder}/"),
            lambda line: (line.host, line.private, line.secrecy, line.plain),
        )
        assert seen == ("", True, Secrecy(local=True), True)
        with pytest.raises(HypervisorForbidden):
            _dialled(target, _dialling())


def _answer(sock: socket.socket, answer: bytes) -> None:
    request = b""
    while not request.endswith(b"\r\n\r\n"):
        request += sock.recv(65536)
    sock.sendall(answer)


@pytest.mark.parametrize("tls", [True, False])
def test_tunnel(pki: Pki, tls: bool) -> None:
    opened = b"HTTP/1.1 200 OK\r\n\r\nRFB 003.003\n"
    with serving(lambda sock: _answer(sock, opened), pki.server if tls else None) as port:
        target = TunnelTarget("localhost", port, tls, "/console?ref=1", "session")
        seen = _dialled(
            target,
            _dialling(ca=pki.root),
            lambda line: (line.host, line.received, line.private, line.secrecy, line.plain),
        )
        secrecy = Secrecy("TLSv1.3", checked=True) if tls else Secrecy()
        assert seen == ("localhost", b"RFB 003.003\n", tls, secrecy, not tls)


def test_a_tunnel_that_says_no_leaves_nothing_open(pki: Pki) -> None:
    closed = threading.Event()

    def refuse(sock: socket.socket) -> None:
        _answer(sock, b"HTTP/1.1 401 Unauthorized\r\n\r\n")
        if sock.recv(1) == b"":
            closed.set()

    with serving(refuse, pki.server) as port, pytest.raises(HypervisorTunnelRefused, match="401"):
        _dialled(
            TunnelTarget("127.0.0.1", port, True, "/console", "session"), _dialling(ca=pki.root)
        )
    assert closed.is_set()


def test_the_certificate_is_looked_at_before_a_secret_is_sent(pki: Pki) -> None:
    heard: list[bytes] = []
    with serving(lambda sock: heard.append(sock.recv(100)), pki.foreign) as port:
        for target in (
            TunnelTarget("127.0.0.1", port, True, "/console", "session"),
            WebSocketTarget("127.0.0.1", port, True, "/ticket/1"),
        ):
            with pytest.raises(HypervisorCertificateUnknown):
                _dialled(target, _dialling(ca=pki.root))
    assert not any(heard)
