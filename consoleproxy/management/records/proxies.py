"""CPVMs and their load in the database."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, delete, func, select, update

from consoleproxy.management.channel.documents import LoadReport, ProxyDescription
from consoleproxy.management.fleet.silence import heard_of
from consoleproxy.management.fleet.states import ProxyState, state_from
from consoleproxy.management.records.endings import OPEN, close_sessions, reopen_sessions
from consoleproxy.management.storage.schema import console_proxy, console_session
from consoleproxy.management.storage.upsert import insert_or_update
from consoleproxy.session.ending import EndReason

_proxy = console_proxy.c
_session = console_session.c
# Longer than a CPVM waits for the answer that its session may be opened.
_ANSWER_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class ProxyRecord:
    """A CPVM as it registered, with the load that it last reported.

    ``maintenance``: an operator wants it to get no new sessions; ``draining``: it takes none;
    ``waiting``: settings that it goes by only once it is started anew, by name.
    """

    description: ProxyDescription
    active_sessions: int
    last_update: float
    maintenance: bool = False
    draining: bool = False
    waiting: tuple[str, ...] = ()

    def state(self, now: float) -> ProxyState:
        """Return the state at ``now``, seconds since 1970."""
        heard = heard_of(self.last_update, self.description.load_interval, now)
        return state_from(heard, self.maintenance, self.draining)


def is_taken(db: Connection, description: ProxyDescription, now: float) -> bool:
    """Return whether a CPVM of that name runs already, and at another port.

    One that was started anew is at the port that it had, was silent for long enough, or had said
    that it stops.
    """
    row = db.execute(select(console_proxy).where(_proxy.name == description.name)).one_or_none()
    return (
        row is not None
        and row.draining is None
        and heard_of(row.last_update, row.load_interval, now)
        and row.instance not in ("", None, description.instance)
        and (row.host, row.port) != (description.host, description.port)
    )


def register(db: Connection, description: ProxyDescription, now: float) -> None:
    """Take a CPVM in; where it was started anew, the sessions that it had are over.

    It stays in maintenance if it was.
    """
    values = {
        "name": description.name,
        "address": description.address,
        "host": description.host,
        "port": description.port,
        "tls": int(description.tls),
        "session_max": description.session_max,
        "load_interval": description.load_interval,
        "last_update": now,
    }
    known = (_proxy.name == description.name, _proxy.instance == description.instance)
    if description.instance and db.execute(select(_proxy.name).where(*known)).first():
        db.execute(update(console_proxy).where(*known).values(values))
        return
    started = {
        "active_session": 0,
        "instance": description.instance,
        "draining": None,
        "waiting_settings": None,
    }
    insert_or_update(db, console_proxy, "name", values | started)
    open_there = and_(_session.proxy == description.name, OPEN)
    close_sessions(db, open_there, EndReason.PROXY_RESTARTED, now)


def proxies(db: Connection) -> tuple[ProxyRecord, ...]:
    """Return all CPVMs in the books, by name."""
    return _read(db, select(console_proxy).order_by(_proxy.name))


def proxy_named(db: Connection, name: str) -> ProxyRecord | None:
    """Return the CPVM of that name, locked until the end of this transaction."""
    found = _read(db, select(console_proxy).where(_proxy.name == name).with_for_update())
    return found[0] if found else None


def set_maintenance(db: Connection, name: str, since: float | None) -> None:
    """Let a CPVM be in maintenance since then (seconds since 1970), or not any more."""
    changed = update(console_proxy).where(_proxy.name == name)
    # The first moment counts.
    moment = None if since is None else func.coalesce(_proxy.maintenance, since)
    db.execute(changed.values(maintenance=moment))


def destroy(db: Connection, name: str, now: float) -> None:
    """Take a CPVM out of the books; sessions that it may have are over."""
    close_sessions(db, and_(_session.proxy == name, OPEN), EndReason.PROXY_DISCONNECTED, now)
    db.execute(delete(console_proxy).where(_proxy.name == name))


def close_silent(db: Connection, now: float, since: float) -> Mapping[str, int]:
    """Close the sessions of CPVMs that are silent; return how many, where there were any.

    Args:
        since: when one that was heard before counts as heard last.
    """
    heard = db.execute(select(_proxy.name, _proxy.last_update, _proxy.load_interval))
    silent = [
        name for name, last, interval in heard if not heard_of(max(last, since), interval, now)
    ]
    if not silent:
        return {}
    theirs = and_(_session.proxy.in_(silent), OPEN)
    counts = select(_session.proxy, func.count()).where(theirs).group_by(_session.proxy)
    found = {name: int(count) for name, count in db.execute(counts)}
    if found:
        there = and_(_session.proxy.in_(found), OPEN)
        close_sessions(db, there, EndReason.PROXY_DISCONNECTED, now)
    counted = (_proxy.name.in_(silent), _proxy.active_session != 0)
    db.execute(update(console_proxy).where(*counted).values(active_session=0))
    return found


def take_load(db: Connection, report: LoadReport, now: float) -> bool:
    """Note a load report; return whether its CPVM is registered.

    Sessions that it lists are open, sessions that it removed are over, and so is what it should
    have and does not list; the uuids of others change nothing.
    """
    load: dict[str, object] = {
        "active_session": report.connections,
        "last_update": now,
        "draining": func.coalesce(_proxy.draining, now) if report.draining else None,
        "waiting_settings": " ".join(report.waiting) or None,
    }
    if report.pace is not None:
        load["session_max"] = report.pace.session_max
        load["load_interval"] = report.pace.interval
    reporter = update(console_proxy).where(_proxy.name == report.proxy)
    known = db.execute(reporter.values(load)).rowcount == 1
    theirs = _session.proxy == report.proxy
    for reason, uuids in _by_reason(report).items():
        close_sessions(db, and_(_session.uuid.in_(uuids), theirs, OPEN), reason, now)
    # Their CPVM has never heard that they were allowed.
    lost = and_(theirs, OPEN, _session.acquired < now - _ANSWER_SECONDS)
    close_sessions(db, and_(lost, _session.uuid.not_in(report.live)), EndReason.LOST, now)
    if report.live:
        # They came back while the report of their end was on its way, or their CPVM was silent.
        reopen_sessions(db, and_(_session.uuid.in_(report.live), theirs), now)
    return known


def _read(db: Connection, query: Select[*tuple[Any, ...]]) -> tuple[ProxyRecord, ...]:
    return tuple(
        ProxyRecord(
            ProxyDescription(
                name=row.name,
                address=row.address,
                host=row.host,
                port=row.port,
                tls=bool(row.tls),
                session_max=row.session_max,
                load_interval=row.load_interval,
                instance=row.instance or "",
            ),
            row.active_session,
            row.last_update,
            row.maintenance is not None,
            row.draining is not None,
            tuple((row.waiting_settings or "").split()),
        )
        for row in db.execute(query)
    )


def _by_reason(report: LoadReport) -> Mapping[str, Sequence[str]]:
    """Return the removed sessions of a report by why they ended."""
    found = defaultdict(list)
    for uuid in report.removed:
        found[report.reasons.get(uuid, EndReason.LOST)].append(uuid)
    return found
