import pytest

from consoleproxy.management.inventory.libvirt.states import state_name


@pytest.mark.parametrize(
    ("state", "reason", "name"),
    [
        (0, 0, "Running"),
        (1, 1, "Running"),
        (2, 0, "Running"),
        (3, 1, "Running"),
        (3, 2, "Migrating"),
        (3, 3, "Stopping"),
        (3, 5, "Running"),
        (3, 11, "Starting"),
        (3, 12, "Migrating"),
        (4, 1, "Stopping"),
        (5, 1, "Stopped"),
        (6, 1, "Error"),
        (7, 0, "Running"),
        (99, 99, "Running"),
    ],
)
def test_states_are_called_as_cloudstack_calls_them(state: int, reason: int, name: str) -> None:
    assert state_name(state, reason) == name
