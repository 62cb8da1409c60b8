"""Host routes through ``localgw``, in a system VM that has two networks and a router."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
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
from tests.integration.fixtures.system_vm import kernel_line, running_system_vm
from tests.integration.fixtures.two_networks import (
    BEHIND,
    GATEWAY,
    ON_LINK,
    TwoNetworks,
    two_networks,
)

VNC = 5900


@pytest.fixture
def place() -> Iterator[TwoNetworks]:
    with two_networks() as one:
        yield one


def _dial(place: TwoNetworks, address: str, gateway: str = "") -> None:
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

    place.cpvm.do(lambda: asyncio.run(dial()))


@contextmanager
def _hypervisors(place: TwoNetworks) -> Iterator[None]:
    with listening(place.on_link, VNC), listening(place.behind, VNC):
        yield


def test_one_behind_the_gateway_is_reached_with_its_route_only(place: TwoNetworks) -> None:
    with _hypervisors(place):
        with pytest.raises(HypervisorUnreachable):
            _dial(place, BEHIND)
        for _ in range(2):
            _dial(place, BEHIND, GATEWAY)
            assert place.routes(BEHIND) == [GATEWAY]


def test_one_on_the_management_network_needs_none(place: TwoNetworks) -> None:
    with _hypervisors(place):
        _dial(place, ON_LINK, GATEWAY)
    assert place.routes(ON_LINK) == []


def test_a_route_that_an_operator_has_set_stays(place: TwoNetworks) -> None:
    place.cpvm.run("ip", "route", "add", "10.9.0.0/16", "via", GATEWAY)
    with _hypervisors(place):
        _dial(place, BEHIND, "10.1.2.99")
    assert place.routes(BEHIND) == []


def test_a_gateway_on_no_network_of_this_machine(place: TwoNetworks) -> None:
    with _hypervisors(place), pytest.raises(HypervisorUnreachable, match=r"route\.gateway") as told:
        _dial(place, BEHIND, "10.77.0.1")
    assert "via 10.77.0.1: ip ended with status 2" in str(told.value)


def test_management_servers_and_internal_name_servers(place: TwoNetworks) -> None:
    way = ManagementRoute(LocalGateway.parse(GATEWAY), [ip_address("10.9.8.53")])
    place.cpvm.do(lambda: asyncio.run(way.ensure(BEHIND)))
    assert place.routes(BEHIND) == [GATEWAY]
    assert place.routes("10.9.8.53") == [GATEWAY]


def test_an_agent_reaches_its_management_server(
    place: TwoNetworks, tmp_path: Path, cloudstack_authority: Authority
) -> None:
    files = cloudstack_authority.provision(tmp_path / "files", ["v-2-VM", "10.1.2.11"])
    with place.behind.entered():
        peer = ManagementPeer(cloudstack_authority, Cloud(), address=BEHIND)
        with peer, place.cpvm.entered():
            kernel = kernel_line(peer, host=BEHIND, eth1ip="10.1.2.11", internaldns1="10.9.8.53")
            with running_system_vm(tmp_path, files, kernel, hypervisor_route_gateway=GATEWAY):
                peer.up()
    assert place.routes(BEHIND) == [GATEWAY]
