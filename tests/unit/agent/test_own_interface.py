import pytest

from consoleproxy.agent.own_interface import own_ipv4


def test_loopback() -> None:
    assert own_ipv4("lo") == ("127.0.0.1", "255.0.0.0")


@pytest.mark.parametrize("name", ["", "none-such", "x" * 300])
def test_no_interface(name: str) -> None:
    assert own_ipv4(name) == ("", "")
