from ipaddress import ip_address, ip_network

import pytest

from consoleproxy.errors import SettingsInvalid
from consoleproxy.names.zone_content import Nameserver, read_zone_content, record_type

_GOOD = ("*.Console.Example.org", "192.0.2.0/24", "ns1.console.example.org=192.0.2.53", 60)


def test_settings_are_read() -> None:
    content = read_zone_content(
        " *.Console.Example.org ",
        "192.0.2.0/25,192.0.2.128/25\n2001:db8::/48 198.51.100.7",
        "NS1.console.example.org=192.0.2.53, ns.example.net ns1.console.example.org=2001:db8::53",
        300,
    )
    assert content.domain == "console.example.org"
    assert content.networks == (
        ip_network("192.0.2.0/24"),
        ip_network("198.51.100.7"),
        ip_network("2001:db8::/48"),
    )
    assert content.nameservers == (
        Nameserver(
            "ns1.console.example.org", (ip_address("192.0.2.53"), ip_address("2001:db8::53"))
        ),
        Nameserver("ns.example.net"),
    )
    assert (content.ttl, content.contact) == (300, "hostmaster.console.example.org")


def test_what_it_holds() -> None:
    content = read_zone_content(*_GOOD)
    assert content.holds(ip_address("192.0.2.255"))
    assert not content.holds(ip_address("192.0.3.0"))
    assert not content.holds(ip_address("::c000:201"))
    assert content.host(ip_address("192.0.2.10")) == "192-0-2-10.console.example.org"
    assert content.is_inside("console.example.org")
    assert content.is_inside("a.b.console.example.org")
    assert not content.is_inside("aconsole.example.org")
    assert record_type(ip_address("192.0.2.1")) == "A"
    assert record_type(ip_address("::1")) == "AAAA"


def test_the_serial_is_that_of_the_content() -> None:
    serial = read_zone_content(*_GOOD).serial
    assert serial == read_zone_content(*_GOOD).serial == 1323320313
    url_domain, networks, nameservers, _ = _GOOD
    others = {
        read_zone_content("*.other.example.org", networks, "ns.example.net", 60).serial,
        read_zone_content(url_domain, "192.0.2.0/25", nameservers, 60).serial,
        read_zone_content(url_domain, networks, nameservers[:-1], 60).serial,
        read_zone_content(url_domain, networks, nameservers, 61).serial,
    }
    assert len(others | {serial}) == 5
    assert all(0 < number < 1 << 32 for number in others)


@pytest.mark.parametrize(
    ("url_domain", "networks", "nameservers", "fault"),
    [
        ("", "", "", "consoleproxy.dns.networks is empty: set it to the networks"),
        ("console.example.org", "", "", "makes no names of addresses: set it to *.domain"),
        ("", "", "", "consoleproxy.url.domain='' makes no names of addresses"),
        ("*.x/", "", "", "consoleproxy.url.domain='*.x/' is not a host name"),
        (".".join(["*", *["a" * 54] * 4]), "", "", "leaves no room for a name below it"),
        ("", "192.0.2.1/24", "", "192.0.2.1/24 has host bits set: write 192.0.2.0/24"),
        ("", "here", "", "'here' does not appear to be an IPv4 or IPv6 network"),
        ("", "0.0.0.0/0", "", "would make a name for any address of others"),
        ("", "::/0", "", "would make a name for any address of others"),
        ("", "fe80::1%eth0", "", "has a zone: leave out %"),
        ("", "::ffff:192.0.2.0/120", "", "is IPv4 written as IPv6"),
        ("*.d.test", "", "", "consoleproxy.dns.nameservers is empty: name the servers"),
        ("*.d.test", "", "", "e.g. ns1.d.test=192.0.2.53"),
        ("*.d.test", "", "ns1.d.test", "ns1.d.test lies in the zone, so this zone has to know"),
        ("*.d.test", "", "d.test", "d.test lies in the zone, so this zone has to know"),
        ("*.d.test", "", "1-2-3-4.d.test=1.2.3.4", "1-2-3-4.d.test is the name of a console"),
        ("*.d.test", "", "ns_1.d.test=1.2.3.4", "'ns_1.d.test' is not a host name"),
        ("*.d.test", "", "192.0.2.53", "'192.0.2.53' is not a host name"),
        ("*.d.test", "", "ns1.d.test=x", "'ns1.d.test=x': 'x' is not an IP address"),
        ("*.d.test", "", "ns1.d.test=fe80::1%eth0", "'fe80::1%eth0' is not an IP address"),
        ("*.d.test", "", "ns1.d.test=", "'ns1.d.test=': '' is not an IP address"),
    ],
)
def test_mistakes(url_domain: str, networks: str, nameservers: str, fault: str) -> None:
    with pytest.raises(SettingsInvalid) as refused:
        read_zone_content(url_domain, networks, nameservers, 60)
    assert fault in str(refused.value)


def test_all_mistakes_at_once() -> None:
    with pytest.raises(SettingsInvalid) as refused:
        read_zone_content("", "x y", "_", 60)
    assert len(refused.value.problems) == 4


def test_nameservers_where_they_are_not_needed() -> None:
    read_zone_content("*.d.test", "192.0.2.0/24", "", 60, needs_nameservers=False)
    with pytest.raises(SettingsInvalid):
        read_zone_content("*.d.test", "192.0.2.0/24", "_", 60, needs_nameservers=False)


def test_the_zone_s_own_name_may_be_a_nameserver() -> None:
    content = read_zone_content("*.d.test", "192.0.2.0/24", "d.test=192.0.2.1", 60)
    assert content.nameservers[0].name == "d.test"
