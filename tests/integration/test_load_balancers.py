"""Real load balancers in front: TLS passed through or ended there, and who the client is then."""

import re
import socket
import struct
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
import requests

from consoleproxy import errors
from tests.integration.fixtures.balancers import (
    BALANCED,
    BALANCER,
    DIRECT,
    HAPROXY_OFFLOAD,
    HAPROXY_OFFLOAD_FORWARDED,
    HAPROXY_PASSTHROUGH,
    NAME,
    NGINX_OFFLOAD,
    NGINX_PASSTHROUGH,
    PROXY_NAMES,
    Keystore,
    Setup,
)
from tests.integration.fixtures.haproxy import Haproxy
from tests.integration.fixtures.qemu import Qemu
from tests.integration.fixtures.standalone import Door, Standalone
from tests.integration.fixtures.viewer import Entry
from tests.waiting import wait_for

_CLIENT, _ANOTHER = "127.0.0.2", "127.0.0.3"
_ONE_FILE_EACH = (HAPROXY_PASSTHROUGH, NGINX_PASSTHROUGH, HAPROXY_OFFLOAD, NGINX_OFFLOAD)

Start = Callable[..., Standalone]
Guests = Callable[..., Qemu]


@pytest.fixture(scope="module")
def keystore(tmp_path_factory: pytest.TempPathFactory) -> Keystore:
    return Keystore(tmp_path_factory.mktemp("consoles"))


class TestEverySetup:
    """What a client cannot tell from the outside, through whatever it comes."""

    @pytest.fixture(params=[DIRECT, *BALANCED], ids=str)
    def setup(self, request: pytest.FixtureRequest) -> Setup:
        assert isinstance(request.param, Setup)
        return request.param

    @pytest.fixture
    def proxy(self, setup: Setup, keystore: Keystore, proxy_factory: Start) -> Standalone:
        settings = setup.settings(keystore)
        return proxy_factory(
            source_ip_check=True, allowed_origins="https://Portal.example.test:443", **settings
        )

    @pytest.fixture
    def port(self, setup: Setup, keystore: Keystore, proxy: Standalone) -> Iterator[int]:
        if setup.front is None:
            yield proxy.port
            return
        with setup.running((proxy, proxy), keystore) as balancer:
            yield balancer.port

    def test_the_source_address_is_the_client_s(
        self, proxy: Standalone, port: int, keystore: Keystore, qemu_factory: Guests
    ) -> None:
        guest = qemu_factory()
        way = {"host": "127.0.0.1", "port": guest.port, "source_ip": _CLIENT}
        with proxy.console(_door(keystore, port, _CLIENT), **way) as console:
            console.assert_shows(guest)
        posing = _door(keystore, port, _ANOTHER, _says_to_be(_CLIENT))
        refusal, line = proxy.refusal(posing, **way)
        assert refusal.reason == errors.SourceAddressMismatch.sentence
        assert _opened_from(line) == _ANOTHER

    def test_only_own_pages_and_named_ones_open_consoles(
        self, proxy: Standalone, port: int, keystore: Keystore
    ) -> None:
        for origin, expected in (
            (f"https://{PROXY_NAMES[0]}:{port}", errors.SourceAddressMismatch),
            (f"https://{PROXY_NAMES[0]}", errors.SourceAddressMismatch),
            ("https://portal.example.test", errors.SourceAddressMismatch),
            ("https://evil.example", errors.OriginRefused),
            (f"https://{PROXY_NAMES[0]}.evil.example", errors.OriginRefused),
            ("null", errors.OriginRefused),
        ):
            headers = _says_to_be(_CLIENT) | {"Origin": origin}
            refusal, _ = proxy.refusal(_door(keystore, port, _ANOTHER, headers), source_ip=_CLIENT)
            assert refusal.reason == expected.sentence, origin


