import struct
from collections.abc import Iterable

import dns.edns
import dns.flags
import dns.message
import dns.opcode
import pytest
from dns.rcode import Rcode
from dns.rdatatype import RdataType
from hypothesis import example, given
from hypothesis import strategies as st

from consoleproxy.names.responder import UDP_LIMIT, Transport, answer, truncated
from consoleproxy.names.zone import Zone
from consoleproxy.names.zone_content import Address
from tests.unit.names.sample import DOMAIN, content, query, zone

_ZONE = zone()
_SOA = (
    f"{DOMAIN}. 60 IN SOA ns1.{DOMAIN}. hostmaster.{DOMAIN}. {content().serial} 3600 600 86400 60"
)


def _asked(
    wire: bytes, transport: Transport = Transport.UDP, of: Zone = _ZONE
) -> dns.message.Message:
    said = answer(wire, of, transport)
    assert said is not None
    return dns.message.from_wire(said)


def _texts(section: Iterable[object]) -> list[str]:
    return [line for rrset in section for line in str(rrset).splitlines()]


@pytest.mark.parametrize(
    ("name", "kind", "records"),
    [
        ("192-0-2-1", "A", [f"192-0-2-1.{DOMAIN}. 60 IN A 192.0.2.1"]),
        ("2001-db8--1", "AAAA", [f"2001-db8--1.{DOMAIN}. 60 IN AAAA 2001:db8::1"]),
        ("ns1", "AAAA", [f"ns1.{DOMAIN}. 60 IN AAAA 2001:db8::53"]),
        (f"{DOMAIN}.", "SOA", [_SOA]),
        ("192-0-2-1", "ANY", [f'192-0-2-1.{DOMAIN}. 60 IN HINFO "RFC8482" ""']),
        (f"{DOMAIN}.", "ANY", [f'{DOMAIN}. 60 IN HINFO "RFC8482" ""']),
    ],
)
def test_records(name: str, kind: str, records: list[str]) -> None:
    said = _asked(query(name, kind))
    assert said.rcode() == Rcode.NOERROR
    assert said.flags == dns.flags.QR | dns.flags.AA | dns.flags.RD
    assert _texts(said.answer) == records
    assert not said.authority


def test_nameservers_and_their_addresses() -> None:
    said = _asked(query(f"{DOMAIN}.", "NS"))
    assert _texts(said.answer) == [
        f"{DOMAIN}. 60 IN NS {name}."
        for name in (f"ns1.{DOMAIN}", f"ns.deep.{DOMAIN}", "ns.example.net")
    ]
    assert _texts(said.additional) == [
        f"ns1.{DOMAIN}. 60 IN A 192.0.2.53",
        f"ns1.{DOMAIN}. 60 IN AAAA 2001:db8::53",
        f"ns.deep.{DOMAIN}. 60 IN A 10.9.9.9",
    ]


@pytest.mark.parametrize(
    ("name", "kind", "code"),
    [
        ("192-0-2-1", "AAAA", Rcode.NOERROR),
        ("192-0-2-1", "TXT", Rcode.NOERROR),
        ("192-0-2-1", "CAA", Rcode.NOERROR),
        ("192-0-2-1", "NS", Rcode.NOERROR),
        ("192-0-2-1", "TYPE4711", Rcode.NOERROR),
        (f"{DOMAIN}.", "A", Rcode.NOERROR),
        ("deep", "A", Rcode.NOERROR),
        ("deep", "ANY", Rcode.NOERROR),
        ("192-0-3-1", "A", Rcode.NXDOMAIN),
        ("192-0-3-1", "ANY", Rcode.NXDOMAIN),
        ("www", "SOA", Rcode.NXDOMAIN),
        ("a.b.c", "A", Rcode.NXDOMAIN),
    ],
)
def test_a_no_that_can_be_remembered(name: str, kind: str, code: Rcode) -> None:
    said = _asked(query(name, kind))
    assert (said.rcode(), said.answer, _texts(said.authority)) == (code, [], [_SOA])
    assert said.flags & dns.flags.AA


@pytest.mark.parametrize(
    ("name", "kind", "rdclass"),
    [
        ("example.org.", "A", "IN"),
        (".", "NS", "IN"),
        ("xconsole.example.org.", "A", "IN"),
        ("192-0-2-1", "A", "CH"),
        ("192-0-2-1", "A", "ANY"),
        ("version.bind.", "TXT", "CH"),
        (f"{DOMAIN}.", "AXFR", "IN"),
        (f"{DOMAIN}.", "IXFR", "IN"),
        (f"{DOMAIN}.", "TKEY", "IN"),
        (f"{DOMAIN}.", "TYPE128", "IN"),
    ],
)
@pytest.mark.parametrize("transport", Transport)
def test_refused(name: str, kind: str, rdclass: str, transport: Transport) -> None:
    said = _asked(query(name, kind, rdclass=rdclass), transport)
    assert said.rcode() == Rcode.REFUSED
    assert not (said.flags & dns.flags.AA or said.answer or said.authority or said.additional)


def test_letter_case_comes_back() -> None:
    wire = query("192-0-2-1.CoNsOlE.eXaMpLe.OrG.")
    said = answer(wire, _ZONE, Transport.UDP)
    assert said is not None
    assert said[12 : len(wire)] == wire[12:]
    assert b"\xc0\x0c\0\x01\0\x01" in said
    assert "CoNsOlE.eXaMpLe.OrG" in _asked(wire).answer[0].to_text()


