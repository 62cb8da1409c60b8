"""Signatures of requests that are good once, and of logins that are over, until they expire."""

import hashlib

from sqlalchemy import Connection, delete, select

from consoleproxy.management.storage.schema import used_signature
from consoleproxy.management.storage.upsert import insert_or_keep

# Another management server's clock may be behind by as much.
_MARGIN_SECONDS = 300.0


def use_signature(
    db: Connection, user_uuid: str, signature: str, expires: float, now: float
) -> bool:
    """Remember a signature, and let go of those that have expired; return False if it was used.

    Args:
        signature: of a request of that user, in the one spelling in which it is accepted.
        expires: when the request is refused anyway; this and ``now`` in seconds since 1970.
    """
    db.execute(delete(used_signature).where(used_signature.c.expires < now - _MARGIN_SECONDS))
    values = {"digest": _digest(user_uuid, signature), "expires": expires}
    return insert_or_keep(db, used_signature, values)


def was_used(db: Connection, user_uuid: str, signature: str) -> bool:
    """Return whether a signature is remembered."""
    digest = used_signature.c.digest
    query = select(digest).where(digest == _digest(user_uuid, signature))
    return db.execute(query).first() is not None


def _digest(user_uuid: str, signature: str) -> str:
    return hashlib.sha256(f"{user_uuid} {signature}".encode()).hexdigest()
