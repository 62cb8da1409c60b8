"""CPVMs and their load in the database."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, select, update

from consoleproxy.management.channel.documents import LoadReport, ProxyDescription
from consoleproxy.management.records.endings import OPEN, close_sessions, reopen_sessions
from consoleproxy.management.storage.schema import console_proxy, console_session
from consoleproxy.management.storage.upsert import insert_or_update
from consoleproxy.session.ending import EndReason


@dataclass(frozen=True, slots=True)
class ProxyRecord:
    """A CPVM as it registered, with the load that it last reported."""

    description: ProxyDescription
    active_sessions: int
    last_update: float


def register(db: Connection, description: ProxyDescription, now: float) -> None:
    """Take a CPVM in; it has just started, so the sessions that it had are over."""
    values = {
        "name": description.name,
        "address": description.address,
        "host": description.host,
        "port": description.port,
        "tls": int(description.tls),
        "session_max": description.session_max,
        "load_interval": description.load_interval,
        "active_session": 0,
        "last_update": now,
    }
    insert_or_update(db, console_proxy, "name", values)
    open_there = and_(console_session.c.proxy == description.name, OPEN)
    close_sessions(db, open_there, EndReason.PROXY_RESTARTED, now)


def proxies(db: Connection) -> tuple[ProxyRecord, ...]:
    """Return all CPVMs that ever registered, by name."""
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
            ),
            row.active_session,
            row.last_update,
        )
        for row in db.execute(select(console_proxy).order_by(console_proxy.c.name))
    )


def take_load(db: Connection, report: LoadReport, now: float) -> bool:
    """Note a load report; return whether its CPVM is registered.

    Sessions that it lists are open, sessions that it removed are over; the uuids of others
    change nothing.
    """
    reporter = console_proxy.c.name == report.proxy
    load: dict[str, object] = {"active_session": report.connections, "last_update": now}
    if report.pace is not None:
        load["session_max"] = report.pace.session_max
        load["load_interval"] = report.pace.interval
    known = db.execute(update(console_proxy).where(reporter).values(load)).rowcount == 1
    session = console_session.c
    theirs = session.proxy == report.proxy
    for reason, uuids in _by_reason(report).items():
        close_sessions(db, and_(session.uuid.in_(uuids), theirs, OPEN), reason, now)
    if report.live:
        # They came back while the report of their end was on its way, or their CPVM was silent.
        reopen_sessions(db, and_(session.uuid.in_(report.live), theirs), now)
    return known


def _by_reason(report: LoadReport) -> Mapping[str, Sequence[str]]:
    """Return the removed sessions of a report by why they ended."""
    found = defaultdict(list)
    for uuid in report.removed:
        found[report.reasons.get(uuid, EndReason.LOST)].append(uuid)
    return found
