import pytest
from hypothesis import given
from hypothesis.strategies import text

from consoleproxy.management.pages.login import LOGIN_SECONDS, Logins
from tests.unit.management.world import START

LOGINS = Logins("secret", "page key")


def test_good_until_it_expires() -> None:
    login = LOGINS.make(START)
    assert LOGINS.read(login, START) is not None
    assert LOGINS.read(login, START + LOGIN_SECONDS - 1) is not None
    assert LOGINS.read(login, START + LOGIN_SECONDS) is None


def test_another_server_with_the_same_keys_takes_it() -> None:
    assert Logins("secret", "page key").read(LOGINS.make(START), START) is not None


@pytest.mark.parametrize(
    "others",
    [Logins("secret", "another"), Logins("another", "page key"), Logins("secretpage ", "key")],
)
def test_other_keys_end_it(others: Logins) -> None:
    assert others.read(LOGINS.make(START), START) is None


def test_each_is_its_own_and_tells_nothing() -> None:
    login = LOGINS.make(START)
    assert login != LOGINS.make(START)
    assert "page key" not in login + repr(LOGINS)
    assert "secret" not in repr(LOGINS)


def test_a_longer_life_is_not_taken() -> None:
    until, rest = LOGINS.make(START).split(".", 1)
    assert LOGINS.read(f"{int(until) + 1}.{rest}", START) is None
    assert LOGINS.read(f"{until}.x.{rest}", START) is None


@given(text())
def test_nothing_else_is_a_login(anything: str) -> None:
    assert LOGINS.read(anything, START) is None
