"""Logins: what a browser keeps after it has shown the page key once.

A login is signed, not remembered: every management server with the same secret and page key takes
it, and a change of either ends all of them. Only those that were logged out are remembered.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

LOGIN_SECONDS = 12 * 3600

_PURPOSE = b"consoleproxy inventory page login\0"
_NONCE_BYTES = 16
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Login:
    """A login that is good until ``expires``, seconds since 1970."""

    signature: str = field(repr=False)
    expires: float


@dataclass(frozen=True, slots=True)
class Logins:
    """Makes logins, and knows good ones.

    Args:
        secret: ``consoleproxy.management.secret``.
        page_key: ``consoleproxy.manage.page.key``.
    """

    secret: str = field(repr=False)
    page_key: str = field(repr=False)

    def make(self, now: float) -> str:
        """Return a login that is good for ``LOGIN_SECONDS``; only letters that a cookie may have.

        Args:
            now: seconds since 1970.
        """
        told = f"{int(now) + LOGIN_SECONDS}.{secrets.token_urlsafe(_NONCE_BYTES)}"
        return f"{told}.{self._signature(told)}"

    def read(self, login: str, now: float) -> Login | None:
        """Return a login that was made here or by a server like this one, and has not expired."""
        told, dot, signature = login[:_LONGEST].rpartition(".")
        if not dot or not hmac.compare_digest(signature.encode(), self._signature(told).encode()):
            return None
        # It is ours, so it has the form of ours.
        expires = int(told.partition(".")[0])
        return Login(signature, expires) if now < expires else None

    def _signature(self, told: str) -> str:
        # Both are hashed, so that none can be the beginning of the other one.
        key = hashlib.sha256(self.secret.encode()).digest()
        key += hashlib.sha256(self.page_key.encode()).digest()
        mac = hmac.digest(key, _PURPOSE + told.encode(), "sha256")
        return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()
