import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.management.accounts.names import is_domain_path, is_name, is_within


@pytest.mark.parametrize("name", ["a", "web team", "ops@example.org", "Zoë", "_x-1.2", "a" * 64])
def test_names(name: str) -> None:
    assert is_name(name)


@pytest.mark.parametrize("name", ["", " ", "a ", " a", "a/b", "a\nb", "a\n", "..", "a" * 65, "a\0"])
def test_what_is_no_name(name: str) -> None:
    assert not is_name(name)


@pytest.mark.parametrize("path", ["ROOT", "ROOT/acme", "ROOT/acme/web team"])
def test_paths(path: str) -> None:
    assert is_domain_path(path)


@pytest.mark.parametrize(
    "path", ["", "/", "root", "acme", "/ROOT", "ROOT/", "ROOT//a", "ROOT/..", "ROOT" + "/abc" * 63]
)
def test_what_is_no_path(path: str) -> None:
    assert not is_domain_path(path)


def test_below_a_domain() -> None:
    assert is_within("ROOT/acme", "ROOT/acme")
    assert is_within("ROOT/acme/tests", "ROOT/acme")
    assert not is_within("ROOT/acme2", "ROOT/acme")
    assert not is_within("ROOT", "ROOT/acme")


@given(st.text())
def test_a_path_is_made_of_names(text: str) -> None:
    assert is_domain_path(f"ROOT/{text}") == all(map(is_name, text.split("/")))
