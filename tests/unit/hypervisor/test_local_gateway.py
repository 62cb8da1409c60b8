"""What is decided; tests/integration/test_agent_routes.py has real networks."""

import asyncio
import json
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.errors import HypervisorUnreachable, ProgramFailed, SettingsInvalid
from consoleproxy.hypervisor import local_gateway
from consoleproxy.hypervisor.local_gateway import LocalGateway, has_own_route

GATEWAY = LocalGateway.parse("10.1.2.1")


def test_a_gateway() -> None:
    assert GATEWAY.address == ip_address("10.1.2.1")
    assert LocalGateway.parse("fd00::1").address == ip_address("fd00::1")


@pytest.mark.parametrize("text", ["", " ", "0.0.0.0", "::"])
def test_none(text: str) -> None:
    assert LocalGateway.parse(text).address is None


@pytest.mark.parametrize("text", ["gw", "10.1.2", "10.1.2.1/24", "10.1.2.1 dev lo", "127.0.0.1"])
def test_no_gateway(text: str) -> None:
    with pytest.raises(SettingsInvalid, match=r"consoleproxy\.hypervisor\.route\.gateway"):
        LocalGateway.parse(text)


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The commands that are run, where there is a default route only."""
    found: list[str] = []

    def run(words: list[str]) -> str:
        found.append(" ".join(words))
        return '[{"dst":"default","gateway":"203.0.113.1"}]' if "-json" in words else ""

    monkeypatch.setattr(local_gateway, "run_program", run)
    return found


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "169.254.1.1", "224.0.0.1", "0.0.0.0", "fd00::9", "10.1.2.1"]
)
def test_where_no_gateway_leads(commands: list[str], address: str) -> None:
    asyncio.run(GATEWAY.ensure(address))
    asyncio.run(LocalGateway().ensure(address))
    assert commands == []


def test_a_host_route(commands: list[str]) -> None:
    asyncio.run(GATEWAY.ensure("10.9.8.7"))
    asyncio.run(LocalGateway.parse("fd00::1").ensure("fd00:9::7"))
    assert commands == [
        "ip -4 -json route show match 10.9.8.7/32",
        "ip -4 route replace 10.9.8.7/32 via 10.1.2.1",
        "ip -6 -json route show match fd00:9::7/128",
        "ip -6 route replace fd00:9::7/128 via fd00::1",
    ]


@given(st.text())
def test_what_is_no_address(text: str) -> None:
    try:
        ip_address(text)
    except ValueError:
        with pytest.raises(HypervisorUnreachable, match="no address"):
            asyncio.run(GATEWAY.ensure(text))


@pytest.mark.parametrize("text", ["10.9.8.7;id", "10.9.8.7/24", "default", "-4", "10.9.8.7\n"])
def test_what_is_nearly_one(commands: list[str], text: str) -> None:
    with pytest.raises(HypervisorUnreachable, match="no address"):
        asyncio.run(GATEWAY.ensure(text))
    assert commands == []


def test_a_failure_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(_: list[str]) -> str:
        raise ProgramFailed("ip ended with status 2: Operation not permitted")

    monkeypatch.setattr(local_gateway, "run_program", run)
    with pytest.raises(HypervisorUnreachable, match=r"not permitted; it needs CAP_NET_ADMIN, or"):
        asyncio.run(GATEWAY.ensure("10.9.8.7"))


def test_listings() -> None:
    default = {"dst": "default", "gateway": "203.0.113.1", "dev": "eth2"}
    assert not has_own_route("")
    assert not has_own_route(json.dumps([default]))
    assert has_own_route(json.dumps([default, {"dst": "10.9.0.0/16", "dev": "eth1"}]))


@given(st.text())
def test_any_listing(text: str) -> None:
    try:
        has_own_route(text)
    except ProgramFailed:
        pass
