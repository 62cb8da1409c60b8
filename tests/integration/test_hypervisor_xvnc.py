"""Consoles of TigerVNC's X server: every security type that another VNC server may have."""

from collections.abc import Callable

import pytest

from tests.integration.fixtures.pki import Pki
from tests.integration.fixtures.standalone import Standalone
from tests.integration.fixtures.xvnc import USER, Xvnc

_PASSWORD = "secret12"
_ANONYMOUS = "TLSPlain, TLSVnc, TLSNone, Plain"

Start = Callable[..., Standalone]
Screens = Callable[..., Xvnc]
Proven = Callable[[str, str, str], None]


@pytest.mark.parametrize(
    ("offered", "security", "more"),
    [
        ("None", "None", {}),
        ("VncAuth", "VNC Authentication", {}),
        ("X509None", "VeNCrypt X509None", {}),
        ("X509Vnc", "VeNCrypt X509Vnc", {}),
        ("X509Plain", "VeNCrypt X509Plain", {}),
        ("TLSNone", "VeNCrypt TLSNone", {"hypervisor_security_types": _ANONYMOUS}),
        ("TLSVnc", "VeNCrypt TLSVnc", {"hypervisor_security_types": _ANONYMOUS}),
        ("TLSPlain", "VeNCrypt TLSPlain", {"hypervisor_security_types": _ANONYMOUS}),
        ("Plain", "VeNCrypt Plain", {"hypervisor_security_types": _ANONYMOUS}),
    ],
)
def test_only_one_type(
    proxy_factory: Start,
    xvnc_factory: Screens,
    pki: Pki,
    proven: Proven,
    offered: str,
    security: str,
    more: dict[str, str],
) -> None:
    screen = xvnc_factory(offered, password=_PASSWORD, pair=pki.server)
    proxy = proxy_factory(hypervisor_tls_ca_file=str(pki.root), **more)
    with proxy.console(**_way(screen)) as console:
        assert (console.security, screen.security()) == (security, offered)
        console.assert_shows(screen)
    proven("TigerVNC Xvnc", console.security, "TCP")


@pytest.mark.parametrize(
    ("settings", "chosen"),
    [
        ({}, "X509Plain"),
        ({"hypervisor_encryption": "required"}, "X509Plain"),
        ({"hypervisor_encryption": "off"}, "VncAuth"),
        ({"hypervisor_security_types": "X509None, X509Vnc, VncAuth"}, "X509Vnc"),
        ({"hypervisor_security_types": "TLSVnc, X509Vnc"}, "TLSVnc"),
        ({"hypervisor_security_types": "VncAuth, X509Vnc"}, "VncAuth"),
        ({"hypervisor_security_types": "Plain, None"}, "Plain"),
        ({"hypervisor_security_types": "None, X509Vnc"}, "None"),
    ],
)
def test_the_best_of_many_types(
    proxy_factory: Start,
    xvnc_factory: Screens,
    pki: Pki,
    settings: dict[str, str],
    chosen: str,
) -> None:
    everything = "X509Vnc,TLSVnc,VncAuth,None,Plain,X509Plain"
    screen = xvnc_factory(everything, password=_PASSWORD, pair=pki.server)
    proxy = proxy_factory(hypervisor_tls_ca_file=str(pki.root), **settings)
    with proxy.console(**_way(screen)) as console:
        assert screen.security() == chosen
        console.assert_shows(screen)


def _way(screen: Xvnc) -> dict[str, object]:
    return {
        "host": "127.0.0.1",
        "port": screen.port,
        "username": USER,
        "password": _PASSWORD,
    }
