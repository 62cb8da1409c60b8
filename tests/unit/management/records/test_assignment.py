from dataclasses import replace

import pytest

from consoleproxy.management.channel.documents import LoadReport
from consoleproxy.management.fleet.assignment import Candidate
from consoleproxy.management.fleet.states import ProxyState
from consoleproxy.management.records.assignment import (
    candidates,
    description_of,
    holders,
    lock_assignment,
    make_assignment_lock,
)
from consoleproxy.management.records.proxies import register, take_load
from consoleproxy.management.records.sessions import acquire, add_session
from consoleproxy.management.storage.store import Store
from tests.unit.management.contracts import SESSION, do
from tests.unit.management.world import PROXY, START, WEB

LINK_SECONDS = 120.0


def fleet(store: Store, now: float) -> tuple[Candidate, ...]:
    return do(store, candidates, now, LINK_SECONDS)


def load(store: Store, now: float) -> int:
    (candidate,) = fleet(store, now)
    return candidate.load


def give(store: Store, number: int, now: float, vm_uuid: str = "") -> str:
    uuid = f"session {number}"
    session = replace(SESSION, uuid=uuid, created=now, vm_uuid=vm_uuid or f"vm {number}")
    do(store, add_session, session)
    return uuid


def report(store: Store, now: float, *live: str, removed: tuple[str, ...] = ()) -> None:
    assert do(store, take_load, LoadReport(PROXY.name, len(live), live, removed), now)


@pytest.fixture(autouse=True)
def registered(store: Store) -> None:
    do(store, register, PROXY, START)


def test_a_link_counts_until_it_is_used_and_reported(store: Store) -> None:
    first = give(store, 1, START + 1)
    assert load(store, START + 1) == 1
    report(store, START + 2)
    assert load(store, START + 2) == 1
    assert do(store, acquire, first, "vm 1", PROXY.name, "", START + 3)
    assert load(store, START + 3) == 1
    report(store, START + 4, first)
    assert load(store, START + 4) == 1
    report(store, START + 5, removed=(first,))
    assert load(store, START + 5) == 0


def test_a_link_that_nobody_used_is_forgotten(store: Store) -> None:
    give(store, 1, START)
    for second in (1, LINK_SECONDS, LINK_SECONDS + 0.1):
        report(store, START + second)
        assert load(store, START + second) == (second <= LINK_SECONDS)


def test_links_of_one_machine_count_once(store: Store) -> None:
    for number in range(5):
        give(store, number, START + number, "vm")
    give(store, 9, START, "another")
    assert load(store, START + 5) == 2


def test_a_link_used_at_the_last_moment_counts_until_the_report(store: Store) -> None:
    late = give(store, 1, START)
    now = START + LINK_SECONDS
    report(store, now - 14)
    assert do(store, acquire, late, "vm 1", PROXY.name, "", now - 1)
    assert load(store, now + 1) == 1
    assert fleet(store, now + 2)[0].running is False


def test_a_restarted_proxy_has_no_sessions(store: Store) -> None:
    used = give(store, 1, START + 1)
    assert do(store, acquire, used, "vm 1", PROXY.name, "", START + 2)
    do(store, register, PROXY, START + 3)
    assert load(store, START + 3) == 0


def test_silent_and_unknown_proxies(store: Store) -> None:
    do(store, add_session, replace(SESSION, proxy="unknown"))
    silent = fleet(store, START + 15.1)
    assert silent == (Candidate(PROXY.name, ProxyState.DISCONNECTED, PROXY.session_max, 0),)


def test_who_has_a_machine(store: Store) -> None:
    def having(now: float) -> tuple[str, ...]:
        return do(store, holders, WEB.uuid, now, LINK_SECONDS)

    assert having(START) == ()
    for number, proxy in enumerate(("a", "b", "c", "b")):
        session = replace(SESSION, uuid=str(number), created=START + number, proxy=proxy)
        do(store, add_session, session)
    assert having(START + 4) == ("b", "c", "a")
    assert do(store, acquire, "0", WEB.uuid, "a", "", START + 5)
    assert having(START + 6) == ("a", "b", "c")
    assert having(START + 2.5 + LINK_SECONDS) == ("a", "b")
    assert having(START + 4 + LINK_SECONDS) == ("a",)
    assert do(store, holders, "another", START + 6, LINK_SECONDS) == ()


def test_the_lock_may_be_made_twice(store: Store) -> None:
    do(store, make_assignment_lock)
    do(store, make_assignment_lock)
    do(store, lock_assignment)


def test_description_is_what_was_registered(store: Store) -> None:
    assert do(store, description_of, PROXY.name) == PROXY
