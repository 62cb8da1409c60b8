"""Assembly of the way to the hypervisors from the settings."""

from urllib.parse import urlsplit

from consoleproxy.console.guest import Reach
from consoleproxy.errors import SettingsInvalid
from consoleproxy.hypervisor.allowed import AllowedTargets
from consoleproxy.hypervisor.dial import Dialling
from consoleproxy.hypervisor.local_gateway import LocalGateway
from consoleproxy.hypervisor.route import RouteCheck
from consoleproxy.hypervisor.tls import HypervisorTls, TlsFiles, Verify
from consoleproxy.keystore.port import HTTP_PORT, HTTPS_PORT
from consoleproxy.rfb.policy import Encryption, SecurityPolicy, parse_order
from consoleproxy.settings import Settings


def reach_from(settings: Settings) -> Reach:
    """Return how screens are reached.

    Raises:
        SettingsInvalid: what to change, for all of these settings at once.
    """
    problems: list[str] = []
    allowed = AllowedTargets()
    order = SecurityPolicy().order
    try:
        allowed = AllowedTargets.parse(settings.hypervisor_allowed, _own_ports(settings))
    except SettingsInvalid as fault:
        problems += fault.problems
    try:
        order = parse_order(settings.hypervisor_security_types)
    except SettingsInvalid as fault:
        problems += fault.problems
    gateway = LocalGateway()
    try:
        gateway = LocalGateway.parse(settings.hypervisor_route_gateway)
    except SettingsInvalid as fault:
        problems += fault.problems
    files = TlsFiles(
        settings.hypervisor_tls_ca_file,
        settings.hypervisor_tls_certificate_file,
        settings.hypervisor_tls_key_file,
    )
    try:
        tls = HypervisorTls(files, Verify(settings.hypervisor_tls_verify))
    except SettingsInvalid as fault:
        raise SettingsInvalid([*problems, *fault.problems]) from None
    if problems:
        raise SettingsInvalid(problems)
    return Reach(
        dialling=Dialling(
            allowed=allowed,
            route=RouteCheck(settings.hypervisor_route_command),
            tls=tls,
            limit=settings.connect_timeout / 1000,
            gateway=gateway,
        ),
        security=SecurityPolicy(order, Encryption(settings.hypervisor_encryption)),
        login_limit=settings.login_timeout / 1000,
    )


def _own_ports(settings: Settings) -> frozenset[int]:
    """Return the ports on which this program serves, itself or as the management server."""
    ports = {settings.port, settings.admin_port, settings.manage_port, HTTP_PORT, HTTPS_PORT}
    ports.add(urlsplit(settings.management_url).port or 0)
    return frozenset(ports - {0})
