"""Settings that are changed at one management server count at all of one database, and stay."""

import secrets
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from consoleproxy.management.config import ManagementConfig
from consoleproxy.management.inventory.machines import Inventory, VirtualMachine
from consoleproxy.settings import Settings, declared_settings
from consoleproxy.settings.elsewhere import FOREIGN
from tests.integration.fixtures.mariadb import MariaDb, session_server
from tests.integration.test_management_api import PROXY, SECRET, Management, running
from tests.unit.management.receiver import receiving
from tests.waiting import wait_for

# From the answer of the one server to the effect at the other.
_SECONDS = 1.5
MAXIMUM = "consoleproxy.session.max"
WEBHOOK = "consoleproxy.capacity.webhook"
MACHINE = VirtualMachine(
    uuid="00000000-0000-4000-8000-000000000001", name="vm1", host="192.0.2.1", port=5900
)


@pytest.fixture(scope="session")
def mariadb(request: pytest.FixtureRequest) -> MariaDb:
    return session_server(request)


@pytest.fixture(params=["SQLite", "MariaDB"])
def config(request: pytest.FixtureRequest, mariadb: MariaDb, tmp_path: Path) -> ManagementConfig:
    database = mariadb.make_database() if request.param == "MariaDB" else str(tmp_path / "test.db")
    return ManagementConfig(
        inventory=Inventory([MACHINE]),
        secret=SECRET,
        database=database,
        port=0,
        settings=Settings(capacity_scan_interval=100, session_max=7),
    )


@pytest.fixture
def two(config: ManagementConfig) -> Iterator[list[Management]]:
    with ExitStack() as stack:
        yield [stack.enter_context(running(config)) for _ in range(2)]


def listed(server: Management, name: str) -> dict[str, Any]:
    (entry,) = server.client().listConfigurations(name=name)["configuration"]
    found: dict[str, Any] = entry
    return found


def test_both_servers_have_the_same_values(two: list[Management]) -> None:
    for value, writer in (("1", 0), ("2", 1), ("3", 0)):
        answer = two[writer].client().updateConfiguration(name=MAXIMUM, value=value)
        assert answer["configuration"]["value"] == value
        assert listed(two[writer], MAXIMUM)["value"] == value
        other = two[1 - writer]
        wait_for(
            lambda server=other, wanted=value: listed(server, MAXIMUM)["value"] == wanted,  # type: ignore[misc]
            "the other server",
            limit=_SECONDS,
        )
    two[1].client().resetConfiguration(name=MAXIMUM)
    wait_for(lambda: listed(two[0], MAXIMUM)["value"] == "7", "the reset", limit=_SECONDS)


def test_a_restart_keeps_them_and_what_is_pushed_is_no_secret(config: ManagementConfig) -> None:
    with running(config) as server, receiving() as receiver:
        server.client().updateConfiguration(name=MAXIMUM, value="3")
        server.client().updateConfiguration(name=WEBHOOK, value=receiver.url)
        wait_for(lambda: receiver.bodies, "the webhook")
    with running(config) as server, receiving() as receiver:
        assert listed(server, MAXIMUM)["value"] == "3"
        assert listed(server, WEBHOOK)["value"] == "***"
        server.client().updateConfiguration(name=WEBHOOK, value=receiver.url)
        wait_for(lambda: receiver.bodies, "the webhook")
        registered = server.post("/cpvm/register", PROXY.to_json())
        assert registered["settings"] == {MAXIMUM: "3"}


def test_what_decides_on_consoles_counts_at_both(two: list[Management]) -> None:
    extra = "consoleproxy.extra.security.validation.enabled"
    dot = "novnc.console.show.dot"
    two[0].post("/cpvm/register", PROXY.to_json())
    two[0].client().updateConfiguration(name=extra, value="true")
    two[1].client().updateConfiguration(name=dot, value="false")

    def console(server: Management, **more: str) -> dict[str, Any]:
        answer = server.client().createConsoleEndpoint(
            virtualmachineid=MACHINE.uuid, nonce=secrets.token_hex(8), **more
        )
        endpoint: dict[str, Any] = answer["consoleendpoint"]
        return endpoint

    for number, server in enumerate(two):
        wait_for(
            lambda one=server: (
                listed(one, extra)["value"] == "true"  # type: ignore[misc]
                and listed(one, dot)["value"] == "false"
            ),
            "both changes",
            limit=_SECONDS,
        )
        assert extra in console(server)["details"]
        assert "show_dot=false" in console(server, token=f"extra {number}")["url"]


def test_every_setting_is_listed_a_page_at_a_time(two: list[Management]) -> None:
    client = two[0].client()
    everything = client.listConfigurations(fetch_list=True)
    names = [entry["name"] for entry in everything]
    declared = [declared.setting.name for declared in declared_settings()]
    assert names == declared + [foreign.name for foreign in FOREIGN]
    assert client.listConfigurations(page=2, pagesize=5)["configuration"] == everything[5:10]
