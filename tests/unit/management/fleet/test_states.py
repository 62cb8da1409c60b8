from dataclasses import replace

import pytest

from consoleproxy.management.fleet.states import ProxyState, state_from, state_of
from consoleproxy.management.records.proxies import ProxyRecord
from tests.unit.management.world import PROXY, START

RECORD = ProxyRecord(PROXY, 0, START)


@pytest.mark.parametrize(
    ("age", "state"),
    [(0, ProxyState.RUNNING), (15, ProxyState.RUNNING), (15.1, ProxyState.DISCONNECTED)],
)
def test_three_load_intervals_of_silence(age: float, state: ProxyState) -> None:
    assert state_of(replace(RECORD, last_update=START - age), START) is state


@pytest.mark.parametrize(
    ("heard", "maintenance", "draining", "state"),
    [
        (True, True, False, "Maintenance"),
        (True, False, True, "Draining"),
        (True, True, True, "Draining"),
        (False, True, True, "Disconnected"),
    ],
)
def test_what_an_operator_has_to_know_first(
    heard: bool, maintenance: bool, draining: bool, state: str
) -> None:
    assert state_from(heard, maintenance, draining) == state
    record = replace(RECORD, maintenance=maintenance, draining=draining)
    assert state_of(record, START + (0 if heard else 60)) == state
