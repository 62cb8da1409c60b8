import struct

import dns.exception
import dns.message
import dns.name
import pytest
from dns.rcode import Rcode
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.names.query import Edns, Fault, Query, read_query

_NAME = b"\x01a\x04Test\x00"
_HEADER = struct.pack("!HHHHHH", 7, 0x0100, 1, 0, 0, 0)
_PLAIN = _HEADER + _NAME + b"\0\x01\0\x01"
_OPT = b"\0" + struct.pack("!HHIH", 41, 1400, 0x8000, 0)


def _with(counts: tuple[int, int, int, int], tail: bytes, flags: int = 0) -> bytes:
    return struct.pack("!HHHHHH", 7, flags, *counts) + _NAME + b"\0\x01\0\x01" + tail


def _with_opt(data: bytes, owner: bytes = b"\0") -> bytes:
    return _with((1, 0, 0, 1), owner + struct.pack("!HHIH", 41, 1400, 0, len(data)) + data)


def test_a_plain_query() -> None:
    asked = read_query(_PLAIN)
    assert asked == Query(7, True, dns.name.from_text("a.test"), 1, 1, None)
    assert isinstance(asked, Query)
    assert asked.name.labels == (b"a", b"Test", b"")


def test_edns() -> None:
    asked = read_query(_with((1, 0, 0, 1), _OPT))
    assert isinstance(asked, Query)
    assert (asked.edns, asked.recursion_desired) == (Edns(1400, 0, True), False)
    option = read_query(_with_opt(b"\0\x0a\0\x08" + bytes(8)))
    assert isinstance(option, Query)
    assert option.edns == Edns(1400, 0, False)


def test_a_newer_edns_is_read() -> None:
    newer = b"\0" + struct.pack("!HHIH", 41, 512, 0x00010000, 0)
    asked = read_query(_with((1, 0, 0, 1), newer))
    assert isinstance(asked, Query)
    assert asked.edns == Edns(512, 1, False)


def test_other_records_are_passed_over() -> None:
    other = b"\xc0\x0c" + struct.pack("!HHIH", 250, 255, 0, 3) + b"abc"
    asked = read_query(_with((1, 0, 0, 2), _OPT + other))
    assert isinstance(asked, Query)
    assert asked.edns is not None


@pytest.mark.parametrize("wire", [b"", _PLAIN[:11], _with((1, 0, 0, 0), b"", flags=0x8000)])
def test_silence(wire: bytes) -> None:
    assert read_query(wire) is None


@pytest.mark.parametrize(
    "wire",
    [
        _HEADER,
        _PLAIN[:-1],
        _PLAIN + b"\0",
        _with((0, 0, 0, 0), b""),
        _with((2, 0, 0, 0), _NAME + b"\0\x01\0\x01"),
        _with((1, 0, 0, 1), b""),
        _with((1, 0, 0, 2), _OPT * 2),
        _with((1, 1, 0, 0), _OPT),
        _with((1, 0, 0, 9), _OPT + (b"\0" + struct.pack("!HHIH", 1, 1, 0, 0)) * 8),
        _with((1, 0, 0, 1), _OPT[:-1] + b"\x01"),
        _with_opt(b"\0\x0a\0\x08" + bytes(7)),
        _with_opt(b"\0\x0a\0"),
        _with_opt(b"", owner=b"\x01a\0"),
        _with_opt(b"", owner=b"\xc0\x13"),
        _HEADER + b"\xc0\x0c\0\x01\0\x01",
        _HEADER + b"\x40a\0\0\x01\0\x01",
        _HEADER + (b"\x3f" + b"a" * 63) * 4 + b"\0\0\x01\0\x01",
        _HEADER + _NAME + b"\0\0\0\x01",
        _HEADER + _NAME + b"\0\x29\0\x01",
    ],
)
def test_what_cannot_be_read(wire: bytes) -> None:
    fault = read_query(wire)
    assert isinstance(fault, Fault)
    assert (fault.id, fault.rcode) == (7, Rcode.FORMERR)
    answer = dns.message.from_wire(fault.to_wire())
    assert (answer.id, answer.rcode()) == (7, Rcode.FORMERR)
    assert not answer.question


@pytest.mark.parametrize("code", [1, 2, 3, 4, 5, 6, 15])
def test_other_opcodes(code: int) -> None:
    fault = read_query(struct.pack("!HHHHHH", 7, code << 11, 9, 9, 9, 9))
    assert fault == Fault(7, 0x8000 | code << 11, Rcode.NOTIMP)


_LABELS = st.lists(st.binary(min_size=1, max_size=63), max_size=5)


@given(_LABELS, st.integers(1, 40), st.integers(1, 255), st.none() | st.integers(512, 65535))
def test_names_are_read_as_dnspython_writes_them(
    labels: list[bytes], rdtype: int, rdclass: int, payload: int | None
) -> None:
    try:
        name = dns.name.Name([*labels, b""])
    except dns.name.NameTooLong:
        return
    message = dns.message.make_query(
        name, RdataType.make(rdtype), RdataClass.make(rdclass), payload=payload
    )
    asked = read_query(message.to_wire())
    assert isinstance(asked, Query)
    assert asked.name.labels == name.labels
    assert (asked.rdtype, asked.rdclass, asked.id) == (rdtype, rdclass, message.id)
    assert (asked.edns.payload if asked.edns else None) == payload


@given(st.one_of(st.binary(max_size=80), st.binary(max_size=60).map(lambda tail: _HEADER + tail)))
def test_what_is_read_is_read_so_by_dnspython(wire: bytes) -> None:
    asked = read_query(wire)
    if not isinstance(asked, Query):
        return
    message = dns.message.from_wire(wire, question_only=True)
    (question,) = message.question
    assert (question.name, question.rdtype, question.rdclass) == (
        asked.name,
        asked.rdtype,
        asked.rdclass,
    )
