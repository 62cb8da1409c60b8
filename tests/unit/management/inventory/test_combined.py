from dataclasses import replace

import pytest

from consoleproxy.management.inventory.combined import CombinedInventory
from consoleproxy.management.inventory.file import Addition, FileContent
from consoleproxy.management.inventory.machines import Inventory, VirtualMachine

WEB = VirtualMachine(uuid="a", name="web", host="kvm1", port=5901, password="x")
MAIL = VirtualMachine(uuid="b", name="mail", host="kvm2", port=5901)
LISTED = VirtualMachine(uuid="c", name="listed", host="kvm3", port=5901)
_EMPTY = FileContent()


def _combined(content: FileContent = _EMPTY) -> tuple[Inventory, CombinedInventory]:
    inventory = Inventory([])
    return inventory, CombinedInventory(inventory, content, ["one", "two"])


def test_all_sources_are_one_inventory() -> None:
    inventory, combined = _combined(FileContent((LISTED,)))
    assert list(inventory.unanswered) == ["one", "two"]
    combined.put_hypervisor("two", [MAIL], True)
    assert list(inventory.unanswered) == ["one"]
    combined.put_hypervisor("one", [WEB], True)
    assert list(inventory.unanswered) == []
    assert list(inventory) == [LISTED, WEB, MAIL]
    combined.put_hypervisor("one", [], True)
    combined.put_file(FileContent())
    assert list(inventory) == [MAIL]


def test_a_place_in_the_file_counts_and_that_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    elsewhere = replace(WEB, host="tunnel", port=7001)
    inventory, combined = _combined(FileContent((elsewhere,)))
    for _ in range(2):
        combined.put_hypervisor("one", [WEB], True)
        assert list(inventory) == [elsewhere]
    assert len(caplog.records) == 1
    combined.put_file(FileContent())
    assert list(inventory) == [WEB]


def test_the_file_completes_what_libvirt_has() -> None:
    added = Addition("a", name="Web server", account="ada", domain="ROOT/acme")
    inventory, combined = _combined(FileContent(additions=(added, Addition("nobody"))))
    assert list(inventory) == []
    combined.put_hypervisor("one", [WEB], True)
    assert list(inventory) == [replace(WEB, name="Web server", account="ada", domain="ROOT/acme")]


@pytest.mark.parametrize("order", [("one", "two"), ("two", "one")])
def test_a_machine_that_moves_is_where_it_runs(order: tuple[str, str]) -> None:
    inventory, combined = _combined()
    moved = replace(WEB, host="kvm2")
    combined.put_hypervisor(order[0], [replace(WEB, state="Stopping")], True)
    combined.put_hypervisor(order[1], [moved], True)
    assert list(inventory) == [moved]


def test_a_hypervisor_that_answers_is_believed_before_one_that_is_lost() -> None:
    inventory, combined = _combined()
    combined.put_hypervisor("one", [WEB], False)
    assert list(inventory) == [WEB]
    stopped = replace(WEB, host="", port=0, state="Stopped")
    combined.put_hypervisor("two", [stopped], True)
    assert list(inventory) == [stopped]
