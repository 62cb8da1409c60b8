import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, update

from consoleproxy.errors import ManagementRequestRefused
from consoleproxy.management.channel.bulletin import Bulletin
from consoleproxy.management.channel.news import News, Watch
from consoleproxy.management.records.news import Board, board
from consoleproxy.management.records.proxies import register
from consoleproxy.management.records.sessions import add_session
from consoleproxy.management.records.settings import store_setting
from consoleproxy.management.storage.database import Database
from consoleproxy.management.storage.schema import console_proxy, console_session
from tests.unit.management.contracts import SESSION
from tests.unit.management.world import PROXY, SEALER, START

WATCH = Watch(proxy=PROXY.name)


def run(
    folder: Path, scenario: Callable[[Bulletin, Database], Awaitable[None]], limit: float = 5.0
) -> None:
    async def main() -> None:
        database = await Database.open(str(folder / "management.db"))
        await database.run(lambda db: register(db, PROXY, START))
        bulletin = Bulletin(database, limit)
        looking = asyncio.get_running_loop().create_task(bulletin.run(), name="bulletin")
        try:
            async with asyncio.timeout(10):
                await scenario(bulletin, database)
        finally:
            looking.cancel()
            await asyncio.wait({looking})
            await database.close()

    asyncio.run(main())


def nobody_left() -> asyncio.Future[None]:
    return asyncio.get_running_loop().create_future()


def to_maintenance(db: Connection) -> None:
    db.execute(update(console_proxy).values(maintenance=START))


def order(db: Connection) -> None:
    add_session(db, SESSION)
    db.execute(update(console_session).values(end_requested=START))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda db: store_setting(db, "consoleproxy.session.max", "5", SEALER), "settings"),
        (to_maintenance, "maintenance"),
        (order, "ended"),
    ],
)
def test_who_waits_is_told_at_once(
    tmp_path: Path, change: Callable[[Connection], None], expected: str
) -> None:
    async def scenario(bulletin: Bulletin, database: Database) -> None:
        loop = asyncio.get_running_loop()
        gone = nobody_left()
        waiting = [loop.create_task(bulletin.news(WATCH, gone), name=f"{n}") for n in range(100)]
        other = replace(WATCH, proxy="another")
        theirs = loop.create_task(bulletin.news(other, gone), name="another")
        await asyncio.sleep(0)
        began = loop.time()
        await database.run(change)
        (news, *_) = found = await asyncio.gather(*waiting)
        assert loop.time() - began < 1.0
        assert found == [news] * 100
        assert getattr(news, expected)
        if expected == "settings":
            assert (await theirs).settings == {"consoleproxy.session.max": "5"}
        else:
            assert not theirs.done()
            theirs.cancel()

    run(tmp_path, scenario)


def test_who_knows_less_is_told_without_a_wait(tmp_path: Path) -> None:
    async def scenario(bulletin: Bulletin, database: Database) -> None:
        await bulletin.look()
        older = replace(WATCH, keystore_version="older")
        assert await bulletin.news(older, nobody_left()) == News()
        # What a load report's answer told is no reason to tell what was before.
        await database.run(lambda db: store_setting(db, "consoleproxy.session.max", "5", SEALER))
        news = await bulletin.news(older, nobody_left())
        assert news.settings == {"consoleproxy.session.max": "5"}

    run(tmp_path, scenario)


def test_without_news_the_answer_comes_after_a_while(tmp_path: Path) -> None:
    async def scenario(bulletin: Bulletin, database: Database) -> None:
        assert await bulletin.news(WATCH, nobody_left()) == News()

    run(tmp_path, scenario, limit=0.05)


def test_who_has_gone_is_not_waited_for(tmp_path: Path) -> None:
    async def scenario(bulletin: Bulletin, database: Database) -> None:
        gone = nobody_left()
        asyncio.get_running_loop().call_later(0.01, gone.set_result, None)
        async with asyncio.timeout(1.0):
            assert await bulletin.news(WATCH, gone) == News()

    run(tmp_path, scenario, limit=60.0)


def test_many_questions_are_one_look(tmp_path: Path) -> None:
    async def scenario(bulletin: Bulletin, database: Database) -> None:
        queries = 0

        def count(*_: object) -> None:
            nonlocal queries
            queries += 1

        event.listen(database._store._engine, "before_cursor_execute", count)
        older = replace(WATCH, keystore_version="older")
        await asyncio.gather(*(bulletin.news(older, nobody_left()) for _ in range(200)))
        # One that was under way, one for all, and the transactions' own words.
        assert queries < 20

    run(tmp_path, scenario)


def test_a_database_that_is_away_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("consoleproxy.management.channel.bulletin._AWAY_SECONDS", 0.01)

    def away(db: Connection) -> Board:
        db.exec_driver_sql("SELECT nothing")
        return Board()

    def faulty(db: Connection) -> Board:
        raise ZeroDivisionError

    looks = iter([away, faulty])
    monkeypatch.setattr(
        "consoleproxy.management.channel.bulletin.board", lambda db: next(looks, board)(db)
    )

    async def scenario(bulletin: Bulletin, database: Database) -> None:
        await database.run(to_maintenance)
        assert (await bulletin.news(WATCH, nobody_left())).maintenance

    run(tmp_path, scenario)
    assert "database cannot be used" in caplog.text
    assert "look for news failed" in caplog.text


def test_many_questions_are_one_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = 0

    def away(db: Connection) -> Board:
        nonlocal looks
        looks += 1
        db.exec_driver_sql("SELECT nothing")
        return Board()

    async def scenario(bulletin: Bulletin, database: Database) -> None:
        monkeypatch.setattr("consoleproxy.management.channel.bulletin.board", away)
        older = replace(WATCH, keystore_version="older")
        answers = await asyncio.gather(
            *(bulletin.news(older, nobody_left()) for _ in range(50)), return_exceptions=True
        )
        assert {type(answer) for answer in answers} == {ManagementRequestRefused}
        # One that was under way, and one for all.
        assert looks <= 3

    run(tmp_path, scenario)
