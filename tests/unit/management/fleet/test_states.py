import pytest

from consoleproxy.management.fleet.states import state_from


@pytest.mark.parametrize(
    ("heard", "maintenance", "draining", "state"),
    [
        (True, False, False, "Running"),
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
