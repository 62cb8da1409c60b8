from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.management.fleet.assignment import Candidate, Order, choose_proxy
from consoleproxy.management.fleet.states import ProxyState

FREE, OTHER = Candidate("a", ProxyState.RUNNING, 2, 0), Candidate("b", ProxyState.RUNNING, 2, 0)
USED, FULL = Candidate("c", ProxyState.RUNNING, 2, 1), Candidate("d", ProxyState.RUNNING, 2, 2)
OVERFULL, GONE = (
    Candidate("e", ProxyState.RUNNING, 2, 3),
    Candidate("f", ProxyState.DISCONNECTED, 2, 0),
)
EMPTIEST, FULLEST = Order.EMPTIEST, Order.FULLEST

ORDERS = st.sampled_from(Order)
SIZES = st.integers(0, 6)
FLEETS = st.dictionaries(
    st.sampled_from("abcdefgh"), st.tuples(st.sampled_from(ProxyState), SIZES, SIZES), max_size=8
).map(lambda found: [Candidate(name, *rest) for name, rest in found.items()])
HOLDERS = st.lists(st.sampled_from("abcdefghx"), max_size=3, unique=True)


@pytest.mark.parametrize(
    ("fleet", "holders", "order", "expected"),
    [
        ([OTHER, FREE], [], EMPTIEST, FREE),
        ([OTHER, FREE], [], FULLEST, FREE),
        ([FREE, USED], [], EMPTIEST, FREE),
        ([FREE, USED], [], FULLEST, USED),
        ([FULL, USED, OVERFULL], [], FULLEST, USED),
        ([FREE, OTHER], ["b"], EMPTIEST, OTHER),
        ([FREE, FULL], ["d"], EMPTIEST, FULL),
        ([FREE, OVERFULL], ["e"], FULLEST, OVERFULL),
        ([FREE, FULL, OVERFULL], ["unknown", "e", "d"], EMPTIEST, OVERFULL),
        ([FREE, GONE], ["f"], EMPTIEST, FREE),
        ([FULL, OVERFULL, GONE], [], EMPTIEST, None),
        ([], ["a"], EMPTIEST, None),
    ],
)
def test_choice(
    fleet: list[Candidate], holders: list[str], order: Order, expected: Candidate | None
) -> None:
    assert choose_proxy(fleet, holders, order) == expected


@given(FLEETS, HOLDERS, ORDERS)
def test_choice_is_the_first_of_the_sorted_ones(
    fleet: list[Candidate], holders: list[str], order: Order
) -> None:
    running = [one for one in fleet if one.running]
    held = sorted(
        (one for one in running if one.name in holders), key=lambda one: holders.index(one.name)
    )
    sign = 1 if order is FULLEST else -1
    roomy = sorted(
        (one for one in running if one.free), key=lambda one: (sign * one.free, one.name)
    )
    expected = next(iter(held + roomy), None)
    assert choose_proxy(fleet, holders, order) == expected
    assert choose_proxy(reversed(fleet), holders, order) == expected


@given(FLEETS, ORDERS)
def test_all_room_is_used_and_no_more(fleet: list[Candidate], order: Order) -> None:
    books = {one.name: one for one in fleet}
    room = {one.name: one.free for one in fleet if one.running}
    taken: Counter[str] = Counter()
    while (chosen := choose_proxy(books.values(), [], order)) is not None:
        taken[chosen.name] += 1
        books[chosen.name] = replace(chosen, load=chosen.load + 1)
    assert taken == Counter(room)


@given(st.integers(1, 8), st.integers(0, 60))
def test_emptiest_spreads_and_fullest_fills(proxies: int, sessions: int) -> None:
    def spread(order: Order) -> list[int]:
        books = {str(n): Candidate(str(n), ProxyState.RUNNING, 10, 0) for n in range(proxies)}
        for _ in range(min(sessions, proxies * 10)):
            chosen = choose_proxy(books.values(), [], order)
            assert chosen is not None
            books[chosen.name] = replace(chosen, load=chosen.load + 1)
        return [one.load for one in books.values()]

    loads = spread(EMPTIEST)
    assert max(loads) - min(loads) <= 1
    assert sum(1 for load in spread(FULLEST) if 0 < load < 10) <= 1
