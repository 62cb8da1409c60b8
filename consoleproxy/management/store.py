"""What the management server remembers, in SQLite: keys, accounts, CPVMs, sessions.

Every method is one transaction. The methods wait for the disk; ``store_thread`` is how the event
loop calls them. Times are seconds since 1970.
"""

import os
import secrets
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field

from consoleproxy.management.channel import LoadReport, ProxyDescription

_SCHEMA = """
CREATE TABLE IF NOT EXISTS configuration (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS account (
    name TEXT PRIMARY KEY,
    api_key TEXT NOT NULL UNIQUE,
    secret_key TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS console_proxy (
    name TEXT PRIMARY KEY,
    address TEXT NOT NULL,
    host TEXT NOT NULL,
    port INTEGER NOT NULL,
    tls INTEGER NOT NULL,
    session_max INTEGER NOT NULL,
    load_interval REAL NOT NULL,
    active_session INTEGER NOT NULL,
    last_update REAL NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS console_session (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    created REAL NOT NULL,
    account TEXT NOT NULL,
    vm_uuid TEXT NOT NULL,
    proxy TEXT NOT NULL,
    console_endpoint_creator_address TEXT NOT NULL,
    client_address TEXT,
    acquired REAL,
    removed REAL
) STRICT;
CREATE INDEX IF NOT EXISTS console_session_vm ON console_session (vm_uuid, id);
CREATE INDEX IF NOT EXISTS console_session_proxy ON console_session (proxy, removed);
CREATE INDEX IF NOT EXISTS console_session_created ON console_session (created);
"""

# console.session.cleanup.retention.hours
_RETENTION_SECONDS = 240 * 3600

_SESSION_COLUMNS = (
    "uuid, created, account, vm_uuid, proxy, console_endpoint_creator_address, client_address,"
    " acquired, removed"
)


@dataclass(frozen=True, slots=True)
class Account:
    """Who may call the API."""

    name: str
    api_key: str
    secret_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ConsoleSession:
    """A row of ``console_session``: one token, from its making to the end of its use."""

    uuid: str
    created: float
    account: str
    vm_uuid: str
    proxy: str
    creator_address: str
    client_address: str | None = None
    acquired: float | None = None
    removed: float | None = None

    @property
    def live(self) -> bool:
        """Whether its console is open."""
        return self.acquired is not None and self.removed is None


@dataclass(frozen=True, slots=True)
class ProxyRecord:
    """A CPVM as it registered, with the load that it last reported."""

    description: ProxyDescription
    active_sessions: int
    last_update: float


