"""Secrets under a key: in the database and the inventory, and on their way to a CPVM.

AES-256-GCM with a fresh 12-byte nonce first, in base64. The keys are made with HKDF-SHA256
(RFC 5869), one for each purpose.

At rest, ``Sealer``: ``sealed:1:KEY:BASE64``, where KEY names the key, so that several may be in use
while one takes the place of another. What a CPVM is handed is sealed under
``consoleproxy.management.secret`` (``seal``, ``HAND_OVER``), which both have.
"""

import base64
import os
import re
from dataclasses import dataclass
from enum import StrEnum

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from consoleproxy.errors import SecretUnreadable
from consoleproxy.management.storage.sealing_keys import KeyRing, SealingKey, derived_key

HAND_OVER = b"consoleproxy keystore"
# As databases have it that are from before ``Sealer``.
AT_REST = b"consoleproxy keystore at rest"

_NONCE_BYTES = 12
_FORM = "sealed:1:"
_SEALED = re.compile(_FORM + "([0-9a-f]{16}):")
_INFO = b"consoleproxy at rest: "


class Purpose(StrEnum):
    """What is sealed; each has its own key, so that none can be passed off as another."""

    CANARY = "canary"
    CONFIGURATION = "configuration value"
    SECRET_KEY = "secret key of a user"  # noqa: S105
    PRIVATE_KEY = "private key of a certificate"
    SERVED_KEYSTORE = "keystore that console proxies serve"
    VNC_PASSWORD = "VNC password"  # noqa: S105
    TUNNEL_SESSION = "tunnel session"


@dataclass(frozen=True, slots=True)
class Sealer:
    """Seals what is stored, and opens it.

    Args:
        ring: its first key seals, all of them open.
    """

    ring: KeyRing

    @classmethod
    def of(cls, *keys: SealingKey) -> "Sealer":
        """Return one whose keys stay these."""
        return cls(KeyRing(lambda: keys))

    def seal(self, text: str, purpose: Purpose, bound_to: str) -> str:
        """Return the sealed text, of 4/3 of the text's bytes and 64 letters or fewer.

        Args:
            bound_to: must be the same when it is opened: what tells the row from others.
        """
        key = self.ring.keys[0]
        sealed = _encrypt(key.material, _INFO + purpose.encode(), text.encode(), bound_to)
        return f"{_FORM}{key.id}:{sealed}"

    def unseal(self, sealed: str, purpose: Purpose, bound_to: str) -> str:
        """Return the text.

        Raises:
            SecretUnreadable: it was sealed under another key, for something else, was modified, or
                was never sealed.
        """
        name = key_id(sealed)
        if not name:
            raise SecretUnreadable(f"a {purpose} is stored in the clear or damaged")
        key = self.ring.find(name)
        if key is None:
            raise SecretUnreadable(
                f"a {purpose} was sealed under key {name}, and this server has "
                f"{', '.join(key.id for key in self.ring.keys)}"
            )
        try:
            data = sealed.removeprefix(f"{_FORM}{name}:")
            return _decrypt(key.material, _INFO + purpose.encode(), data, bound_to).decode()
        except ValueError:
            raise SecretUnreadable(
                f"a {purpose} was modified, or is another row's (sealed under key {name})"
            ) from None


def is_sealed(text: str) -> bool:
    """Return whether a text is meant to be a sealed one, whole or not."""
    return text.startswith("sealed:")


def key_id(text: str) -> str:
    """Return the name of the key that a text was sealed under; empty if it is no sealed text."""
    found = _SEALED.match(text)
    return found[1] if found else ""


def seal(plaintext: bytes, secret: str, purpose: bytes, bound_to: str) -> str:
    """Return what only ``consoleproxy.management.secret`` opens.

    Args:
        purpose: ``HAND_OVER``.
        bound_to: must be the same when it is opened, e.g. the keystore's version.
    """
    return _encrypt(secret.encode(), purpose, plaintext, bound_to)


def unseal(sealed: str, secret: str, purpose: bytes, bound_to: str) -> bytes:
    """Return the plaintext.

    Args:
        purpose: ``HAND_OVER`` or ``AT_REST``.

    Raises:
        ValueError: it was sealed under another secret, for something else, or was modified.
    """
    try:
        return _decrypt(secret.encode(), purpose, sealed, bound_to)
    except ValueError:
        raise ValueError("it does not open with this consoleproxy.management.secret") from None


def _encrypt(material: bytes, info: bytes, plaintext: bytes, bound_to: str) -> str:
    nonce = os.urandom(_NONCE_BYTES)
    sealed = AESGCM(derived_key(material, info)).encrypt(nonce, plaintext, bound_to.encode())
    return base64.b64encode(nonce + sealed).decode()


def _decrypt(material: bytes, info: bytes, sealed: str, bound_to: str) -> bytes:
    try:
        data = base64.b64decode(sealed, validate=True)
        if base64.b64encode(data).decode() != sealed:
            # The last letter has bits that mean nothing; one text for one secret.
            raise ValueError
        nonce, ciphertext = data[:_NONCE_BYTES], data[_NONCE_BYTES:]
        return AESGCM(derived_key(material, info)).decrypt(nonce, ciphertext, bound_to.encode())
    except (InvalidTag, ValueError):
        # The cause says nothing that helps.
        raise ValueError("it does not open") from None
