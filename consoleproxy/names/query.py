"""DNS queries: what is asked, or why no answer can be given (RFC 1035 section 4, RFC 6891)."""

import struct
from dataclasses import dataclass

from dns import exception, opcode
from dns.name import Name
from dns.rcode import Rcode
from dns.rdatatype import RdataType
from dns.wire import Parser

_HEADER = struct.Struct("!HHHHHH")
_COUNT = struct.Struct("!H")
_QUESTION = struct.Struct("!HH")
_RECORD = struct.Struct("!HHIH")
_OPTION = struct.Struct("!HH")

RESPONSE = 0x8000
AUTHORITATIVE = 0x0400
TRUNCATED = 0x0200
RECURSION_DESIRED = 0x0100
DNSSEC_OK = 0x8000
_OPCODE = 0x7800

_POINTER = 0xC0
# A query has an OPT and perhaps a signature; who sends more wants to see us work.
_RECORD_LIMIT = 8
_NAME_LIMIT = 255
_ROOT = ([b""], False)


@dataclass(frozen=True, slots=True)
class Edns:
    """The OPT record of a query: the largest answer over UDP, in bytes, and the DO bit."""

    payload: int
    version: int
    dnssec_ok: bool


@dataclass(frozen=True, slots=True)
class Query:
    """A query that can be answered. ``name`` has the letter case that it came with."""

    id: int
    recursion_desired: bool
    name: Name
    rdtype: int
    rdclass: int
    edns: Edns | None


@dataclass(frozen=True, slots=True)
class Fault:
    """A query of which only the header could be used.

    Args:
        flags: those of the answer, without its response code.
    """

    id: int
    flags: int
    rcode: Rcode

    def to_wire(self) -> bytes:
        """Return the answer: a header."""
        return _HEADER.pack(self.id, self.flags | self.rcode, 0, 0, 0, 0)


def read_query(wire: bytes) -> Query | Fault | None:
    """Read a query; ``None`` for what must not be answered: responses, and less than a header."""
    if len(wire) < _HEADER.size:
        return None
    ident, flags, questions, *others = _HEADER.unpack_from(wire)
    if flags & RESPONSE:
        return None
    answer_flags = RESPONSE | flags & (_OPCODE | RECURSION_DESIRED)
    if flags & _OPCODE != opcode.QUERY << 11:
        return Fault(ident, answer_flags, Rcode.NOTIMP)
    try:
        # RFC 9619: a query has one question.
        if questions != 1 or sum(others) > _RECORD_LIMIT:
            raise exception.FormError
        parser = Parser(wire, _HEADER.size)
        name, rdtype, rdclass = _read_question(parser)
        edns = _read_records(parser, others)
    except exception.DNSException:
        return Fault(ident, answer_flags, Rcode.FORMERR)
    return Query(ident, bool(flags & RECURSION_DESIRED), name, rdtype, rdclass, edns)


def _read_question(parser: Parser) -> tuple[Name, int, int]:
    labels, pointer = _read_name(parser)
    rdtype, rdclass = parser.get_struct(_QUESTION.format)
    # Nothing stands before a question's name that it could point to.
    if pointer or rdtype in (RdataType.NONE, RdataType.OPT):
        raise exception.FormError
    return Name(labels), rdtype, rdclass


def _read_name(parser: Parser) -> tuple[list[bytes], bool]:
    """Return a name's labels, and whether a pointer stands in the place of the last ones.

    No pointer is followed: a chain of them could keep us busy, and nobody needs such a name.
    """
    labels: list[bytes] = []
    size = 0
    while not labels or labels[-1]:
        length = parser.get_uint8()
        if length & _POINTER == _POINTER:
            parser.get_uint8()
            return labels, True
        size += 1 + length
        if length & _POINTER or size > _NAME_LIMIT:
            raise exception.FormError
        labels.append(parser.get_bytes(length))
    return labels, False


def _read_records(parser: Parser, counts: list[int]) -> Edns | None:
    """Walk over all records and return what the OPT among the additional ones says.

    Raises:
        DNSException: they do not fill the message, or an OPT is not as it should be.
    """
    found: Edns | None = None
    answers, authorities, additional = counts
    for number in range(answers + authorities + additional):
        owner = _read_name(parser)
        rdtype, rdclass, ttl, length = parser.get_struct(_RECORD.format)
        data = parser.get_bytes(length)
        if rdtype != RdataType.OPT:
            continue
        if found is not None or number < answers + authorities or owner != _ROOT:
            raise exception.FormError
        _check_options(data)
        found = Edns(rdclass, ttl >> 16 & 0xFF, bool(ttl & DNSSEC_OK))
    if parser.remaining():
        raise exception.FormError
    return found


def _check_options(data: bytes) -> None:
    parser = Parser(data)
    while parser.remaining():
        _, length = parser.get_struct(_OPTION.format)
        parser.get_bytes(length)
