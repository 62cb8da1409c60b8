"""The responder without its sockets: a query's bytes and the zone in, the answer's bytes out."""

import enum
from dataclasses import dataclass

from dns import exception, rcode
from dns.name import Name
from dns.rcode import Rcode
from dns.rdataclass import RdataClass
from dns.rdataset import Rdataset
from dns.rdatatype import RdataType
from dns.renderer import ADDITIONAL, ANSWER, AUTHORITY, Renderer

from consoleproxy.names.query import (
    AUTHORITATIVE,
    DNSSEC_OK,
    RECURSION_DESIRED,
    RESPONSE,
    TRUNCATED,
    Fault,
    Query,
    read_query,
)
from consoleproxy.names.zone import Node, Zone

UDP_LIMIT = 1232
"""Bytes of the largest answer over UDP: no fragments on any path (DNS Flag Day 2020)."""

_PLAIN_UDP_LIMIT = 512
_TCP_LIMIT = 65535
_OPT_SIZE = 11
# RFC 6895 section 3.1: types that no record has. ANY has an answer of its own.
_META_TYPES = range(128, 255)

_Records = tuple[Name, Rdataset]


class Transport(enum.Enum):
    """What a query came over."""

    UDP = enum.auto()
    TCP = enum.auto()


@dataclass(frozen=True, slots=True)
class _Reply:
    """What is said. ``helpful`` records may be left out, the others not."""

    rcode: Rcode
    authoritative: bool = False
    answer: tuple[_Records, ...] = ()
    authority: tuple[_Records, ...] = ()
    helpful: tuple[_Records, ...] = ()
    truncated: bool = False


def answer(query: bytes, zone: Zone, transport: Transport) -> bytes | None:
    """Return the answer; ``None`` where none must be given."""
    asked = read_query(query)
    if isinstance(asked, Fault):
        return asked.to_wire()
    if asked is None:
        return None
    return _render(asked, _reply(asked, zone), transport)


def truncated(query: bytes) -> bytes | None:
    """Return an answer over UDP that only asks to come again over TCP; it is never longer."""
    asked = read_query(query)
    if not isinstance(asked, Query):
        return None
    return _render(asked, _Reply(Rcode.NOERROR, truncated=True), Transport.UDP)


def _reply(asked: Query, zone: Zone) -> _Reply:
    if asked.edns is not None and asked.edns.version:
        return _Reply(Rcode.BADVERS)
    if (
        asked.rdclass != RdataClass.IN
        or asked.rdtype in _META_TYPES
        or not asked.name.is_subdomain(zone.origin)
    ):
        return _Reply(Rcode.REFUSED)
    no_data = ((zone.origin, zone.soa),)
    node = zone.lookup(asked.name)
    if node is None:
        return _Reply(Rcode.NXDOMAIN, True, authority=no_data)
    found = _found(asked, node, zone)
    if found is None:
        return _Reply(Rcode.NOERROR, True, authority=no_data)
    helpful = _glue(zone) if asked.rdtype == RdataType.NS else ()
    return _Reply(Rcode.NOERROR, True, answer=((asked.name, found),), helpful=helpful)


def _found(asked: Query, node: Node, zone: Zone) -> Rdataset | None:
    if asked.rdtype == RdataType.ANY:
        return zone.minimal_any if node else None
    return node.get(RdataType.make(asked.rdtype))


def _glue(zone: Zone) -> tuple[_Records, ...]:
    return tuple(
        (name, records)
        for name, node in zone.nodes.items()
        for kind, records in node.items()
        if kind in (RdataType.A, RdataType.AAAA)
    )


def _render(asked: Query, reply: _Reply, transport: Transport) -> bytes:
    code, extended = rcode.to_flags(reply.rcode)
    flags = RESPONSE | code
    flags |= RECURSION_DESIRED if asked.recursion_desired else 0
    flags |= AUTHORITATIVE if reply.authoritative else 0
    flags |= TRUNCATED if reply.truncated else 0
    renderer = Renderer(asked.id, flags, _limit(asked, transport))
    renderer.add_question(asked.name, RdataType.make(asked.rdtype), asked.rdclass)
    if asked.edns is not None:
        renderer.reserve(_OPT_SIZE)
    try:
        _add(renderer, ANSWER, reply.answer)
        _add(renderer, AUTHORITY, reply.authority)
    except exception.TooBig:
        renderer.flags |= TRUNCATED
    else:
        try:
            _add(renderer, ADDITIONAL, reply.helpful)
        except exception.TooBig:
            pass  # Who needs the rest asks for it.
    renderer.release_reserved()
    if asked.edns is not None:
        do = DNSSEC_OK if asked.edns.dnssec_ok else 0
        renderer.add_edns(0, extended | do, UDP_LIMIT)
    renderer.write_header()
    wire: bytes = renderer.get_wire()
    return wire


def _add(renderer: Renderer, section: int, records: tuple[_Records, ...]) -> None:
    for name, rdataset in records:
        renderer.add_rdataset(section, name, rdataset, want_shuffle=False)


def _limit(asked: Query, transport: Transport) -> int:
    if transport is Transport.TCP:
        return _TCP_LIMIT
    if asked.edns is None:
        return _PLAIN_UDP_LIMIT
    return min(max(asked.edns.payload, _PLAIN_UDP_LIMIT), UDP_LIMIT)
