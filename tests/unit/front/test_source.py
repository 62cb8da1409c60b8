from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tornado.httputil import HTTPHeaders

from consoleproxy.errors import SettingsInvalid
from consoleproxy.front.source import LoadBalancers, Outside, ToldBy, plain_address

_BALANCER, _INNER = "10.0.0.1", "10.0.0.2"
_NETWORKS = "10.0.0.0/24, fd00::/64"
_CLIENT, _LIAR = "203.0.113.7", "198.51.100.9"
_TOLD_BY_HEADER = [ToldBy.X_FORWARDED, ToldBy.FORWARDED]
_ALL = {
    "X-Forwarded-For": _CLIENT,
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "a.example",
    "Forwarded": f"for={_CLIENT};proto=https;host=a.example",
}


class _Headers:
    """Headers of a request, without Tornado."""

    def __init__(self, *fields: tuple[str, str]) -> None:
        self._fields = fields

    def get_list(self, name: str) -> list[str]:
        return [value for key, value in self._fields if key == name]


def _balancers(told_by: ToldBy) -> LoadBalancers:
    return LoadBalancers.parse(_NETWORKS, told_by)


def _client(told_by: ToldBy, *fields: tuple[str, str], peer: str = _BALANCER) -> str:
    return _balancers(told_by).client_address(peer, _Headers(*fields))


class TestSettings:
    def test_by_default_nobody_is_trusted(self) -> None:
        assert LoadBalancers.parse("", "none") == LoadBalancers.parse(" ", "") == LoadBalancers()
        assert not LoadBalancers().trusts("127.0.0.1")

    def test_networks_and_addresses(self) -> None:
        balancers = LoadBalancers.parse("10.0.0.0/24,192.0.2.1\n fd00::/64", "x-forwarded")
        expected = tuple(map(ip_network, ("10.0.0.0/24", "192.0.2.1/32", "fd00::/64")))
        assert balancers == LoadBalancers(expected, ToldBy.X_FORWARDED)

    def test_all_mistakes_at_once(self) -> None:
        text = "10.0.0.0/33 nobody 10.0.0.1/24 ::ffff:10.0.0.0/104 fe80::%eth0/64"
        with pytest.raises(SettingsInvalid) as raised:
            LoadBalancers.parse(text, "via")
        *networks, told_by = raised.value.problems
        assert len(networks) == 5
        assert all(text.startswith("consoleproxy.loadbalancer.networks: ") for text in networks)
        assert "write 10.0.0.0/24" in networks[2]
        assert "write it as IPv4" in networks[3]
        assert "zone" in networks[4]
        assert told_by == (
            "consoleproxy.loadbalancer.client.address='via' is none of none, proxy, x-forwarded, "
            "forwarded"
        )

    @pytest.mark.parametrize("told_by", ["proxy", *_TOLD_BY_HEADER])
    def test_somebody_must_be_trusted(self, told_by: str) -> None:
        with pytest.raises(SettingsInvalid, match=f"={told_by} needs consoleproxy"):
            LoadBalancers.parse("", told_by)

    @given(st.text(max_size=40))
    def test_any_text(self, text: str) -> None:
        try:
            balancers = LoadBalancers.parse(text, "none")
        except SettingsInvalid:
            return
        again = " ".join(map(str, balancers.networks))
        assert LoadBalancers.parse(again, "none") == balancers


class TestTrust:
    @pytest.mark.parametrize(
        "peer", [_BALANCER, "::ffff:10.0.0.1", "fd00::1", "fd00:0::1%eth0", "10.0.0.255"]
    )
    def test_balancers(self, peer: str) -> None:
        assert _balancers(ToldBy.PROXY).trusts(peer)

    @pytest.mark.parametrize("peer", ["10.0.1.0", "fd00:0:0:1::1", "::10.0.0.1", "", "unix:", "::"])
    def test_others(self, peer: str) -> None:
        assert not _balancers(ToldBy.PROXY).trusts(peer)

    @pytest.mark.parametrize("told_by", ToldBy)
    def test_only_where_told_so_a_header_comes_first(self, told_by: ToldBy) -> None:
        assert _balancers(told_by).begins_with_header(_BALANCER) == (told_by is ToldBy.PROXY)
        assert not _balancers(told_by).begins_with_header(_CLIENT)


