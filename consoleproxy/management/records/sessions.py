"""Console sessions in the database: each is one token, from its making to the end of its use."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from consoleproxy.management.accounts.scope import EVERYTHING, Scope
from consoleproxy.management.records.accounts import asked_for_by
from consoleproxy.management.records.endings import OPEN, may_come_back
from consoleproxy.management.storage.schema import console_session


@dataclass(frozen=True, slots=True)
class ConsoleSession:
    """A row of ``console_session``.

    ``domain_uuid``, ``account_uuid`` and ``user_uuid`` are of who asked for it.
    """

    uuid: str
    created: float
    account: str
    vm_uuid: str
    proxy: str
    creator_address: str
    client_address: str | None = None
    acquired: float | None = None
    removed: float | None = None
    domain_uuid: str | None = None
    account_uuid: str | None = None
    user_uuid: str | None = None
    end_reason: str | None = None

    @property
    def live(self) -> bool:
        """Whether its console is open."""
        return self.acquired is not None and self.removed is None


_session = console_session.c
_newest_first = select(
    _session.uuid,
    _session.created,
    _session.account,
    _session.vm_uuid,
    _session.proxy,
    _session.console_endpoint_creator_address,
    _session.client_address,
    _session.acquired,
    _session.removed,
    _session.domain_uuid,
    _session.account_uuid,
    _session.user_uuid,
    _session.end_reason,
).order_by(_session.id.desc())


def add_session(db: Connection, session: ConsoleSession) -> None:
    """Store a session that nobody has used yet."""
    db.execute(
        insert(console_session).values(
            uuid=session.uuid,
            created=session.created,
            account=session.account,
            vm_uuid=session.vm_uuid,
            proxy=session.proxy,
            console_endpoint_creator_address=session.creator_address,
            domain_uuid=session.domain_uuid,
            account_uuid=session.account_uuid,
            user_uuid=session.user_uuid,
        )
    )


def forget_sessions(db: Connection, before: float) -> None:
    """Let go of what was over, or never used, before this time; what is open stays."""
    over = or_(_session.acquired.is_(None), _session.removed < before)
    db.execute(delete(console_session).where(_session.created < before, over))


def acquire(
    db: Connection, uuid: str, vm_uuid: str, proxy: str, client_address: str, now: float
) -> bool:
    """Mark an unused session as used; return False if there is none: this works once.

    One statement looks and marks, so of several at the same time one finds it unused.
    """
    unused = and_(_session.acquired.is_(None), _session.removed.is_(None))
    use = {"acquired": now, "proxy": proxy, "client_address": client_address}
    return _changed_one(db, _is(uuid, vm_uuid), unused, use)


def take_back(db: Connection, uuid: str, vm_uuid: str, proxy: str, removed_since: float) -> bool:
    """Reopen a session at the CPVM that had it; return False if it was over before then."""
    had_it = and_(
        _session.proxy == proxy, _session.acquired.is_not(None), may_come_back(removed_since)
    )
    return _changed_one(db, _is(uuid, vm_uuid), had_it, {"removed": None, "end_reason": None})


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFilter:
    """Which sessions are looked for; what is empty or ``None`` does not count.

    ``since`` and ``until``, seconds since 1970, are of their creation. ``acquired``: whether their
    token was used. ``end_reason``: a word of ``session.ending``. ``live_only``: those whose
    consoles are open. ``scope`` and ``user_uuid``: who asked for them.
    """

    scope: Scope = EVERYTHING
    user_uuid: str = ""
    uuid: str = ""
    vm_uuid: str = ""
    account: str = ""
    proxy: str = ""
    creator_address: str = ""
    client_address: str = ""
    since: float | None = None
    until: float | None = None
    acquired: bool | None = None
    end_reason: str = ""
    live_only: bool = False

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return what all of them fulfil."""
        same = (
            (_session.uuid, self.uuid),
            (_session.user_uuid, self.user_uuid),
            (_session.vm_uuid, self.vm_uuid),
            (_session.account, self.account),
            (_session.proxy, self.proxy),
            (_session.console_endpoint_creator_address, self.creator_address),
            (_session.client_address, self.client_address),
            (_session.end_reason, self.end_reason),
        )
        wanted = [column == value for column, value in same if value]
        wanted += asked_for_by(self.scope, _session.domain_uuid, _session.account_uuid)
        if self.since is not None:
            wanted.append(_session.created >= self.since)
        if self.until is not None:
            wanted.append(_session.created <= self.until)
        if self.acquired is not None:
            used = _session.acquired.is_not(None)
            wanted.append(used if self.acquired else ~used)
        if self.live_only:
            wanted.append(OPEN)
        return wanted


def find_sessions(
    db: Connection, wanted: SessionFilter, start: int, size: int
) -> tuple[int, tuple[ConsoleSession, ...]]:
    """Return how many sessions there are, and a page of them, newest first."""
    conditions = wanted.conditions()
    count = db.execute(select(func.count()).select_from(console_session).where(*conditions))
    page = _newest_first.where(*conditions).offset(start).limit(size)
    return int(count.scalar_one()), _read(db, page)


def sessions(db: Connection) -> tuple[ConsoleSession, ...]:
    """Return all sessions, newest first."""
    return _read(db, _newest_first)


def _is(uuid: str, vm_uuid: str) -> ColumnElement[bool]:
    return and_(_session.uuid == uuid, _session.vm_uuid == vm_uuid)


def _changed_one(
    db: Connection,
    which: ColumnElement[bool],
    condition: ColumnElement[bool],
    values: dict[str, object],
) -> bool:
    changed = db.execute(update(console_session).where(which, condition).values(values))
    return changed.rowcount == 1


def _read(db: Connection, query: Select[*tuple[Any, ...]]) -> tuple[ConsoleSession, ...]:
    return tuple(ConsoleSession(*row) for row in db.execute(query))
