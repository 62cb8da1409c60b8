"""What is encoded comes back; what was not is refused; no secret in what a log would print."""

import json
from dataclasses import fields
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consoleproxy.workers.messages import (
    Activity,
    Admit,
    Allowed,
    AskTabs,
    Hello,
    Message,
    MessageInvalid,
    OpenDoor,
    Stop,
    Tabs,
    decode,
    encode,
)

_KINDS: tuple[type[Any], ...] = get_args(Message)
# Half of a pair of surrogates, too: JSON can say it, UTF-8 cannot.
_TEXTS = st.text(st.characters())
_INTEGERS = st.integers(-(2**63), 2**63)
_FLOATS = st.floats(allow_nan=False)
_SCALARS = st.none() | st.booleans() | _INTEGERS | _FLOATS | _TEXTS
_OF_TYPE: dict[object, st.SearchStrategy[Any]] = {
    int: _INTEGERS,
    float: _FLOATS,
    bool: st.booleans(),
    str: _TEXTS,
    dict[str, str]: st.dictionaries(_TEXTS, _TEXTS),
    dict[str, object]: st.dictionaries(_TEXTS, _SCALARS),
    list[str]: st.lists(_TEXTS),
    list[object]: st.lists(_SCALARS),
    # JSON knows no tuples.
    list[tuple[int, int, int, float]]: st.lists(
        st.tuples(_INTEGERS, _INTEGERS, _INTEGERS, _FLOATS).map(list)
    ),
}


def _of_kind(kind: type[Any]) -> st.SearchStrategy[Any]:
    return st.builds(kind, *(_OF_TYPE[one.type] for one in fields(kind)))


_MESSAGES: st.SearchStrategy[Any] = st.one_of([_of_kind(kind) for kind in _KINDS])


@given(number=_INTEGERS, message=_MESSAGES)
def test_every_message_comes_back(number: int, message: Message) -> None:
    assert decode(encode(number, message)) == (number, message)


def _is_refused_or_read(data: bytes) -> None:
    try:
        number, message = decode(data)
    except MessageInvalid:
        return
    assert isinstance(number, int)
    assert type(message) in _KINDS


@given(data=st.binary())
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    _is_refused_or_read(data)


# On a busy machine, making the first examples alone may take seconds.
@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    document=st.recursive(
        _SCALARS | st.sampled_from([kind.__name__ for kind in _KINDS]),
        lambda inner: st.lists(inner) | st.dictionaries(_TEXTS, inner),
    )
)
def test_any_json_is_read_or_refused(document: object) -> None:
    _is_refused_or_read(json.dumps(document).encode())


@given(message=_MESSAGES, start=st.integers(0, 200), end=st.integers(0, 200), other=st.binary())
def test_a_damaged_message_is_read_or_refused(
    message: Message, start: int, end: int, other: bytes
) -> None:
    data = encode(1, message)
    _is_refused_or_read(data[:start] + other + data[end:])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b'["Stop"]',
        b'["Nothing",0]',
        b'[["Stop"],0]',
        b'["Stop","x"]',
        b'["Stop",null]',
        b'["Stop",1e999]',
        b'["Stop",NaN]',
        b'["Stop",0,1]',
        b'["Hello",0]',
        b'["Stop",0]x',
        b"\xff",
        b"[" * 100_000,
        b'["Stop",' + b"9" * 10_000 + b"]",
    ],
    ids=lambda data: repr(data[:12]),
)
def test_nonsense_is_refused(data: bytes) -> None:
    with pytest.raises(MessageInvalid):
        decode(data)


def test_the_refusal_does_not_repeat_what_came() -> None:
    with pytest.raises(MessageInvalid) as caught:
        decode(b'["Admit",0,"secret"]')
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "message",
    [
        Admit(1, "secret", "secret", "203.0.113.7", "secret", "secret", "secret", {"a": "secret"}),
        AskTabs(["secret"]),
        Tabs(["secret"]),
        Allowed({"password": "secret"}),
        OpenDoor(1, "secret", "modern"),
    ],
    ids=lambda message: type(message).__name__,
)
def test_no_secret_in_what_a_log_would_print(message: Message) -> None:
    assert "secret" not in repr(message)


def test_messages_are_short() -> None:
    """Many of them go over the channel."""
    assert encode(0, Stop()) == b'["Stop",0]'
    assert encode(0, Hello(7)) == b'["Hello",0,7]'
    assert len(encode(0, Activity([(1, 2, 3, 4.5)]))) < 40
