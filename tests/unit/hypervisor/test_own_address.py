import socket
from ipaddress import ip_address

import pytest

from consoleproxy.hypervisor import own_address
from consoleproxy.hypervisor.own_address import is_this_machine

_OWN = ["127.0.0.1", "127.8.9.10", "::1", "0.0.0.0", "::"]
# TEST-NETs are in use where machines are tested; these are not.
_FOREIGN = ["198.18.77.77", "250.1.2.3", "100::77", "fe80::77%nope"]


@pytest.mark.parametrize(
    ("address", "own"), [(a, True) for a in _OWN] + [(a, False) for a in _FOREIGN]
)
def test_the_kernel_says_whose_it_is(address: str, own: bool) -> None:
    assert is_this_machine(ip_address(address)) is own


def test_an_address_that_this_machine_sends_from_is_its_own() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.connect(("198.18.77.77", 9))
        except OSError:
            pytest.skip("no route, so no address beyond loopback")
        assert is_this_machine(ip_address(sock.getsockname()[0]))


@pytest.mark.parametrize(
    ("address", "own"), [("127.0.0.1", True), ("::1", True), ("100::77", False)]
)
def test_where_every_address_can_be_bound(
    address: str, own: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_address, "_can_bind", lambda _: True)
    assert is_this_machine(ip_address(address)) is own
    assert own_address._answers_itself(ip_address(address)) is own
