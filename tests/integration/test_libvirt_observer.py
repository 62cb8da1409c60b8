"""On libvirt's own test driver, which needs no daemon."""

import threading
from collections.abc import Iterator
from typing import Any

import libvirt
import pytest

from consoleproxy.management.inventory.libvirt.messages import Alive, Complete, Message, Note
from consoleproxy.management.inventory.libvirt.observer import Observer
from consoleproxy.management.inventory.machines import VirtualMachine
from tests.waiting import wait_for

_URI = "test:///default"


@pytest.fixture(autouse=True)
def _quiet() -> None:
    libvirt.registerErrorHandler(lambda _context, _error: None, None)


@pytest.fixture
def connection() -> Iterator[Any]:
    connection = libvirt.open(_URI)
    yield connection
    connection.close()


def _observed(connection: Any, told: list[Message], until: type[Message]) -> None:
    """Observe until such a message has come."""
    observer = Observer(connection, "", told.append)
    running = threading.Thread(target=observer.run)
    running.start()
    try:
        wait_for(lambda: any(isinstance(one, until) for one in told), "the message")
    finally:
        observer.stop()
        running.join()


def test_all_domains_are_told(connection: Any) -> None:
    told: list[Message] = []
    _observed(connection, told, Complete)
    machines = [one for one in told if isinstance(one, VirtualMachine)]
    assert [(machine.name, machine.state) for machine in machines] == [("test", "Running")]
    assert machines[0].hypervisor == "Simulator"
    assert Alive() in told


def test_a_user_who_may_only_look_is_told_that_passwords_are_missing() -> None:
    connection = libvirt.openReadOnly(_URI)
    told: list[Message] = []
    _observed(connection, told, Complete)
    connection.close()
    (note,) = [one for one in told if isinstance(one, Note)]
    assert "passwords" in note.text
    assert any(isinstance(one, VirtualMachine) for one in told)