class Store:
    """The database; used in the thread that made it.

    Args:
        path: SQLite file, made with mode 0600 if it is missing: it holds keys.

    Raises:
        sqlite3.Error, OSError: the file cannot be opened or is no such database.
    """

    def __init__(self, path: str) -> None:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        self._db = sqlite3.connect(path)
        try:
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.executescript(_SCHEMA)
        except sqlite3.Error:
            self._db.close()
            raise

    def close(self) -> None:
        """Close the database; nothing else may be called after it."""
        self._db.close()

    def hidden_value(self, name: str) -> str:
        """Return a hidden configuration value; 128 random bits in base64 on first use."""
        with self._db:
            self._db.execute(
                "INSERT OR IGNORE INTO configuration VALUES (?, ?)",
                (name, secrets.token_urlsafe(16)),
            )
        row = self._db.execute("SELECT value FROM configuration WHERE name = ?", (name,))
        return str(row.fetchone()[0])

    def put_account(self, account: Account) -> None:
        """Store an account, over the one of the same name if there is one."""
        with self._db:
            self._db.execute(
                "INSERT OR REPLACE INTO account VALUES (?, ?, ?)",
                (account.name, account.api_key, account.secret_key),
            )

    def account_named(self, name: str) -> Account:
        """Return the account of that name, made with new keys on first use."""
        with self._db:
            self._db.execute(
                "INSERT OR IGNORE INTO account VALUES (?, ?, ?)",
                (name, secrets.token_urlsafe(64), secrets.token_urlsafe(64)),
            )
        row = self._db.execute("SELECT * FROM account WHERE name = ?", (name,))
        return Account(*row.fetchone())

    def account_of(self, api_key: str) -> Account | None:
        """Return the account that has this API key."""
        row = self._db.execute("SELECT * FROM account WHERE api_key = ?", (api_key,)).fetchone()
        return Account(*row) if row else None

    def register(self, description: ProxyDescription, now: float) -> None:
        """Take a CPVM in; it has just started, so the sessions that it had are over."""
        with self._db:
            self._db.execute(
                "INSERT OR REPLACE INTO console_proxy VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?)",
                (
                    description.name,
                    description.address,
                    description.host,
                    description.port,
                    description.tls,
                    description.session_max,
                    description.load_interval,
                    now,
                ),
            )
            self._db.execute(
                "UPDATE console_session SET removed = ?"
                " WHERE proxy = ? AND acquired IS NOT NULL AND removed IS NULL",
                (now, description.name),
            )

    def proxies(self) -> tuple[ProxyRecord, ...]:
        """Return all CPVMs that ever registered, by name."""
        return tuple(
            ProxyRecord(
                ProxyDescription(
                    name=name,
                    address=address,
                    host=host,
                    port=port,
                    tls=bool(tls),
                    session_max=session_max,
                    load_interval=load_interval,
                ),
                active,
                last_update,
            )
            for (
                name,
                address,
                host,
                port,
                tls,
                session_max,
                load_interval,
                active,
                last_update,
            ) in self._db.execute("SELECT * FROM console_proxy ORDER BY name")
        )

    def take_load(self, report: LoadReport, now: float) -> bool:
        """Note a load report; return whether its CPVM is registered.

        Sessions that it lists are open, sessions that it removed are over; the uuids of others
        change nothing.
        """
        with self._db:
            known = self._db.execute(
                "UPDATE console_proxy SET active_session = ?, last_update = ? WHERE name = ?",
                (report.connections, now, report.proxy),
            ).rowcount
            self._db.executemany(
                "UPDATE console_session SET removed = ? WHERE uuid = ? AND proxy = ?"
                " AND acquired IS NOT NULL AND removed IS NULL",
                [(now, uuid, report.proxy) for uuid in report.removed],
            )
            # A session that came back while the report of its end was on its way.
            self._db.executemany(
                "UPDATE console_session SET removed = NULL WHERE uuid = ? AND proxy = ?"
                " AND removed IS NOT NULL",
                [(uuid, report.proxy) for uuid in report.live],
            )
        return known == 1

    def add_session(self, session: ConsoleSession) -> None:
        """Store a session that nobody has used yet, and let go of those long over."""
        with self._db:
            self._db.execute(
                f"INSERT INTO console_session ({_SESSION_COLUMNS})"  # noqa: S608 - a constant
                " VALUES (?, ?, ?, ?, ?, ?, NULL, NULL, NULL)",
                (
                    session.uuid,
                    session.created,
                    session.account,
                    session.vm_uuid,
                    session.proxy,
                    session.creator_address,
                ),
            )
            oldest = session.created - _RETENTION_SECONDS
            self._db.execute(
                "DELETE FROM console_session"
                " WHERE created < ? AND (acquired IS NULL OR removed < ?)",
                (oldest, oldest),
            )

    def acquire(self, uuid: str, vm_uuid: str, proxy: str, client_address: str, now: float) -> bool:
        """Mark an unused session as used; return False if there is none: this works once."""
        with self._db:
            cursor = self._db.execute(
                "UPDATE console_session SET acquired = ?, proxy = ?, client_address = ?"
                " WHERE uuid = ? AND vm_uuid = ? AND acquired IS NULL AND removed IS NULL",
                (now, proxy, client_address, uuid, vm_uuid),
            )
        return cursor.rowcount == 1

    def take_back(self, uuid: str, vm_uuid: str, proxy: str, removed_since: float) -> bool:
        """Reopen a session at the CPVM that had it; return False if it was over before then."""
        with self._db:
            cursor = self._db.execute(
                "UPDATE console_session SET removed = NULL"
                " WHERE uuid = ? AND vm_uuid = ? AND proxy = ? AND acquired IS NOT NULL"
                " AND (removed IS NULL OR removed >= ?)",
                (uuid, vm_uuid, proxy, removed_since),
            )
        return cursor.rowcount == 1

    def sessions(self) -> tuple[ConsoleSession, ...]:
        """Return all sessions, newest first."""
        return self._sessions("ORDER BY id DESC")

    def live_sessions(self) -> tuple[ConsoleSession, ...]:
        """Return the sessions whose consoles are open, newest first."""
        return self._sessions("WHERE acquired IS NOT NULL AND removed IS NULL ORDER BY id DESC")

    def last_session(self, vm_uuid: str) -> ConsoleSession | None:
        """Return the VM's newest session."""
        found = self._sessions("WHERE vm_uuid = ? ORDER BY id DESC LIMIT 1", (vm_uuid,))
        return found[0] if found else None

    def _sessions(self, rest: str, values: Iterable[str] = ()) -> tuple[ConsoleSession, ...]:
        rows = self._db.execute(
            f"SELECT {_SESSION_COLUMNS} FROM console_session {rest}",  # noqa: S608 - constants
            tuple(values),
        )
        return tuple(ConsoleSession(*row) for row in rows)
