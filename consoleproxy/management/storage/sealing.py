"""Private keys under the shared secret: in the database, and on their way to a CPVM.

AES-256-GCM, a fresh 12-byte nonce first, all in base64. The key is HKDF-SHA256 (RFC 5869) of
``consoleproxy.management.secret``, one for each purpose. CloudStack encrypts its table
``keystore`` too, under a key that is not in the database; one that stayed in the same database
would protect nothing.
"""

import base64
import binascii
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

HAND_OVER = b"consoleproxy keystore"
AT_REST = b"consoleproxy keystore at rest"

_KEY_BYTES = 32
_NONCE_BYTES = 12


def seal(plaintext: bytes, secret: str, purpose: bytes, bound_to: str) -> str:
    """Return the sealed text.

    Args:
        secret: ``consoleproxy.management.secret``.
        purpose: ``HAND_OVER`` or ``AT_REST``.
        bound_to: must be the same when it is opened: the keystore's version, or the row's name.
    """
    nonce = os.urandom(_NONCE_BYTES)
    sealed = AESGCM(_key(secret, purpose)).encrypt(nonce, plaintext, bound_to.encode())
    return base64.b64encode(nonce + sealed).decode()


def unseal(sealed: str, secret: str, purpose: bytes, bound_to: str) -> bytes:
    """Return the plaintext.

    Raises:
        ValueError: it was sealed under another secret, for something else, or was modified.
    """
    try:
        data = base64.b64decode(sealed, validate=True)
        nonce, ciphertext = data[:_NONCE_BYTES], data[_NONCE_BYTES:]
        return AESGCM(_key(secret, purpose)).decrypt(nonce, ciphertext, bound_to.encode())
    except (binascii.Error, InvalidTag, ValueError):
        # The cause says nothing that helps.
        raise ValueError("it does not open with this consoleproxy.management.secret") from None


def _key(secret: str, purpose: bytes) -> bytes:
    return HKDF(SHA256(), _KEY_BYTES, salt=None, info=purpose).derive(secret.encode())
