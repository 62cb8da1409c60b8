import pytest

from consoleproxy.management.loopback import is_loopback


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.53", "::1", "localhost"])
def test_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.0.2.1", "kvm1", "a.example.org"])
def test_others_can_reach_it(host: str) -> None:
    assert not is_loopback(host)
