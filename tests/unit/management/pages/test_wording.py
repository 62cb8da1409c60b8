import pytest

from consoleproxy.management.pages.wording import (
    counted,
    duration_text,
    machine_moment,
    moment_text,
)


def test_moments() -> None:
    assert moment_text(1_767_225_600.9) == "2026-01-01 00:00:00 UTC"
    assert machine_moment(1_767_225_600.9) == "2026-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-3.0, "0 s"),
        (59.9, "59 s"),
        (60, "1 min 0 s"),
        (3599, "59 min 59 s"),
        (3600, "1 h 0 min"),
        (86399, "23 h 59 min"),
        (90000, "1 d 1 h"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text


def test_counted() -> None:
    assert counted(1, "session", "sessions") == "1 session"
    assert counted(0, "session", "sessions") == "0 sessions"
    assert counted(12345, "session", "sessions") == "12,345 sessions"
