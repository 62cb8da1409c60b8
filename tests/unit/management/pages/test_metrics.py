import asyncio
import base64
from dataclasses import replace
from pathlib import Path

from consoleproxy.management.fleet.alarm import CapacityAlarm
from consoleproxy.management.fleet.assignment import Candidate
from consoleproxy.management.fleet.capacity import Rules, capacity_of
from consoleproxy.management.fleet.states import ProxyState
from consoleproxy.management.pages.metrics import metrics_text
from tests.unit.management.world import PROXY, WEB, running_world


def values(text: str) -> dict[str, int]:
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return {
        name.removeprefix("consoleproxy_management_"): int(value)
        for name, value in (line.split(" ") for line in lines)
    }


def test_text() -> None:
    fleet = [
        Candidate("a", ProxyState.RUNNING, 50, 45),
        Candidate("b", ProxyState.DISCONNECTED, 50, 7),
        Candidate("c", ProxyState.MAINTENANCE, 50, 2),
        Candidate("d", ProxyState.MAINTENANCE, 50, 0),
        Candidate("e", ProxyState.DRAINING, 50, 1),
    ]
    text = metrics_text(
        capacity_of(fleet, Rules(10, 50, 10)), CapacityAlarm(refusals=3, raised=True), 2
    )
    assert values(text) == {
        'proxies{state="Running"}': 1,
        'proxies{state="Maintenance"}': 2,
        'proxies{state="Draining"}': 1,
        'proxies{state="Disconnected"}': 1,
        "sessions": 48,
        "capacity_free": 5,
        "capacity_standby": 10,
        "proxies_wanted": 2,
        "capacity_refusals_total": 3,
        "capacity_alert": 1,
        "hypervisors_silent": 2,
    }
    names = [line.split(" ")[2] for line in text.splitlines() if line.startswith("# TYPE ")]
    assert len(names) == len(set(names)) == 8
    assert text.endswith("\n")


def test_a_refusal_is_counted(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with running_world(tmp_path) as world:
            refused = await world.console(virtualmachineid=WEB.uuid)
            assert "no console proxy has capacity" in refused["details"]
            response = await world.fetch("/metrics")
            assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
            found = values(response.body.decode())
            assert (found["capacity_refusals_total"], found["capacity_alert"]) == (1, 1)
            await world.register(replace(PROXY, session_max=50))
            await world.console(virtualmachineid=WEB.uuid)
            found = values((await world.fetch("/metrics")).body.decode())
            assert (found["sessions"], found["capacity_free"]) == (1, 49)
            assert (found["capacity_refusals_total"], found["capacity_alert"]) == (1, 0)

    asyncio.run(scenario())


def test_they_are_for_those_who_may_see_the_page(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with running_world(tmp_path, page_key="key") as world:
            assert (await world.fetch("/metrics")).code == 401
            basic = "Basic " + base64.b64encode(b"any:key").decode()
            assert (await world.fetch("/metrics", headers={"Authorization": basic})).code == 200

    asyncio.run(scenario())
