from dataclasses import replace

from consoleproxy.management.inventory.libvirt.restart import Restarts
from consoleproxy.management.inventory.machines import VirtualMachine

ON = VirtualMachine(uuid="b", name="web", host="kvm1", port=5901, password="x")
OFF = replace(ON, host="", port=0, state="Stopped")
OTHER = VirtualMachine(uuid="a", name="zoo", host="kvm1", port=5902)
STOPPING = replace(ON, state="Stopping", host="", port=0, no_screen="it stopped a moment ago")


def test_one_that_is_off_for_a_moment_is_stopping_and_nowhere() -> None:
    restarts = Restarts()
    assert restarts.bridged([OTHER, ON], 0.0) == [ON, OTHER]
    assert restarts.bridged([OTHER, OFF], 1.0) == [STOPPING, OTHER]
    assert restarts.due(4.0) == 7.0
    moved = replace(ON, port=5909)
    assert restarts.bridged([OTHER, moved], 5.0) == [moved, OTHER]
    assert restarts.due(5.0) is None
    assert restarts.bridged([OTHER, OFF], 100.0) == [STOPPING, OTHER]


def test_one_that_stays_off_is_off() -> None:
    restarts = Restarts()
    restarts.bridged([ON], 0.0)
    assert restarts.bridged([OFF], 1.0) == [STOPPING]
    assert restarts.bridged([OFF], 10.9) == [STOPPING]
    assert restarts.bridged([OFF], 11.0) == [OFF]
    assert restarts.due(11.0) is None
    assert restarts.bridged([OFF], 12.0) == [OFF]


def test_one_that_is_gone_is_gone_after_a_moment() -> None:
    restarts = Restarts()
    restarts.bridged([ON], 0.0)
    assert restarts.bridged([], 1.0) == [STOPPING]
    assert restarts.bridged([], 11.0) == []


def test_one_that_was_always_off_is_off() -> None:
    assert Restarts().bridged([OFF], 0.0) == [OFF]
