"""How sessions end in the database: why, by whose order, and which may be open again."""

from enum import Enum, auto
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, or_, select, update

from consoleproxy.management.fleet.silence import heard_of
from consoleproxy.management.storage.schema import console_proxy, console_session
from consoleproxy.session.ending import EndReason

_session = console_session.c
_by_operator = _session.end_reason == EndReason.OPERATOR

OPEN = and_(_session.acquired.is_not(None), _session.removed.is_(None))
"""Sessions whose consoles are open."""


class Ordered(Enum):
    """What became of an operator's order to end a session.

    ``TOLD``: its CPVM is told to. ``DONE``: in the books it is over from now on, as it was not
    open, or its CPVM cannot be told. ``OVER``: it was over, and does not come back.
    """

    UNKNOWN = auto()
    TOLD = auto()
    DONE = auto()
    OVER = auto()


def order_end(db: Connection, uuid: str, now: float, reconnection_window: float) -> Ordered:
    """End a session because an operator wants it, open, unused, or about to come back."""
    columns = (_session.proxy, _session.acquired, _session.removed, _session.end_reason)
    # Locked, so that it is not opened or closed meanwhile.
    query = select(*columns).where(_session.uuid == uuid).with_for_update()
    row = db.execute(query).one_or_none()
    if row is None:
        return Ordered.UNKNOWN
    this = _session.uuid == uuid
    if row.removed is not None:
        may_return = (
            row.removed >= now - reconnection_window
            or row.end_reason == EndReason.PROXY_DISCONNECTED
        )
        if not may_return or row.end_reason == EndReason.OPERATOR:
            return Ordered.OVER
        db.execute(update(console_session).where(this).values(end_reason=EndReason.OPERATOR))
        return Ordered.DONE
    if row.acquired is None or not _is_there(db, row.proxy, now):
        close_sessions(db, this, EndReason.OPERATOR, now)
        return Ordered.DONE
    db.execute(update(console_session).where(this).values(end_requested=now))
    return Ordered.TOLD


def order_ends_of_account(
    db: Connection, account_uuid: str, now: float, reconnection_window: float
) -> None:
    """End all sessions that an account's users asked for, and their links; see ``order_end``."""
    may_be_open = or_(_session.removed.is_(None), _session.removed >= now - reconnection_window)
    theirs = select(_session.uuid).where(_session.account_uuid == account_uuid, may_be_open)
    for uuid in db.execute(theirs).scalars().all():
        order_end(db, uuid, now, reconnection_window)


def close_sessions(
    db: Connection, which: ColumnElement[bool], reason: EndReason | str, now: float
) -> int:
    """Take note that sessions have ended, and return how many; the first reason of each counts.

    One that an operator wanted to end has ended by that, whatever was reported.
    """
    ended = update(console_session).where(which, _session.removed.is_(None))
    # In this order: MariaDB reads a column that was set before as it is then.
    return db.execute(
        ended.ordered_values(
            (
                _session.end_reason,
                case((_session.end_requested.is_not(None), EndReason.OPERATOR), else_=reason),
            ),
            (_session.end_requested, None),
            (_session.removed, now),
        )
    ).rowcount


def reopen_sessions(db: Connection, which: ColumnElement[bool], now: float) -> int:
    """Take note that sessions are open though they were over, and return how many.

    Those that an operator ended are to be ended again.
    """
    back = update(console_session).where(which, _session.removed.is_not(None))
    return db.execute(
        back.ordered_values(
            (_session.end_requested, case((_by_operator, now), else_=None)),
            (_session.end_reason, None),
            (_session.removed, None),
        )
    ).rowcount


def may_come_back(removed_since: float) -> ColumnElement[bool]:
    """Return what sessions fulfil whose viewers may come back: they were open a moment ago."""
    return and_(
        _session.end_requested.is_(None),
        or_(
            _session.removed.is_(None),
            and_(
                or_(_session.end_reason.is_(None), ~_by_operator),
                or_(
                    _session.removed >= removed_since,
                    # It was open all the time, and only the books did not know.
                    _session.end_reason == EndReason.PROXY_DISCONNECTED,
                ),
            ),
        ),
    )


def cut_by_restart(
    db: Connection, uuid: str, proxy: str, client_address: str, removed_since: float
) -> float | None:
    """Return when a session was made that its CPVM's death cut; ``None`` for any other.

    It has to have ended since then, at that CPVM and with that client, and nobody may have opened
    its VM's console again. The row is locked until the end of this transaction.
    """
    query = select(_session.id, _session.vm_uuid, _session.created).where(
        _session.uuid == uuid,
        _session.proxy == proxy,
        _session.client_address == client_address,
        _session.removed >= removed_since,
        _session.end_reason.in_((EndReason.PROXY_RESTARTED, EndReason.PROXY_DISCONNECTED)),
    )
    row = db.execute(query.with_for_update()).one_or_none()
    if row is None:
        return None
    newer = select(_session.id).where(_session.vm_uuid == row.vm_uuid, _session.id > row.id, OPEN)
    return None if db.execute(newer.limit(1)).first() else float(row.created)


def _is_there(db: Connection, proxy: str, now: float) -> bool:
    """Return whether a CPVM can be told anything."""
    columns: Any = (console_proxy.c.last_update, console_proxy.c.load_interval)
    row = db.execute(select(*columns).where(console_proxy.c.name == proxy)).one_or_none()
    return row is not None and heard_of(row.last_update, row.load_interval, now)
