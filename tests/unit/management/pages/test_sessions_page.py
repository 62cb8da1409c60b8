from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import Connection

from consoleproxy.management.channel.documents import LoadReport
from consoleproxy.management.records.proxies import take_load
from consoleproxy.management.records.sessions import ConsoleSession, acquire, add_session
from tests.unit.management.world import DATABASE, START, WEB, World, in_world


def uuid_of(number: int) -> str:
    return f"{number:08}-4852-4fb3-a37d-c4c10a1d202f"


def add(db: Connection, number: int, *, vm_uuid: str = WEB.uuid, account: str = "admin") -> None:
    session = ConsoleSession(uuid_of(number), START, account, vm_uuid, "cpvm-1", "203.0.113.4")
    add_session(db, session)
    acquire(db, session.uuid, vm_uuid, "cpvm-1", f"203.0.113.{number}", START)


def end(db: Connection, number: int) -> None:
    live = tuple(uuid_of(other) for other in (1, 2))
    take_load(db, LoadReport("cpvm-1", len(live), live, (uuid_of(number),)), START + 90)


def some(db: Connection) -> None:
    add(db, 1)
    add(db, 2, vm_uuid=DATABASE.uuid, account="shop")
    add(db, 3)
    end(db, 3)


_FILTERED: list[tuple[dict[str, str], set[int]]] = [
    ({}, {1, 2}),
    ({"show": "all"}, {1, 2, 3}),
    ({"vm": "WEB01"}, {1}),
    ({"vm": DATABASE.uuid.upper()}, {2}),
    ({"vm": "nothing"}, set()),
    ({"account": "shop"}, {2}),
    ({"client": "203.0.113.1"}, {1}),
    ({"proxy": "cpvm-2"}, set()),
    ({"show": "all", "vm": "web01", "account": "admin", "proxy": "cpvm-1"}, {1, 3}),
]


def test_filters(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        await world.server.issuer.database.run(some)
        for query, clients in _FILTERED:
            text = (await world.fetch(f"/sessions?{urlencode(query)}")).body.decode()
            assert {n for n in (1, 2, 3) if f'"Viewer">203.0.113.{n}<' in text} == clients

    in_world(tmp_path, scenario)


def test_pages(tmp_path: Path) -> None:
    def fill(db: Connection) -> None:
        for number in range(60):
            add(db, number)

    async def scenario(world: World) -> None:
        await world.server.issuer.database.run(fill)
        text = (await world.fetch("/sessions?account=admin&page=2")).body.decode()
        assert "60 sessions." in text
        assert text.count("<tr>") == 1 + 10
        assert 'href="/sessions?account=admin" rel="prev"' in text

    in_world(tmp_path, scenario)
