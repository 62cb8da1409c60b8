from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.names.rate import RateLimit, Verdict


def _verdicts(limit: RateLimit, client: str, now: float, count: int) -> list[Verdict]:
    return [limit.decide(client, now) for _ in range(count)]


def test_beyond_the_limit_every_second_one_is_truncated() -> None:
    limit = RateLimit(3)
    assert _verdicts(limit, "192.0.2.1", 100.0, 7) == [
        *[Verdict.ANSWER] * 3,
        *[Verdict.TRUNCATE, Verdict.DROP] * 2,
    ]


def test_time_gives_answers_back_but_never_more_than_a_second_s() -> None:
    limit = RateLimit(4)
    _verdicts(limit, "192.0.2.1", 0.0, 9)
    assert Counter(_verdicts(limit, "192.0.2.1", 0.5, 9))[Verdict.ANSWER] == 2
    assert Counter(_verdicts(limit, "192.0.2.1", 99.0, 9))[Verdict.ANSWER] == 4


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("192.0.2.1", "192.0.2.255", True),
        ("192.0.2.1", "192.0.3.1", False),
        ("192.0.2.1", "::ffff:192.0.2.9", True),
        ("2001:db8:0:12::1", "2001:db8:0:34::1", True),
        ("2001:db8:0:12::1", "2001:db8:0:112::1", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("c000:200::", "192.0.2.0", False),
    ],
)
def test_clients_of_one_network_count_as_one(first: str, second: str, same: bool) -> None:
    limit = RateLimit(1)
    limit.decide(first, 0.0)
    assert (limit.decide(second, 0.0) is not Verdict.ANSWER) is same


def test_memory_is_bounded_and_the_quiet_are_forgotten() -> None:
    limit = RateLimit(1, networks=2)
    limit.decide("192.0.2.1", 0.0)
    limit.decide("192.0.3.1", 0.0)
    assert limit.decide("192.0.2.1", 0.0) is Verdict.TRUNCATE
    limit.decide("192.0.4.1", 0.0)
    assert len(limit) == 2
    assert limit.decide("192.0.2.1", 0.0) is Verdict.DROP
    assert limit.decide("192.0.3.1", 0.0) is Verdict.ANSWER


@given(st.lists(st.floats(0, 0.2), max_size=200), st.integers(1, 5))
def test_never_more_than_two_seconds_worth_in_a_second(pauses: list[float], rate: int) -> None:
    limit, now, answered = RateLimit(rate), 0.0, list[float]()
    for pause in pauses:
        now += pause
        if limit.decide("192.0.2.1", now) is Verdict.ANSWER:
            answered.append(now)
    for start in answered:
        assert sum(start <= when < start + 1 for when in answered) <= 2 * rate
