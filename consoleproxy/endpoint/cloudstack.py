"""CloudStack's tokens: the document, encrypted under the cloud's one pair of key and IV.

Current form: AES-256-GCM, in standard base64 with padding. Older form: AES-128-CBC with a fixed
IV, in URL-safe base64 without padding; nothing in it proves that it is whole.
"""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Literal, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from consoleproxy.endpoint.base64text import decode_base64, encode_base64url
from consoleproxy.endpoint.document import (
    MAX_TOKEN_LENGTH,
    read_document,
    to_document,
    to_endpoint,
    write_document,
)
from consoleproxy.endpoint.model import ConsoleEndpoint
from consoleproxy.errors import SettingsInvalid, TokenInvalid

_KEY_NAME = "base64EncodedKeyBytes"
_IV_NAME = "base64EncodedIvBytes"
_BLOCK = 16
_NONCE = 12
_TAG = 16

_SESSION = "sessionUuid"
# What a session of a token is called that names none: all sessions of one token are the same.
UNNAMED = "unnamed-"

# One cause for everything: whoever can tell faults of the CBC form apart can decrypt by asking.
_CAUSE = "the token is not one that this proxy's CloudStack keys open"


@dataclass(frozen=True, slots=True)
class EncryptionKeys:
    """``security.encryption.key`` and ``security.encryption.iv`` of a cloud.

    Args:
        key: 16 bytes.
        iv: 16 bytes.

    Raises:
        SettingsInvalid: another length.
    """

    key: bytes = field(repr=False)
    iv: bytes = field(repr=False)

    def __post_init__(self) -> None:
        problems = [
            f"the console token's {name} has {len(value)} bytes where CloudStack's has 16: "
            f"copy {setting} of the cloud as it is"
            for name, value, setting in (
                (_KEY_NAME, self.key, "security.encryption.key"),
                (_IV_NAME, self.iv, "security.encryption.iv"),
            )
            if len(value) != _BLOCK
        ]
        if problems:
            raise SettingsInvalid(problems)

    @classmethod
    def parse(cls, json_text: str) -> Self:
        """Read CloudStack's pair, ``{"base64EncodedKeyBytes":"…","base64EncodedIvBytes":"…"}``.

        Raises:
            SettingsInvalid: it is not one.
        """
        try:
            document = read_document(json_text.encode("utf-8"))
            key, iv = (decode_base64(str(document[name])) for name in (_KEY_NAME, _IV_NAME))
        except (ValueError, KeyError):
            raise SettingsInvalid(
                [
                    "the console token keys are not CloudStack's pair: expected "
                    f'{{"{_KEY_NAME}":"…","{_IV_NAME}":"…"}} with security.encryption.key and '
                    "security.encryption.iv of the cloud"
                ]
            ) from None
        return cls(key, iv)

    @classmethod
    def generate(cls) -> Self:
        """Return new random keys."""
        return cls(secrets.token_bytes(_BLOCK), secrets.token_bytes(_BLOCK))

    def to_json(self) -> str:
        """Return what ``parse`` reads."""
        pair = {_KEY_NAME: encode_base64url(self.key), _IV_NAME: encode_base64url(self.iv)}
        return json.dumps(pair, separators=(",", ":"))


def decode(
    token: str, keys: EncryptionKeys, *, accept_cbc: bool = True, accept_unnamed: bool = False
) -> ConsoleEndpoint:
    """Open a token of either form; padding that got lost is no fault.

    The authenticated form goes first, except where the alphabet is the other one's.

    Args:
        accept_unnamed: take tokens without a session, as CloudStack made them before 4.18; the
            session gets a name that begins with ``UNNAMED``, the same for each use of the token.

    Raises:
        TokenInvalid: anything is wrong; the cause never says what.
    """
    try:
        if len(token) > MAX_TOKEN_LENGTH:
            raise ValueError("too long")
        data = decode_base64(token)
        name = UNNAMED + hashlib.sha256(data).hexdigest() if accept_unnamed else ""
        if not set(token) & set("-_"):
            plaintext = _open_gcm(data, keys)
            if plaintext is not None:
                return _endpoint_of(plaintext, name)
        if accept_cbc and not set(token) & set("+/="):
            return _decode_cbc(data, keys, name)
    except ValueError:
        raise TokenInvalid(_CAUSE) from None
    raise TokenInvalid(_CAUSE)


def encode(
    endpoint: ConsoleEndpoint, keys: EncryptionKeys, *, form: Literal["gcm", "cbc"] = "gcm"
) -> str:
    """Make a token; ``cbc`` is for CPVMs that know nothing newer.

    Raises:
        SettingsInvalid: the endpoint has a field that no token may carry, or is too long.
    """
    document = to_document(endpoint)
    try:
        to_endpoint(document)
    except ValueError as error:
        raise SettingsInvalid([f"no token can be made: {error}"]) from None
    plaintext = write_document(document)
    if form == "gcm":
        nonce = secrets.token_bytes(_NONCE)
        sealed = nonce + AESGCM(_gcm_key(keys)).encrypt(nonce, plaintext, keys.iv)
        token = base64.b64encode(sealed).decode("ascii")
    else:
        padder = PKCS7(AES.block_size).padder()
        encryptor = Cipher(AES(keys.key), CBC(keys.iv)).encryptor()
        padded = padder.update(plaintext) + padder.finalize()
        token = encode_base64url(encryptor.update(padded) + encryptor.finalize())
    if len(token) > MAX_TOKEN_LENGTH:
        raise SettingsInvalid([f"no token can be made: longer than {MAX_TOKEN_LENGTH} characters"])
    return token


def _gcm_key(keys: EncryptionKeys) -> bytes:
    return hashlib.sha256(keys.key).digest()


def _open_gcm(data: bytes, keys: EncryptionKeys) -> bytes | None:
    if len(data) < _NONCE + _TAG:
        return None
    try:
        return AESGCM(_gcm_key(keys)).decrypt(data[:_NONCE], data[_NONCE:], keys.iv)
    except InvalidTag:
        return None


def _endpoint_of(plaintext: bytes, name: str) -> ConsoleEndpoint:
    document = read_document(plaintext)
    if name and document.get(_SESSION) is None:
        document[_SESSION] = name
    return to_endpoint(document)


def _decode_cbc(data: bytes, keys: EncryptionKeys, name: str) -> ConsoleEndpoint:
    decryptor = Cipher(AES(keys.key), CBC(keys.iv)).decryptor()
    padded = decryptor.update(data) + decryptor.finalize()
    unpadder = PKCS7(AES.block_size).unpadder()
    try:
        plaintext = unpadder.update(padded) + unpadder.finalize()
    except ValueError:
        # Read on all the same: an answer that comes sooner would tell about the padding.
        read_document(padded)
        raise
    return _endpoint_of(plaintext, name)
