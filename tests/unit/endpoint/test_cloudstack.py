import base64
import hashlib
import itertools
import json
from dataclasses import replace
from typing import Literal

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.endpoint.base64text import decode_base64, encode_base64url
from consoleproxy.endpoint.cloudstack import UNNAMED, EncryptionKeys, decode, encode
from consoleproxy.endpoint.document import to_document, to_endpoint, write_document
from consoleproxy.endpoint.model import ConsoleEndpoint
from consoleproxy.errors import SettingsInvalid, TokenInvalid
from tests.unit.endpoint.samples import (
    ENDPOINT,
    KEYS,
    OTHER_KEYS,
    Vector,
    damaged,
    endpoints,
    vectors,
)

Form = Literal["gcm", "cbc"]
GCM_EXAMPLE, CBC_EXAMPLE = vectors()[0].token, vectors()[1].token
KEY_JSON = (
    '{"base64EncodedKeyBytes":"AAECAwQFBgcICQoLDA0ODw",'
    '"base64EncodedIvBytes":"EBESExQVFhcYGRobHB0eHw"}'
)


def assert_refused(token: str, keys: EncryptionKeys = KEYS) -> None:
    with pytest.raises(TokenInvalid) as caught:
        decode(token, keys)
    assert str(caught.value) == "the token is not one that this proxy's CloudStack keys open"
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def encrypt_cbc(padded: bytes) -> str:
    encryptor = Cipher(AES(KEYS.key), CBC(KEYS.iv)).encryptor()
    return encode_base64url(encryptor.update(padded) + encryptor.finalize())


def encrypt_gcm(plaintext: bytes) -> str:
    key = bytes.fromhex("be45cb2605bf36bebde684841a28f0fd43c69850a3dce5fedba69928ee3a8991")
    return base64.b64encode(bytes(12) + AESGCM(key).encrypt(bytes(12), plaintext, KEYS.iv)).decode(
        "ascii"
    )


@pytest.mark.parametrize("vector", vectors(), ids=lambda vector: vector.name)
def test_tokens_made_elsewhere(vector: Vector) -> None:
    keys = EncryptionKeys.parse(vector.keys)
    assert decode(vector.token, keys) == to_endpoint(vector.document)
    assert decode(vector.token.rstrip("="), keys) == to_endpoint(vector.document)


def test_the_worked_example() -> None:
    assert decode(GCM_EXAMPLE, KEYS) == decode(CBC_EXAMPLE, KEYS) == ENDPOINT
    plaintext = write_document(to_document(ENDPOINT))
    assert plaintext.decode("utf-8") == json.dumps(
        vectors()[0].document, separators=(",", ":")
    ).replace("==", "\\u003d\\u003d")
    assert encode(ENDPOINT, KEYS, form="cbc") == CBC_EXAMPLE


@given(endpoints, st.sampled_from(["gcm", "cbc"]))
def test_round_trip(endpoint: ConsoleEndpoint, form: Form) -> None:
    assert decode(encode(endpoint, KEYS, form=form), KEYS) == endpoint


def test_nonces_do_not_repeat() -> None:
    tokens = {encode(ENDPOINT, KEYS)[:16] for _ in range(50)}
    assert len(tokens) == 50


@pytest.mark.parametrize("token", [GCM_EXAMPLE, CBC_EXAMPLE], ids=["gcm", "cbc"])
def test_damage_is_refused(token: str) -> None:
    for broken in damaged(token):
        assert_refused(broken)


@pytest.mark.parametrize("token", [GCM_EXAMPLE, CBC_EXAMPLE], ids=["gcm", "cbc"])
def test_other_keys_do_not_open_it(token: str) -> None:
    assert_refused(token, OTHER_KEYS)
    assert_refused(token, replace(KEYS, iv=bytes(16)))


def test_a_damaged_gcm_token_is_not_taken_for_cbc() -> None:
    # One whose alphabet tells nothing and whose length is CBC's, so that both forms are tried.
    fitting = ConsoleEndpoint(session_uuid="s", vm_uuid="vm-of-fourteen")
    candidates = (encode(fitting, KEYS).rstrip("=") for _ in itertools.count())
    token = next(token for token in candidates if token.isalnum())
    assert len(decode_base64(token)) % 16 == 0
    assert decode(token, KEYS) == fitting
    for broken in damaged(token):
        assert_refused(broken)


def test_cbc_in_the_other_alphabet_is_not_taken() -> None:
    assert_refused(CBC_EXAMPLE.replace("-", "+").replace("_", "/"))
    assert_refused(CBC_EXAMPLE + "=")


def test_gcm_in_the_other_alphabet_is_not_taken() -> None:
    assert_refused(GCM_EXAMPLE.replace("+", "-").replace("/", "_"))


