"""The PROXY protocol's header, versions 1 and 2: whose connection a balancer passes on.

After https://www.haproxy.org/download/2.6/doc/proxy-protocol.txt. Only a balancer's connection may
be read by this: whoever is believed says who the client is.
"""

import re
import struct
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from consoleproxy.errors import ConsoleProxyError

_SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
_LINE = b"PROXY "
_LINE_END = b"\r\n"
_LONGEST_LINE = 107
# Shorter than the shortest line, "PROXY UNKNOWN\r\n".
_FIRST = len(_SIGNATURE)
_FIXED = struct.Struct(">BBH")
_TLV_LIMIT = 4096
_LOCAL, _PROXY = 0x20, 0x21
_TCP4, _TCP6 = 0x11, 0x21
_ADDRESSES = {
    0x00: 0,  # unspecified
    _TCP4: 12,
    0x12: 12,  # UDP
    _TCP6: 36,
    0x22: 36,  # UDP
    0x31: 216,  # Unix stream
    0x32: 216,  # Unix datagram
}
_PORT = re.compile(rb"0|[1-9][0-9]{0,4}")
_LAST_PORT = 65535
_WHAT_TO_DO = (
    "the load balancer must send the PROXY protocol, or consoleproxy.loadbalancer.client.address "
    "must be another"
)


class ProxyHeaderInvalid(ConsoleProxyError):
    """What came from a balancer is no PROXY protocol header; the connection is of no use."""


@dataclass(frozen=True, slots=True)
class _Fixed:
    """What stands behind version 2's signature."""

    command: int
    family: int
    length: int


class ProxyHeader:
    """Reads one header, and not one byte of what follows it.

    The driver reads at most ``needs`` bytes at a time and hands them over, until ``done``.
    """

    def __init__(self) -> None:
        self._received = bytearray()
        self._fixed: _Fixed | None = None
        self._done = False
        self._source: tuple[str, int] | None = None

    @property
    def done(self) -> bool:
        """Whether the header is complete."""
        return self._done

    @property
    def source(self) -> tuple[str, int] | None:
        """The client's address and port; ``None`` where the connection's own address counts.

        That is so for a balancer's own connections (its health checks), and where it does not know.
        """
        return self._source

    @property
    def needs(self) -> int:
        """How many bytes may be read next; 0 when done."""
        if self._done:
            return 0
        have = len(self._received)
        if have < _FIRST:
            return _FIRST - have
        if self._fixed is not None:
            return _FIRST + _FIXED.size + self._fixed.length - have
        if self._received.startswith(_SIGNATURE):
            return _FIRST + _FIXED.size - have
        # Before the first byte of its end is there, a line has both to come.
        missing = 1 if self._received.endswith(b"\r") else len(_LINE_END)
        return min(missing, _LONGEST_LINE - have)

    def receive_data(self, data: bytes) -> None:
        """Take what was read.

        Raises:
            ProxyHeaderInvalid: it is no header.
            ValueError: more than ``needs``.
        """
        if len(data) > self.needs:
            raise ValueError(f"{len(data)} bytes were read where {self.needs} belong to the header")
        self._received += data
        if self._received.startswith(_SIGNATURE):
            self._read_binary()
        elif self._received.startswith(_LINE):
            self._read_line()
        elif not (_SIGNATURE.startswith(self._received) or _LINE.startswith(self._received)):
            raise ProxyHeaderInvalid(f"no PROXY protocol header came: {_WHAT_TO_DO}")

    def _read_line(self) -> None:
        if self._received.endswith(_LINE_END):
            self._source = _line_source(bytes(self._received[: -len(_LINE_END)]))
            self._done = True
        elif len(self._received) >= _LONGEST_LINE:
            raise ProxyHeaderInvalid(
                f"the PROXY protocol's line does not end within {_LONGEST_LINE} bytes"
            )

    def _read_binary(self) -> None:
        begin = _FIRST + _FIXED.size
        if len(self._received) < begin:
            return
        if self._fixed is None:
            self._fixed = _checked(*_FIXED.unpack_from(self._received, _FIRST))
        if len(self._received) == begin + self._fixed.length:
            self._source = _binary_source(self._fixed, bytes(self._received[begin:]))
            self._done = True


def _line_source(line: bytes) -> tuple[str, int] | None:
    """Read version 1: ``PROXY TCP4 source destination source-port destination-port``."""
    protocol, *fields = line.removeprefix(_LINE).split(b" ")
    if protocol == b"UNKNOWN":
        return None
    if protocol not in (b"TCP4", b"TCP6") or len(fields) != 4:
        raise ProxyHeaderInvalid("the PROXY protocol's line is not TCP4, TCP6 or UNKNOWN")
    kind = IPv4Address if protocol == b"TCP4" else IPv6Address
    try:
        source, _ = (_address(field, kind) for field in fields[:2])
        port, _ = (_port(field) for field in fields[2:])
    except ValueError as fault:
        raise ProxyHeaderInvalid(
            "the PROXY protocol's line has a malformed address or port"
        ) from fault
    return source, port


def _address(field: bytes, kind: type[IPv4Address] | type[IPv6Address]) -> str:
    if b"%" in field:
        raise ValueError("an address with a zone is only good on one machine")
    return _text(kind(field.decode("ascii")))


def _port(field: bytes) -> int:
    if not _PORT.fullmatch(field) or int(field) > _LAST_PORT:
        raise ValueError("not a port")
    return int(field)


def _checked(command: int, family: int, length: int) -> _Fixed:
    if command not in (_LOCAL, _PROXY):
        raise ProxyHeaderInvalid(
            f"the PROXY protocol's version and command 0x{command:02x} are not known"
        )
    size = 0
    if command == _PROXY:
        if family not in _ADDRESSES:
            raise ProxyHeaderInvalid(f"the PROXY protocol's family 0x{family:02x} is not known")
        size = _ADDRESSES[family]
    if not size <= length <= size + _TLV_LIMIT:
        raise ProxyHeaderInvalid(
            f"the PROXY protocol's header has {length} bytes of addresses and further fields, in "
            f"place of {size} to {size + _TLV_LIMIT}"
        )
    return _Fixed(command, family, length)


def _binary_source(fixed: _Fixed, body: bytes) -> tuple[str, int] | None:
    """Read version 2: source, destination, source port, destination port, and what else is sent."""
    if fixed.command == _PROXY and fixed.family == _TCP4:
        source, port = struct.unpack_from(">4s4xH", body)
        return _text(IPv4Address(source)), port
    if fixed.command == _PROXY and fixed.family == _TCP6:
        source, port = struct.unpack_from(">16s16xH", body)
        return _text(IPv6Address(source)), port
    return None


def _text(address: IPv4Address | IPv6Address) -> str:
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or address)
    return str(address)