class TestIPv6:
    """A client that has come to the balancer by IPv6; the proxy has IPv4."""

    @pytest.mark.parametrize("setup", BALANCED, ids=str)
    def test_the_source_address_is_the_client_s(
        self, setup: Setup, keystore: Keystore, proxy_factory: Start
    ) -> None:
        proxy = proxy_factory(source_ip_check=True, **setup.settings(keystore))
        with setup.running((proxy, proxy), keystore, address="::1") as balancer:
            door = _door(keystore, balancer.port, address="::1")
            refusal, line = proxy.refusal(door, source_ip=_CLIENT)
            assert refusal.reason == errors.SourceAddressMismatch.sentence
            assert _opened_from(line) == "::1"
            refusal, _ = proxy.refusal(door, source_ip="::1")
            assert refusal.reason != errors.SourceAddressMismatch.sentence

    @pytest.mark.parametrize(
        "setup", [HAPROXY_PASSTHROUGH, HAPROXY_OFFLOAD, HAPROXY_OFFLOAD_FORWARDED], ids=str
    )
    def test_ipv4_that_a_balancer_shows_as_ipv6_is_ipv4(
        self, setup: Setup, keystore: Keystore, proxy_factory: Start
    ) -> None:
        proxy = proxy_factory(source_ip_check=True, **setup.settings(keystore))
        with setup.running((proxy, proxy), keystore, address="::ffff:127.0.0.1") as balancer:
            door = _door(keystore, balancer.port, _CLIENT)
            _, line = proxy.refusal(door, source_ip=_ANOTHER)
            assert _opened_from(line) == _CLIENT


class TestUntrusted:
    """Clients that speak to a proxy as a balancer would, and are none."""

    @pytest.mark.parametrize("told_by", ["x-forwarded", "forwarded"])
    @pytest.mark.parametrize("asked_from", [_CLIENT, _ANOTHER])
    def test_headers_are_ignored(self, proxy_factory: Start, told_by: str, asked_from: str) -> None:
        proxy = _trusting(proxy_factory, told_by)
        door = Door(port=proxy.port, entry=Entry(source=_CLIENT, headers=_says_to_be(_ANOTHER)))
        refusal, line = proxy.refusal(door, source_ip=asked_from)
        mismatch = refusal.reason == errors.SourceAddressMismatch.sentence
        assert mismatch == (asked_from == _ANOTHER)
        if mismatch:
            assert _opened_from(line) == _CLIENT

    @pytest.mark.parametrize(
        ("told_by", "named", "other"),
        [
            ("x-forwarded", {"X-Forwarded-For": _CLIENT}, {"Forwarded": f"for={_ANOTHER}"}),
            ("forwarded", {"Forwarded": f"for={_CLIENT}"}, {"X-Forwarded-For": _ANOTHER}),
        ],
    )
    def test_a_header_that_a_balancer_only_passes_on_is_ignored(
        self, proxy_factory: Start, told_by: str, named: dict[str, str], other: dict[str, str]
    ) -> None:
        proxy = _trusting(proxy_factory, told_by)
        for headers, expected in ((named | other, _CLIENT), (other, BALANCER)):
            door = Door(port=proxy.port, entry=Entry(source=BALANCER, headers=headers))
            _, line = proxy.refusal(door, source_ip="192.0.2.1")
            assert _opened_from(line) == expected

    @pytest.mark.parametrize("tls", [False, True])
    def test_a_proxy_header_is_no_request(
        self, proxy_factory: Start, keystore: Keystore, tls: bool
    ) -> None:
        settings = DIRECT.settings(keystore) if tls else {}
        proxy = _trusting(proxy_factory, "proxy", **settings)
        for header in _proxy_headers(_ANOTHER):
            answer = _raw(proxy.port, _CLIENT, header + b"GET /healthz HTTP/1.1\r\n\r\n")
            assert b" 200 " not in answer
            assert b"ok" not in answer
        entry = Entry(source=_CLIENT, tls=keystore.trust if tls else None)
        door = Door(port=proxy.port, host=PROXY_NAMES[0], entry=entry)
        _, line = proxy.refusal(door, source_ip=_ANOTHER)
        assert _opened_from(line) == _CLIENT


