import base64
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.errors import SettingsInvalid
from consoleproxy.management.storage.sealing_keys import (
    KeyRing,
    SealingKey,
    key_of_secret,
    new_key,
    parse_keys,
)

MATERIALS = st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=4, unique=True)
ONE = base64.b64encode(bytes(32)).decode()


@given(materials=MATERIALS, between=st.sampled_from(["\n", ",", " ", "\r\n", ", ", "\n# old\n"]))
def test_keys_come_in_their_order(materials: list[bytes], between: str) -> None:
    keys = tuple(SealingKey(material) for material in materials)
    text = between.join(key.line() for key in (*keys, keys[0]))
    assert parse_keys(f"  {text}\n", "file") == keys


@given(st.text())
def test_any_text_is_keys_or_a_fault_without_it(text: str) -> None:
    try:
        keys = parse_keys(text, "the file")
    except SettingsInvalid as fault:
        assert str(fault).startswith("the file")
    else:
        assert all(len(key.material) == 32 for key in keys)


@pytest.mark.parametrize("length", [0, 16, 31, 33, 64])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    word = base64.b64encode(bytes(length)).decode()
    with pytest.raises(SettingsInvalid, match=r"32 bytes in base64|holds no key"):
        parse_keys(word, "file")


def test_a_fault_does_not_tell_the_key() -> None:
    with pytest.raises(SettingsInvalid) as refused:
        parse_keys(ONE[:-5], "file")
    assert ONE[:-5] not in str(refused.value)


def test_names_tell_keys_apart_and_do_not_tell_them() -> None:
    assert len({SealingKey(bytes([number] * 32)).id for number in range(256)}) == 256
    key = new_key()
    assert key != new_key()
    assert repr(key) == f"SealingKey(id={key.id!r})"


def test_a_secret_always_gives_the_same_key() -> None:
    assert key_of_secret("one") == key_of_secret("one")
    assert key_of_secret("one") != key_of_secret("another")


def test_keys_that_are_added_are_found(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    old, new = new_key(), new_key()
    there: tuple[SealingKey, ...] = (old,)
    ring = KeyRing(lambda: there)
    assert ring.find(new.id) is None
    there = (new, old)
    assert [key.id for key in ring.keys] == [old.id]
    assert ring.find(new.id) == new
    assert ring.keys == there
    assert f"under key {new.id}" in caplog.text
    assert new.line() not in caplog.text
    assert repr(ring.find(old.id)) == repr(old)


def test_keys_stay_where_they_cannot_be_read_again(caplog: pytest.LogCaptureFixture) -> None:
    texts = iter([ONE, "broken"])
    ring = KeyRing(lambda: parse_keys(next(texts), "the file"))
    ring.look_again()
    assert ring.keys == (SealingKey(bytes(32)),)
    assert "stay what they were: the file: each key must be" in caplog.text
