"""CPVMs and their load in the database."""

from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from consoleproxy.management.channel.documents import LoadReport, ProxyDescription
from consoleproxy.management.storage.schema import console_proxy, console_session
from consoleproxy.management.storage.upsert import insert_or_update


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
    open_there = (
        console_session.c.proxy == description.name,
        console_session.c.acquired.is_not(None),
        console_session.c.removed.is_(None),
    )
    db.execute(update(console_session).where(*open_there).values(removed=now))


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
    load = {"active_session": report.connections, "last_update": now}
    known = db.execute(update(console_proxy).where(reporter).values(load)).rowcount == 1
    session = console_session.c
    theirs = session.proxy == report.proxy
    if report.removed:
        open_there = (theirs, session.acquired.is_not(None), session.removed.is_(None))
        ended = update(console_session).where(session.uuid.in_(report.removed), *open_there)
        db.execute(ended.values(removed=now))
    if report.live:
        # A session that came back while the report of its end was on its way.
        over = (theirs, session.removed.is_not(None))
        back = update(console_session).where(session.uuid.in_(report.live), *over)
        db.execute(back.values(removed=None))
    return known
