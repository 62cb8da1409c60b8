from dataclasses import replace

import pytest

from consoleproxy.management.channel.documents import LoadReport
from consoleproxy.management.records.endings import Ordered, order_end, order_ends_of_account
from consoleproxy.management.records.news import news_of
from consoleproxy.management.records.proxies import register, take_load
from consoleproxy.management.records.sessions import (
    SessionFilter,
    acquire,
    add_session,
    find_sessions,
    take_back,
)
from consoleproxy.management.storage.store import Store
from tests.unit.management.contracts import SESSION, do, only_session, use
from tests.unit.management.world import PROXY, START, WEB

WINDOW = 30.0
UUID = SESSION.uuid


def removed(store: Store, now: float, reason: str | None = None) -> None:
    reasons = {UUID: reason} if reason else {}
    assert do(store, take_load, LoadReport(PROXY.name, 0, (), (UUID,), reasons), now)


def live(store: Store, now: float) -> None:
    assert do(store, take_load, LoadReport(PROXY.name, 1, (UUID,), ()), now)


def end(store: Store, now: float) -> Ordered:
    return do(store, order_end, UUID, now, WINDOW)


def comes_back(store: Store, now: float) -> bool:
    return do(store, take_back, UUID, WEB.uuid, PROXY.name, now - WINDOW)


@pytest.fixture(autouse=True)
def registered(store: Store) -> None:
    do(store, register, PROXY, START)


@pytest.mark.parametrize(("reported", "kept"), [("idle", "idle"), (None, "lost")])
def test_reason_is_what_the_proxy_says(store: Store, reported: str | None, kept: str) -> None:
    use(store)
    removed(store, START + 5, reported)
    removed(store, START + 6, "replaced")
    assert only_session(store).end_reason == kept
    assert do(store, find_sessions, SessionFilter(end_reason=kept), 0, 9)[0] == 1
    assert do(store, find_sessions, SessionFilter(end_reason="operator"), 0, 9)[0] == 0
    assert comes_back(store, START + 7)
    assert only_session(store).end_reason is None


def test_a_restart_is_a_reason(store: Store) -> None:
    use(store)
    do(store, register, PROXY, START + 5)
    assert only_session(store).end_reason == "proxy-restarted"


def test_an_order_stands_until_it_is_done(store: Store) -> None:
    use(store)
    assert end(store, START + 5) is Ordered.TOLD
    assert end(store, START + 5) is Ordered.TOLD
    assert do(store, news_of, PROXY.name).ended == (UUID,)
    live(store, START + 6)
    assert do(store, news_of, PROXY.name).ended == (UUID,)
    assert not comes_back(store, START + 6)
    # Whatever ended it: an operator wanted it.
    removed(store, START + 7, "viewer-lost")
    assert do(store, news_of, PROXY.name).ended == ()
    assert only_session(store).end_reason == "operator"
    assert not comes_back(store, START + 8)
    assert end(store, START + 8) is Ordered.OVER


def test_an_unused_link_is_never_used(store: Store) -> None:
    do(store, add_session, SESSION)
    assert end(store, START + 5) is Ordered.DONE
    assert not do(store, acquire, UUID, WEB.uuid, PROXY.name, "", START + 6)
    session = only_session(store)
    assert (session.removed, session.end_reason) == (START + 5, "operator")
    assert end(store, START + 6) is Ordered.OVER


def test_a_cut_session_does_not_come_back(store: Store) -> None:
    use(store)
    removed(store, START + 5, "viewer-lost")
    assert end(store, START + 5 + WINDOW) is Ordered.DONE
    assert not comes_back(store, START + 6)


def test_a_session_that_is_over_for_longer_is_over(store: Store) -> None:
    use(store)
    removed(store, START + 5, "viewer-left")
    assert end(store, START + 6 + WINDOW) is Ordered.OVER
    assert only_session(store).end_reason == "viewer-left"


def test_a_proxy_that_cannot_be_told_is_told_when_it_is_back(store: Store) -> None:
    use(store)
    gone = START + 3 * PROXY.load_interval + 1
    assert end(store, gone) is Ordered.DONE
    session = only_session(store)
    assert (session.removed, session.end_reason) == (gone, "operator")
    assert do(store, news_of, PROXY.name).ended == ()
    # It is open there all the same.
    live(store, gone + 1)
    assert only_session(store).live
    assert do(store, news_of, PROXY.name).ended == (UUID,)
    removed(store, gone + 2, "operator")
    assert not only_session(store).live


def test_an_order_at_a_proxy_that_is_not_registered(store: Store) -> None:
    do(store, add_session, replace(SESSION, proxy="cpvm-2"))
    do(store, acquire, UUID, WEB.uuid, "cpvm-2", "", START + 1)
    assert end(store, START + 2) is Ordered.DONE


def test_an_order_for_nothing(store: Store) -> None:
    assert end(store, START) is Ordered.UNKNOWN


def test_all_of_an_account_are_ended(store: Store) -> None:
    owned = replace(SESSION, uuid="of-account", account_uuid="account-1")
    link = replace(owned, uuid="link-of-account")
    others = replace(SESSION, uuid="of-others", account_uuid="account-2")
    for session in (owned, link, others):
        do(store, add_session, session)
    for session in (owned, others):
        assert do(store, acquire, session.uuid, WEB.uuid, PROXY.name, "192.0.2.1", START + 1)
    do(store, order_ends_of_account, "account-1", START + 2, WINDOW)
    assert do(store, news_of, PROXY.name).ended == ("of-account",)
    assert not do(store, acquire, link.uuid, WEB.uuid, PROXY.name, "192.0.2.1", START + 3)
