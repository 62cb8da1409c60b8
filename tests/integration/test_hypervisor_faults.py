"""What goes wrong on the way to a screen: each fault has its own words, for person and log."""

from collections.abc import Callable
from typing import Any

import pytest

from consoleproxy import errors
from consoleproxy.errors import HypervisorRefused
from tests.integration.fixtures.pki import Pki
from tests.integration.fixtures.qemu import Encrypted, Qemu
from tests.integration.fixtures.standalone import Standalone
from tests.integration.fixtures.tunnel_server import SESSION, Manner, running_tunnels
from tests.integration.fixtures.viewer import Refusal
from tests.integration.fixtures.xvnc import USER, Xvnc
from tests.waiting import wait_for

_PASSWORD = "secret12"

Start = Callable[..., Standalone]
Guests = Callable[..., Qemu]
Screens = Callable[..., Xvnc]


def _assert_refused(
    proxy: Standalone, expected: type[HypervisorRefused], *words: str, **way: Any
) -> None:
    """See that the person is told the sentence, and that the log says more, but no secret."""
    refusal, line = proxy.refusal(**way)
    assert refusal == Refusal(expected.sentence, 4502, expected.sentence)
    assert f"refused ({expected.__name__}: " in line
    assert [word for word in words if word not in line] == []
    assert _PASSWORD not in line
    assert SESSION not in line


def test_every_fault_has_its_own_words() -> None:
    kinds = [
        errors.HypervisorLoginFailed,
        errors.HypervisorSecurityUnsupported,
        errors.HypervisorEncryptionMissing,
        errors.HypervisorForbidden,
        errors.HypervisorOtherGuest,
        errors.HypervisorTunnelRefused,
        errors.HypervisorTlsFailed,
        errors.HypervisorCertificateUnknown,
        errors.HypervisorCertificateExpired,
        errors.HypervisorCertificateWrongName,
        errors.HypervisorClientCertificateRefused,
    ]
    assert len({kind.sentence for kind in kinds}) == len(kinds)


@pytest.mark.parametrize("offered", ["VncAuth", "X509Vnc", "X509Plain"])
def test_wrong_password(
    proxy_factory: Start, xvnc_factory: Screens, pki: Pki, offered: str
) -> None:
    screen = xvnc_factory(offered, password="another1", pair=pki.server)
    proxy = proxy_factory(hypervisor_tls_ca_file=str(pki.root))
    way = {"port": screen.port, "username": USER, "password": _PASSWORD}
    _assert_refused(
        proxy, errors.HypervisorLoginFailed, "Authentication failure", host="127.0.0.1", **way
    )


def test_wrong_password_inside_tls(proxy_factory: Start, qemu_factory: Guests, pki: Pki) -> None:
    guest = qemu_factory(tls=Encrypted(pki.qemu_folder(pki.server)), password="another1")
    proxy = proxy_factory(hypervisor_tls_ca_file=str(pki.root))
    way = {"host": guest.host, "port": guest.port, "password": _PASSWORD}
    _assert_refused(proxy, errors.HypervisorLoginFailed, "Authentication failed", **way)
    wait_for(lambda: guest.clients() == [], "the connection to be closed")


def test_password_that_is_no_longer_good(proxy_factory: Start, qemu_factory: Guests) -> None:
    guest = qemu_factory(password=_PASSWORD)
    guest.qmp("expire_password", protocol="vnc", time="now")
    way = {"host": guest.host, "port": guest.port, "password": _PASSWORD}
    _assert_refused(proxy_factory(), errors.HypervisorLoginFailed, "Authentication failed", **way)


def test_server_that_had_too_many_wrong_passwords(
    proxy_factory: Start, xvnc_factory: Screens
) -> None:
    screen = xvnc_factory("VncAuth", password="another1")
    proxy = proxy_factory()
    way = {"host": "127.0.0.1", "port": screen.port, "password": _PASSWORD}
    for _ in range(5):
        _assert_refused(proxy, errors.HypervisorLoginFailed, **way)
    _assert_refused(proxy, errors.HypervisorTurnedAway, "Too many security failures", **way)


@pytest.mark.parametrize(
    ("pair", "expected"),
    [
        ("foreign", errors.HypervisorCertificateUnknown),
        ("expired", errors.HypervisorCertificateExpired),
        ("elsewhere", errors.HypervisorCertificateWrongName),
    ],
)
class TestBadCertificate:
    """The hypervisor's certificate is not as it should be."""

    def test_vencrypt(
        self,
        proxy_factory: Start,
        qemu_factory: Guests,
        pki: Pki,
        pair: str,
        expected: type[HypervisorRefused],
    ) -> None:
        folder = pki.qemu_folder(getattr(pki, pair))
        guest = qemu_factory(tls=Encrypted(folder, check=False), password=_PASSWORD)
        proxy = proxy_factory(hypervisor_tls_ca_file=str(pki.root))
        way = {"host": guest.host, "port": guest.port, "password": _PASSWORD}
        _assert_refused(proxy, expected, **way)
        wait_for(lambda: guest.clients() == [], "the connection to be closed")

    def test_websocket(
        self,
        proxy_factory: Start,
        qemu_factory: Guests,
        pki: Pki,
        pair: str,
        expected: type[HypervisorRefused],
    ) -> None:
        folder = pki.qemu_folder(getattr(pki, pair))
        guest = qemu_factory(tls=Encrypted(folder, check=False), websocket=True)
        proxy = proxy_factory(hypervisor_tls_ca_file=str(pki.root))
        url = f"wss://127.0.0.1:{guest.websocket_port}/"
        _assert_refused(proxy, expected, websocket_url=url)

    def test_tunnel(
        self,
        proxy_factory: Start,
        pki: Pki,
        unused_port: int,
        pair: str,
        expected: type[HypervisorRefused],
    ) -> None:
        proxy = proxy_factory(hypervisor_tls_ca_file=str(pki.root))
        with running_tunnels(getattr(pki, pair), unused_port) as tunnels:
            way = {"tunnel_url": tunnels.url, "tunnel_session": SESSION}
            _assert_refused(proxy, expected, **way)
            assert tunnels.requests == [], "the session was told to nobody"


