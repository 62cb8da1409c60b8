"""How tokens were used, for as long as that matters."""

import pytest

from consoleproxy.session import used
from consoleproxy.session.used import Use, UsedTokens

_FIRST = Use("203.0.113.7", 100.0, None)


def test_a_use_is_remembered_until_the_next() -> None:
    tokens = UsedTokens()
    assert tokens.get("a") is None
    tokens.note("a", _FIRST)
    tokens.note("a", Use("203.0.113.7", 100.0, 140.0))
    assert tokens.get("a") == Use("203.0.113.7", 100.0, 140.0)
    tokens.give_back("a")
    tokens.give_back("never heard of")
    assert tokens.get("a") is None


def test_that_the_cloud_has_allowed_it_is_known_of_a_used_token() -> None:
    tokens = UsedTokens()
    tokens.know("a")
    assert tokens.get("a") is None
    tokens.note("a", _FIRST)
    tokens.know("a")
    assert tokens.get("a") == Use("203.0.113.7", 100.0, None, known=True)


def test_a_burnt_token_leads_nobody_back() -> None:
    tokens = UsedTokens()
    tokens.note("a", Use("203.0.113.7", 100.0, 140.0, known=True))
    for uuid in ("a", "never heard of"):
        tokens.burn(uuid)
        assert tokens.get(uuid) == Use("", 0.0, None)


def test_the_oldest_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(used, "_REMEMBERED", 2)
    tokens = UsedTokens()
    for uuid in ("a", "b", "a", "c"):
        tokens.note(uuid, _FIRST)
    assert [uuid for uuid in "abc" if tokens.get(uuid)] == ["a", "c"]
