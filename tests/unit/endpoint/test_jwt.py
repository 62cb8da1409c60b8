import base64
import hashlib
import hmac
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt as pyjwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given

from consoleproxy.endpoint.base64text import encode_base64url
from consoleproxy.endpoint.document import to_document
from consoleproxy.endpoint.jwt import decode, encode
from consoleproxy.endpoint.jwt_keys import JwtKeys, PrivateKey
from consoleproxy.endpoint.model import ConsoleEndpoint
from consoleproxy.errors import SettingsInvalid, TokenInvalid
from tests.unit.endpoint.samples import (
    ENDPOINT,
    JWT_KEYS,
    SEALING_KEY,
    SECRET,
    damaged,
    endpoints,
    private_pem,
    public_pem,
    rsa_key,
)

_DOCUMENT = Path(__file__).parents[3] / "docs" / "TOKENS.md"

NOW = 1_767_225_600.0
TOKEN = encode(ENDPOINT, JWT_KEYS, NOW, 60)
CLAIMS: dict[str, Any] = pyjwt.decode(TOKEN, options={"verify_signature": False})
DECODED = replace(ENDPOINT, not_before=NOW, expires_at=NOW + 60)


def sign(claims: dict[str, Any], headers: dict[str, Any] | None = None) -> str:
    return pyjwt.encode(claims, SECRET, algorithm="HS256", headers=headers)


def forge(header: bytes, payload: bytes, secret: str = SECRET) -> str:
    """A token of any bytes, signed with HMAC-SHA256."""
    signed = f"{encode_base64url(header)}.{encode_base64url(payload)}"
    signature = hmac.digest(secret.encode(), signed.encode(), hashlib.sha256)
    return f"{signed}.{encode_base64url(signature)}"


def seal(plaintext: bytes, session_uuid: str) -> str:
    sealed = AESGCM(SEALING_KEY).encrypt(bytes(12), plaintext, session_uuid.encode())
    return encode_base64url(bytes(12) + sealed)


def assert_refused(token: str, fault: str | None = None, keys: JwtKeys = JWT_KEYS) -> None:
    with pytest.raises(TokenInvalid, match=fault):
        decode(token, keys)


@given(endpoints)
def test_round_trip(endpoint: ConsoleEndpoint) -> None:
    token = encode(endpoint, JWT_KEYS, NOW + 0.9, 60)
    expected = replace(endpoint, not_before=NOW, expires_at=NOW + 60)
    assert decode(token, JWT_KEYS) == expected


@pytest.mark.parametrize("name", ["i-2-3-VM", "<\u00fc & 'x'>"])
def test_the_instance_name_travels_with_the_target(name: str) -> None:
    token = encode(replace(ENDPOINT, instance_name=name), JWT_KEYS, NOW, 60)
    assert decode(token, JWT_KEYS) == replace(DECODED, instance_name=name)
    sealed = seal(b'{"instanceName":7}', CLAIMS["jti"])
    assert_refused(sign({**CLAIMS, "console": sealed}), "instanceName is not a text")


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [
        ("RS256", rsa_key()),
        ("ES256", generate_ec(SECP256R1())),
        ("EdDSA", Ed25519PrivateKey.generate()),
    ],
    ids=["RS256", "ES256", "EdDSA"],
)
def test_key_pairs(algorithm: str, key: PrivateKey) -> None:
    private = replace(JWT_KEYS, algorithm=algorithm, key=private_pem(key))
    public = replace(private, key=public_pem(key))
    token = encode(ENDPOINT, private, NOW, 60)
    assert decode(token, public) == decode(token, private) == DECODED
    assert_refused(TOKEN, "InvalidAlgorithmError", public)
    confused = forge(b'{"alg":"HS256"}', json.dumps(CLAIMS).encode(), public_pem(key))
    assert_refused(confused, "InvalidAlgorithmError", public)
    renamed = forge(
        json.dumps({"alg": algorithm}).encode(), json.dumps(CLAIMS).encode(), public_pem(key)
    )
    assert_refused(renamed, "InvalidSignatureError", public)


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_the_other_hashes(algorithm: str) -> None:
    keys = replace(JWT_KEYS, algorithm=algorithm)
    token = encode(ENDPOINT, keys, NOW, 60)
    assert decode(token, keys) == DECODED
    assert_refused(token, "InvalidAlgorithmError")


def test_the_browser_cannot_read_the_target() -> None:
    assert set(CLAIMS) == {"aud", "jti", "sub", "nbf", "exp", "console"}
    carried = base64.urlsafe_b64decode(CLAIMS["console"] + "==")
    for part in (ENDPOINT.host, ENDPOINT.password, ENDPOINT.extra, "clientHost"):
        assert part.encode() not in carried


def test_damage_is_refused() -> None:
    for broken in damaged(TOKEN):
        assert_refused(broken)


@pytest.mark.parametrize("junk", ["=", "==", ".", ".x", "!", "\n", " ", "é", "\ud800"])
def test_nothing_may_be_added(junk: str) -> None:
    assert_refused(TOKEN + junk)
    assert_refused(junk + TOKEN)


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "", None, 1, ["HS256"], {}])
def test_no_signature_no_console(algorithm: object) -> None:
    header = encode_base64url(json.dumps({"alg": algorithm}).encode())
    payload = encode_base64url(json.dumps(CLAIMS).encode())
    assert_refused(f"{header}.{payload}.")
    assert_refused(f"{header}.{payload}.{TOKEN.rpartition('.')[2]}")


def test_a_key_in_the_token_does_not_count() -> None:
    own = "an attacker's secret, long enough to be one of HS256's"
    headers = {"jwk": {"kty": "oct", "k": encode_base64url(own.encode())}, "kid": "../../dev/null"}
    token = pyjwt.encode(CLAIMS, own, algorithm="HS256", headers=headers)
    assert_refused(token, "InvalidSignatureError")
    assert decode(sign(CLAIMS, {"kid": "any"}), JWT_KEYS) == DECODED


