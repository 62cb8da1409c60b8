"""What is read; tests/integration/test_agent_firewall.py has the real nft."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.agent.firewall.nftables import Nftables, jump_handles
from consoleproxy.errors import ProgramFailed, SettingsInvalid


def test_a_chain() -> None:
    assert Nftables.parse(" inet  filter input ") == Nftables("inet", "filter", "input")


@pytest.mark.parametrize(
    "text",
    [
        *("", "filter input", "inet filter input drop", "bridge filter input", "inet filter"),
        *("inet filter in;put", "inet fil{ter input", "inet filter 1", "inet filter consoleproxy"),
    ],
)
def test_no_chain(text: str) -> None:
    with pytest.raises(SettingsInvalid, match=r"consoleproxy\.agent\.firewall\.chain"):
        Nftables.parse(text)


def test_jumps() -> None:
    rules = [
        {"metainfo": {}},
        {"chain": {"handle": 1}},
        {"rule": {"handle": 4, "expr": [{"jump": {"target": "other"}}]}},
        {"rule": {"handle": 5, "expr": [{"counter": None}, {"jump": {"target": "consoleproxy"}}]}},
        {"rule": {"handle": 6, "expr": [{"accept": None}, "text"]}},
        {"rule": {"handle": 7, "expr": [{"jump": {"target": "consoleproxy"}}]}},
    ]
    assert list(jump_handles(json.dumps({"nftables": rules}))) == [5, 7]


@given(
    st.one_of(
        st.text(),
        st.recursive(
            st.none() | st.text() | st.integers(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        ).map(lambda value: json.dumps({"nftables": [{"rule": value}]})),
    )
)
def test_any_listing(text: str) -> None:
    try:
        assert list(jump_handles(text)) == []
    except ProgramFailed:
        pass
