import pytest
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes

from consoleproxy.rfb.challenge import respond
from tests.unit.rfb.conversation import CHALLENGE, PASSWORD, RESPONSE


def decrypt(key: bytes, data: bytes) -> bytes:
    return Cipher(TripleDES(key * 3), modes.ECB()).decryptor().update(data)


def test_worked_example() -> None:
    assert respond(PASSWORD, CHALLENGE) == RESPONSE


def test_only_eight_bytes_of_the_password_count() -> None:
    assert respond(PASSWORD[:8], CHALLENGE) == RESPONSE
    assert respond(PASSWORD[:7], CHALLENGE) != RESPONSE


@pytest.mark.parametrize(
    ("password", "key"),
    [
        ("\x01\x02", bytes.fromhex("8040000000000000")),
        ("a", bytes.fromhex("8600000000000000")),
        # UTF-8: c3 bc, four times.
        ("\u00fc" * 5, bytes.fromhex("c33dc33dc33dc33d")),
    ],
)
def test_key_is_the_password_with_the_bits_of_each_byte_reversed(password: str, key: bytes) -> None:
    assert decrypt(key, respond(password, CHALLENGE)) == CHALLENGE


def test_lone_surrogate_is_no_error() -> None:
    assert respond("\ud800", CHALLENGE) == respond("?", CHALLENGE)
