"""Consoles of real QEMU guests, with every security that a KVM host can ask for."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.integration.fixtures.pki import Pki
from tests.integration.fixtures.qemu import Encrypted, Qemu
from tests.integration.fixtures.standalone import Standalone

_PASSWORD = "secret12"

Start = Callable[..., Standalone]
Guests = Callable[..., Qemu]
Proven = Callable[[str, str, str], None]


def test_without_security(proxy_factory: Start, qemu_factory: Guests, proven: Proven) -> None:
    guest = qemu_factory()
    assert guest.security() == "none"
    with proxy_factory().console(host=guest.host, port=guest.port) as console:
        assert console.security == "None"
        console.assert_shows(guest)
    proven("QEMU", console.security, "TCP")


def test_password(proxy_factory: Start, qemu_factory: Guests, proven: Proven) -> None:
    guest = qemu_factory(password=_PASSWORD)
    assert guest.security() == "vnc"
    way = {"host": guest.host, "port": guest.port, "password": _PASSWORD}
    with proxy_factory().console(**way) as console:
        assert console.security == "VNC Authentication"
        console.assert_shows(guest)
    proven("QEMU", console.security, "TCP")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """TLS with certificates.

    Args:
        client: the proxy shows a certificate, and QEMU demands it.
        security: what the proxy says was agreed on.
        qemu: QEMU's own name for that.
    """

    password: str = ""
    client: bool = False
    security: str
    qemu: str


@pytest.mark.parametrize(
    "case",
    [
        Case(security="VeNCrypt X509None", qemu="vencrypt+x509+none"),
        Case(security="VeNCrypt X509None", qemu="vencrypt+x509+none", client=True),
        Case(security="VeNCrypt X509Vnc", qemu="vencrypt+x509+vnc", password=_PASSWORD),
        Case(
            security="VeNCrypt X509Vnc", qemu="vencrypt+x509+vnc", password=_PASSWORD, client=True
        ),
    ],
    ids=["certificate", "both certificates", "and password", "both and password"],
)
def test_certificates(
    proxy_factory: Start, qemu_factory: Guests, pki: Pki, proven: Proven, case: Case
) -> None:
    tls = Encrypted(pki.qemu_folder(pki.server), verify_peer=case.client)
    guest = qemu_factory(tls=tls, password=case.password)
    assert guest.security() == case.qemu
    settings = {"hypervisor_tls_ca_file": str(pki.root), "hypervisor_encryption": "required"}
    if case.client:
        settings["hypervisor_tls_certificate_file"] = str(pki.client.certificate)
        settings["hypervisor_tls_key_file"] = str(pki.client.key)
    proxy = proxy_factory(**settings)
    way = {"host": guest.host, "port": guest.port, "password": case.password}
    with proxy.console(**way) as console:
        assert console.security == case.security
        console.assert_shows(guest)
    shown = ", client certificate" if case.client else ""
    proven("QEMU", console.security + shown, "TCP")


@pytest.mark.parametrize(
    ("password", "security", "qemu"),
    [
        ("", "TLSNone", "vencrypt+tls+none"),
        (_PASSWORD, "TLSVnc", "vencrypt+tls+vnc"),
    ],
)
def test_anonymous_tls_that_is_allowed_by_name(
    proxy_factory: Start,
    qemu_factory: Guests,
    pki: Pki,
    proven: Proven,
    password: str,
    security: str,
    qemu: str,
) -> None:
    tls = Encrypted(pki.qemu_folder(pki.server), anonymous=True)
    guest = qemu_factory(tls=tls, password=password)
    assert guest.security() == qemu
    proxy = proxy_factory(hypervisor_security_types=f"X509Vnc, {security}, VncAuth")
    way = {"host": guest.host, "port": guest.port, "password": password}
    with proxy.console(**way) as console:
        assert console.security == f"VeNCrypt {security}"
        console.assert_shows(guest)
    proven("QEMU", console.security, "TCP")