def test_critical_headers_are_refused() -> None:
    assert_refused(sign(CLAIMS, {"crit": ["x"], "x": 1}))
    assert_refused(sign(CLAIMS, {"crit": ["b64"], "b64": True}))


@pytest.mark.parametrize("name", sorted(CLAIMS))
def test_every_claim_is_needed(name: str) -> None:
    without = {key: value for key, value in CLAIMS.items() if key != name}
    assert_refused(sign(without), "MissingRequiredClaimError")
    assert_refused(forge(b'{"alg":"HS256"}', json.dumps({**CLAIMS, name: None}).encode()))


@pytest.mark.parametrize("audience", ["other", "", "consoleproxy2", ["other"], [], 1])
def test_other_audiences(audience: object) -> None:
    payload = json.dumps({**CLAIMS, "aud": audience}).encode()
    assert_refused(forge(b'{"alg":"HS256"}', payload))


@pytest.mark.parametrize("name", ["exp", "nbf"])
@pytest.mark.parametrize("value", ["1767225600", True, -1, 1e300, [], 10**400], ids=repr)
def test_times_are_numbers(name: str, value: object) -> None:
    payload = json.dumps({**CLAIMS, name: value}).encode()
    assert_refused(forge(b'{"alg":"HS256"}', payload))


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1" * 5000])
def test_times_are_finite(text: str) -> None:
    payload = json.dumps({**CLAIMS, "exp": 0}).replace('"exp": 0', f'"exp": {text}')
    assert_refused(forge(b'{"alg":"HS256"}', payload.encode()))


def test_times_are_handed_on_unchecked() -> None:
    old = decode(sign({**CLAIMS, "nbf": 1.5, "exp": 2, "iat": 1e12}), JWT_KEYS)
    assert (old.not_before, old.expires_at) == (1.5, 2.0)


@pytest.mark.parametrize("value", ["", "a b", "é", "\ud800", "u" * 201, 7])
def test_names_are_identifiers(value: object) -> None:
    for name in ("jti", "sub"):
        payload = json.dumps({**CLAIMS, name: value}).encode()
        assert_refused(forge(b'{"alg":"HS256"}', payload))


def test_a_target_belongs_to_its_session() -> None:
    assert_refused(sign({**CLAIMS, "jti": "another"}), "sealing key does not open")
    assert_refused(TOKEN, "sealing key does not open", replace(JWT_KEYS, sealing_key=bytes(32)))


@pytest.mark.parametrize("console", ["", "AAAA", "!", 1, {}, seal(b"[]", CLAIMS["jti"])])
def test_what_is_no_target(console: object) -> None:
    assert_refused(sign({**CLAIMS, "console": console}), "signature is good, but")


def test_uuids_come_from_the_claims_only() -> None:
    sealed = seal(b'{"sessionUuid":"x","clientTag":"y","clientHostPort":1}', CLAIMS["jti"])
    endpoint = decode(sign({**CLAIMS, "console": sealed}), JWT_KEYS)
    assert (endpoint.session_uuid, endpoint.vm_uuid) == (ENDPOINT.session_uuid, ENDPOINT.vm_uuid)


@pytest.mark.parametrize("nested", [b"[" * 5000, b'{"a":' * 2000])
def test_deep_nesting(nested: bytes) -> None:
    assert_refused(forge(nested, b"{}"))
    assert_refused(forge(b'{"alg":"HS256"}', nested))


@pytest.mark.parametrize("lifetime", [0, 0.5, -60, 1e15, float("inf"), float("nan")])
def test_a_lifetime_that_is_none(lifetime: float) -> None:
    with pytest.raises(SettingsInvalid, match="give 1 or more seconds"):
        encode(ENDPOINT, JWT_KEYS, NOW, lifetime)


def test_tokens_that_cannot_be_made() -> None:
    with pytest.raises(SettingsInvalid, match="clientTag"):
        encode(replace(ENDPOINT, vm_uuid=""), JWT_KEYS, NOW, 60)
    with pytest.raises(SettingsInvalid, match="longer than"):
        encode(replace(ENDPOINT, display_name="x" * 12_000), JWT_KEYS, NOW, 60)
    with pytest.raises(SettingsInvalid, match="instanceName is not a text"):
        encode(replace(ENDPOINT, instance_name="\ud800"), JWT_KEYS, NOW, 60)
    assert_refused("a." * 8200, "too long")


def test_a_platform_makes_links_as_documented() -> None:
    text = _DOCUMENT.read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.+?)```", text, re.DOTALL)
    (table,) = re.findall(r"\| name \| what \|\n(.+?)\n\n", text, re.DOTALL)
    rows = [line.split("|")[1] for line in table.splitlines()[1:]]
    names = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    assert len(names) > 10
    screen: dict[str, str | int] = dict.fromkeys(names, "1")
    screen["clientHostPort"] = 5901
    own = Ed25519PrivateKey.generate()
    made: dict[str, Any] = {}
    exec(example, made)
    link = made["console_link"]("https://p.test", "web-1", screen, private_pem(own), SEALING_KEY)
    (token,) = parse_qs(urlsplit(link).query)["token"]
    keys = replace(JWT_KEYS, algorithm="EdDSA", key=public_pem(own))
    endpoint = decode(token, keys)
    assert endpoint.vm_uuid == "web-1"
    # Everything that is documented is read.
    found = {**to_document(endpoint), "instanceName": endpoint.instance_name}
    assert {name: found[name] for name in names} == screen
    assert endpoint.not_before is not None
    assert endpoint.expires_at == endpoint.not_before + 60
