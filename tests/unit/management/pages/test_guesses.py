import pytest
from hypothesis import given
from hypothesis.strategies import text

from consoleproxy.management.pages.guesses import Guesses

_HERE = "203.0.113.7"


def used_up(address: str = _HERE) -> Guesses:
    guesses = Guesses()
    for _ in range(10):
        assert guesses.wait(address, 100.0) == 0
        guesses.wrong(address, 100.0)
    return guesses


def test_ten_and_then_one_every_half_minute() -> None:
    guesses = used_up()
    assert guesses.wait(_HERE, 100.0) == 30.0
    assert guesses.wait(_HERE, 129.0) == pytest.approx(1.0)
    assert guesses.wait(_HERE, 130.0) == 0
    guesses.wrong(_HERE, 130.0)
    assert guesses.wait(_HERE, 130.0) == 30.0
    assert guesses.wait(_HERE, 1000.0) == 0


def test_others_are_not_kept_waiting() -> None:
    assert used_up().wait("203.0.113.8", 100.0) == 0


def test_an_ipv6_site_is_one() -> None:
    guesses = used_up("2001:db8::1")
    assert guesses.wait("2001:db8::ffff:1", 100.0) > 0
    assert guesses.wait("2001:db8:0:1::1", 100.0) == 0
    assert used_up().wait(f"::ffff:{_HERE}", 100.0) > 0
    assert used_up("fe80::1%eth0").wait("fe80::1%eth0", 100.0) > 0


def test_a_clock_that_is_put_back_forgives_nothing() -> None:
    assert used_up().wait(_HERE, 50.0) == 30.0


def test_memory_is_bounded() -> None:
    guesses = Guesses(addresses=3)
    for number in range(10):
        guesses.wrong(f"203.0.113.{number}", 100.0)
    assert len(guesses) == 3


@given(text())
def test_any_address_is_counted(address: str) -> None:
    assert used_up(address).wait(address, 100.0) > 0
