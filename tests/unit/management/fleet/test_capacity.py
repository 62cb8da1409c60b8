import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.management.fleet.assignment import Candidate
from consoleproxy.management.fleet.capacity import Rules, capacity_of
from consoleproxy.management.fleet.states import ProxyState
from tests.unit.management.fleet.test_assignment import FLEETS


def running(*loads: int, capacity: int = 50) -> list[Candidate]:
    return [
        Candidate(f"cpvm-{n}", ProxyState.RUNNING, capacity, load) for n, load in enumerate(loads)
    ]


@pytest.mark.parametrize(
    ("fleet", "standby", "wanted"),
    [
        (running(0), 10, 1),
        (running(40), 10, 1),
        (running(41), 10, 2),
        (running(50, 50, 50), 10, 4),
        (running(50), 120, 4),
        (running(70, 40), 10, 2),
        (running(49), 0, 1),
        (running(50), 0, 2),
        ([], 10, 1),
        ([], 51, 2),
        ([], 0, 1),
        ([Candidate("gone", ProxyState.DISCONNECTED, 50, 0)], 10, 1),
    ],
)
def test_wanted(fleet: list[Candidate], standby: int, wanted: int) -> None:
    capacity = capacity_of(fleet, Rules(standby, 50, 100))
    assert capacity.wanted == wanted
    assert capacity.expand is (wanted > capacity.running)


def test_signal_says_why() -> None:
    signal = json.loads(capacity_of(running(45, 50), Rules(10, 50, 100)).to_json())
    reason = "only 5 sessions are free, and 10 are to be kept free"
    assert signal == {
        "wantedProxies": 3,
        "running": 2,
        "free": 5,
        "standby": 10,
        "reason": reason,
    }
    assert "no console proxy is connected" in capacity_of([], Rules(10, 50, 100)).reason
    assert "50 sessions are free" in capacity_of(running(0), Rules(10, 50, 100)).reason


@given(FLEETS, st.integers(0, 40), st.integers(1, 9))
def test_as_many_as_are_wanted_are_enough(
    fleet: list[Candidate], standby: int, session_max: int
) -> None:
    rules = Rules(standby, session_max, 1000)
    capacity = capacity_of(fleet, rules)
    alive = [one for one in fleet if one.running]
    assert sum(capacity.states.values()) == len(fleet)
    each = max(1, min((one.capacity for one in alive), default=session_max))
    further = capacity.wanted - capacity.running
    assert capacity.expand is (capacity.free < max(standby, 1))
    new = [Candidate(f"new {n}", ProxyState.RUNNING, each, 0) for n in range(further)]
    grown = capacity_of(fleet + new, rules)
    assert not grown.expand
    if further:
        assert capacity_of(fleet + new[1:], rules).expand


@pytest.mark.parametrize(
    ("fleet", "launch_max", "wanted"),
    [([], 0, 0), ([], 1, 1), (running(50), 1, 1), (running(50), 2, 2), (running(50, 50), 1, 2)],
)
def test_no_more_are_wanted_than_may_be(
    fleet: list[Candidate], launch_max: int, wanted: int
) -> None:
    capacity = capacity_of(fleet, Rules(120, 50, launch_max))
    assert capacity.wanted == wanted
    assert f"consoleproxy.launch.max={launch_max} allows no more" in capacity.reason
