"""Signatures of requests that are good once, remembered until those requests expire."""

import hashlib

from sqlalchemy import Connection, delete

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
    digest = hashlib.sha256(f"{user_uuid} {signature}".encode()).hexdigest()
    return insert_or_keep(db, used_signature, {"digest": digest, "expires": expires})
