"""Consoles are spread over several proxies, also by two management servers at once."""

import logging
import secrets
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from consoleproxy.management.config import ManagementConfig
from consoleproxy.management.fleet.assignment import Order
from consoleproxy.management.inventory.machines import Inventory, VirtualMachine
from consoleproxy.settings import Settings
from tests.integration.fixtures.mariadb import MariaDb, session_server
from tests.integration.test_management_api import PROXY, SECRET, Management, running
from tests.unit.management.receiver import receiving
from tests.waiting import free_port, wait_for

ROOM = 5
PROXIES = [replace(PROXY, name=f"cpvm-{n}", port=8080 + n, session_max=ROOM) for n in range(4)]
MACHINES = [
    VirtualMachine(
        uuid=f"00000000-0000-4000-8000-{n:012}", name=f"vm{n}", host="192.0.2.1", port=5900
    )
    for n in range(30)
]


@pytest.fixture(scope="session")
def mariadb(request: pytest.FixtureRequest) -> MariaDb:
    return session_server(request)


@pytest.fixture(params=["SQLite", "MariaDB"])
def database(request: pytest.FixtureRequest, mariadb: MariaDb, tmp_path: Path) -> str:
    return mariadb.make_database() if request.param == "MariaDB" else str(tmp_path / "test.db")


def config(database: str) -> ManagementConfig:
    return ManagementConfig(inventory=Inventory(MACHINES), secret=SECRET, database=database, port=0)


@pytest.fixture(params=Order)
def two(request: pytest.FixtureRequest, database: str) -> Iterator[list[Management]]:
    """Two management servers on one database, and the proxies registered with either."""
    changed = replace(config(database), settings=Settings(assignment_order=request.param.value))
    with ExitStack() as stack:
        servers = [stack.enter_context(running(changed)) for _ in range(2)]
        for number, proxy in enumerate(PROXIES):
            servers[number % 2].post("/cpvm/register", proxy.to_json())
        yield servers


def console_port(management: Management, machine: VirtualMachine) -> int | None:
    """The port of the proxy that a new console goes to; ``None`` where it was refused."""
    answer = management.client().createConsoleEndpoint(
        virtualmachineid=machine.uuid, nonce=secrets.token_hex(8)
    )
    endpoint = answer["consoleendpoint"]
    if not endpoint["success"]:
        assert "no console proxy has capacity" in endpoint["details"]
        return None
    assert parse_qs(urlsplit(endpoint["url"]).query)["port"] == [endpoint["websocket"]["port"]]
    return int(endpoint["websocket"]["port"])


def metrics(management: Management) -> dict[str, int]:
    text = requests.get(f"{management.url}/metrics", timeout=5).text
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return {name: int(value) for name, value in (line.split(" ") for line in lines)}


def test_a_burst_at_two_servers_fills_each_proxy_and_no_more(two: list[Management]) -> None:
    with ThreadPoolExecutor(8) as pool:
        servers = [two[n % 2] for n in range(len(MACHINES))]
        ports = list(pool.map(console_port, servers, MACHINES))
    given = Counter(port for port in ports if port is not None)
    assert given == Counter({proxy.port: ROOM for proxy in PROXIES})
    refused = [metrics(one)["consoleproxy_management_capacity_refusals_total"] for one in two]
    assert sum(refused) == len(MACHINES) - len(PROXIES) * ROOM
    for one in two:
        found = metrics(one)
        assert found['consoleproxy_management_proxies{state="Running"}'] == len(PROXIES)
        assert found["consoleproxy_management_sessions"] == len(PROXIES) * ROOM
        assert found["consoleproxy_management_capacity_free"] == 0
        # What has a proxy keeps it, full or not.
        for machine, port in zip(MACHINES, ports, strict=True):
            if port is not None:
                assert console_port(one, machine) == port
                break


def test_one_machine_asked_for_at_two_servers_has_one_proxy(two: list[Management]) -> None:
    for machine in MACHINES[:5]:
        with ThreadPoolExecutor(8) as pool:
            ports = set(pool.map(lambda n, vm=machine: console_port(two[n % 2], vm), range(12)))
        assert len(ports) == 1
    # Links of one machine take one place.
    assert metrics(two[0])["consoleproxy_management_sessions"] == 5


def test_webhook_hears_of_want_and_of_its_end(
    database: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    port = free_port()
    changed = replace(
        config(database),
        settings=Settings(
            capacity_webhook=f"http://scaler:s3cret@127.0.0.1:{port}/scale?key=s3cret",
            capacity_scan_interval=100,
            capacity_standby=3,
            session_max=ROOM,
        ),
    )
    with running(changed) as management:
        wait_for(lambda: "capacity webhook" in caplog.text, "a failed delivery")
        with receiving(port) as receiver:
            wait_for(lambda: len(receiver.bodies) >= 2, "the signal, and again")
            assert receiver.bodies[0] == {
                "wantedProxies": 1,
                "running": 0,
                "free": 0,
                "standby": 3,
                "reason": "no console proxy is connected",
            }
            management.post("/cpvm/register", PROXIES[0].to_json())
            wait_for(lambda: receiver.bodies[-1]["running"] == 1, "the end of the want")
            for machine in MACHINES[:3]:
                assert console_port(management, machine) == PROXIES[0].port
            wait_for(lambda: receiver.bodies[-1]["wantedProxies"] == 2, "the next signal")
            receiver.silent = True
            before = len(receiver.bodies)
            wait_for(lambda: len(receiver.bodies) > before, "a delivery that hangs")
            # Consoles do not wait for it.
            assert console_port(management, MACHINES[3]) == PROXIES[0].port
            assert console_port(management, MACHINES[4]) == PROXIES[0].port
            assert console_port(management, MACHINES[5]) is None
            receiver.silent = False
            management.post("/cpvm/register", PROXIES[1].to_json())
            # Told once, and not again when its first console takes some of the room.
            wait_for(lambda: receiver.bodies[-1]["free"] == ROOM, "the end of the want")
            assert console_port(management, MACHINES[5]) == PROXIES[1].port
    alerts = [line for line in caplog.messages if line.startswith("alert:")]
    assert len(alerts) == 1
    assert "s3cret" not in caplog.text
