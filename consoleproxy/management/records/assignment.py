"""What an assignment reads from the database: the CPVMs' loads, and who has a VM already."""

import secrets
from collections import Counter
from dataclasses import fields

from sqlalchemy import Connection, or_, select, update

from consoleproxy.management.channel.documents import ProxyDescription
from consoleproxy.management.fleet.assignment import Candidate
from consoleproxy.management.fleet.silence import heard_of, longest_silence
from consoleproxy.management.fleet.states import ProxyState, state_from
from consoleproxy.management.storage.schema import configuration, console_proxy, console_session
from consoleproxy.management.storage.upsert import insert_or_keep

_LOCK = "consoleproxy.assignment.lock"
_session = console_session.c
_loads = select(
    console_proxy.c.name,
    console_proxy.c.session_max,
    console_proxy.c.active_session,
    console_proxy.c.last_update,
    console_proxy.c.load_interval,
    console_proxy.c.maintenance.is_not(None),
    console_proxy.c.draining.is_not(None),
)
_recent = select(_session.proxy, _session.vm_uuid, _session.created, _session.acquired).where(
    _session.removed.is_(None)
)
# The columns are named as the fields.
_descriptions = select(*(console_proxy.c[field.name] for field in fields(ProxyDescription)))


def make_assignment_lock(db: Connection) -> None:
    """Make the row that ``lock_assignment`` writes.

    Apart from it: a second insert of a row takes a lock that transactions share, and two of them
    that then want it for themselves would wait for each other.
    """
    insert_or_keep(db, configuration, {"name": _LOCK, "value": ""})


def lock_assignment(db: Connection) -> None:
    """Let nobody else assign before the end of this transaction, on any management server.

    SQLite's transactions come one after the other anyway. The row is written, not only locked:
    Galera's nodes do not tell each other of locks, but of two that wrote the same row, the later
    one fails at its commit, and is tried again.
    """
    if db.dialect.name == "sqlite":
        return
    row = update(configuration).where(configuration.c.name == _LOCK)
    # What stays the same is not written.
    db.execute(row.values(value=secrets.token_hex(4)))


def candidates(db: Connection, now: float, link_seconds: float) -> tuple[Candidate, ...]:
    """Return the CPVMs with what they have reported and what they have been given since.

    Args:
        now: seconds since 1970.
        link_seconds: for how long a console link that nobody has used is good.
    """
    # Unpacked, as access by name takes long where there are a thousand rows.
    known = [
        (
            name,
            state_from(heard_of(last_update, interval, now), maintenance, draining),
            *(room, active, last_update, interval),
        )
        for name, room, active, last_update, interval, maintenance, draining in db.execute(_loads)
    ]
    silence = longest_silence(
        interval for _, state, _, _, _, interval in known if state is not ProxyState.DISCONNECTED
    )
    reported = {name: last_update for name, _, _, _, last_update, _ in known}
    given = _given_since_reports(db, reported, now, silence, link_seconds)
    return tuple(
        Candidate(name, state, room, active + given[name])
        for name, state, room, active, _, _ in known
    )


def description_of(db: Connection, name: str) -> ProxyDescription:
    """Return what a registered CPVM said about itself."""
    row = db.execute(_descriptions.where(console_proxy.c.name == name)).mappings().one()
    return ProxyDescription(**{**row, "tls": bool(row["tls"]), "instance": row["instance"] or ""})


def holders(db: Connection, vm_uuid: str, now: float, link_seconds: float) -> tuple[str, ...]:
    """Return the CPVMs where the VM has a session or a link that is good.

    Open sessions come before links, and the newest first of either.
    """
    query = (
        select(_session.proxy, _session.acquired, _session.created)
        .where(_session.vm_uuid == vm_uuid, _session.removed.is_(None))
        .order_by(_session.id.desc())
    )
    rows = db.execute(query).all()
    opened = [row.proxy for row in rows if row.acquired is not None]
    links = [
        row.proxy for row in rows if row.acquired is None and row.created >= now - link_seconds
    ]
    return tuple(dict.fromkeys(opened + links))


def _given_since_reports(
    db: Connection,
    reported: dict[str, float],
    now: float,
    silence: float,
    link_seconds: float,
) -> Counter[str]:
    """Return by name how many sessions a CPVM was given that its last report cannot have.

    A link that is good may still be used; of several for the same VM, only one stays open. A
    session that began after the report counts until the next.

    Args:
        reported: when each CPVM was last heard of.
        silence: for how many seconds at most a running CPVM was not heard of.
    """
    # Such a session was made at most a link's life before it began. There is an index by created.
    # Most that it finds are in their CPVM's report already: they stay in the database.
    query = _recent.where(
        _session.created >= now - silence - link_seconds,
        or_(_session.acquired.is_(None), _session.acquired >= now - silence),
    )
    given: Counter[str] = Counter()
    links: set[tuple[str, str]] = set()
    for proxy, vm_uuid, created, acquired in db.execute(query):
        if acquired is None:
            if created >= now - link_seconds:
                links.add((proxy, vm_uuid))
        elif acquired >= reported.get(proxy, acquired):
            given[proxy] += 1
    given.update(proxy for proxy, _ in links)
    return given
