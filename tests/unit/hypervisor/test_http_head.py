"""Heads of HTTP answers, cut anywhere, and requests that stay inside their lines."""

import asyncio
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.errors import (
    HypervisorClosed,
    HypervisorNotRfb,
    HypervisorRefused,
    HypervisorTunnelRefused,
)
from consoleproxy.hypervisor.http_head import (
    HEAD_LIMIT,
    HeadReader,
    ResponseHead,
    exchange,
    request_head,
)
from consoleproxy.hypervisor.target import TunnelTarget, WebSocketTarget

_CUTS = st.lists(st.integers(min_value=0, max_value=1 << 16), max_size=8)
_TOKEN = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=12)
_VALUE = st.text("abcdefghijklmnopqrstuvwxyz0123456789:;=,/ ", max_size=20)


def _read(data: bytes, cuts: list[int] = []) -> HeadReader:  # noqa: B006 - never changed
    reader = HeadReader()
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    for start, stop in itertools.pairwise(edges):
        reader.receive_data(data[start:stop])
    return reader


def _outcome(data: bytes, cuts: list[int]) -> object:
    try:
        reader = _read(data, cuts)
    except HypervisorRefused as error:
        return type(error)
    return reader.head, reader.rest


@given(
    st.sampled_from(["1.0", "1.1"]),
    st.integers(min_value=100, max_value=999),
    st.sampled_from(["", " ", " OK", " Not Found"]),
    st.dictionaries(_TOKEN, _VALUE, max_size=8),
    st.sampled_from(["\r\n", "\n"]),
    st.binary(max_size=40),
    _CUTS,
)
def test_head_and_rest_come_out_however_the_stream_is_cut(
    version: str,
    status: int,
    reason: str,
    headers: dict[str, str],
    line_end: str,
    rest: bytes,
    cuts: list[int],
) -> None:
    lines = [f"HTTP/{version} {status}{reason}"]
    lines += [f"{name.title()}: {value}" for name, value in headers.items()]
    head = line_end.join([*lines, "", ""]).encode()
    reader = _read(head + rest, cuts)
    expected = {name: " ".join(value.split()) for name, value in headers.items()}
    assert reader.head == ResponseHead(status, reason.strip(), expected)
    assert reader.rest == rest
    reader.receive_eof()


def test_every_cut_of_a_head() -> None:
    data = b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n\r\nRFB 003.003\n\n\n"
    whole = _read(data)
    for cut in range(len(data) + 1):
        reader = _read(data, [cut])
        assert (reader.head, reader.rest) == (whole.head, b"RFB 003.003\n\n\n"), cut
    byte_by_byte = HeadReader()
    for byte in data:
        byte_by_byte.receive_data(bytes([byte]))
    assert (byte_by_byte.head, byte_by_byte.rest) == (whole.head, whole.rest)


@given(st.one_of(st.binary(max_size=200), st.binary(max_size=200).map(b"HTTP/1.1 ".__add__)), _CUTS)
def test_any_bytes_end_in_a_head_or_in_a_refusal(data: bytes, cuts: list[int]) -> None:
    outcome = _outcome(data, cuts)
    assert outcome == _outcome(data, [])
    assert outcome in (HypervisorNotRfb, HypervisorTunnelRefused) or isinstance(outcome, tuple)


@given(
    st.binary(max_size=60).filter(lambda data: b"\n" not in data and b"\r" not in data),
    st.lists(st.sampled_from([b"A: 1", b" folded", b"nonsense", b": x", b"B:\xff\0", b"A: 2"])),
    _CUTS,
)
def test_odd_headers_are_the_same_for_every_cut(
    reason: bytes, lines: list[bytes], cuts: list[int]
) -> None:
    data = b"\r\n".join([b"HTTP/1.0 200 " + reason, *lines, b"", b"behind"])
    assert _outcome(data, cuts) == _outcome(data, [])


@pytest.mark.parametrize(
    "start", [b"RFB 003.008\n", b"SSH-2.0-x\r\n", b"\x16\x03", b"http/1.1", b"\n"]
)
def test_something_else_than_http_is_seen_at_once(start: bytes) -> None:
    with pytest.raises(HypervisorNotRfb, match="does not speak HTTP"):
        _read(start)


@pytest.mark.parametrize(
    "line",
    [b"HTTP/2 200 OK", b"HTTP/1.1", b"HTTP/1.1 20 OK", b"HTTP/1.1 2000", b"HTTP/1.1 OK", b"HTTP/9"],
)
def test_a_bad_status_line(line: bytes) -> None:
    with pytest.raises(HypervisorNotRfb, match="no status line"):
        _read(line + b"\r\n\r\n")


@pytest.mark.parametrize("lines", [b"no colon\r\n", b" folded first\r\n", b"A: 1\r\n" * 101])
def test_headers_that_are_none(lines: bytes) -> None:
    with pytest.raises(HypervisorNotRfb, match="headers"):
        _read(b"HTTP/1.1 200 OK\r\n" + lines + b"\r\n")


def test_headers_of_one_name_are_joined_and_folded_ones_made_one_line() -> None:
    head = _read(b"HTTP/1.1 200 OK\r\nVia: a\r\nX: b\r\n\t c\r\nVIA: d\r\n\r\n").head
    assert head is not None
    assert head.headers == {"via": "a, d", "x": "b c"}


def test_a_body_s_type_is_no_fault_of_the_head() -> None:
    head = _read(b"HTTP/1.1 500 No\r\nContent-Type: multipart/mixed\r\n\r\n").head
    assert head is not None
    assert str(head) == "500 No"


