import pytest
from hypothesis import given
from hypothesis.strategies import text

from consoleproxy.management.pages.login import LOGIN_SECONDS, Logins
from tests.unit.management.world import START

LOGINS = Logins("secret", "page key")


def test_good_until_it_expires() -> None:
    login = LOGINS.make(START)
    assert LOGINS.good(login, START)
    assert LOGINS.good(login, START + LOGIN_SECONDS - 1)
    assert not LOGINS.good(login, START + LOGIN_SECONDS)


def test_another_server_with_the_same_keys_takes_it() -> None:
    assert Logins("secret", "page key").good(LOGINS.make(START), START)


@pytest.mark.parametrize(
    "others",
    [Logins("secret", "another"), Logins("another", "page key"), Logins("secretpage ", "key")],
)
def test_other_keys_end_it(others: Logins) -> None:
    assert not others.good(LOGINS.make(START), START)


def test_each_is_its_own_and_tells_nothing() -> None:
    login = LOGINS.make(START)
    assert login != LOGINS.make(START)
    assert "page key" not in login + repr(LOGINS)
    assert "secret" not in repr(LOGINS)


def test_a_longer_life_is_not_taken() -> None:
    until, rest = LOGINS.make(START).split(".", 1)
    assert not LOGINS.good(f"{int(until) + 1}.{rest}", START)
    assert not LOGINS.good(f"{until}.x.{rest}", START)


@given(text())
def test_nothing_else_is_a_login(anything: str) -> None:
    assert not LOGINS.good(anything, START)
