import struct
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address
from itertools import repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.front.proxy_protocol import ProxyHeader, ProxyHeaderInvalid

_SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
_LOCAL, _PROXY = 0x20, 0x21
_TCP4, _UDP4, _TCP6, _UDP6, _UNIX, _UNIX_DATAGRAM = 0x11, 0x12, 0x21, 0x22, 0x31, 0x32
_SSL_TLV = b"\x20\x00\x0d\x01\x00\x00\x00\x00\x21\x00\x05TLSv1"
_AS_MUCH_AS_IT_TAKES = repeat(1 << 16)

_PORTS = st.integers(0, 65535)
_ADDRESSES = st.ip_addresses(v=4) | st.ip_addresses(v=6)
Address = IPv4Address | IPv6Address


def _line(source: Address, port: int) -> bytes:
    family = f"TCP{source.version}"
    other = "192.0.2.1" if source.version == 4 else "2001:db8::1"
    return f"PROXY {family} {source} {other} {port} 443\r\n".encode()


def _binary(command: int, family: int, body: bytes) -> bytes:
    return _SIGNATURE + struct.pack(">BBH", command, family, len(body)) + body


def _block(source: Address, port: int, tlvs: bytes = b"") -> bytes:
    family = _TCP4 if source.version == 4 else _TCP6
    packed = source.packed + bytes(len(source.packed)) + struct.pack(">HH", port, 443)
    return _binary(_PROXY, family, packed + tlvs)


def _read(stream: bytes, cuts: Iterable[int] = _AS_MUCH_AS_IT_TAKES) -> tuple[ProxyHeader, bytes]:
    """Read a header as a driver does, in pieces of these sizes; return it, and what is left."""
    header = ProxyHeader()
    for size in cuts:
        if header.done or not stream:
            break
        piece = stream[: min(size, header.needs)]
        header.receive_data(piece)
        stream = stream[len(piece) :]
    return header, stream


def _plain(address: Address) -> str:
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)


_CUTS = st.lists(st.integers(1, 20)).map(lambda sizes: [*sizes, *([1 << 16] * 200)])


@given(_ADDRESSES, _PORTS, _CUTS, st.binary(max_size=40))
def test_lines_go_round(source: Address, port: int, cuts: list[int], behind: bytes) -> None:
    header, left = _read(_line(source, port) + behind, cuts)
    assert header.done
    assert header.needs == 0
    assert header.source == (_plain(source), port)
    assert left == behind


@given(_ADDRESSES, _PORTS, _CUTS, st.binary(max_size=40), st.binary(max_size=4096))
def test_blocks_go_round(
    source: Address, port: int, cuts: list[int], behind: bytes, tlvs: bytes
) -> None:
    header, left = _read(_block(source, port, tlvs) + behind, cuts)
    assert header.done
    assert header.source == (_plain(source), port)
    assert left == behind


@given(
    st.binary(max_size=300)
    | st.builds(bytes.__add__, st.just(_SIGNATURE), st.binary(max_size=300))
    | st.builds(bytes.__add__, st.just(b"PROXY "), st.binary(max_size=120))
    | st.builds(
        bytes.__add__,
        st.just(b"PROXY "),
        st.text("TCP46UNKOW 0123456789.:abcf\r\n", max_size=120).map(str.encode),
    ),
    _CUTS,
)
def test_any_bytes_in_any_pieces(stream: bytes, cuts: list[int]) -> None:
    def outcome(sizes: Iterable[int]) -> object:
        try:
            header, left = _read(stream, sizes)
        except ProxyHeaderInvalid:
            return "invalid"
        if header.source is not None:
            address, port = header.source
            assert str(ip_address(address)) == address
            assert 0 <= port <= 65535
        return header.done, header.source, left

    assert outcome(cuts) == outcome(_AS_MUCH_AS_IT_TAKES)


def test_a_driver_knows_how_much_to_read() -> None:
    header = ProxyHeader()
    assert header.needs == 12
    header.receive_data(_SIGNATURE)
    assert header.needs == 4
    header.receive_data(b"\x21\x11\x00\x0c")
    assert header.needs == 12
    assert not header.done
    with pytest.raises(ValueError, match="13 bytes were read where 12 belong to the header"):
        header.receive_data(bytes(13))


@pytest.mark.parametrize(
    "stream",
    [
        b"PROXY UNKNOWN\r\n",
        b"PROXY UNKNOWN \r \n whatever \xff\r\n",
        b"PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
        b"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
        _binary(_LOCAL, 0, b""),
        _binary(_LOCAL, 0, _SSL_TLV),
        _binary(_LOCAL, 0xFF, bytes(12)),
        _binary(_PROXY, 0, b""),
        _binary(_PROXY, 0, _SSL_TLV),
        _binary(_PROXY, _UDP4, bytes(12)),
        _binary(_PROXY, _UDP6, bytes(36)),
        _binary(_PROXY, _UNIX, bytes(216)),
        _binary(_PROXY, _UNIX_DATAGRAM, bytes(216) + _SSL_TLV),
    ],
)
def test_the_connection_s_own_address_counts(stream: bytes) -> None:
    header, left = _read(stream + b"GET /")
    assert header.done
    assert header.source is None
    assert left == b"GET /"


