from dataclasses import replace

from sqlalchemy import update

from consoleproxy.management.channel.news import News
from consoleproxy.management.records.keystores import serve
from consoleproxy.management.records.news import board, news_of
from consoleproxy.management.records.proxies import register
from consoleproxy.management.records.sessions import add_session
from consoleproxy.management.records.settings import store_setting
from consoleproxy.management.storage.schema import console_proxy, console_session
from consoleproxy.management.storage.store import Store
from tests.unit.management.contracts import SESSION, do
from tests.unit.management.world import PROXY, SEALER, START


def test_nothing_is_new_in_an_empty_database(store: Store) -> None:
    assert do(store, board).news_for("cpvm-1") == do(store, news_of, "cpvm-1") == News()


def test_each_proxy_hears_what_concerns_it(store: Store) -> None:
    for name in ("cpvm-1", "cpvm-2"):
        do(store, register, replace(PROXY, name=name), START)
        for number in range(2):
            uuid = f"{name}-{number}"
            do(store, add_session, replace(SESSION, uuid=uuid, proxy=name))
    version = do(store, serve, b"a keystore", SEALER)
    do(store, store_setting, "consoleproxy.session.max", "5", SEALER)
    ordered = console_session.c.uuid != "cpvm-2-1"
    maintained = console_proxy.c.name == "cpvm-2"
    store.run(lambda db: db.execute(update(console_session).where(ordered).values(end_requested=1)))
    store.run(lambda db: db.execute(update(console_proxy).where(maintained).values(maintenance=1)))
    found = do(store, board)
    for name, ended, maintenance in (
        ("cpvm-1", ("cpvm-1-0", "cpvm-1-1"), False),
        ("cpvm-2", ("cpvm-2-0",), True),
        ("unknown", (), False),
    ):
        news = do(store, news_of, name)
        assert found.news_for(name) == news
        assert (news.ended, news.maintenance) == (ended, maintenance)
        assert news.keystore_version == version
        assert news.settings == {"consoleproxy.session.max": "5"}
        assert news.settings_version
