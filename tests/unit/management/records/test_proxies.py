from dataclasses import replace

import pytest

from consoleproxy.management.channel.documents import LoadReport, ProxyDescription
from consoleproxy.management.fleet.states import ProxyState
from consoleproxy.management.records.news import news_of
from consoleproxy.management.records.proxies import (
    ProxyRecord,
    destroy,
    is_taken,
    proxies,
    proxy_named,
    register,
    set_maintenance,
    take_load,
)
from consoleproxy.management.storage.store import Store
from tests.unit.management.contracts import (
    SESSION,
    ProxyContract,
    do,
    only_session,
    report,
    use,
)
from tests.unit.management.world import PROXY, START

STARTED = replace(PROXY, instance="first start")


@pytest.mark.parametrize(
    ("age", "maintenance", "draining", "state"),
    [
        (0, False, False, ProxyState.RUNNING),
        (15, False, False, ProxyState.RUNNING),
        (15.1, False, False, ProxyState.DISCONNECTED),
        (15, True, False, ProxyState.MAINTENANCE),
        (15, True, True, ProxyState.DRAINING),
    ],
)
def test_three_load_intervals_of_silence(
    age: float, maintenance: bool, draining: bool, state: ProxyState
) -> None:
    record = ProxyRecord(PROXY, 0, START - age, maintenance=maintenance, draining=draining)
    assert record.state(START) is state


@pytest.mark.parametrize(
    ("again", "later", "taken"),
    [
        (replace(STARTED, instance="another", port=9999), 1, True),
        (replace(STARTED, instance="another", host="198.51.100.99"), 15, True),
        (replace(STARTED, instance="another", port=9999), 16, False),
        (replace(STARTED, instance="another"), 1, False),
        (replace(STARTED, port=9999), 1, False),
        (replace(STARTED, instance="another", port=9999, name="cpvm-2"), 1, False),
    ],
)
def test_a_name_belongs_to_who_runs(
    store: Store, again: ProxyDescription, later: float, taken: bool
) -> None:
    assert not do(store, is_taken, STARTED, START)
    do(store, register, STARTED, START)
    assert do(store, is_taken, again, START + later) is taken


def test_who_stops_gives_its_name_up(store: Store) -> None:
    do(store, register, STARTED, START)
    do(store, take_load, replace(report(), draining=True), START)
    assert not do(store, is_taken, replace(STARTED, instance="another", port=9999), START + 1)


class TestProxyRecordsOnSqlite(ProxyContract):
    pass


def only(store: Store) -> ProxyRecord:
    (proxy,) = do(store, proxies)
    return proxy


def test_who_registers_anew_without_a_restart_keeps_its_sessions(store: Store) -> None:
    do(store, register, STARTED, START)
    use(store)
    do(store, take_load, report(live=(SESSION.uuid,)), START + 5)
    do(store, register, replace(STARTED, port=8080), START + 6)
    assert only_session(store).live
    assert (only(store).description.port, only(store).active_sessions) == (8080, 1)
    do(store, register, replace(STARTED, instance="second start"), START + 7)
    assert only_session(store).end_reason == "proxy-restarted"
    assert (only(store).description.port, only(store).active_sessions) == (PROXY.port, 0)


def test_maintenance_outlives_a_restart(store: Store) -> None:
    do(store, register, STARTED, START)
    for moment in (START + 1, START + 2):
        do(store, set_maintenance, PROXY.name, moment)
    do(store, register, replace(STARTED, instance="second start"), START + 7)
    do(store, take_load, report(), START + 8)
    assert only(store).maintenance
    assert do(store, news_of, PROXY.name).maintenance
    do(store, set_maintenance, PROXY.name, None)
    assert not only(store).maintenance


def test_draining_ends_with_a_restart(store: Store) -> None:
    do(store, register, STARTED, START)
    draining = replace(report(), draining=True)
    do(store, take_load, draining, START + 1)
    assert only(store).draining
    do(store, register, STARTED, START + 2)
    assert only(store).draining
    do(store, register, replace(STARTED, instance="second start"), START + 3)
    assert not only(store).draining


def test_a_destroyed_proxy_may_come_back(store: Store) -> None:
    do(store, register, STARTED, START)
    use(store)
    do(store, destroy, PROXY.name, START + 60)
    assert do(store, proxies) == ()
    assert do(store, proxy_named, PROXY.name) is None
    assert only_session(store).end_reason == "proxy-disconnected"
    assert not do(store, take_load, report(live=(SESSION.uuid,)), START + 61)
    do(store, register, STARTED, START + 62)
    do(store, take_load, report(live=(SESSION.uuid,)), START + 63)
    assert only_session(store).live


@pytest.mark.parametrize(("age", "live"), [(20.0, True), (20.1, False)])
def test_a_session_that_its_proxy_never_heard_of_is_over(
    store: Store, age: float, live: bool
) -> None:
    do(store, register, STARTED, START)
    use(store)
    do(store, take_load, LoadReport(PROXY.name, 1, ("another",), ()), START + 1 + age)
    assert only_session(store).live is live
    assert only_session(store).end_reason == (None if live else "lost")
