"""CONNECT to a far end that plays XenServer's part, over real sockets."""

import asyncio
import dataclasses
import re
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.errors import (
    HypervisorClosed,
    HypervisorNotRfb,
    HypervisorRefused,
    HypervisorTunnelRefused,
)
from consoleproxy.hypervisor.target import TunnelTarget
from consoleproxy.hypervisor.tunnel import open_tunnel
from consoleproxy.wire import Wire

_SESSION = "OpaqueRef:5e551014-0000-4000-8000-000000000001"
_TARGET = TunnelTarget("xen.test", 443, True, "/console?ref=OpaqueRef:c0c01e", _SESSION)
_RFB = b"RFB 003.003\n"
# As xapi says it.
_YES = b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nCache-Control: no-cache, no-store\r\n\r\n"


def _open(*answer: bytes, target: TunnelTarget = _TARGET, end: bool = False) -> tuple[bytes, bytes]:
    """Return what the far end read, and the first bytes of RFB; the answer comes in these pieces.

    An open tunnel is then used both ways, so that its bytes are all accounted for.
    """

    async def story() -> tuple[bytes, bytes]:
        near, far = socket.socketpair()
        wire = Wire(near)
        with far:
            opening = asyncio.get_running_loop().create_task(open_tunnel(wire, target), name="open")
            for piece in answer:
                await asyncio.sleep(0)
                far.sendall(piece)
            if end:
                far.shutdown(socket.SHUT_WR)
            try:
                first = await opening
                request = far.recv(65536)
                far.sendall(b"more")
                assert await wire.receive() == b"more"
                await wire.send(b"answer")
                assert far.recv(65536) == b"answer"
            finally:
                wire.close()
            return request, first

    return asyncio.run(story())


def test_the_request_is_what_the_host_s_own_clients_send() -> None:
    request, first = _open(_YES)
    assert request == (
        b"CONNECT /console?ref=OpaqueRef:c0c01e HTTP/1.0\r\n"
        b"Host: xen.test\r\n"
        b"Cookie: session_id=" + _SESSION.encode() + b"\r\n"
        b"\r\n"
    )
    assert first == b""


@pytest.mark.parametrize(
    "pieces",
    [
        (_YES + _RFB,),
        (_YES[:10], _YES[10:-1], _YES[-1:] + _RFB),
        (*(bytes([byte]) for byte in _YES[:-1]), _YES[-1:] + _RFB),
    ],
)
def test_bytes_behind_the_head_are_the_first_of_rfb(pieces: tuple[bytes, ...]) -> None:
    assert _open(*pieces)[1] == _RFB


@pytest.mark.parametrize("field", [b"Transfer-Encoding: chunked", b"Content-Length: 0"])
def test_length_and_encoding_of_the_answer_do_not_count(field: bytes) -> None:
    assert _open(b"HTTP/1.1 200 OK\r\n" + field + b"\r\n\r\n" + _RFB)[1] == _RFB


@pytest.mark.parametrize("status", [b"200", b"204", b"299"])
def test_every_success_opens(status: bytes) -> None:
    assert _open(b"HTTP/1.0 " + status + b"\r\n\r\n" + _RFB)[1] == _RFB


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        ("101 Switching Protocols", "answered 101 Switching Protocols"),
        ("301 Moved Permanently", "answered 301 Moved Permanently: redirections are not followed"),
        ("302 Found", "answered 302 Found: redirections are not followed"),
        ("401 Unauthorised", "answered 401 Unauthorised"),
        ("403 Forbidden", "answered 403 Forbidden"),
        ("404 Not Found", "answered 404 Not Found"),
        ("500 Internal Server Error", "answered 500 Internal Server Error"),
        (f"403 no {_SESSION}", "answered 403 no ***"),
    ],
)
def test_any_other_status_is_a_refusal_with_its_reason(status: str, cause: str) -> None:
    answer = f"HTTP/1.1 {status}\r\nLocation: https://elsewhere.test/\r\n\r\n<html>{_SESSION}"
    with pytest.raises(HypervisorTunnelRefused) as raised:
        _open(answer.encode())
    assert str(raised.value) == f"{_TARGET} {cause}"


@pytest.mark.parametrize(
    ("answer", "kind", "cause"),
    [
        (b"", HypervisorClosed, "ended instead of an answer"),
        (b"HTTP/1.1 200 OK\r\nX: ", HypervisorClosed, "ended inside its answer's head"),
        (_RFB, HypervisorNotRfb, "does not speak HTTP"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 20_000, HypervisorTunnelRefused, "more than 16384"),
    ],
)
def test_no_answer(answer: bytes, kind: type[HypervisorRefused], cause: str) -> None:
    with pytest.raises(kind, match=f"{re.escape(str(_TARGET))}: .*{cause}"):
        _open(answer, end=True)


def test_a_connection_that_breaks() -> None:
    async def story() -> None:
        near, far = socket.socketpair()
        far.close()
        wire = Wire(near)
        try:
            await open_tunnel(wire, _TARGET)
        finally:
            wire.close()

    with pytest.raises(HypervisorClosed, match=": Broken pipe"):
        asyncio.run(story())


def test_a_host_that_says_nothing_is_the_caller_s_to_give_up() -> None:
    async def story() -> None:
        near, far = socket.socketpair()
        wire = Wire(near)
        with far, pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await open_tunnel(wire, _TARGET)
        assert not asyncio.get_running_loop().remove_reader(near)
        wire.close()

    asyncio.run(story())


_WORDS = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x80), max_size=12)


@given(_WORDS, _WORDS)
def test_nothing_of_a_token_leaves_its_line(path: str, session: str) -> None:
    target = dataclasses.replace(_TARGET, path=f"/{path}", session=session)
    try:
        request, _ = _open(_YES, target=target)
    except HypervisorTunnelRefused as error:
        assert str(error) in {
            "path or host have characters that no request may have",
            "the session has characters that no cookie may have",
        }
        return
    line, host, cookie, *end = request.split(b"\r\n")
    assert line.split(b" ") == [b"CONNECT", f"/{path}".encode(), b"HTTP/1.0"]
    assert (host, cookie) == (b"Host: xen.test", b"Cookie: session_id=" + session.encode())
    assert end == [b"", b""]


@pytest.mark.parametrize("session", ["", "a;b=c", "a b", "a,b", 'a"', "a\r\nX: y", "a\n", "\xe9"])
def test_a_session_that_is_no_cookie(session: str) -> None:
    with pytest.raises(HypervisorTunnelRefused, match="session has characters"):
        _open(_YES, target=dataclasses.replace(_TARGET, session=session))