class TestClientAddress:
    @pytest.mark.parametrize("told_by", _TOLD_BY_HEADER)
    def test_the_named_header_of_a_balancer(self, told_by: ToldBy) -> None:
        assert _client(told_by, *_ALL.items()) == _CLIENT

    @pytest.mark.parametrize("told_by", ToldBy)
    @pytest.mark.parametrize("peer", [_LIAR, "2001:db8::9"])
    def test_headers_of_others_are_ignored(self, told_by: ToldBy, peer: str) -> None:
        assert _client(told_by, *_ALL.items(), peer=peer) == peer

    @pytest.mark.parametrize("told_by", [ToldBy.NONE, ToldBy.PROXY])
    def test_headers_are_ignored_where_another_way_was_named(self, told_by: ToldBy) -> None:
        assert _client(told_by, *_ALL.items()) == _BALANCER

    def test_the_other_header_is_the_client_s_own(self) -> None:
        spoofed = ("Forwarded", f"for={_LIAR}")
        told = ("X-Forwarded-For", _CLIENT)
        assert _client(ToldBy.X_FORWARDED, spoofed, told) == _CLIENT
        assert _client(ToldBy.X_FORWARDED, spoofed) == _BALANCER
        spoofed, told = ("X-Forwarded-For", _LIAR), ("Forwarded", f"for={_CLIENT}")
        assert _client(ToldBy.FORWARDED, spoofed, told) == _CLIENT
        assert _client(ToldBy.FORWARDED, spoofed) == _BALANCER

    @pytest.mark.parametrize(
        ("entries", "expected"),
        [
            (f"{_LIAR}, {_CLIENT}", _CLIENT),
            (f"{_LIAR}, {_CLIENT}, {_INNER}", _CLIENT),
            (f"{_LIAR}, {_CLIENT}, fd00::7, {_INNER}", _CLIENT),
            (f"{_LIAR}, unknown, {_INNER}", _INNER),
            (f"{_LIAR}, _hidden", _BALANCER),
            (f"{_LIAR}, ", _BALANCER),
            (f"{_LIAR},, {_INNER}", _INNER),
            (f"{_BALANCER}, {_INNER}", _BALANCER),
            (f"::ffff:{_CLIENT}", _CLIENT),
            ("[2001:db8::7%eth0]:4711", "2001:db8::7"),
            ("", _BALANCER),
        ],
    )
    def test_from_the_right_to_the_first_that_is_no_balancer(
        self, entries: str, expected: str
    ) -> None:
        assert _client(ToldBy.X_FORWARDED, ("X-Forwarded-For", entries)) == expected
        one_by_one = [("X-Forwarded-For", entry) for entry in entries.split(",")]
        assert _client(ToldBy.X_FORWARDED, *one_by_one) == expected

    def test_without_the_header_it_is_the_peer(self) -> None:
        for told_by in ToldBy:
            assert _client(told_by) == _BALANCER
            assert _client(told_by, peer="::ffff:10.0.0.9") == "10.0.0.9"
            assert _client(told_by, peer="fe80::9%eth0") == "fe80::9"

    @given(
        st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60),
        st.ip_addresses(v=4).filter(lambda address: address not in ip_network("10.0.0.0/24")),
        st.booleans(),
    )
    def test_whatever_a_client_sends(self, spoofed: str, client: object, joined: bool) -> None:
        for told_by, name, told in (
            (ToldBy.X_FORWARDED, "X-Forwarded-For", f"{client}"),
            (ToldBy.FORWARDED, "Forwarded", f"for={client}"),
        ):
            values = [f"{spoofed}, {told}"] if joined else [spoofed, told]
            found = _client(told_by, *((name, value) for value in values))
            # A client may spoil its own header, but never gains an address by that.
            assert found in ({str(client), _BALANCER} if joined else {str(client)})

    def test_tornado_s_headers(self) -> None:
        headers = HTTPHeaders()
        headers.add("x-forwarded-for", _LIAR)
        headers.add("X-Forwarded-For", _CLIENT)
        assert _balancers(ToldBy.X_FORWARDED).client_address(_BALANCER, headers) == _CLIENT


class TestOutside:
    def _outside(self, told_by: ToldBy, *fields: tuple[str, str], peer: str = _BALANCER) -> Outside:
        return _balancers(told_by).outside(peer, _Headers(*fields), "own.example:8080", False)

    @pytest.mark.parametrize("told_by", _TOLD_BY_HEADER)
    def test_what_a_balancer_says(self, told_by: ToldBy) -> None:
        assert self._outside(told_by, *_ALL.items()) == Outside("https", "a.example")

    @pytest.mark.parametrize("told_by", ToldBy)
    def test_what_others_say_is_ignored(self, told_by: ToldBy) -> None:
        own = Outside("http", "own.example:8080")
        assert self._outside(told_by, *_ALL.items(), peer=_LIAR) == own
        assert self._outside(told_by) == own
        assert LoadBalancers().outside(_LIAR, _Headers(), "a", tls=True) == Outside("https", "a")

    @pytest.mark.parametrize("told_by", [ToldBy.NONE, ToldBy.PROXY])
    def test_headers_are_ignored_where_another_way_was_named(self, told_by: ToldBy) -> None:
        assert self._outside(told_by, *_ALL.items()) == Outside("http", "own.example:8080")

    @pytest.mark.parametrize(
        ("scheme", "expected"),
        [("HTTPS", "https"), ("wss", "https"), ("ws", "http"), ("gopher", "http"), ("", "http")],
    )
    def test_schemes(self, scheme: str, expected: str) -> None:
        fields = (("X-Forwarded-For", _CLIENT), ("X-Forwarded-Proto", scheme))
        assert self._outside(ToldBy.X_FORWARDED, *fields).scheme == expected

    def test_scheme_and_host_alone(self) -> None:
        fields = (("X-Forwarded-Proto", "http, https"), ("X-Forwarded-Host", "evil, a.example"))
        assert self._outside(ToldBy.X_FORWARDED, *fields) == Outside("https", "a.example")

    def test_the_outermost_balancer_sees_what_the_browser_sees(self) -> None:
        value = (
            "for=_x;proto=http;host=evil, "
            f"for={_CLIENT};proto=https;host=a.example, for={_INNER};proto=http;host=inner"
        )
        assert self._outside(ToldBy.FORWARDED, ("Forwarded", value)) == Outside(
            "https", "a.example"
        )


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("fe80::1%eth0", "fe80::1"),
        ("2001:DB8::0:1", "2001:db8::1"),
        ("", ""),
        ("nobody", "nobody"),
    ],
)
def test_plain_addresses(address: str, expected: str) -> None:
    assert plain_address(address) == expected