class TestTrusted:
    """What a balancer may send in front of a connection, and what it must."""

    def test_both_versions(self, proxy_factory: Start) -> None:
        proxy = _trusting(proxy_factory, "proxy")
        for header in _proxy_headers(_ANOTHER):
            door = Door(port=proxy.port, entry=Entry(source=BALANCER, begins=header))
            _, line = proxy.refusal(door, source_ip=_CLIENT)
            assert _opened_from(line) == _ANOTHER

    def test_without_a_header_there_is_no_answer(
        self, proxy_factory: Start, caplog: pytest.LogCaptureFixture
    ) -> None:
        proxy = _trusting(proxy_factory, "proxy")
        for begin in (b"GET /healthz HTTP/1.1\r\n\r\n", b"PROXY TCP4 nobody\r\n"):
            assert _raw(proxy.port, BALANCER, begin) == b""
        warnings = [record for record in caplog.records if "PROXY" in record.getMessage()]
        assert [record.levelname for record in warnings] == ["WARNING", "WARNING"]

    def test_a_check_of_the_balancer_s_own(self, proxy_factory: Start) -> None:
        proxy = _trusting(proxy_factory, "proxy")
        local = b"\r\n\r\n\x00\r\nQUIT\n\x20\x00\x00\x00"
        request = b"GET /readyz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        assert _raw(proxy.port, BALANCER, local + request).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("name", [NAME, PROXY_NAMES[0]])
@pytest.mark.parametrize("setup", [HAPROXY_PASSTHROUGH, HAPROXY_OFFLOAD], ids=str)
def test_a_draining_proxy_gets_no_new_consoles(
    setup: Setup, name: str, keystore: Keystore, proxy_factory: Start, qemu_factory: Guests
) -> None:
    proxies = _two_proxies(setup, keystore, proxy_factory)
    guests = qemu_factory(), qemu_factory()
    with setup.running(proxies, keystore) as balancer:
        assert isinstance(balancer, Haproxy)
        door = _door(keystore, balancer.port, _CLIENT, host=name)
        with proxies[0].console(door, host="127.0.0.1", port=guests[0].port) as console:
            drained, other = sorted(proxies, key=_sessions, reverse=True)
            assert (_sessions(drained), _sessions(other)) == (1, 0)
            requests.post(f"http://127.0.0.1:{drained.admin_port}/drain", timeout=10)
            server = f"cpvm-{1 + proxies.index(drained)}"
            wait_for(lambda: balancer.servers()[server] == "DOWN", "HAProxy to notice")
            with proxies[0].console(door, host="127.0.0.1", port=guests[1].port) as new:
                assert (_sessions(drained), _sessions(other)) == (1, 1)
                new.assert_shows(guests[1])
            console.assert_shows(guests[0])


@pytest.mark.parametrize("setup", _ONE_FILE_EACH, ids=str)
def test_each_proxy_has_its_name(
    setup: Setup, keystore: Keystore, proxy_factory: Start, qemu_factory: Guests
) -> None:
    proxies = _two_proxies(setup, keystore, proxy_factory)
    guest = qemu_factory()
    with setup.running(proxies, keystore) as balancer:
        for number, name in enumerate(PROXY_NAMES):
            door = _door(keystore, balancer.port, host=name.upper())
            with proxies[0].console(door, host="127.0.0.1", port=guest.port):
                assert _only_session(proxies) == number


@pytest.mark.parametrize("setup", _ONE_FILE_EACH, ids=str)
def test_one_name_leads_to_the_same_proxy_again(
    setup: Setup, keystore: Keystore, proxy_factory: Start, qemu_factory: Guests
) -> None:
    """As a session that may come back is known to the one that it was on."""
    proxies = _two_proxies(setup, keystore, proxy_factory)
    guest = qemu_factory()
    chosen = []
    with setup.running(proxies, keystore) as balancer:
        for _ in range(4):
            door = _door(keystore, balancer.port, _CLIENT, host=NAME)
            with proxies[0].console(door, host="127.0.0.1", port=guest.port):
                chosen.append(_only_session(proxies))
    assert chosen == [chosen[0]] * 4


