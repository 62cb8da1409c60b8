from collections.abc import Callable

import pytest

from benchmarks.fleet.books import Report
from benchmarks.fleet.memory_books import MemoryBooks, proxy_name
from consoleproxy.management.fleet.assignment import Order


@pytest.fixture
def books() -> MemoryBooks:
    made = MemoryBooks(2, 2, 120.0, Order.EMPTIEST, lambda _: None)
    made.register([0, 1], 0.0)
    return made


@pytest.fixture
def loads(books: MemoryBooks) -> Callable[[], list[int]]:
    return lambda: [candidate.load for candidate in books.candidates()]


def test_names_sort_as_numbers_do() -> None:
    names = [proxy_name(number) for number in range(0, 2000, 7)]
    assert names == sorted(names)


def test_a_session_counts_from_its_link_to_the_report_of_its_end(
    books: MemoryBooks, loads: Callable[[], list[int]]
) -> None:
    link = books.ask(7, 1.0)
    assert link is not None
    assert (link.proxy, link.held, loads()) == (0, False, [1, 0])
    assert books.use(link, 2.0)
    assert not books.use(link, 2.5)
    books.report(Report(0, [link.uuid], []), 5.0)
    assert loads() == [1, 0]
    books.report(Report(0, [], [link.uuid]), 10.0)
    assert loads() == [0, 0]


def test_links_of_one_machine_take_one_place_and_pass(
    books: MemoryBooks, loads: Callable[[], list[int]]
) -> None:
    first, second = books.ask(7, 1.0), books.ask(7, 2.0)
    assert first is not None
    assert second is not None
    assert (second.proxy, second.held, loads()) == (0, True, [1, 0])
    late = books.ask(8, 121.5)
    assert late is not None
    assert (late.proxy, loads()) == (1, [1, 1])
    assert not books.use(first, 121.6)
    third = books.ask(7, 123.0)
    assert third is not None
    assert (third.proxy, third.held, loads()) == (0, False, [1, 1])


def test_who_has_a_machine_gets_it_full_or_not(books: MemoryBooks) -> None:
    links = [books.ask(machine, 1.0) for machine in (1, 2, 3, 4)]
    assert [link.proxy for link in links if link] == [0, 1, 0, 1]
    assert books.ask(5, 1.0) is None
    first = links[0]
    assert first is not None
    books.use(first, 1.5)
    again = books.ask(1, 2.0)
    assert again is not None
    assert (again.proxy, again.held, again.over) == (0, True, 1)


@pytest.mark.parametrize("away", [MemoryBooks.drain, MemoryBooks.missed])
def test_a_proxy_that_is_away_gets_nothing_until_it_is_back(
    books: MemoryBooks, away: Callable[[MemoryBooks, int, float], None]
) -> None:
    link = books.ask(1, 1.0)
    assert link is not None
    books.use(link, 1.0)
    away(books, 0, 2.0)
    moved = books.ask(1, 3.0)
    assert moved is not None
    assert moved.proxy == 1
    books.register([0], 4.0)
    assert [candidate.load for candidate in books.candidates()] == [0, 1]
