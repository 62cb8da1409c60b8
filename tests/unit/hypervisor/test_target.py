"""Which way leads to the screen."""

import pytest

from consoleproxy.errors import HypervisorUnreachable, UnsupportedConsole
from consoleproxy.hypervisor.target import TcpTarget, choose_target


def _choose(**fields: str | int) -> TcpTarget:
    given: dict[str, str | int] = {
        "host": "10.1.1.20",
        "port": 5901,
        "tunnel_url": "",
        "websocket_url": "",
        "hyperv_host": "",
    }
    return choose_target(**(given | fields))  # type: ignore[arg-type]


def test_an_address_and_a_port_are_tcp() -> None:
    assert _choose() == TcpTarget("10.1.1.20", 5901)
    assert str(_choose()) == "10.1.1.20:5901"
    assert str(_choose(host="2001:db8::1")) == "[2001:db8::1]:5901"


@pytest.mark.parametrize("field", ["tunnel_url", "websocket_url", "hyperv_host"])
def test_other_ways_are_named(field: str) -> None:
    with pytest.raises(UnsupportedConsole):
        _choose(**{field: "x"})


@pytest.mark.parametrize("fields", [{"host": ""}, {"port": 0}, {"port": 65536}, {"port": -9}])
def test_no_usable_address(fields: dict[str, str | int]) -> None:
    with pytest.raises(HypervisorUnreachable):
        _choose(**fields)