def test_cbc_can_be_switched_off() -> None:
    with pytest.raises(TokenInvalid, match="CloudStack keys open"):
        decode(CBC_EXAMPLE, KEYS, accept_cbc=False)
    assert decode(GCM_EXAMPLE, KEYS, accept_cbc=False) == ENDPOINT


GOOD_JSON = b'{"sessionUuid":"s","clientTag":"vm"}'


@pytest.mark.parametrize(
    "padded",
    [
        GOOD_JSON + b" " * 12,
        GOOD_JSON + b" " * 11 + b"\x00",
        GOOD_JSON + b" " * 11 + b"\x11",
        GOOD_JSON + b" " * 10 + b"\x01\x02",
        GOOD_JSON[:-1] + b"\x0d" * 13,
        b"\xff" * 15 + b"\x01",
        b"null" + b"\x0c" * 12,
        b'{"clientTag":"vm"}' + b"\x0e" * 14,
        b"\x10" * 16,
        b"",
    ],
)
def test_cbc_faults_cannot_be_told_apart(padded: bytes) -> None:
    assert_refused(encrypt_cbc(padded))


def test_cbc_as_these_tests_make_it_is_good() -> None:
    assert decode(encrypt_cbc(GOOD_JSON + b"\x0c" * 12), KEYS).vm_uuid == "vm"


@pytest.mark.parametrize(
    "plaintext",
    [
        b"",
        b"[]",
        b'{"sessionUuid":"s"}',
        b'{"sessionUuid":"s","clientTag":"vm","clientHostPort":70000}',
        b'{"sessionUuid":"s","clientTag":"vm","sessionUuid":"t"}',
        b'{"x":' + b"[" * 10_000,
    ],
)
def test_a_good_seal_does_not_excuse_the_content(plaintext: bytes) -> None:
    assert_refused(encrypt_gcm(plaintext))


def test_gcm_as_these_tests_make_it_is_good() -> None:
    assert decode(encrypt_gcm(GOOD_JSON), KEYS).vm_uuid == "vm"


def test_length_limit() -> None:
    longest = encrypt_gcm(GOOD_JSON + b" " * (16 * 1024 // 4 * 3 - 28 - len(GOOD_JSON)))
    assert len(longest) == 16 * 1024
    assert decode(longest, KEYS).vm_uuid == "vm"
    assert_refused(encrypt_gcm(GOOD_JSON + b" " * 12_300))
    with pytest.raises(SettingsInvalid, match="longer than 16384"):
        encode(replace(ENDPOINT, display_name="x" * 13_000), KEYS)


@pytest.mark.parametrize("form", ["gcm", "cbc"])
def test_no_token_is_made_that_would_be_refused(form: Form) -> None:
    with pytest.raises(SettingsInvalid, match="clientHostPort is not a port"):
        encode(replace(ENDPOINT, port=70_000), KEYS, form=form)


def test_keys_as_cloudstack_hands_them_over() -> None:
    assert EncryptionKeys.parse(KEY_JSON) == KEYS
    assert KEYS.to_json() == KEY_JSON
    generated = EncryptionKeys.generate()
    assert EncryptionKeys.parse(generated.to_json()) == generated
    assert generated != EncryptionKeys.generate()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "expected"),
        ("[1]", "expected"),
        ('{"base64EncodedKeyBytes":"AAECAwQFBgcICQoLDA0ODw"}', "base64EncodedIvBytes"),
        (KEY_JSON.replace("AAEC", "!!!!"), "security.encryption.key"),
        (KEY_JSON.replace("AAECAw", "AAEC"), "has 15 bytes where CloudStack's has 16"),
        (KEY_JSON.replace('"AAECAwQFBgcICQoLDA0ODw"', "null"), "base64EncodedKeyBytes has 3"),
    ],
)
def test_bad_keys_are_refused_with_the_remedy(text: str, fault: str) -> None:
    with pytest.raises(SettingsInvalid, match=fault):
        EncryptionKeys.parse(text)


def test_tokens_without_a_session_are_taken_only_where_they_are_known() -> None:
    keys = EncryptionKeys.generate()
    nonce = bytes(12)
    key = hashlib.sha256(keys.key).digest()
    sealed = AESGCM(key).encrypt(nonce, b'{"clientTag":"vm-1"}', keys.iv)
    token = base64.b64encode(nonce + sealed).decode()
    with pytest.raises(TokenInvalid):
        decode(token, keys)
    first, second = (decode(one, keys, accept_unnamed=True) for one in (token, token.rstrip("=")))
    assert first == second
    assert first.session_uuid.startswith(UNNAMED)
