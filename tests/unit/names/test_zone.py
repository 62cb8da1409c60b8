from ipaddress import IPv4Address, IPv6Address

import pytest
from dns.name import Name, from_text
from dns.rdatatype import RdataType
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.names.zone import Zone
from consoleproxy.names.zone_content import Address, record_type
from tests.unit.names.sample import DOMAIN, content, zone

_ORIGIN = from_text(DOMAIN)


def _found(relative: str) -> dict[str, list[str]] | None:
    node = zone().lookup(from_text(relative, _ORIGIN))
    if node is None:
        return None
    return {kind.name: [record.to_text() for record in records] for kind, records in node.items()}


@pytest.mark.parametrize(
    ("name", "records"),
    [
        ("192-0-2-1", {"A": ["192.0.2.1"]}),
        ("10-255-255-255", {"A": ["10.255.255.255"]}),
        ("2001-db8--1", {"AAAA": ["2001:db8::1"]}),
        ("2001-DB8--aB", {"AAAA": ["2001:db8::ab"]}),
        ("ns1", {"A": ["192.0.2.53"], "AAAA": ["2001:db8::53"]}),
        ("NS.Deep", {"A": ["10.9.9.9"]}),
        ("deep", {}),
        ("192-0-3-1", None),
        ("2001-db9--1", None),
        ("256-0-2-1", None),
        ("192-000-002-001", None),
        ("192-0-2", None),
        ("192-0-2-1-", None),
        ("2001-0db8--1", None),
        ("www", None),
        ("*", None),
        ("x.192-0-2-1", None),
        ("x.ns1", None),
        (r"192\.0\.2\.1", None),
        (r"192-0-2-1\.console", None),
        (r"\2551-0-2-1", None),
        ("192.0-2-1", None),
    ],
)
def test_lookup(name: str, records: dict[str, list[str]] | None) -> None:
    assert _found(name) == records


def test_the_apex() -> None:
    apex = _found("@")
    assert apex is not None
    assert apex["NS"] == [f"ns1.{DOMAIN}.", f"ns.deep.{DOMAIN}.", "ns.example.net."]
    soa = f"ns1.{DOMAIN}. hostmaster.{DOMAIN}. {content().serial} 3600 600 86400 60"
    assert apex["SOA"] == [soa]
    assert len(apex) == 2


def test_a_nameserver_at_the_apex() -> None:
    node = zone(f"{DOMAIN}=192.0.2.1").lookup(_ORIGIN)
    assert node is not None
    assert set(node) == {RdataType.A, RdataType.SOA, RdataType.NS}


def test_a_name_that_a_nameserver_lies_below_is_no_console_outside_the_networks() -> None:
    made = zone(f"ns.172-16-0-1.{DOMAIN}=192.0.2.1, ns.10-0-0-1.{DOMAIN}=192.0.2.1")
    assert made.lookup(from_text("172-16-0-1", _ORIGIN)) == {}
    inside = made.lookup(from_text("10-0-0-1", _ORIGIN))
    assert inside is not None and set(inside) == {RdataType.A}


def test_all_records_have_the_ttl() -> None:
    made = zone()
    found = [*made.nodes.values(), made.lookup(from_text("10-0-0-1", _ORIGIN)) or {}]
    records = [records for node in found for records in node.values()]
    assert len(records) == 6
    assert {each.ttl for each in [*records, made.soa, made.minimal_any]} == {60}


_ZONE = Zone.of(content())


@given(st.one_of(st.integers(0, 2**32 - 1).map(IPv4Address), st.ip_addresses()))
def test_an_address_has_its_name_only_inside_the_networks(
    address: Address,
) -> None:
    found = _ZONE.lookup(from_text(content().host(address)))
    if not content().holds(address):
        assert found is None
    else:
        assert found is not None
        (records,) = found.values()
        assert (records.rdtype.name, records[0].to_text()) == (record_type(address), str(address))


@given(st.lists(st.binary(min_size=1, max_size=63), max_size=3))
def test_any_name_has_an_answer_or_none(labels: list[bytes]) -> None:
    name = Name([*labels, *_ORIGIN.labels])
    for records in (_ZONE.lookup(name) or {}).values():
        for record in records:
            if record.rdtype in (RdataType.A, RdataType.AAAA) and name not in _ZONE.nodes:
                assert name == from_text(content().host(_address(record.to_text())))


def _address(text: str) -> Address:
    return IPv6Address(text) if ":" in text else IPv4Address(text)
