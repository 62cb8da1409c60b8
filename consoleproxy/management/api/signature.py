"""Signatures of API requests, as CloudStack's clients make them.

All parameters but the signature, sorted by lower-cased name, values percent-encoded, joined as
``name=value&…``, the whole lower-cased; its HMAC-SHA1 under the account's secret key in base64.
Signature version 3 adds ``expires``. A client that can do better may use HMAC-SHA256: the length of
the signature tells them apart.
"""

import base64
import datetime
import hashlib
import hmac
import itertools
from collections.abc import Mapping
from urllib.parse import quote

from consoleproxy.errors import ManagementRequestRefused

# Python, Java and Go do not percent-encode the same characters, and clients are written in all of
# them: whichever spelling was signed is accepted.
_SPELLINGS = tuple(itertools.product(("~", "%7e"), ("*", "%2a"), ("%20", "+")))

_SHA256_LENGTH = len(base64.b64encode(bytes(hashlib.sha256().digest_size)))

_EXPIRES_FORMAT = "%Y-%m-%dT%H:%M:%S%z"

BAD_CREDENTIALS = "unable to verify user credentials and/or request signature"


def sign(parameters: Mapping[str, str], secret_key: str) -> str:
    """Return the signature of a request in the commonest spelling, with HMAC-SHA1."""
    return _digest(_signed_text(parameters), secret_key, "sha1")


def is_signed_by(parameters: Mapping[str, str], secret_key: str) -> bool:
    """Whether a request has the signature of this key.

    Args:
        parameters: all of them by lower-cased name, ``signature`` included.
        secret_key: empty where nobody has the ``apikey``: it takes as long, and is not signed.
    """
    signature = parameters.get("signature", "").encode()
    text = _signed_text(parameters)
    # SHA-1 is what CloudStack's clients use; in an HMAC its collisions do not matter.
    algorithm = "sha256" if len(signature) == _SHA256_LENGTH else "sha1"
    matched = False
    for tilde, star, space in _SPELLINGS:
        spelled = text.replace("~", tilde).replace("*", star).replace("%20", space)
        matched |= hmac.compare_digest(_digest(spelled, secret_key, algorithm).encode(), signature)
    return matched and bool(secret_key)


def expiry(parameters: Mapping[str, str], now: float) -> float | None:
    """Return until when a request is good; ``None``: it does not say.

    Args:
        parameters: by lower-cased name.
        now: this, and the time returned, in seconds since 1970.

    Raises:
        ManagementRequestRefused: 401, it has expired, or says it in another form.
    """
    if parameters.get("signatureversion") != "3" and "expires" not in parameters:
        return None
    try:
        moment = datetime.datetime.strptime(parameters.get("expires", ""), _EXPIRES_FORMAT)
        expires = moment.timestamp()
    except (ValueError, OverflowError):
        raise ManagementRequestRefused(
            401, "expires must look like 2026-01-31T12:00:00+0000, and signatureVersion 3 needs it"
        ) from None
    if expires < now:
        raise ManagementRequestRefused(
            401, "the request has expired: sign it anew, and check the clocks of both machines"
        )
    return expires


def _signed_text(parameters: Mapping[str, str]) -> str:
    pairs = sorted(
        (name.lower(), quote(value, safe="*"))
        for name, value in parameters.items()
        if name.lower() != "signature"
    )
    return "&".join(f"{name}={value}" for name, value in pairs).lower()


def _digest(text: str, secret_key: str, algorithm: str) -> str:
    digest = hmac.new(secret_key.encode(), text.encode(), algorithm).digest()
    return base64.b64encode(digest).decode()
