import base64

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.management.storage.sealing import AT_REST, HAND_OVER, seal, unseal


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
