from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.errors import SettingsInvalid
from consoleproxy.names.console_host import (
    address_label,
    check_url_domain,
    console_address,
    console_host,
    is_host_name,
)

WILDCARD = "*.dom.test"


@pytest.mark.parametrize(
    ("address", "url_domain", "host"),
    [
        ("192.0.2.10", "", "192.0.2.10"),
        ("192.0.2.10", "  ", "192.0.2.10"),
        ("192.0.2.10", WILDCARD, "192-0-2-10.dom.test"),
        ("192.0.2.10", " *.dom.test ", "192-0-2-10.dom.test"),
        ("192.0.2.10", "console.dom.test", "console.dom.test"),
        ("192.0.2.10", "Console", "Console"),
        ("192.0.2.10", "198.51.100.7", "198.51.100.7"),
        ("192.0.2.10", "2001:db8::7", "2001:db8::7"),
        ("console.test", "", "console.test"),
        ("localhost", "", "localhost"),
        ("2001:DB8:0:0::1", "", "2001:db8::1"),
        ("2001:db8::1", WILDCARD, "2001-db8--1.dom.test"),
        ("2001:db8:1:2:3:4:5:6", WILDCARD, "2001-db8-1-2-3-4-5-6.dom.test"),
        ("::1", WILDCARD, "0--1.dom.test"),
        ("2001:db8::", WILDCARD, "2001-db8--0.dom.test"),
        ("::", WILDCARD, "0--0.dom.test"),
        ("::ffff:192.0.2.10", WILDCARD, "192-0-2-10.dom.test"),
        ("::ffff:192.0.2.10", "", "192.0.2.10"),
    ],
)
def test_console_host(address: str, url_domain: str, host: str) -> None:
    assert console_host(address, url_domain) == host


@pytest.mark.parametrize(
    "url_domain",
    [
        "*",
        "*.",
        "*dom.test",
        "*.*.dom.test",
        "a.*.test",
        "https://dom.test",
        "dom.test:8443",
        "dom.test/",
        "dom.test.",
        ".dom.test",
        "dom..test",
        "-dom.test",
        "dom-.test",
        "do_m.test",
        "dom test",
        "dom.test\n*",
        "büro.test",
        "a" * 64 + ".test",
        ".".join(["a" * 62] * 5),
        "dom.1",
        "1.2.3",
        "*.1.2.3.4",
        "[2001:db8::7]",
        "fe80::1%eth0",
    ],
)
def test_domains_that_cannot_stand_in_a_url(url_domain: str) -> None:
    with pytest.raises(SettingsInvalid, match=r"consoleproxy\.url\.domain=.* is not a host name"):
        console_host("192.0.2.10", url_domain)


@pytest.mark.parametrize("address", ["", "a b", "192.0.2.256", "[::1]", "fe80::1%eth0", "a/b"])
def test_addresses_that_cannot_stand_in_a_url(address: str) -> None:
    with pytest.raises(SettingsInvalid, match="neither an IP address nor a host name"):
        console_host(address, "")
    with pytest.raises(SettingsInvalid, match="is not an IP address, but"):
        console_host(address, WILDCARD)


def test_a_name_has_no_place_under_a_wildcard() -> None:
    with pytest.raises(SettingsInvalid, match=r"'localhost' is not an IP .*domain=\*\.dom\.test"):
        console_host("localhost", WILDCARD)


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("192-0-2-10.dom.test", "192.0.2.10"),
        ("192-0-2-10.DOM.test", "192.0.2.10"),
        ("2001-db8--1.dom.test", "2001:db8::1"),
        ("2001-DB8--1.dom.test", "2001:db8::1"),
        ("0--1.dom.test", "::1"),
        ("2001-db8--0.dom.test", "2001:db8::"),
    ],
)
def test_a_console_host_reads_back(host: str, address: str) -> None:
    assert console_address(host, WILDCARD) == ip_address(address)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "dom.test",
        "192-0-2-10",
        "192-0-2-10.other.test",
        "192-0-2-10.x.dom.test",
        "x.192-0-2-10.dom.test",
        "192-0-2-10.dom.test.",
        "192.0.2.10.dom.test",
        "192-0-2-010.dom.test",
        "192-0-2-256.dom.test",
        "192-0-2.dom.test",
        "192-0-2-10-.dom.test",
        "192:0:2:10.dom.test",
        "--1.dom.test",
        "2001-db8--.dom.test",
        "2001-0db8--1.dom.test",
        "2001-db8-0-0-0-0-0-1.dom.test",
        "0--ffff-c000-20a.dom.test",
        "2001-db8--1%eth0.dom.test",
        "www.dom.test",
        "\u066192-0-2-10.dom.test",
        "*.dom.test",
    ],
)
def test_other_names_stand_for_no_address(host: str) -> None:
    assert console_address(host, WILDCARD) is None


@pytest.mark.parametrize("url_domain", ["", "dom.test", "192-0-2-10.dom.test"])
def test_only_a_wildcard_makes_names_from_addresses(url_domain: str) -> None:
    assert console_address("192-0-2-10.dom.test", url_domain) is None


def test_a_malformed_domain_reads_nothing_back() -> None:
    with pytest.raises(SettingsInvalid):
        console_address("192-0-2-10.dom.test", "*dom.test")


@given(st.ip_addresses())
def test_every_address_has_one_name_and_it_reads_back(
    address: IPv4Address | IPv6Address,
) -> None:
    if isinstance(address, IPv6Address) and (address.ipv4_mapped or address.scope_id):
        return
    host = console_host(str(address), WILDCARD)
    assert is_host_name(host)
    assert host == f"{address_label(address)}.dom.test"
    assert console_address(host, WILDCARD) == address
    assert console_address(host.upper(), WILDCARD) == address


@given(st.text(alphabet="0123456789abcdef-.", max_size=45))
def test_what_reads_back_is_what_console_host_makes(label: str) -> None:
    address = console_address(f"{label}.dom.test", WILDCARD)
    if address is not None:
        assert console_host(str(address), WILDCARD) == f"{label}.dom.test"


@given(st.text())
def test_any_text_is_a_host_name_or_not(text: str) -> None:
    if is_host_name(text):
        assert check_url_domain(text) == text
        assert check_url_domain(f"*.{text}") == f"*.{text}"