@pytest.mark.parametrize(
    ("verify", "pair"), [("ca", "elsewhere"), ("off", "elsewhere"), ("off", "foreign")]
)
def test_what_is_not_verified_is_let_through(
    proxy_factory: Start, qemu_factory: Guests, pki: Pki, verify: str, pair: str
) -> None:
    folder = pki.qemu_folder(getattr(pki, pair))
    guest = qemu_factory(tls=Encrypted(folder, check=False))
    proxy = proxy_factory(hypervisor_tls_ca_file=str(pki.root), hypervisor_tls_verify=verify)
    with proxy.console(host=guest.host, port=guest.port) as console:
        console.assert_shows(guest)


@pytest.mark.parametrize("shown", ["", "foreign_client"])
def test_client_certificate_that_is_missing_or_unknown(
    proxy_factory: Start, qemu_factory: Guests, pki: Pki, shown: str
) -> None:
    tls = Encrypted(pki.qemu_folder(pki.server), verify_peer=True)
    guest = qemu_factory(tls=tls, password=_PASSWORD)
    settings = {"hypervisor_tls_ca_file": str(pki.root)}
    if shown:
        pair = getattr(pki, shown)
        settings["hypervisor_tls_certificate_file"] = str(pair.certificate)
        settings["hypervisor_tls_key_file"] = str(pair.key)
    _assert_refused(
        proxy_factory(**settings),
        errors.HypervisorClientCertificateRefused,
        "consoleproxy.hypervisor.tls.certificate.file",
        host=guest.host,
        port=guest.port,
        password=_PASSWORD,
    )


@pytest.mark.parametrize("password", ["", _PASSWORD])
def test_anonymous_tls_that_nobody_allowed(
    proxy_factory: Start, qemu_factory: Guests, pki: Pki, password: str
) -> None:
    tls = Encrypted(pki.qemu_folder(pki.server), anonymous=True)
    guest = qemu_factory(tls=tls, password=password)
    way = {"host": guest.host, "port": guest.port, "password": password}
    _assert_refused(
        proxy_factory(),
        errors.HypervisorSecurityUnsupported,
        "TLSVnc" if password else "TLSNone",
        "consoleproxy.hypervisor.security.types",
        **way,
    )


@pytest.mark.parametrize("password", ["", _PASSWORD])
def test_encryption_that_is_required_and_not_offered(
    proxy_factory: Start, qemu_factory: Guests, password: str
) -> None:
    guest = qemu_factory(password=password)
    proxy = proxy_factory(hypervisor_encryption="required")
    way = {"host": guest.host, "port": guest.port, "password": password}
    _assert_refused(
        proxy,
        errors.HypervisorEncryptionMissing,
        "consoleproxy.hypervisor.encryption",
        **way,
    )


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "::ffff:127.0.0.1"])
def test_loopback_is_not_a_target(proxy_factory: Start, qemu_factory: Guests, host: str) -> None:
    guest = qemu_factory()
    proxy = proxy_factory(hypervisor_allowed="")
    _assert_refused(proxy, errors.HypervisorForbidden, host=host, port=guest.port)
    assert guest.clients() == []


def test_no_way_leads_to_a_forbidden_target(
    proxy_factory: Start, qemu_factory: Guests, pki: Pki
) -> None:
    guest = qemu_factory(websocket=True)
    proxy = proxy_factory(hypervisor_allowed="", hypervisor_tls_ca_file=str(pki.root))
    url = f"ws://localhost:{guest.websocket_port}/"
    _assert_refused(proxy, errors.HypervisorForbidden, websocket_url=url)
    with running_tunnels(pki.server, guest.port) as tunnels:
        way = {"tunnel_url": tunnels.url, "tunnel_session": SESSION}
        _assert_refused(proxy, errors.HypervisorForbidden, **way)
        assert tunnels.requests == []
    assert guest.clients() == []


def test_socket_that_is_not_allowed(proxy_factory: Start, qemu_factory: Guests) -> None:
    guest = qemu_factory(unix=True)
    _assert_refused(proxy_factory(), errors.HypervisorForbidden, host=guest.host)


@pytest.mark.parametrize(
    ("session", "manner", "status"),
    [("OpaqueRef:old", Manner.AT_ONCE, "401"), (SESSION, Manner.REDIRECT, "302")],
)
def test_tunnel_that_is_refused(
    proxy_factory: Start, pki: Pki, unused_port: int, session: str, manner: Manner, status: str
) -> None:
    proxy = proxy_factory(hypervisor_tls_ca_file=str(pki.root))
    with running_tunnels(pki.server, unused_port, manner) as tunnels:
        way = {"tunnel_url": tunnels.url, "tunnel_session": session}
        _assert_refused(proxy, errors.HypervisorTunnelRefused, status, **way)
        assert len(tunnels.requests) == 1


def test_websocket_that_is_refused(proxy_factory: Start, pki: Pki, unused_port: int) -> None:
    proxy = proxy_factory(hypervisor_tls_ca_file=str(pki.root))
    with running_tunnels(pki.server, unused_port) as host:
        url = f"wss://127.0.0.1:{host.port}/ticket/{_PASSWORD}"
        _assert_refused(proxy, errors.HypervisorTunnelRefused, "405", websocket_url=url)
        (request,) = host.requests
        assert request == f"GET /ticket/{_PASSWORD} HTTP/1.1"
