import pytest

from consoleproxy.management.fleet.silence import heard_of, longest_silence


@pytest.mark.parametrize(("age", "heard"), [(0.0, True), (15.0, True), (15.1, False)])
def test_three_reports_may_go_missing(age: float, heard: bool) -> None:
    assert heard_of(100.0, 5.0, 100.0 + age) is heard


def test_the_slowest_reporter_may_be_silent_for_longest() -> None:
    assert longest_silence([5.0, 20.0, 1.0]) == 60.0
    assert longest_silence([]) == 0.0