def test_edns_is_answered_where_it_is_asked() -> None:
    assert _asked(query("192-0-2-1")).edns == -1
    plain = _asked(query("192-0-2-1", use_edns=0, payload=4096))
    assert (plain.edns, plain.payload, plain.ednsflags) == (0, UDP_LIMIT, 0)
    assert _asked(query("192-0-2-1", want_dnssec=True)).ednsflags == dns.flags.DO
    refused = _asked(query("example.org.", use_edns=0))
    assert (refused.edns, refused.rcode()) == (0, Rcode.REFUSED)


def test_options_that_are_not_known_are_passed_over() -> None:
    option = dns.edns.GenericOption(dns.edns.OptionType.make(65001), b"x" * 8)
    said = _asked(query("192-0-2-1", use_edns=0, options=[option]))
    assert (said.rcode(), len(said.answer), said.options) == (Rcode.NOERROR, 1, ())


def test_a_newer_edns() -> None:
    said = _asked(query("192-0-2-1", use_edns=1, want_dnssec=True))
    assert (said.rcode(), said.edns, said.answer) == (Rcode.BADVERS, 0, [])
    assert said.ednsflags & dns.flags.DO


def test_faults_are_told() -> None:
    update = dns.message.make_query(DOMAIN, "SOA")
    update.set_opcode(dns.opcode.NOTIFY)
    assert _asked(update.to_wire()).rcode() == Rcode.NOTIMP
    assert _asked(query("192-0-2-1") + b"x").rcode() == Rcode.FORMERR


def test_answers_are_not_answered() -> None:
    said = answer(query("192-0-2-1"), _ZONE, Transport.UDP)
    assert said is not None
    assert answer(said, _ZONE, Transport.UDP) is None
    assert truncated(said) is None
    assert answer(b"garbage", _ZONE, Transport.UDP) is None


def _many_nameservers(count: int) -> str:
    return " ".join(f"{'n' * 60}{number}.{DOMAIN}=192.0.2.1" for number in range(count))


def test_what_does_not_fit_is_cut_and_comes_over_tcp() -> None:
    large = zone(_many_nameservers(20))
    asked = query(f"{DOMAIN}.", "NS")
    cut = _asked(asked, of=large)
    assert cut.flags & dns.flags.TC
    assert not cut.answer
    whole = _asked(asked, Transport.TCP, of=large)
    assert not whole.flags & dns.flags.TC
    assert len(whole.answer[0]) == 21


def test_addresses_of_nameservers_are_left_out_without_a_word() -> None:
    said = _asked(query(f"{DOMAIN}.", "NS"), of=zone(_many_nameservers(5)))
    assert not said.flags & dns.flags.TC
    assert len(said.answer[0]) == 6
    assert 0 < len(said.additional) < 5


@pytest.mark.parametrize(("payload", "fits"), [(512, False), (100, False), (1232, True)])
def test_the_limit_is_the_smaller_one(payload: int, fits: bool) -> None:
    asked = query(f"{DOMAIN}.", "NS", use_edns=0, payload=payload)
    said = _asked(asked, of=zone(_many_nameservers(7)))
    assert bool(said.flags & dns.flags.TC) is not fits


def test_nobody_gets_more_than_we_say() -> None:
    asked = query(f"{DOMAIN}.", "NS", use_edns=0, payload=65535)
    said = answer(asked, zone(_many_nameservers(40)), Transport.UDP)
    assert said is not None
    assert len(said) <= UDP_LIMIT
    assert dns.message.from_wire(said).flags & dns.flags.TC


def test_a_truncated_answer() -> None:
    asked = query("192-0-2-1", use_edns=0)
    said = truncated(asked)
    assert said is not None
    assert len(said) <= len(asked)
    message = dns.message.from_wire(said)
    assert (message.rcode(), message.answer) == (Rcode.NOERROR, [])
    assert message.flags & dns.flags.TC
    assert message.question
    assert truncated(asked[:-1]) is None


_WIRES = st.one_of(
    st.binary(max_size=600),
    st.builds(
        lambda head, tail: struct.pack("!HHHHHH", *head) + tail,
        st.tuples(st.integers(0, 65535), st.just(256), *[st.integers(0, 2)] * 4),
        st.binary(max_size=300),
    ),
    st.builds(
        lambda wire, where, what: wire[: where % len(wire)] + what + wire[where % len(wire) :],
        st.sampled_from([query("192-0-2-1", use_edns=0), query(f"{DOMAIN}.", "NS")]),
        st.integers(0, 1000),
        st.binary(max_size=3),
    ),
)


@given(_WIRES, st.sampled_from(Transport))
@example(query(f"{DOMAIN}.", "NS"), Transport.UDP)
def test_any_bytes_get_a_message_or_nothing(wire: bytes, transport: Transport) -> None:
    for said in (answer(wire, _ZONE, transport), truncated(wire)):
        if said is None:
            continue
        message = dns.message.from_wire(said)
        assert message.flags & dns.flags.QR
        assert said[:2] == wire[:2]
        assert len(said) <= UDP_LIMIT
        for record in (record for rrset in message.answer for record in rrset):
            if record.rdtype in (RdataType.A, RdataType.AAAA):
                name = message.answer[0].name
                assert name in _ZONE.nodes or _ZONE.lookup(name)


@given(st.ip_addresses(), st.sampled_from(["A", "AAAA", "ANY"]), st.booleans())
def test_no_address_outside_the_networks(address: Address, kind: str, upper: bool) -> None:
    name = content().host(address)
    said = _asked(query(f"{name.upper() if upper else name}.", kind))
    inside = content().holds(address)
    assert said.rcode() == (Rcode.NOERROR if inside else Rcode.NXDOMAIN)
    assert inside or not said.answer
