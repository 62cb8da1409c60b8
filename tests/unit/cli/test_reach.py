"""Settings become the way to the hypervisors, or all their mistakes at once."""

import dataclasses
from pathlib import Path

import pytest

from consoleproxy.cli.reach import reach_from
from consoleproxy.errors import HypervisorForbidden, SettingsInvalid
from consoleproxy.rfb.policy import DEFAULT_ORDER, Encryption, SecurityKind
from consoleproxy.settings import Settings


def test_defaults() -> None:
    reach = reach_from(Settings())
    assert reach.security.order == DEFAULT_ORDER
    assert reach.security.encryption is Encryption.PREFERRED
    assert reach.login_limit == 10
    assert reach.dialling.limit == 5
    reach.dialling.allowed.check("192.0.2.1", 5901)
    with pytest.raises(HypervisorForbidden):
        reach.dialling.allowed.check("127.0.0.1", 5901)


def test_what_is_set_counts() -> None:
    reach = reach_from(
        Settings(
            hypervisor_allowed="127.0.0.1",
            hypervisor_security_types="TLSVnc, None",
            hypervisor_encryption="required",
            hypervisor_route_command="/bin/true",
        )
    )
    assert reach.security.order == (SecurityKind.TLS_VNC, SecurityKind.NONE)
    assert reach.security.encryption is Encryption.REQUIRED
    assert reach.dialling.route.command == "/bin/true"


@pytest.mark.parametrize("port", [8001, 8080, 8088, 8443, 7001])
def test_own_ports_are_not_a_screen(port: int) -> None:
    settings = Settings(hypervisor_allowed="127.0.0.1", management_url="http://127.0.0.1:7001")
    with pytest.raises(HypervisorForbidden):
        reach_from(settings).dialling.allowed.check("127.0.0.1", port)


def test_all_mistakes_at_once(tmp_path: Path) -> None:
    settings = dataclasses.replace(
        Settings(),
        hypervisor_allowed="nonsense/99",
        hypervisor_security_types="Nonsense",
        hypervisor_tls_ca_file=str(tmp_path / "missing"),
    )
    with pytest.raises(SettingsInvalid) as caught:
        reach_from(settings)
    names = ("hypervisor.allowed", "hypervisor.security.types", "hypervisor.tls.ca.file")
    assert len(caught.value.problems) == 3
    assert all(name in text for name, text in zip(names, caught.value.problems, strict=True))
