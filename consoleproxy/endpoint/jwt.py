"""JWT tokens (RFC 7519), for clouds other than CloudStack.

The signature says who made the token; a claim sealed with AES-256-GCM keeps its target from the
browser that carries it. All claims needed:

========= ======================================================================================
aud       the configured audience
jti       session uuid
sub       VM uuid
nbf, exp  epoch seconds
console   nonce (12 bytes), ciphertext and tag (16 bytes) in base64url; the associated data is the
          jti in UTF-8; the plaintext is CloudStack's JSON document, without the two uuids, and
          with instanceName where it is known: what the hypervisor calls the VM
========= ======================================================================================
"""

import secrets
from collections.abc import Mapping
from dataclasses import replace

import jwt
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from consoleproxy.endpoint.base64text import decode_base64, encode_base64url
from consoleproxy.endpoint.document import (
    MAX_TOKEN_LENGTH,
    read_document,
    text_of,
    to_document,
    to_endpoint,
    write_document,
)
from consoleproxy.endpoint.jwt_keys import JwtKeys
from consoleproxy.endpoint.model import ConsoleEndpoint
from consoleproxy.errors import SettingsInvalid, TokenInvalid

__all__ = ["JwtKeys", "decode", "encode"]

_REQUIRED = ["aud", "exp", "jti", "nbf", "sub", "console"]
_CLAIMED = {"sessionUuid", "clientTag"}
_INSTANCE_NAME = "instanceName"
_NONCE = 12
_LATEST = 1 << 40


def decode(token: str, keys: JwtKeys) -> ConsoleEndpoint:
    """Verify a token and open its target. Its times are handed on, not checked.

    Raises:
        TokenInvalid: the cause names the kind of fault, and nothing out of the token.
    """
    claims = _verified_claims(token, keys)
    try:
        session_uuid = str(claims["jti"])
        target = _open(str(claims["console"]), keys, session_uuid)
        target |= {"sessionUuid": session_uuid, "clientTag": claims["sub"]}
        endpoint = replace(to_endpoint(target), instance_name=text_of(target, _INSTANCE_NAME))
        not_before, expires_at = _epoch(claims, "nbf"), _epoch(claims, "exp")
    except ValueError as error:
        raise TokenInvalid(f"the JWT's signature is good, but: {error}") from None
    return replace(endpoint, not_before=not_before, expires_at=expires_at)


def encode(endpoint: ConsoleEndpoint, keys: JwtKeys, now: float, lifetime: float) -> str:
    """Make a token that is valid from ``now`` (epoch seconds) for ``lifetime`` seconds.

    Raises:
        SettingsInvalid: the keys can only verify, the lifetime is none, or no token can hold the
            endpoint.
    """
    if not 1 <= lifetime <= _LATEST - now:
        raise SettingsInvalid(
            [f"no token can be made that lives for {lifetime:g} s: give 1 or more seconds, e.g. 60"]
        )
    document = to_document(endpoint)
    if endpoint.instance_name:
        document[_INSTANCE_NAME] = endpoint.instance_name
    try:
        to_endpoint(document)
        text_of(document, _INSTANCE_NAME)
    except ValueError as error:
        raise SettingsInvalid([f"no token can be made: {error}"]) from None
    target = {name: value for name, value in document.items() if name not in _CLAIMED}
    nonce = secrets.token_bytes(_NONCE)
    sealed = AESGCM(keys.sealing_key).encrypt(
        nonce, write_document(target), endpoint.session_uuid.encode("utf-8")
    )
    claims = {
        "aud": keys.audience,
        "jti": endpoint.session_uuid,
        "sub": endpoint.vm_uuid,
        "nbf": int(now),
        "exp": int(now + lifetime),
        "console": encode_base64url(nonce + sealed),
    }
    token = jwt.encode(claims, keys.signing_key(), algorithm=keys.algorithm)
    if len(token) > MAX_TOKEN_LENGTH:
        raise SettingsInvalid([f"no token can be made: longer than {MAX_TOKEN_LENGTH} characters"])
    return token


def _verified_claims(token: str, keys: JwtKeys) -> Mapping[str, object]:
    if len(token) > MAX_TOKEN_LENGTH:
        raise TokenInvalid("the JWT is too long")
    try:
        for part in token.split("."):
            _check_part(part)
        verified = jwt.decode_complete(
            token,
            keys.verification_key(),
            algorithms=[keys.algorithm],
            audience=keys.audience,
            options={
                "require": _REQUIRED,
                "verify_exp": False,
                "verify_nbf": False,
                "verify_iat": False,
            },
        )
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        raise TokenInvalid(f"the JWT is refused: {type(error).__name__}") from None
    # RFC 7515 section 4.1.11: whoever does not know what is critical must refuse.
    if "crit" in verified["header"]:
        raise TokenInvalid("the JWT has a critical header that is not known here")
    claims: Mapping[str, object] = verified["payload"]
    return claims


def _check_part(part: str) -> None:
    # PyJWT skips characters that are not base64; RFC 7515 section 2 has no room for them.
    if set(part) & set("+/="):
        raise ValueError("not base64url")
    decode_base64(part)


def _open(sealed: str, keys: JwtKeys, session_uuid: str) -> dict[str, object]:
    data = decode_base64(sealed)
    if len(data) < _NONCE:
        raise ValueError("the claim console is too short")
    associated = session_uuid.encode("utf-8", "surrogatepass")
    try:
        plaintext = AESGCM(keys.sealing_key).decrypt(data[:_NONCE], data[_NONCE:], associated)
    except InvalidTag:
        raise ValueError("the sealing key does not open the claim console") from None
    return read_document(plaintext)


def _epoch(claims: Mapping[str, object], name: str) -> float:
    value = claims[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LATEST:
        raise ValueError(f"the claim {name} is not a time")
    return float(value)
