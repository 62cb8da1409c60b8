"""What the operator's pages weigh and take, with many things to show.

python -m benchmarks.pages [--proxies 100] [--sessions 1000] [--ended 100000]
"""

import argparse
import asyncio
import secrets
import statistics
import tempfile
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

from sqlalchemy import Connection, insert, update
from tornado.httpclient import AsyncHTTPClient

from consoleproxy.management.app import ManagementServer
from consoleproxy.management.channel.documents import ProxyDescription
from consoleproxy.management.config import ManagementConfig
from consoleproxy.management.inventory.machines import Inventory, VirtualMachine
from consoleproxy.management.pages.assets import NAVIGATION, STYLE_URL
from consoleproxy.management.pages.handler import LOGIN_COOKIE
from consoleproxy.management.pages.login import Logins
from consoleproxy.management.records.proxies import register
from consoleproxy.management.records.sessions import ConsoleSession, acquire, add_session
from consoleproxy.management.storage.schema import console_proxy, console_session

_ROUNDS = 21
_SESSION_MAX = 50
_RETENTION_SECONDS = 240 * 3600.0
_OTHERS = ("/machines?q=web-9999", "/sessions?show=all&page=9", "/metrics", STYLE_URL)

_Row: TypeAlias = tuple[str, str, str, str]


def main() -> None:
    """Fill a management server, ask for each page, and print bytes and milliseconds."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages", description=__doc__)
    parser.add_argument("--proxies", type=int, default=100)
    parser.add_argument("--sessions", type=int, default=1000)
    parser.add_argument("--ended", type=int, default=100_000, help="sessions that are over")
    parser.add_argument("--machines", type=int, default=10_000)
    given = parser.parse_args()
    rows = asyncio.run(_measure(given.proxies, given.sessions, given.ended, given.machines))
    for page, size, median, longest in (("page", "bytes", "median ms", "longest ms"), *rows):
        print(f"{page:32}{size:>10}{median:>12}{longest:>12}")


async def _measure(proxies: int, sessions: int, ended: int, machines: int) -> list[_Row]:
    inventory = [
        VirtualMachine(uuid=str(uuid.uuid4()), name=f"web-{number}", host="192.0.2.1", port=5900)
        for number in range(machines)
    ]
    with tempfile.TemporaryDirectory(prefix="consoleproxy-") as folder:
        config = ManagementConfig(
            inventory=Inventory(inventory),
            secret=secrets.token_hex(16),
            page_key=secrets.token_hex(16),
            database=str(Path(folder, "management.db")),
            port=0,
        )
        server = ManagementServer(config)
        await server.start()
        http = AsyncHTTPClient(force_instance=True)
        try:
            await server.issuer.database.run(
                lambda db: _fill(db, inventory, proxies, sessions, server.issuer.clock())
            )
            await server.issuer.database.run(
                lambda db: _end(db, inventory, ended, server.issuer.clock())
            )
            login = Logins(config.secret, config.page_key).make(server.issuer.clock())
            headers = {"Cookie": f"{LOGIN_COOKIE}={login}"}
            url = f"http://127.0.0.1:{server.port}"
            paths = [path for path, _ in NAVIGATION]
            return [await _page(http, url, path, headers) for path in (*paths, *_OTHERS)]
        finally:
            http.close()
            await server.stop()


def _fill(
    db: Connection, machines: list[VirtualMachine], proxies: int, sessions: int, now: float
) -> None:
    for number in range(proxies):
        host = f"192-0-2-{number}.console.example.org"
        register(
            db,
            ProxyDescription(
                name=f"v-{number}-VM",
                address="192.0.2.1",
                host=host,
                port=8443,
                tls=True,
                session_max=_SESSION_MAX,
                load_interval=600.0,
            ),
            now,
        )
    db.execute(update(console_proxy).values(active_session=sessions // proxies))
    for number in range(sessions):
        session = ConsoleSession(
            uuid=str(uuid.uuid4()),
            created=now - number,
            account="admin",
            vm_uuid=machines[number % len(machines)].uuid,
            proxy=f"v-{number % proxies}-VM",
            creator_address="198.51.100.7",
        )
        add_session(db, session)
        acquire(db, session.uuid, session.vm_uuid, session.proxy, "198.51.100.7", now - number)


def _end(db: Connection, machines: list[VirtualMachine], sessions: int, now: float) -> None:
    """Have so many sessions in the books that ended within ten days."""
    rows = [
        {
            "uuid": str(uuid.uuid4()),
            "created": now - number * _RETENTION_SECONDS / sessions,
            "account": "admin",
            "vm_uuid": machines[number % len(machines)].uuid,
            "proxy": "v-1-VM",
            "console_endpoint_creator_address": "198.51.100.7",
            "client_address": "198.51.100.7",
            "acquired": now - 60,
            "removed": now - 30,
            "end_reason": "viewer-left",
        }
        for number in range(sessions)
    ]
    if rows:
        db.execute(insert(console_session), rows)


async def _page(http: AsyncHTTPClient, url: str, path: str, headers: Mapping[str, str]) -> _Row:
    took, size = [], 0
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        response = await http.fetch(url + path, headers=headers, follow_redirects=False)
        took.append((time.perf_counter() - began) * 1000)
        size = len(response.body)
    return (path, f"{size:,}", f"{statistics.median(took):.1f}", f"{max(took):.1f}")


if __name__ == "__main__":
    main()