def test_ipv4_within_ipv6_is_ipv4() -> None:
    mapped = IPv6Address("::ffff:203.0.113.7")
    for stream in (
        _line(mapped, 1),
        _block(mapped, 1),
        b"PROXY TCP6 ::ffff:203.0.113.7 :: 1 2\r\n",
    ):
        header, _ = _read(stream)
        assert header.source is not None
        assert header.source[0] == "203.0.113.7"


@pytest.mark.parametrize(
    "stream",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01",
        b"\r\n\r\n\x00\r\nQUIT\r",
        b"PROXY\r\n",
        b"PROXY  TCP4 192.0.2.7 192.0.2.1 1 443\r\n",
        b"PROXY TCP4\r\n",
        b"PROXY TCP5 192.0.2.7 192.0.2.1 1 443\r\n",
        b"PROXY tcp4 192.0.2.7 192.0.2.1 1 443\r\n",
        b"PROXY UNKNOWNS\r\n",
        b"PROXY TCP4 192.0.2.7 192.0.2.1 1\r\n",
        b"PROXY TCP4 192.0.2.7 192.0.2.1 1 443 \r\n",
        b"PROXY TCP4  192.0.2.7 192.0.2.1 1 443\r\n",
        b"PROXY TCP4 192.0.2.7\t192.0.2.1 1 443\r\n",
        b"PROXY TCP4 192.0.2.07 192.0.2.1 1 443\r\n",
        b"PROXY TCP4 192.0.2 192.0.2.1 1 443\r\n",
        b"PROXY TCP4 2001:db8::7 2001:db8::1 1 443\r\n",
        b"PROXY TCP4 192.0.2.7 nobody 1 443\r\n",
        b"PROXY TCP6 192.0.2.7 192.0.2.1 1 443\r\n",
        b"PROXY TCP6 fe80::7%eth0 2001:db8::1 1 443\r\n",
        b"PROXY TCP6 2001:db8::7 fe80::7%1 1 443\r\n",
        b"PROXY TCP6 [2001:db8::7] 2001:db8::1 1 443\r\n",
        b"PROXY TCP4 192.0.2.7 192.0.2.1 65536 443\r\n",
        b"PROXY TCP4 192.0.2.7 192.0.2.1 01 443\r\n",
        b"PROXY TCP4 192.0.2.7 192.0.2.1 +1 443\r\n",
        b"PROXY TCP4 192.0.2.7 192.0.2.1 1 -1\r\n",
        b"PROXY TCP4 192.0.2.7 192.0.2.1 \xd9\xa1 443\r\n",
        b"PROXY TCP4 192.0.2.7 192.0.2.1 1 443\nGET / HTTP/1.1\r\n",
        b"PROXY UNKNOWN " + bytes(100),
        _binary(0x10, _TCP4, bytes(12)),
        _binary(0x31, _TCP4, bytes(12)),
        _binary(0x22, _TCP4, bytes(12)),
        _binary(_PROXY, 0x13, bytes(12)),
        _binary(_PROXY, 0x01, bytes(12)),
        _binary(_PROXY, 0x41, bytes(12)),
        _binary(_PROXY, _TCP4, bytes(11)),
        _binary(_PROXY, _TCP6, bytes(12)),
        _binary(_PROXY, _UNIX, bytes(36)),
        _binary(_PROXY, _TCP4, bytes(12 + 4097)),
        _binary(_LOCAL, 0, bytes(4097)),
    ],
)
def test_anything_else_is_refused(stream: bytes) -> None:
    with pytest.raises(ProxyHeaderInvalid):
        _read(stream)


def test_refused_as_soon_as_it_is_certain() -> None:
    for begin in (b"G", b"\x16", b"PROXIES", b"\r\n\r\n\r"):
        with pytest.raises(ProxyHeaderInvalid, match="the load balancer must send"):
            ProxyHeader().receive_data(begin)
    too_long = _SIGNATURE + struct.pack(">BBH", _PROXY, _TCP4, 65535)
    with pytest.raises(ProxyHeaderInvalid, match="65535 bytes"):
        _read(too_long)


@pytest.mark.parametrize("stream", [b"", b"PROXY TCP4 192.0.2.7", _SIGNATURE, _SIGNATURE + b"\x21"])
def test_half_a_header_is_none(stream: bytes) -> None:
    header, _ = _read(stream)
    assert not header.done
    assert header.source is None
    assert header.needs > 0
