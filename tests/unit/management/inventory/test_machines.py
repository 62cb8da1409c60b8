import pytest

from consoleproxy.management.inventory.machines import Inventory, VirtualMachine

ONE = VirtualMachine(uuid="11111111-2222-4333-8444-55555555555a", name="one", host="h", port=5900)
TWO = VirtualMachine(uuid="11111111-2222-4333-8444-55555555555b", name="two", host="h", port=5901)


def test_machines_are_found_in_any_letter_case() -> None:
    inventory = Inventory([TWO, ONE])
    assert inventory.find(ONE.uuid.upper()) is ONE
    assert inventory.find("nobody") is None
    assert (len(inventory), list(inventory)) == (2, [TWO, ONE])


def test_an_exchange_leaves_nothing_of_before() -> None:
    inventory = Inventory([ONE])
    inventory.exchange(Inventory([TWO]))
    assert list(inventory) == [TWO]


@pytest.mark.parametrize(("state", "console"), [("Running", True), ("Stopped", False)])
def test_a_console_needs_a_machine_that_runs(state: str, console: bool) -> None:
    machine = VirtualMachine(uuid="u", name="n", host="h", port=5900, state=state)
    assert machine.has_console is console


def test_secrets_are_not_in_a_log() -> None:
    machine = VirtualMachine(
        uuid="u",
        name="n",
        host="h",
        port=5900,
        password="s3cret",
        tunnel_session="s3cret",
        websocket_url="s3cret",
    )
    assert "s3cret" not in repr(machine)
