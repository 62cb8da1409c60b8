import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.fleet.measures import balance, percentile


@pytest.mark.parametrize(
    ("loads", "spread", "gini", "top", "empty"),
    [
        ([3, 3, 3, 3], 0.0, 0.0, 1.0, 0),
        ([0, 0, 0, 8], 3**0.5, 0.75, 4.0, 3),
        ([1, 3], 0.5, 0.25, 1.5, 0),
    ],
)
def test_balance(loads: list[int], spread: float, gini: float, top: float, empty: int) -> None:
    found = balance(loads)
    assert found is not None
    assert (found.spread, found.gini, found.top) == pytest.approx((spread, gini, top))
    assert found.empty == empty


def test_no_session_has_no_balance() -> None:
    assert balance([]) is None
    assert balance([0, 0]) is None


@given(st.lists(st.integers(0, 50), min_size=1))
def test_balance_is_within_its_bounds(loads: list[int]) -> None:
    found = balance(loads)
    if found is not None:
        assert -1e-9 <= found.gini < 1
        assert found.top >= 1
        more = balance([*loads, max(loads) + 50])
        assert more is not None
        assert more.top >= 1


def test_percentile() -> None:
    assert [percentile(range(100), share) for share in (0.0, 0.5, 0.99)] == [0, 50, 99]
    assert percentile([7.0], 0.99) == 7.0
    assert percentile([], 0.5) == 0.0