@pytest.mark.parametrize("setup", _ONE_FILE_EACH, ids=str)
def test_plain_http_is_sent_to_tls(setup: Setup, keystore: Keystore, proxy_factory: Start) -> None:
    proxies = _two_proxies(setup, keystore, proxy_factory)
    with setup.running(proxies, keystore) as balancer:
        answer = requests.get(
            f"http://127.0.0.1:{balancer.redirect_port}/resource/noVNC/vnc.html?token=a%2Bb",
            headers={"Host": NAME},
            allow_redirects=False,
            timeout=10,
        )
    assert answer.status_code == 301
    assert answer.headers["Location"] == f"https://{NAME}/resource/noVNC/vnc.html?token=a%2Bb"


def _door(
    keystore: Keystore,
    port: int,
    source: str = "",
    headers: Mapping[str, str] | None = None,
    *,
    host: str = PROXY_NAMES[0],
    address: str = BALANCER,
) -> Door:
    """Return a door with TLS, through which a page of its own comes."""
    sent = {"Origin": f"https://{host}:{port}"} | dict(headers or {})
    entry = Entry(address=address, source=source, tls=keystore.trust, headers=sent)
    return Door(port=port, host=host, entry=entry)


def _says_to_be(address: str) -> dict[str, str]:
    """Return the headers by which a client may pose as another."""
    return {
        "X-Forwarded-For": address,
        "X-Forwarded-Host": "evil.example",
        "X-Real-IP": address,
        "Forwarded": f"for={address};host=evil.example",
    }


def _proxy_headers(address: str) -> tuple[bytes, bytes]:
    """Return PROXY headers of both versions, for a connection from there."""
    body = socket.inet_aton(address) + socket.inet_aton(BALANCER) + struct.pack(">HH", 1, 443)
    return (
        f"PROXY TCP4 {address} {BALANCER} 1 443\r\n".encode(),
        b"\r\n\r\n\x00\r\nQUIT\n" + struct.pack(">BBH", 0x21, 0x11, len(body)) + body,
    )


def _opened_from(line: str) -> str:
    """Return the address that a proxy takes for the client's, of its log's line."""
    found = re.search(r"and opened from (\S+)\)", line)
    return found[1] if found else line


def _raw(port: int, source: str, request: bytes) -> bytes:
    """Send bytes, and return all that comes until the connection is closed."""
    with socket.create_connection(("127.0.0.1", port), 20, (source, 0)) as connection:
        connection.sendall(request)
        answer = b""
        try:
            while data := connection.recv(4096):
                answer += data
        except ConnectionResetError:
            pass  # It was closed before all was read.
        return answer


def _trusting(proxy_factory: Start, told_by: str, **settings: Any) -> Standalone:
    """Start a proxy that checks source addresses and has one balancer."""
    return proxy_factory(
        source_ip_check=True,
        loadbalancer_networks=BALANCER,
        loadbalancer_client_address=told_by,
        **settings,
    )


def _two_proxies(
    setup: Setup, keystore: Keystore, proxy_factory: Start
) -> tuple[Standalone, Standalone]:
    settings = setup.settings(keystore)
    return proxy_factory(**settings), proxy_factory(**settings)


def _only_session(proxies: tuple[Standalone, Standalone]) -> int:
    """Return which proxy has the only session; one that has just been closed may be there yet."""

    def counts() -> list[int]:
        found = [_sessions(proxy) for proxy in proxies]
        return found if sum(found) == 1 else []

    return wait_for(counts, "one session").index(1)


def _sessions(proxy: Standalone) -> int:
    answer = requests.get(f"http://127.0.0.1:{proxy.admin_port}/sessions", timeout=10)
    return len(answer.json())
