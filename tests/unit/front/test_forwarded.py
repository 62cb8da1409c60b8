from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.front.forwarded import Hop, forwarded_hops, x_forwarded_hops

_FOUR = st.ip_addresses(v=4)
_SIX = st.integers(1 << 64, (1 << 128) - 1).map(IPv6Address)
_TEXT = st.text(st.characters(max_codepoint=255), max_size=60)
_NEARLY = st.text('for=;,:"\\[]_ .%0aunkow1', max_size=60)
Address = IPv4Address | IPv6Address


def _node(address: Address, port: str = "") -> str:
    text = f"[{address}]" if address.version == 6 else str(address)
    return f'"{text}:{port}"' if port else f'"{text}"' if address.version == 6 else text


class TestXForwarded:
    @pytest.mark.parametrize(
        ("entry", "expected"),
        [
            ("192.0.2.7", "192.0.2.7"),
            (" 192.0.2.7\t", "192.0.2.7"),
            ("192.0.2.7:5123", "192.0.2.7"),
            ("2001:DB8:0::7", "2001:db8::7"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("[2001:db8::7]:5123", "2001:db8::7"),
            ("fe80::7%eth0", "fe80::7"),
            ("[fe80::7%eth0.1]:80", "fe80::7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("[::ffff:c000:207]:80", "192.0.2.7"),
            ("", ""),
            ("unknown", ""),
            ("_hidden", ""),
            ("localhost", ""),
            ("192.0.2", ""),
            ("192.0.2.07", ""),
            ("192.0.2.7:", ""),
            ("192.0.2.7:123456", ""),
            ("192.0.2.7 192.0.2.8", ""),
            ('"192.0.2.7"', ""),
            ("[192.0.2.7]", ""),
            ("[2001:db8::7", ""),
            ("2001:db8::7]:80", ""),
            ("٣.0.2.7", ""),
        ],
    )
    def test_an_entry(self, entry: str, expected: str) -> None:
        assert x_forwarded_hops([entry], [], []) == [Hop(expected)]

    def test_the_rightmost_is_the_nearest(self) -> None:
        hops = x_forwarded_hops(
            ["192.0.2.1, 192.0.2.2", "192.0.2.3"], ["http", "https, ws"], ["a", "b,c:8443"]
        )
        assert hops == [Hop("192.0.2.3", "ws", "c:8443"), Hop("192.0.2.2"), Hop("192.0.2.1")]

    def test_scheme_and_host_without_a_client(self) -> None:
        assert x_forwarded_hops([], ["https"], []) == [Hop("", "https", "")]

    @given(st.lists(_FOUR | _SIX, min_size=1))
    def test_addresses_go_round(self, addresses: list[Address]) -> None:
        header = ", ".join(map(str, addresses))
        assert x_forwarded_hops([header], [], []) == [
            Hop(str(address)) for address in reversed(addresses)
        ]

    @given(st.lists(_TEXT | _NEARLY))
    def test_any_text(self, values: list[str]) -> None:
        for hop in x_forwarded_hops(values, values, values):
            assert not hop.client or str(ip_address(hop.client)) == hop.client


class TestForwarded:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            ("for=192.0.2.7", Hop("192.0.2.7")),
            ("For=192.0.2.7;Proto=https;By=_x", Hop("192.0.2.7", "https")),
            ('for="192.0.2.7:5123";host="a:8443"', Hop("192.0.2.7", "", "a:8443")),
            ('for="192.0.2.7:_port"', Hop("192.0.2.7")),
            ('for="[2001:db8::7]:5123"', Hop("2001:db8::7")),
            ('for="\\1\\92.0.2.7"', Hop("192.0.2.7")),
            ('proto=https ; for="[::ffff:192.0.2.7]"', Hop("192.0.2.7", "https")),
            ("proto=https", Hop("", "https")),
            ("for=unknown;host=a", Hop("", "", "a")),
            ("for=_hidden", Hop()),
            ('for="2001:db8::7"', Hop()),
            ("for=[2001:db8::7]", Hop()),
            ("for=192.0.2.7:5123", Hop()),
            ("for=192.0.2.7;for=192.0.2.8", Hop()),
            ("for=192.0.2.7;FOR=192.0.2.7", Hop()),
            ("for = 192.0.2.7", Hop()),
            ("for=", Hop()),
            ("for", Hop()),
            ("192.0.2.7", Hop()),
            ("", Hop()),
            ("for=192.0.2.7;", Hop()),
            ('for="192.0.2.7', Hop()),
            ('for="192.0.2.7\\"', Hop()),
            ('for=192.0.2.7"', Hop()),
        ],
    )
    def test_an_element(self, value: str, expected: Hop) -> None:
        assert forwarded_hops([value]) == [expected]

    def test_the_rightmost_is_the_nearest(self) -> None:
        values = ['for=192.0.2.1;proto=https, for="192.0.2.2"', "for=192.0.2.3;host=a"]
        assert forwarded_hops(values) == [
            Hop("192.0.2.3", "", "a"),
            Hop("192.0.2.2"),
            Hop("192.0.2.1", "https"),
        ]

    def test_a_malformed_header_spoils_no_other(self) -> None:
        assert forwarded_hops(['for="', "for=192.0.2.3"]) == [Hop("192.0.2.3"), Hop()]

    @given(st.lists(st.tuples(_FOUR | _SIX, st.sampled_from(["", "80", "_p"])), min_size=1))
    def test_addresses_go_round(self, nodes: list[tuple[Address, str]]) -> None:
        header = ", ".join(f"proto=https;for={_node(*node)}" for node in nodes)
        assert forwarded_hops([header]) == [
            Hop(str(address), "https") for address, _ in reversed(nodes)
        ]

    @given(_TEXT | _NEARLY, _FOUR | _SIX)
    def test_a_client_cannot_hide_what_is_added_behind_its_own(
        self, own: str, added: Address
    ) -> None:
        nearest, *_ = forwarded_hops([f"{own}, for={_node(added)}"])
        assert nearest in (Hop(str(added)), Hop())

    @given(st.lists(_TEXT | _NEARLY))
    def test_any_text(self, values: list[str]) -> None:
        for hop in forwarded_hops(values):
            assert not hop.client or str(ip_address(hop.client)) == hop.client
