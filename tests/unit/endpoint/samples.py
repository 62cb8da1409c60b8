"""Endpoints, keys and tokens that several tests of this package use."""

import functools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from string import ascii_letters, digits, punctuation
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import strategies as st

from consoleproxy.endpoint.cloudstack import EncryptionKeys
from consoleproxy.endpoint.jwt_keys import JwtKeys, PrivateKey
from consoleproxy.endpoint.model import ConsoleEndpoint

KEYS = EncryptionKeys(bytes(range(16)), bytes(range(16, 32)))
OTHER_KEYS = EncryptionKeys(bytes(range(1, 17)), bytes(range(16, 32)))
SECRET = "a shared secret of 64 bytes, which is as many as HS512 asks for."
SEALING_KEY = bytes(range(32, 64))
JWT_KEYS = JwtKeys(algorithm="HS256", key=SECRET, sealing_key=SEALING_KEY, audience="consoleproxy")

ENDPOINT = ConsoleEndpoint(
    session_uuid="870ed27a-4852-4fb3-a37d-c4c10a1d202f",
    vm_uuid="d59c31a5-e4c8-454f-a9ff-432bc8910fcb",
    display_name="web01",
    host="192.168.122.10",
    port=5901,
    password="Rm4wQ2x1dTEyMzQ1Njc4OQ",
    ticket="/hNQhZ62lX1DynvKYNVn6k5KzCiHV2FkMDvMnC+/WC/SGNyZKtf/d0lA2WKaGFPMPK9JmmHa4n5/QWytcEYz1Q==",
    source_ip="203.0.113.7",
    extra="s3cret",
)


@dataclass(frozen=True, slots=True)
class Vector:
    name: str
    keys: str
    token: str
    document: dict[str, Any]


def vectors() -> list[Vector]:
    """Tokens made elsewhere, with the document that each one holds."""
    text = (Path(__file__).parent / "vectors.json").read_text(encoding="utf-8")
    return [Vector(**vector) for vector in json.loads(text)]


def damaged(token: str) -> Iterator[str]:
    """The token with each bit flipped, and each of its beginnings; without lost padding."""
    for index, character in enumerate(token):
        for bit in range(7):
            yield token[:index] + chr(ord(character) ^ 1 << bit) + token[index + 1 :]
    for end in range(1, len(token.rstrip("="))):
        yield token[:end]


@functools.cache
def rsa_key(bits: int = 2048) -> PrivateKey:
    return generate_private_key(65537, bits)


def private_pem(key: PrivateKey) -> str:
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem.decode("ascii")


def public_pem(key: PrivateKey) -> str:
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return pem.decode("ascii")


_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
_identifiers = st.text(ascii_letters + digits + "._:-", min_size=1, max_size=200)
_addresses = st.text(ascii_letters + digits + "._:%[]-", max_size=60)
_sockets = st.text(ascii_letters + digits + punctuation, min_size=1, max_size=106).map(
    "unix:/{}".format
)

endpoints = st.builds(
    ConsoleEndpoint,
    session_uuid=_identifiers,
    vm_uuid=_identifiers,
    display_name=_texts,
    host=_addresses | _sockets,
    port=st.integers(0, 65535) | st.sampled_from([-1, -9]),
    password=_texts,
    tunnel_url=_texts,
    tunnel_session=_texts,
    websocket_url=_texts,
    hyperv_host=_addresses,
    username=_texts,
    hyperv_password=_texts,
    ticket=_texts,
    locale=_texts,
    source_ip=_addresses,
    extra=_texts.map(lambda text: text if text.strip() else ""),
    requires_new_viewer=st.booleans(),
)
