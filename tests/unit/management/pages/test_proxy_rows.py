from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis.strategies import integers

from consoleproxy.management.fleet.assignment import Candidate
from consoleproxy.management.fleet.states import ProxyState
from consoleproxy.management.pages.proxy_rows import LoadBar, proxy_rows
from consoleproxy.management.records.proxies import ProxyRecord
from tests.unit.management.world import PROXY


@pytest.mark.parametrize(
    ("bar", "text", "level"),
    [
        (LoadBar(0, 0, 50), "0 of 50", "room"),
        (LoadBar(10, 2, 50), "10 of 50, 2 expected", "room"),
        (LoadBar(40, 0, 50), "40 of 50", "busy"),
        (LoadBar(49, 1, 50), "49 of 50, 1 expected, full", "full"),
        (LoadBar(60, 0, 50), "60 of 50, full", "full"),
        (LoadBar(0, 0, 0), "0 of 0, full", "full"),
    ],
)
def test_load(bar: LoadBar, text: str, level: str) -> None:
    assert (bar.text, bar.level) == (text, level)


@given(integers(0, 10**6), integers(0, 10**6), integers(-1, 10**6))
def test_bar_stays_within_its_frame(sessions: int, expected: int, capacity: int) -> None:
    bar = LoadBar(sessions, expected, capacity)
    assert 0 <= bar.open_percent <= 100
    assert 0 <= bar.expected_percent
    assert bar.open_percent + bar.expected_percent <= 100.01


def record(name: str, sessions: int, heard: float = 100.0) -> ProxyRecord:
    return ProxyRecord(replace(PROXY, name=name, session_max=50), sessions, heard)


def test_silent_then_fullest_then_by_number() -> None:
    known = [record("v-10", 3), record("v-2", 3), record("v-3", 9), record("v-1", 50, 10.0)]
    rows = proxy_rows(known, [Candidate("v-2", ProxyState.RUNNING, 50, 3)], 101.0)
    assert [row.name for row in rows] == ["v-1", "v-3", "v-2", "v-10"]
    assert [(row.state, row.mood) for row in rows[:2]] == [("Disconnected", "bad"), ("Up", "good")]
    assert (rows[0].heard, rows[1].heard) == ("1 min 31 s", "1 s")
    assert rows[1].place == "192-0-2-10.console.example.org port 8443, TLS"


def test_what_was_given_out_is_expected() -> None:
    (row,) = proxy_rows([record("v-1", 3)], [Candidate("v-1", ProxyState.RUNNING, 50, 5)], 101.0)
    assert row.load == LoadBar(3, 2, 50)


@pytest.mark.parametrize("name", ["", "9" * 5000, "²", "v-٣-VM", "1", "a1b22c333"])
def test_any_name_can_be_sorted(name: str) -> None:
    assert len(proxy_rows([record(name, 0), record("v-1-VM", 0)], [], 101.0)) == 2
