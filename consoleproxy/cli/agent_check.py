"""What is missing for a start in a system VM; one line a thing, with what to do."""

import os
import socket
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from pathlib import Path

from consoleproxy.agent.boot import Boot, read_boot
from consoleproxy.agent.certificates import AgentCertificates
from consoleproxy.agent.told import Told
from consoleproxy.cli.agent_machine import firewall_of
from consoleproxy.cli.agent_proxy import port_rule
from consoleproxy.cli.check import Finding, free_port, reach_findings
from consoleproxy.errors import SettingsInvalid
from consoleproxy.hypervisor.own_address import is_this_machine
from consoleproxy.keystore.port import HTTP_PORT, HTTPS_PORT
from consoleproxy.programs import is_installed
from consoleproxy.settings import Settings

_CONNECT_SECONDS = 5.0
_FIREWALL_PROGRAMS = {"nftables": "nft", "iptables": "iptables"}
_CAP_NET_ADMIN = 12  # capability.h


def agent_findings(settings: Settings, told: Mapping[str, Told]) -> Iterator[Finding]:
    """Yield what an agent with these settings, and told this, would find here."""
    try:
        boot = read_boot({name: one.value for name, one in told.items()})
    except SettingsInvalid as fault:
        for problem in fault.problems:
            yield Finding(False, problem)
        return
    yield Finding(True, f"boot arguments: {boot.identity.name}, {boot.identity.guid}")
    yield _host_name(boot)
    yield from _addresses(boot)
    yield _certificate(settings, boot)
    yield _state(Path(settings.agent_state_file))
    yield from _ports(settings, boot)
    yield from reach_findings(settings)
    yield from _machine(settings, boot)
    for host in boot.servers.hosts:
        yield _server(host, boot.agent_port)


def _host_name(boot: Boot) -> Finding:
    own = socket.gethostname().partition(".")[0]
    if own == boot.identity.name:
        return Finding(True, f"name: this machine is {own}")
    return Finding(
        False,
        f"name: this machine is {own}, and boot argument name is {boot.identity.name}: CloudStack "
        "finds a proxy by that name; give the machine the same",
    )


def _addresses(boot: Boot) -> Iterator[Finding]:
    interfaces = (("eth1", boot.identity.private), ("eth2", boot.identity.public))
    for name, interface in interfaces:
        if not interface.address:
            yield Finding(boot.dhcp, f"addresses: boot argument {name}ip tells none")
        elif is_this_machine(ip_address(interface.address)):
            yield Finding(True, f"addresses: {interface.address} is this machine's")
        else:
            yield Finding(
                False,
                f"addresses: {interface.address} of {name} is not this machine's: set up {name}, "
                "or correct the boot argument",
            )


def _certificate(settings: Settings, boot: Boot) -> Finding:
    certificates = AgentCertificates(
        Path(settings.agent_folder), boot.identity.name, [], anybody=settings.agent_trust_anybody
    )
    try:
        certificates.trust()
    except SettingsInvalid as fault:
        return Finding(False, f"certificate: {fault}")
    return Finding(True, f"certificate: the files in {settings.agent_folder} can be used")


def _state(path: Path) -> Finding:
    folder = path.parent
    if os.access(folder, os.W_OK | os.X_OK):
        return Finding(True, f"state: {path} can be written")
    return Finding(
        False, f"state: {path} cannot be written: make {folder}, for this program's user"
    )


def _ports(settings: Settings, boot: Boot) -> Iterator[Finding]:
    # TLS comes with the keystore, of which vncport tells more than premium does.
    told = {HTTPS_PORT: True, HTTP_PORT: False}
    tls = told.get(boot.console_port, boot.tls)
    for number in port_rule(settings, boot).ports(tls=tls):
        yield free_port(settings.listen_address, number)
    yield free_port(settings.admin_address, settings.admin_port)
    if tls != boot.tls:
        yield Finding(
            False,
            f"ports: boot argument vncport={boot.console_port} does not go with "
            f"premium={str(boot.tls).lower()}: in CloudStack, TLS needs consoleproxy.sslEnabled, "
            "consoleproxy.url.domain and a certificate; set all or none, and recreate the system "
            "VM",
        )


def _machine(settings: Settings, boot: Boot) -> Iterator[Finding]:
    """Yield whether firewall, routes and kernel can be changed as the settings say."""
    programs = {
        "firewall": _FIREWALL_PROGRAMS.get(settings.agent_firewall, ""),
        "routes": "ip" if settings.hypervisor_route_gateway else "",
    }
    try:
        firewall_of(settings)
    except SettingsInvalid as fault:
        yield Finding(False, f"firewall: {fault}")
    for what, program in programs.items():
        if not program:
            yield Finding(True, f"{what}: as they are on this machine")
        elif not is_installed(program):
            yield Finding(False, f"{what}: {program} is not installed")
        elif not _may_change_the_network():
            yield Finding(False, f"{what}: give this program CAP_NET_ADMIN, for {program}")
        else:
            yield Finding(True, f"{what}: {program} can be used")
    if boot.disable_rp_filter and not settings.agent_rp_filter:
        yield Finding(
            True,
            "kernel: boot argument disable_rp_filter is left to the system VM's own scripts; "
            "consoleproxy.agent.disable.rpfilter=true does it here",
        )


def _may_change_the_network() -> bool:
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    held = next((line for line in status.splitlines() if line.startswith("CapEff:")), "CapEff: 0")
    return bool(int(held.split()[1], 16) >> _CAP_NET_ADMIN & 1)


def _server(host: str, port: int) -> Finding:
    try:
        socket.create_connection((host, port), _CONNECT_SECONDS).close()
    except OSError as error:
        return Finding(
            False,
            f"management server: {host} port {port} does not answer ({error}): open it there, and "
            "see that there is a route to it",
        )
    return Finding(True, f"management server: {host} port {port} answers")
