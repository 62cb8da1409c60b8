import base64

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.errors import SecretUnreadable
from consoleproxy.management.storage.sealing import (
    AT_REST,
    HAND_OVER,
    Purpose,
    Sealer,
    key_id,
    seal,
    unseal,
)
from consoleproxy.management.storage.sealing_keys import SealingKey

OLD, NEW = SealingKey(bytes(32)), SealingKey(bytes(range(32)))
SEALED = Sealer.of(NEW).seal("text", Purpose.CANARY, "")
PURPOSES = st.sampled_from(Purpose)
TEXTS = st.text(st.characters(codec="utf-8"))


@given(plaintext=st.binary(), secret=st.text(), bound_to=st.text(st.characters(codec="utf-8")))
def test_round_trip(plaintext: bytes, secret: str, bound_to: str) -> None:
    assert (
        unseal(seal(plaintext, secret, AT_REST, bound_to), secret, AT_REST, bound_to) == plaintext
    )


def test_form_on_the_wire() -> None:
    data = base64.b64decode(seal(b"keystore", "secret", HAND_OVER, "version"))
    key = HKDF(SHA256(), 32, salt=None, info=b"consoleproxy keystore").derive(b"secret")
    assert AESGCM(key).decrypt(data[:12], data[12:], b"version") == b"keystore"


def test_no_two_are_alike() -> None:
    assert seal(b"x", "secret", AT_REST, "") != seal(b"x", "secret", AT_REST, "")


@pytest.mark.parametrize(
    ("secret", "purpose", "bound_to"),
    [
        ("another", AT_REST, "row"),
        ("secret", HAND_OVER, "row"),
        ("secret", AT_REST, "another row"),
    ],
)
def test_it_opens_for_what_it_was_sealed_for(secret: str, purpose: bytes, bound_to: str) -> None:
    sealed = seal(b"keystore", "secret", AT_REST, "row")
    with pytest.raises(ValueError, match=r"consoleproxy\.management\.secret"):
        unseal(sealed, secret, purpose, bound_to)


@given(st.text())
def test_anything_else_does_not_open(text: str) -> None:
    with pytest.raises(ValueError, match="does not open"):
        unseal(text, "secret", AT_REST, "row")


@given(text=TEXTS, purpose=PURPOSES, bound_to=TEXTS)
def test_at_rest_a_text_opens_for_what_it_was_sealed_for(
    text: str, purpose: Purpose, bound_to: str
) -> None:
    sealed = Sealer.of(NEW, OLD).seal(text, purpose, bound_to)
    assert key_id(sealed) == NEW.id
    assert len(sealed) <= len(text.encode()) * 4 / 3 + 67
    for keys in ((NEW,), (NEW, OLD), (OLD, NEW)):
        assert Sealer.of(*keys).unseal(sealed, purpose, bound_to) == text


@given(sealed_for=PURPOSES, opened_for=PURPOSES, sealed_row=TEXTS, opened_row=TEXTS)
def test_at_rest_nothing_opens_for_something_else(
    sealed_for: Purpose, opened_for: Purpose, sealed_row: str, opened_row: str
) -> None:
    if (sealed_for, sealed_row) == (opened_for, opened_row):
        return
    sealed = Sealer.of(NEW).seal("text", sealed_for, sealed_row)
    with pytest.raises(SecretUnreadable, match="is another row's"):
        Sealer.of(NEW).unseal(sealed, opened_for, opened_row)


def test_at_rest_the_key_that_is_missing_is_named() -> None:
    sealed = Sealer.of(NEW).seal("text", Purpose.VNC_PASSWORD, "vm")
    with pytest.raises(SecretUnreadable, match=f"under key {NEW.id}, and this server has {OLD.id}"):
        Sealer.of(OLD).unseal(sealed, Purpose.VNC_PASSWORD, "vm")


@given(TEXTS)
def test_at_rest_what_is_in_the_clear_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(SecretUnreadable) as refused:
        Sealer.of(NEW).unseal(f"hunter2{text}", Purpose.CONFIGURATION, "row")
    assert f"hunter2{text}" not in str(refused.value)


@given(place=st.integers(0), letter=st.characters(codec="ascii"))
def test_at_rest_one_letter_changed_is_enough(place: int, letter: str) -> None:
    sealed = SEALED
    place %= len(sealed)
    changed = sealed[:place] + letter + sealed[place + 1 :]
    if changed != sealed:
        with pytest.raises(SecretUnreadable):
            Sealer.of(NEW).unseal(changed, Purpose.CANARY, "")
