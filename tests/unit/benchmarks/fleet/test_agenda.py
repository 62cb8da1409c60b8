from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.fleet.agenda import Agenda


@given(st.lists(st.floats(0, 100)))
def test_things_happen_in_order_of_time_and_of_noting(times: list[float]) -> None:
    agenda, done = Agenda(), list[tuple[float, int]]()
    for number, when in enumerate(times):
        agenda.at(when, lambda number=number: done.append((agenda.now, number)))  # type: ignore[misc]
    agenda.run(until=50.0)
    assert done == sorted((when, n) for n, when in enumerate(times) if when <= 50.0)
    assert agenda.now == 50.0


def test_what_happens_may_note_more_and_nothing_is_late() -> None:
    agenda, done = Agenda(), list[float]()
    agenda.at(1.0, lambda: agenda.after(2.0, lambda: done.append(agenda.now)))
    agenda.at(2.0, lambda: agenda.at(0.0, lambda: done.append(agenda.now)))
    agenda.run(until=10.0)
    assert done == [2.0, 3.0]


def test_it_stops_when_told() -> None:
    agenda, done = Agenda(), list[int]()
    for number in range(5):
        agenda.at(number, partial(done.append, number))
    agenda.run(until=10.0, stop=lambda: len(done) == 2)
    assert done == [0, 1]
    assert agenda.now == 1.0
