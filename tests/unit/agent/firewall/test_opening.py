import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.agent.firewall.opening import Opening


@pytest.mark.parametrize("name", ["eth2", "ens18", "vlan.100", "a" * 15])
def test_interfaces(name: str) -> None:
    assert Opening(name, (443,)).interface == name


@pytest.mark.parametrize(
    "name", ["", "a" * 16, "eth2 accept", 'e"', "eth2\n", "-i", "../x", "e;id", "eth+", "é"]
)
def test_no_interfaces(name: str) -> None:
    with pytest.raises(ValueError, match="no name of a network interface"):
        Opening(name, (443,))


@given(st.integers())
def test_ports(port: int) -> None:
    if 0 < port < 65536:
        assert Opening("eth2", (port,)).ports == (port,)
    else:
        with pytest.raises(ValueError, match="is no port"):
            Opening("eth2", (port,))
