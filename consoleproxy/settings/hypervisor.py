"""The way to the hypervisors."""

from dataclasses import dataclass
from typing import ClassVar

from consoleproxy.hypervisor.allowed import AllowedTargets
from consoleproxy.hypervisor.local_gateway import LocalGateway
from consoleproxy.rfb.policy import parse_order
from consoleproxy.settings import declare
from consoleproxy.settings.declare import Effect
from consoleproxy.settings.session import SessionSettings


@dataclass(frozen=True, slots=True)
class HypervisorSettings(SessionSettings):
    """What may be dialled, and how."""

    GROUP: ClassVar = "Hypervisors"

    connect_timeout: int = declare.milliseconds(
        "consoleproxy.hypervisor.connect.timeout",
        5000,
        "Time to reach a hypervisor's VNC port.",
        minimum=100,
        effect=Effect.LIVE,
    )
    hypervisor_allowed: str = declare.text(
        "consoleproxy.hypervisor.allowed",
        "",
        "Where screens may be: networks with ports as 10.0.0.0/8:5900-6100, unix:/folder/. Empty: "
        "all but loopback, link-local and metadata addresses, and this machine's own.",
        effect=Effect.LIVE,
        check=AllowedTargets.parse,
    )
    hypervisor_encryption: str = declare.text(
        "consoleproxy.hypervisor.encryption",
        "preferred",
        "Encryption towards hypervisors.",
        choices=("preferred", "required", "off"),
        effect=Effect.LIVE,
    )
    hypervisor_security_types: str = declare.text(
        "consoleproxy.hypervisor.security.types",
        "X509Plain, X509Vnc, X509None, VncAuth, None",
        "RFB security types, best first. TLSPlain, TLSVnc and TLSNone (anonymous TLS) and Plain "
        "are used only if they are named here.",
        effect=Effect.LIVE,
        check=parse_order,
    )
    hypervisor_tls_ca_file: str = declare.text(
        "consoleproxy.hypervisor.tls.ca.file",
        "",
        "PEM file of the authorities that hypervisors' certificates come from; empty: the "
        "system's.",
    )
    hypervisor_tls_certificate_file: str = declare.text(
        "consoleproxy.hypervisor.tls.certificate.file",
        "",
        "PEM file of this proxy's own certificate, for hypervisors that demand one.",
    )
    hypervisor_tls_key_file: str = declare.text(
        "consoleproxy.hypervisor.tls.key.file",
        "",
        "PEM file of its key; empty: it is in the certificate's file.",
    )
    hypervisor_tls_verify: str = declare.text(
        "consoleproxy.hypervisor.tls.verify",
        "full",
        "What is asked of a hypervisor's certificate: full (authority and name), ca (authority), "
        "off.",
        choices=("full", "ca", "off"),
        effect=Effect.LIVE,
    )
    hypervisor_route_command: str = declare.text(
        "consoleproxy.hypervisor.route.command",
        "",
        "Program that is run with a hypervisor's address before it is dialled, to set a route.",
    )
    hypervisor_route_gateway: str = declare.text(
        "consoleproxy.hypervisor.route.gateway",
        "",
        "Gateway through which hypervisors are reached that are on no network of this machine: "
        "a host route is set before one is dialled, unless there is another than the default "
        "one. Empty: none is set.",
        boot_argument="localgw",
        check=LocalGateway.parse,
    )
    login_timeout: int = declare.milliseconds(
        "consoleproxy.login.timeout",
        10_000,
        "Time for the hypervisor's RFB login, and for the viewer's.",
        minimum=100,
        effect=Effect.LIVE,
    )