def test_the_reason_phrase_cannot_write_lines_into_a_log() -> None:
    head = _read(b"HTTP/1.1 403 \x1b[2Jno\rwhere\x00" + b"x" * 500 + b"\r\n\r\n").head
    assert head is not None
    assert head.reason == ("[2Jnowhere" + "x" * 500)[:100]


@pytest.mark.parametrize("over", [0, 1])
def test_the_limit_is_sharp(over: int) -> None:
    start, end = b"HTTP/1.1 200 OK\r\nX: ", b"\r\n\r\n"
    head = start + b"x" * (HEAD_LIMIT - len(start) - len(end) + over) + end
    for cuts in ([], [HEAD_LIMIT - 1], [HEAD_LIMIT], [HEAD_LIMIT - 3, HEAD_LIMIT]):
        if over:
            with pytest.raises(HypervisorTunnelRefused, match="16384"):
                _read(head + b"rest", cuts)
        else:
            assert _read(head + b"rest", cuts).rest == b"rest"


def test_a_head_without_an_end_is_not_stored() -> None:
    reader = HeadReader()
    reader.receive_data(b"HTTP/1.1 200 OK\r\n")
    with pytest.raises(HypervisorTunnelRefused, match="16384"):
        for _ in range(HEAD_LIMIT):
            reader.receive_data(b"A: 1234\r\n")
    assert len(reader._data) < HEAD_LIMIT + 20


@pytest.mark.parametrize(
    ("data", "cause"), [(b"", "instead of an answer"), (b"HTTP/1.1 200 OK\r\n", "inside")]
)
def test_the_end_of_the_stream_inside_the_head(data: bytes, cause: str) -> None:
    reader = _read(data)
    with pytest.raises(HypervisorClosed, match=cause):
        reader.receive_eof()


def test_a_refusal_names_status_and_reason_but_no_secret() -> None:
    refusal = ResponseHead(401, "no session s3cret here", {}).refusal("host:1", secret="s3cret")
    assert str(refusal) == "host:1 answered 401 no session *** here"
    assert str(ResponseHead(500, "", {}).refusal("host:1", secret="")) == "host:1 answered 500"
    moved = ResponseHead(302, "Found", {"location": "http://elsewhere/"}).refusal("h", secret="")
    assert str(moved) == "h answered 302 Found: redirections are not followed"


class _Stream:
    """Answers with these pieces, then with the end, or breaks."""

    def __init__(self, *pieces: bytes, error: OSError | None = None) -> None:
        self.sent = b""
        self._pieces = list(pieces)
        self._error = error

    async def send(self, data: bytes) -> None:
        self.sent += data

    async def receive(self) -> bytes:
        if self._pieces:
            return self._pieces.pop(0)
        if self._error:
            raise self._error
        return b""


class TestExchange:
    def test_answer(self) -> None:
        stream = _Stream(b"HTTP/1.1 20", b"0 OK\r\n\r", b"\nRFB")
        head, rest = asyncio.run(exchange(stream, b"request", "host:1"))
        assert (stream.sent, str(head), rest) == (b"request", "200 OK", b"RFB")

    @pytest.mark.parametrize(
        ("stream", "kind", "cause"),
        [
            (_Stream(), HypervisorClosed, "host:1: the connection ended"),
            (_Stream(b"RFB 003.008\n"), HypervisorNotRfb, "host:1: what answered"),
            (_Stream(error=OSError(104, "reset")), HypervisorClosed, "host:1: reset"),
        ],
    )
    def test_faults_say_whose_they_are(
        self, stream: _Stream, kind: type[HypervisorRefused], cause: str
    ) -> None:
        with pytest.raises(kind, match=cause):
            asyncio.run(exchange(stream, b"request", "host:1"))


class TestRequestHead:
    @pytest.mark.parametrize(
        ("host", "port", "tls", "field"),
        [
            ("xen.test", 443, True, "xen.test"),
            ("xen.test", 80, False, "xen.test"),
            ("xen.test", 443, False, "xen.test:443"),
            ("192.0.2.1", 8443, True, "192.0.2.1:8443"),
            ("2001:db8::1", 443, True, "[2001:db8::1]"),
            ("fe80::1%eth0", 8080, True, "[fe80::1]:8080"),
        ],
    )
    def test_host(self, host: str, port: int, tls: bool, field: str) -> None:
        target = WebSocketTarget(host, port, tls, "/a?b=c")
        assert request_head("GET", target, "1.1", {"X": "y z"}) == (
            f"GET /a?b=c HTTP/1.1\r\nHost: {field}\r\nX: y z\r\n\r\n".encode()
        )

    @pytest.mark.parametrize(
        "path",
        ["", "console", "/a b", "/a\r\nX: y", "/a\n", "/\t", "/\0", "/\x7f", "/\xe9", "/\x85"],
    )
    def test_path_that_leaves_its_line(self, path: str) -> None:
        with pytest.raises(HypervisorTunnelRefused) as raised:
            request_head("CONNECT", TunnelTarget("h", 1, True, path, "s"), "1.0", {})
        assert str(raised.value) == "path or host have characters that no request may have"

    @pytest.mark.parametrize("host", ["", "a b", "a\r\nX: y", "h\n", "m\xfcller.test"])
    def test_host_that_leaves_its_line(self, host: str) -> None:
        with pytest.raises(HypervisorTunnelRefused):
            request_head("GET", WebSocketTarget(host, 1, True, "/"), "1.1", {})
