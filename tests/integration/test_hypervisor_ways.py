"""Every way to a screen that a console token can name, with real screens at its end."""

from collections.abc import Callable
from pathlib import Path

import pytest

from consoleproxy import errors
from tests.integration.fixtures.pki import Pki
from tests.integration.fixtures.qemu import Encrypted, Qemu, displays
from tests.integration.fixtures.standalone import Standalone
from tests.integration.fixtures.tunnel_server import SESSION, Manner, running_tunnels
from tests.integration.fixtures.websockify import Websockify
from tests.waiting import wait_for

_PASSWORD = "secret12"

Start = Callable[..., Standalone]
Guests = Callable[..., Qemu]
Proven = Callable[[str, str, str], None]


def test_unix_socket(proxy_factory: Start, qemu_factory: Guests, proven: Proven) -> None:
    guest = qemu_factory(unix=True, password=_PASSWORD)
    folder = guest.host.rpartition("/")[0]
    # It does not leave this machine: nobody else can read it.
    proxy = proxy_factory(hypervisor_allowed=f"{folder}/", hypervisor_encryption="required")
    with proxy.console(host=guest.host, password=_PASSWORD) as console:
        console.assert_shows(guest)
    proven("QEMU", console.security, "unix socket")


@pytest.mark.parametrize(
    ("listening", "host", "transport"),
    [
        ("[::1]", "::1", "TCP, IPv6"),
        ("127.0.0.1", "localhost", "TCP, name"),
    ],
)
def test_addresses_and_names(
    proxy_factory: Start,
    qemu_factory: Guests,
    pki: Pki,
    proven: Proven,
    listening: str,
    host: str,
    transport: str,
) -> None:
    guest = qemu_factory(vnc=displays(listening), tls=Encrypted(pki.qemu_folder(pki.server)))
    proxy = proxy_factory(hypervisor_tls_ca_file=str(pki.root))
    with proxy.console(host=host, port=guest.port) as console:
        console.assert_shows(guest)
    proven("QEMU", console.security, transport)


@pytest.mark.parametrize("password", ["", _PASSWORD])
def test_websocket(
    proxy_factory: Start, qemu_factory: Guests, proven: Proven, password: str
) -> None:
    guest = qemu_factory(websocket=True, password=password)
    url = f"ws://127.0.0.1:{guest.websocket_port}/"
    with proxy_factory().console(websocket_url=url, password=password) as console:
        (client,) = guest.clients()
        assert client["websocket"] is True
        console.assert_shows(guest)
    proven("QEMU", console.security, "websocket")


@pytest.mark.parametrize("password", ["", _PASSWORD])
def test_websocket_with_tls(
    proxy_factory: Start, qemu_factory: Guests, pki: Pki, proven: Proven, password: str
) -> None:
    tls = Encrypted(pki.qemu_folder(pki.server))
    guest = qemu_factory(websocket=True, tls=tls, password=password)
    url = f"wss://127.0.0.1:{guest.websocket_port}/"
    proxy = proxy_factory(hypervisor_tls_ca_file=str(pki.root), hypervisor_encryption="required")
    with proxy.console(websocket_url=url, password=password) as console:
        (client,) = guest.clients()
        assert client["websocket"] is True
        console.assert_shows(guest)
    proven("QEMU", console.security, "websocket over TLS")


def test_websocket_with_a_ticket(
    proxy_factory: Start,
    qemu_factory: Guests,
    websockify_factory: Callable[..., Websockify],
    pki: Pki,
    proven: Proven,
) -> None:
    guest = qemu_factory(password=_PASSWORD)
    host = websockify_factory(pki.server, guest.port)
    path = "/ticket/5271a0b3c4d5e6f7?a=b"
    proxy = proxy_factory(hypervisor_tls_ca_file=str(pki.root), hypervisor_encryption="required")
    url = f"wss://localhost:{host.port}{path}"
    with proxy.console(websocket_url=url, password=_PASSWORD) as console:
        assert host.paths() == [path]
        console.assert_shows(guest)
    proven("QEMU behind websockify", console.security, "websocket over TLS, with a ticket")


@pytest.mark.parametrize("password", ["", _PASSWORD])
@pytest.mark.parametrize("manner", [Manner.AT_ONCE, Manner.IN_PIECES, Manner.WITH_RFB])
def test_tunnel(
    proxy_factory: Start,
    qemu_factory: Guests,
    pki: Pki,
    proven: Proven,
    manner: Manner,
    password: str,
) -> None:
    guest = qemu_factory(password=password)
    proxy = proxy_factory(hypervisor_tls_ca_file=str(pki.root), hypervisor_encryption="required")
    with running_tunnels(pki.server, guest.port, manner) as tunnels:
        way = {"tunnel_url": tunnels.url, "tunnel_session": SESSION, "password": password}
        with proxy.console(**way) as console:
            console.assert_shows(guest)
    proven("QEMU", console.security, "CONNECT tunnel over TLS")


def test_route_is_made_before_it_is_gone(
    proxy_factory: Start, qemu_factory: Guests, tmp_path: Path
) -> None:
    guest = qemu_factory()
    asked = tmp_path / "asked"
    program = tmp_path / "ensure-route"
    program.write_text(f'#!/bin/sh\necho "$@" >>{asked}\n')
    program.chmod(0o755)
    proxy = proxy_factory(hypervisor_route_command=str(program))
    with proxy.console(host="127.0.0.1", port=guest.port) as console:
        assert asked.read_text() == "127.0.0.1\n"
        console.assert_shows(guest)


def test_without_a_route_nothing_is_dialled(
    proxy_factory: Start, qemu_factory: Guests, tmp_path: Path
) -> None:
    guest = qemu_factory()
    program = tmp_path / "ensure-route"
    program.write_text("#!/bin/sh\necho no gateway on eth1 >&2\nexit 3\n")
    program.chmod(0o755)
    proxy = proxy_factory(hypervisor_route_command=str(program))
    refusal, line = proxy.refusal(host="127.0.0.1", port=guest.port)
    assert refusal.reason == errors.HypervisorUnreachable.sentence
    assert "no gateway on eth1" in line
    assert guest.clients() == []


def test_the_token_s_way_comes_first(
    proxy_factory: Start, qemu_factory: Guests, pki: Pki, unused_port: int
) -> None:
    guest = qemu_factory(websocket=True)
    with running_tunnels(pki.server, guest.port) as tunnels:
        proxy = proxy_factory(hypervisor_tls_ca_file=str(pki.root))
        nowhere = {"host": "127.0.0.1", "port": unused_port}
        tunnel = {"tunnel_url": tunnels.url, "tunnel_session": SESSION}
        websocket = {"websocket_url": f"ws://127.0.0.1:{guest.websocket_port}/"}
        with proxy.console(**nowhere, **tunnel) as console:
            console.assert_shows(guest)
        (request,) = tunnels.requests
        assert request.startswith("CONNECT /console?ref=")
        wait_for(lambda: guest.clients() == [], "the first console to be let go")
        with proxy.console(**nowhere, **tunnel, **websocket):
            (client,) = guest.clients()
            assert client["websocket"] is True
        assert len(tunnels.requests) == 1
    refusal, _ = proxy.refusal(**nowhere, hyperv_host="192.0.2.1")
    assert refusal.reason == errors.UnsupportedConsole.sentence
