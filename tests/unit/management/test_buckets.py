import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.management.buckets import Buckets, site_of


def test_a_bucket_is_full_at_first_and_filled_evenly() -> None:
    buckets = Buckets()
    assert [buckets.take("key", 0.0, 4, 2.0) for _ in range(4)] == [0.0] * 4
    assert buckets.take("key", 0.0, 4, 2.0) == pytest.approx(0.5)
    assert buckets.take("key", 0.25, 4, 2.0) == pytest.approx(0.25)
    assert buckets.take("key", 0.5, 4, 2.0) == 0.0
    assert buckets.take("other", 0.5, 4, 2.0) == 0.0


def test_a_bucket_holds_no_more_than_it_does() -> None:
    buckets = Buckets()
    buckets.take("key", 0.0, 2, 1.0)
    assert [buckets.take("key", 1000.0, 2, 1.0) == 0.0 for _ in range(3)] == [True, True, False]


def test_a_look_takes_nothing() -> None:
    buckets = Buckets()
    assert buckets.wait("key", 0.0, 1, 60.0) == 0.0
    assert len(buckets) == 0
    buckets.take("key", 0.0, 1, 60.0)
    assert buckets.wait("key", 0.0, 1, 60.0) == buckets.wait("key", 0.0, 1, 60.0) == 60.0
    assert buckets.wait("key", 60.0, 1, 60.0) == 0.0


def test_memory_is_bounded() -> None:
    buckets = Buckets(limit=2)
    for name in ("a", "b", "a", "c"):
        buckets.take(name, 0.0, 2, 60.0)
    assert len(buckets) == 2
    assert buckets.take("a", 0.0, 2, 60.0) > 0.0
    assert buckets.take("b", 0.0, 2, 60.0) == 0.0


@given(st.lists(st.floats(0.0, 10.0), max_size=200), st.integers(1, 20), st.floats(0.5, 20.0))
def test_never_more_than_the_bound(pauses: list[float], most: int, seconds: float) -> None:
    buckets, now, taken = Buckets(), 0.0, 0
    for pause in pauses:
        now += pause
        taken += buckets.take("key", now, most, seconds) == 0.0
    assert taken <= most + now * most / seconds + 1e-6


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("", "socket", False),
    ],
)
def test_what_counts_as_one_source(one: str, other: str, same: bool) -> None:
    assert (site_of(one) == site_of(other)) is same
