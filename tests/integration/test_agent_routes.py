"""Host routes through ``localgw``, in a system VM that has two networks and a router."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

import pytest

from consoleproxy.cli.agent_machine import ManagementRoute
from consoleproxy.cli.reach import reach_from
from consoleproxy.errors import HypervisorUnreachable
from consoleproxy.hypervisor.local_gateway import LocalGateway
from consoleproxy.hypervisor.target import TcpTarget
from consoleproxy.settings import Settings
from tests.integration.fixtures.cloudstack.authority import Authority
from tests.integration.fixtures.cloudstack.cloud import Cloud
from tests.integration.fixtures.cloudstack.peer import ManagementPeer
from tests.integration.fixtures.listening import listening
from tests.integration.fixtures.namespaces import Network, NetworkMachine, network
from tests.integration.fixtures.system_vm import kernel_line, running_system_vm

GATEWAY, ON_LINK, BEHIND = "10.1.2.1", "10.1.2.20", "10.9.8.7"
VNC = 5900


@dataclass(frozen=True, slots=True)
class Place:
    """A system VM: a hypervisor on its management network, and one behind that's gateway."""

    cpvm: NetworkMachine
    on_link: NetworkMachine
    behind: NetworkMachine

    def routes(self, address: str) -> list[str]:
        """The gateways of routes to this address alone."""
        found = json.loads(self.cpvm.run("ip", "-4", "-json", "route", "show", address) or "[]")
        return [route["gateway"] for route in found]

    def dial(self, address: str, gateway: str = "") -> None:
        """As for a console."""
        reach = reach_from(
            Settings(
                hypervisor_allowed="10.0.0.0/8",
                hypervisor_route_gateway=gateway,
                connect_timeout=1000,
            )
        )

        async def dial() -> None:
            line = await reach.dialling.dial(TcpTarget(address, VNC))
            line.wire.close()

        self.cpvm.do(lambda: asyncio.run(dial()))


@pytest.fixture
def place() -> Iterator[Place]:
    with network() as net:
        yield _built(net)


def _built(net: Network) -> Place:
    cpvm, router, behind, internet = map(net.machine, ("cpvm", "router", "behind", "internet"))
    net.cable((cpvm, "eth1", "10.1.2.11/24"), (router, "near", f"{GATEWAY}/24"))
    router.run("ip", "address", "add", f"{ON_LINK}/24", "dev", "near")
    net.cable((router, "far", "10.9.8.1/24"), (behind, "eth0", f"{BEHIND}/24"))
    behind.run("ip", "route", "add", "default", "via", "10.9.8.1")
    router.run("sysctl", "-q", "-w", "net.ipv4.ip_forward=1")
    net.cable((cpvm, "eth2", "203.0.113.9/24"), (internet, "eth0", "203.0.113.1/24"))
    cpvm.run("ip", "route", "add", "default", "via", "203.0.113.1")
    return Place(cpvm, router, behind)


@contextmanager
def _hypervisors(place: Place) -> Iterator[None]:
    with listening(place.on_link, VNC), listening(place.behind, VNC):
        yield


def test_one_behind_the_gateway_is_reached_with_its_route_only(place: Place) -> None:
    with _hypervisors(place):
        with pytest.raises(HypervisorUnreachable):
            place.dial(BEHIND)
        for _ in range(2):
            place.dial(BEHIND, GATEWAY)
            assert place.routes(BEHIND) == [GATEWAY]


def test_one_on_the_management_network_needs_none(place: Place) -> None:
    with _hypervisors(place):
        place.dial(ON_LINK, GATEWAY)
    assert place.routes(ON_LINK) == []


def test_a_route_that_an_operator_has_set_stays(place: Place) -> None:
    place.cpvm.run("ip", "route", "add", "10.9.0.0/16", "via", GATEWAY)
    with _hypervisors(place):
        place.dial(BEHIND, "10.1.2.99")
    assert place.routes(BEHIND) == []


def test_a_gateway_on_no_network_of_this_machine(place: Place) -> None:
    with _hypervisors(place), pytest.raises(HypervisorUnreachable, match=r"route\.gateway") as told:
        place.dial(BEHIND, "10.77.0.1")
    assert "via 10.77.0.1: ip ended with status 2" in str(told.value)


def test_management_servers_and_internal_name_servers(place: Place) -> None:
    way = ManagementRoute(LocalGateway.parse(GATEWAY), [ip_address("10.9.8.53")])
    place.cpvm.do(lambda: asyncio.run(way.ensure(BEHIND)))
    assert place.routes(BEHIND) == [GATEWAY]
    assert place.routes("10.9.8.53") == [GATEWAY]


def test_an_agent_reaches_its_management_server(
    place: Place, tmp_path: Path, cloudstack_authority: Authority
) -> None:
    files = cloudstack_authority.provision(tmp_path / "files", ["v-2-VM", "10.1.2.11"])
    with place.behind.entered():
        peer = ManagementPeer(cloudstack_authority, Cloud(), address=BEHIND)
        with peer, place.cpvm.entered():
            kernel = kernel_line(peer, host=BEHIND, eth1ip="10.1.2.11", internaldns1="10.9.8.53")
            with running_system_vm(tmp_path, files, kernel, hypervisor_route_gateway=GATEWAY):
                peer.up()
    assert place.routes(BEHIND) == [GATEWAY]
