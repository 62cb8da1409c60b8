"""The answer to VNC Authentication's challenge (RFC 6143 7.2.2)."""

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes

CHALLENGE_BYTES = 16
_KEY_BYTES = 8


def respond(password: str, challenge: bytes) -> bytes:
    """Encrypt the challenge with DES, keyed by the password's first 8 bytes in UTF-8.

    VNC takes a key's bits in the reverse order of everybody else.
    """
    password_bytes = password.encode("utf-8", "replace")[:_KEY_BYTES].ljust(_KEY_BYTES, b"\0")
    key = bytes(int(f"{byte:08b}"[::-1], 2) for byte in password_bytes)
    # The protocol dictates DES in ECB mode; TripleDES with one key three times over is DES.
    cipher = Cipher(TripleDES(key * 3), modes.ECB())  # noqa: S305
    encryptor = cipher.encryptor()
    return encryptor.update(challenge) + encryptor.finalize()
