import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.agent.payload import Entry, entries_of, payload_of
from consoleproxy.errors import AgentLinkBroken

NAME = "com.cloud.agent.api.PingCommand"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
ENTRIES = st.builds(
    Entry, st.text(max_size=20), st.dictionaries(st.text(max_size=8), JSON, max_size=4)
)


def entry(**fields: Any) -> Entry:
    return Entry(NAME, fields)


def test_a_command_as_it_is_on_the_wire() -> None:
    payload = payload_of([entry(hostType="ConsoleProxy", hostId=5, outOfBand=False)])
    assert payload == (
        b'[{"com.cloud.agent.api.PingCommand":'
        b'{"hostType":"ConsoleProxy","hostId":5,"outOfBand":false}}]'
    )
    assert payload_of([entry(name="Zoë")]).isascii()


@given(st.lists(ENTRIES, min_size=1, max_size=4))
def test_what_is_sent_is_what_arrives(entries: list[Entry]) -> None:
    assert entries_of(payload_of(entries)) == tuple(entries)


def test_fields_by_type() -> None:
    (found,) = entries_of(
        b'[{"a.B":{"text":"\\u003ct\\u003e","flag":true,"number":-1,"texts":["a","b"],'
        b'"octets":[-2,-19,0,127],"nothing":null}}]'
    )
    assert found.name == "a.B"
    assert found.text("text") == "<t>"
    assert found.flag("flag") is True
    assert found.number("number") == -1
    assert found.texts("texts") == ("a", "b")
    assert found.octets("octets") == b"\xfe\xed\x00\x7f"
    assert (found.text("nothing", "d"), found.number("none", 60)) == ("d", 60)
    assert (found.flag("none", True), found.texts("none"), found.octets("none")) == (True, (), b"")


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (1, lambda found: found.text("x")),
        ("true", lambda found: found.flag("x")),
        (True, lambda found: found.number("x")),
        (1.5, lambda found: found.number("x")),
        (2**63, lambda found: found.number("x")),
        ("a", lambda found: found.texts("x")),
        ([1], lambda found: found.texts("x")),
        ([128], lambda found: found.octets("x")),
        ([-129], lambda found: found.octets("x")),
        ([True], lambda found: found.octets("x")),
        ("AA==", lambda found: found.octets("x")),
    ],
)
def test_fields_of_another_type(value: object, read: Callable[[Entry], object]) -> None:
    with pytest.raises(AgentLinkBroken, match="PingCommand: x is of another type"):
        read(entry(x=value))


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xff",
        b"{}",
        b"[]",
        b"[1]",
        b"[{}]",
        b'[{"a":{},"b":{}}]',
        b'[{"a":1}]',
        b"[" * 100_000,
        json.dumps([{"a": {}}] * 65).encode(),
        b"1" * 10_000,
    ],
)
def test_what_is_no_payload(payload: bytes) -> None:
    with pytest.raises(AgentLinkBroken):
        entries_of(payload)


def test_passwords_are_neither_in_a_log_nor_in_an_error() -> None:
    assert "s3cret" not in repr(entry(keystorePassword="s3cret"))
    with pytest.raises(AgentLinkBroken) as caught:
        entries_of(b'[{"a":{"keystorePassword":"s3cret"')
    assert "s3cret" not in str(caught.value)
    assert caught.value.__cause__ is None


@given(st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_payload(payload: bytes) -> None:
    try:
        found = entries_of(payload)
    except AgentLinkBroken:
        return
    assert all(isinstance(one.name, str) for one in found)
