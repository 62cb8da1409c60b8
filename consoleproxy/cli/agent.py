"""``consoleproxy agent``: a CPVM in the place of CloudStack's own."""

import argparse
import asyncio
import logging
import platform
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from ipaddress import ip_address
from pathlib import Path

from consoleproxy import __version__
from consoleproxy.agent.agent import Agent, AgentConfig
from consoleproxy.agent.boot import Boot, read_boot
from consoleproxy.agent.certificates import AgentCertificates
from consoleproxy.agent.identity import Identity, Interface
from consoleproxy.agent.own_interface import own_ipv4
from consoleproxy.agent.state import StateFile
from consoleproxy.agent.told import (
    AGENT_FILE,
    PROXY_FILE,
    Told,
    all_told,
    listing,
    settings_told,
)
from consoleproxy.cli.agent_check import agent_findings
from consoleproxy.cli.agent_machine import ManagementRoute, firewall_of, machine_in_order
from consoleproxy.cli.agent_proxy import AgentProxy, port_rule
from consoleproxy.cli.consoles import work
from consoleproxy.cli.door import log_crash
from consoleproxy.cli.parts import parts_of, worker_count
from consoleproxy.cli.running import add_settings_arguments, run_until_signal, settings_from
from consoleproxy.hypervisor.local_gateway import LocalGateway
from consoleproxy.loadscan import LoadScan
from consoleproxy.log import set_up_logging
from consoleproxy.settings import Settings
from consoleproxy.workers.nursery import Nursery

_log = logging.getLogger(__name__)

KERNEL_FILE = Path("/proc/cmdline")
_NETWORK = Path("/sys/class/net")
_PRIVATE, _PUBLIC = "eth1", "eth2"


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "agent", help="run the console proxy as CloudStack's agent, in a system VM"
    )
    add_settings_arguments(parser)
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument(
        "--print-settings",
        action="store_true",
        help="show what this system VM was told, each setting with its source, and end",
    )
    instead.add_argument(
        "--check",
        action="store_true",
        help="show what is missing for a start in this system VM, and end",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Be the agent until a signal."""
    kernel = args.boot_arguments or KERNEL_FILE
    folder = Path(settings_from(args).settings.agent_folder)
    told = told_of(kernel, folder)
    resolved = settings_from(args, settings_told(told))
    settings = resolved.settings
    if args.print_settings:
        print("\n".join([*listing(told), "", *resolved.lines()]))
        return 0
    if args.check:
        findings = list(agent_findings(settings, told))
        print("\n".join(map(str, findings)))
        return 0 if all(finding.good for finding in findings) else 1
    boot = boot_of(kernel, folder)
    set_up_logging()
    _log.info("told: %s", "; ".join(listing(told)))
    # Before there is an event loop: what is forked must have none.
    nursery = Nursery(partial(work, settings)) if worker_count(settings) > 1 else None
    try:
        asyncio.run(run_until_signal(running_agent(settings, boot, nursery)))
    finally:
        if nursery is not None:
            nursery.close()
    return 0


def boot_of(kernel: Path, folder: Path, network: Path = _NETWORK) -> Boot:
    """Return what the system VM was told, with what it knows of itself.

    Args:
        kernel: the file with the boot arguments.
        folder: of the properties files.
        network: sysfs' folder of network interfaces.

    Raises:
        SettingsInvalid: what is missing or wrong.
        OSError: the kernel's command line cannot be read.
    """
    boot = read_boot({name: one.value for name, one in told_of(kernel, folder).items()})
    return replace(boot, identity=_with_machine(boot.identity, network))


def told_of(kernel: Path, folder: Path) -> dict[str, Told]:
    """Return what the system VM was told by name; see ``boot_of``.

    Raises:
        OSError: the kernel's command line cannot be read.
    """
    texts = [_text(folder / name) for name in (AGENT_FILE, PROXY_FILE)]
    return all_told(kernel.read_text(encoding="utf-8", errors="replace"), *texts)


@asynccontextmanager
async def running_agent(
    settings: Settings, boot: Boot, nursery: Nursery | None = None
) -> AsyncIterator[AgentProxy]:
    """Run the agent, and the proxy that it is in charge of, while the context is open.

    Args:
        nursery: makes the worker processes; without one, this process does it all.

    Raises:
        SettingsInvalid: what to change.
    """
    parts = parts_of(settings, nursery)
    registry, service = parts.admission.registry, parts.service
    rule = port_rule(settings, boot)
    config = AgentConfig(
        identity=replace(boot.identity, port=rule.ports(tls=boot.tls)[-1]),
        servers=boot.servers,
        port=boot.agent_port,
        back_off=settings.agent_back_off / 1000,
        way=ManagementRoute(
            LocalGateway.parse(settings.hypervisor_route_gateway), boot.name_servers
        ).ensure,
    )
    certificates = AgentCertificates(
        Path(settings.agent_folder),
        boot.identity.name,
        [
            ip_address(interface.address)
            for interface in (boot.identity.private, boot.identity.public)
            if interface.address
        ],
        anybody=settings.agent_trust_anybody,
    )
    # The mistakes that can be found before anybody is asked.
    certificates.trust()
    firewall = firewall_of(settings)
    agent = Agent(config, certificates, StateFile(Path(settings.agent_state_file)))
    scan = LoadScan(registry, service.refresh, agent, settings.loadscan_interval / 1000)
    proxy = AgentProxy(settings, rule, parts, scan)
    parts.admission.authenticator = agent
    parts.admission.changed = scan.wake
    parts.changes.scan = scan
    async with machine_in_order(settings, boot, firewall, proxy):
        living = asyncio.get_running_loop().create_task(agent.run(proxy), name="agent")
        living.add_done_callback(log_crash)
        try:
            yield proxy
        finally:
            await proxy.stop()
            await agent.say_goodbye()
            living.cancel()
            await asyncio.wait({living})


def _with_machine(identity: Identity, network: Path) -> Identity:
    return replace(
        identity,
        version=__version__,
        architecture=platform.machine(),
        private=_completed(identity.private, network, _PRIVATE),
        public=_completed(identity.public, network, _PUBLIC),
    )


def _completed(interface: Interface, network: Path, name: str) -> Interface:
    if not interface.address:
        # Not told with bootproto=dhcp.
        address, netmask = own_ipv4(name)
        interface = replace(interface, address=address, netmask=netmask)
    # Where the kernel names interfaces otherwise, that of another one does: the server wants any.
    others = sorted(one.name for one in network.glob("*") if one.name != "lo")
    found = (_text(network / one / "address").strip() for one in (name, *others))
    return replace(interface, mac=next(filter(None, found), ""))


def _text(path: Path) -> str:
    try:
        # Java reads them as ISO 8859-1; what is not ASCII is in no value that counts here.
        return path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""
