import asyncio
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from consoleproxy.endpoint.cloudstack import EncryptionKeys
from consoleproxy.endpoint.codec import TokenCodec
from consoleproxy.endpoint.ticket import ticket_valid
from consoleproxy.errors import ManagementRequestRefused
from consoleproxy.management.accounts.caller import root_admin
from consoleproxy.management.fleet.assignment import Order
from consoleproxy.management.inventory.machines import Inventory
from consoleproxy.management.issuer import ConsoleRequest, IssuedConsole
from consoleproxy.management.records.sessions import sessions
from tests.unit.management.world import (
    DATABASE,
    PROXY,
    START,
    WEB,
    World,
    hidden_keys,
    running_world,
)

REQUEST = ConsoleRequest(
    vm_uuid=WEB.uuid, caller=root_admin("admin"), source_address="203.0.113.7", extra="s3cret"
)


def test_token_holds_what_the_proxy_needs(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with running_world(tmp_path) as world:
            await world.register()
            console = await world.server.issuer.issue(REQUEST)
        keys, hash_key = hidden_keys(tmp_path)
        endpoint = TokenCodec(EncryptionKeys.parse(keys), None).decode(console.token)
        assert (endpoint.host, endpoint.port, endpoint.password) == (
            WEB.host,
            WEB.port,
            WEB.password,
        )
        assert (endpoint.vm_uuid, endpoint.display_name) == (WEB.uuid, WEB.name)
        assert (endpoint.extra, endpoint.source_ip) == ("s3cret", "203.0.113.7")
        assert ticket_valid(
            endpoint.ticket,
            endpoint.host,
            endpoint.port,
            endpoint.password,
            endpoint.vm_uuid,
            endpoint.session_uuid,
            hash_key,
            START,
        )
        assert WEB.password not in repr(console)
        assert console.token not in repr(console)

    asyncio.run(scenario())


def test_url_is_what_the_proxy_registered(tmp_path: Path) -> None:
    async def urls() -> tuple[str, str]:
        async with running_world(tmp_path) as world:
            await world.register()
            secure = await world.server.issuer.issue(REQUEST)
            await world.register(replace(PROXY, host="192.0.2.10", port=8080, tls=False))
            plain = await world.server.issuer.issue(replace(REQUEST, extra=""))
            return secure.url, plain.url

    secure, plain = asyncio.run(urls())
    assert urlsplit(secure)[:3] == (
        "https",
        "192-0-2-10.console.example.org:8443",
        "/resource/noVNC/vnc.html",
    )
    assert "&port=8443&" in secure
    assert secure.endswith("&extra=s3cret")
    assert plain.startswith("http://192.0.2.10:8080/")
    assert "extra" not in plain


async def _refusal(world: World, request: ConsoleRequest) -> str:
    with pytest.raises(ManagementRequestRefused) as caught:
        await world.server.issuer.issue(request)
    assert caught.value.status == 530
    return str(caught.value)


def test_refusals_say_what_stands_in_the_way(tmp_path: Path) -> None:
    container = replace(WEB, uuid="22222222-2222-4333-8444-555555555555", hypervisor="LXC")

    async def scenario() -> None:
        unseen = replace(WEB, uuid="33333333-2222-4333-8444-555555555555", no_screen="no VNC")
        inventory = Inventory([WEB, DATABASE, container, unseen])
        async with running_world(tmp_path, inventory=inventory) as world:
            assert "no console proxy is connected" in await _refusal(world, REQUEST)
            await world.register()
            unknown = "00000000-0000-4000-8000-000000000000"
            assert unknown in await _refusal(world, replace(REQUEST, vm_uuid=unknown))
            stopped = await _refusal(world, replace(REQUEST, vm_uuid=DATABASE.uuid))
            assert "it is Stopped" in stopped
            assert "LXC" in await _refusal(world, replace(REQUEST, vm_uuid=container.uuid))
            hidden = await _refusal(world, replace(REQUEST, vm_uuid=unseen.uuid))
            assert hidden == "VM web01 has no console: no VNC"
            world.clock.now += 16
            assert "no console proxy is connected" in await _refusal(world, REQUEST)
            assert await world.server.issuer.database.run(sessions) == ()

    asyncio.run(scenario())


def test_extra_is_demanded_where_the_proxy_would_demand_it(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with running_world(tmp_path, extra_required=True) as world:
            await world.register()
            assert "parameter token" in await _refusal(world, replace(REQUEST, extra=""))
            await world.server.issuer.issue(REQUEST)

    asyncio.run(scenario())


def test_next_console_goes_where_the_last_one_went(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with running_world(tmp_path) as world:
            await world.register(replace(PROXY, name="cpvm-2"))
            assert (await world.server.issuer.issue(REQUEST)).proxy.name == "cpvm-2"
            await world.register(replace(PROXY, name="cpvm-1"))
            assert (await world.server.issuer.issue(REQUEST)).proxy.name == "cpvm-2"

    asyncio.run(scenario())


def test_a_burst_fills_no_proxy_over(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    machines = [replace(WEB, uuid=f"00000000-0000-4000-8000-{n:012}") for n in range(6)]

    async def scenario() -> None:
        async with running_world(tmp_path, inventory=Inventory(machines)) as world:
            await world.register(replace(PROXY, name="cpvm-1"))
            await world.register(replace(PROXY, name="cpvm-2"))
            requests = [replace(REQUEST, vm_uuid=machine.uuid) for machine in machines]
            issuer = world.server.issuer
            answers = await asyncio.gather(
                *(issuer.issue(request) for request in requests), return_exceptions=True
            )
            given = [one.proxy.name for one in answers if isinstance(one, IssuedConsole)]
            assert sorted(given) == ["cpvm-1", "cpvm-1", "cpvm-2", "cpvm-2"]
            refused = [str(one) for one in answers if isinstance(one, ManagementRequestRefused)]
            assert len(refused) == 2
            assert all("no console proxy has capacity for another" in text for text in refused)
            assert issuer.alarm.refusals == 2
            # The VM that has its console there gets in whatever the load.
            assert (await issuer.issue(requests[0])).proxy.name == given[0]
            assert issuer.alarm.raised
            world.clock.now += 14
            await world.register(replace(PROXY, name="cpvm-3"))
            assert (await issuer.issue(requests[5])).proxy.name == "cpvm-3"
            assert not issuer.alarm.raised

    asyncio.run(scenario())
    assert caplog.text.count("alert: no console proxy has capacity (2 connected)") == 1


@pytest.mark.parametrize(("order", "expected"), [("emptiest", "cpvm-2"), ("fullest", "cpvm-1")])
def test_order(tmp_path: Path, order: str, expected: str) -> None:
    other = replace(WEB, uuid="22222222-2222-4333-8444-555555555555")

    async def scenario() -> None:
        inventory = Inventory([WEB, other])
        changes = {"inventory": inventory, "assignment_order": Order(order)}
        async with running_world(tmp_path, **changes) as world:
            for name in ("cpvm-1", "cpvm-2"):
                await world.register(replace(PROXY, name=name))
            issuer = world.server.issuer
            assert (await issuer.issue(REQUEST)).proxy.name == "cpvm-1"
            second = await issuer.issue(replace(REQUEST, vm_uuid=other.uuid))
            assert second.proxy.name == expected

    asyncio.run(scenario())
