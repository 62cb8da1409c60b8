"""CloudStack's access ticket: bounds the time from a token's making to its first use.

As ``ConsoleAccessManagerImpl.genAccessTicket`` makes it since 4.18.
"""

import base64
import hashlib
import hmac


def gen_ticket(
    host: str,
    port: int,
    password: str,
    vm_uuid: str,
    session_uuid: str,
    hash_key: str,
    minute: int,
) -> str:
    """Return a session's ticket of one minute.

    Args:
        hash_key: ``security.hash.key`` as it is stored; its text is the key, not what it encodes.
        minute: whole minutes since 1970.
    """
    text = (
        f"host={host or 'null'}&port={port}&sid={password or 'null'}&tag={vm_uuid}"
        f"&session={session_uuid}{minute}"
    )
    digest = hmac.digest(hash_key.encode("utf-8"), text.encode("utf-8"), hashlib.sha512)
    return base64.b64encode(digest).decode("ascii")


def ticket_valid(
    ticket: str,
    host: str,
    port: int,
    password: str,
    vm_uuid: str,
    session_uuid: str,
    hash_key: str,
    now: float,
    minutes: int = 2,
) -> bool:
    """Say whether a ticket is of this minute or one of the last, in constant time.

    Args:
        now: epoch seconds.
        minutes: how many are good, this one included; CloudStack's are this one and the last.
    """
    given = ticket.encode("utf-8", "replace")
    this_minute = int(now // 60)
    matches = [
        hmac.compare_digest(
            given,
            gen_ticket(host, port, password, vm_uuid, session_uuid, hash_key, minute).encode(),
        )
        for minute in range(this_minute, this_minute - minutes, -1)
    ]
    return any(matches)
