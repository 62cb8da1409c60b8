from collections import Counter
from statistics import median

from benchmarks.fleet.scenario import DAY_SECONDS, Scenario
from benchmarks.fleet.visits import visits

SMALL = Scenario(machines=500, visits_per_machine=4.0)


def test_a_seed_gives_one_day() -> None:
    assert list(visits(SMALL)) == list(visits(SMALL))
    assert list(visits(SMALL)) != list(visits(Scenario(seed=2, machines=500)))


def test_a_day_is_as_the_scenario_says() -> None:
    day = list(visits(SMALL))
    assert set(Counter(visit.machine for visit in day).values()) == {4}
    assert [visit.at for visit in day] == sorted(visit.at for visit in day)
    assert 0 <= day[0].at
    assert day[-1].at < DAY_SECONDS
    hours = Counter(int(visit.at // 3600) for visit in day)
    assert hours[9] > 4 * hours[3]
    uses = [use for visit in day for use in visit.uses]
    used = [use for use in uses if use.length is not None]
    assert abs(1 - len(used) / len(uses) - SMALL.unused) < 0.02
    assert abs(len(uses) / len(day) - 1 / (1 - SMALL.reopened)) < 0.06
    lengths = [use.length or 0.0 for use in used]
    assert abs(median(lengths) / SMALL.length_median - 1) < 0.1
    assert max(lengths) <= SMALL.length_most
    assert all(use.again is None or use.again <= (use.length or 0.0) for use in uses)
    assert all(use.click < SMALL.link_seconds for use in uses)
