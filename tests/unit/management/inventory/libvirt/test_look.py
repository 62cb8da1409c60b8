"""What is read from a connection, and what one domain's fault does to the others."""

from collections.abc import Callable
from dataclasses import dataclass, field

from consoleproxy.management.inventory.libvirt.look import Domain, Look
from tests.unit.management.inventory.libvirt.domains import NOW, UUID, domain


class _Denied(Exception):
    pass


class _Gone(Exception):
    pass


@dataclass
class _Domain:
    describe: Callable[[int], str]
    uuid: str = UUID

    def UUIDString(self) -> str:
        return self.uuid

    def name(self) -> str:
        return "i-2-3-VM"

    def state(self) -> list[int]:
        return [1, 1]

    def XMLDesc(self, flags: int = 0) -> str:
        return self.describe(flags)


@dataclass
class _Connection:
    domains: list[Domain] = field(default_factory=list)

    def listAllDomains(self, flags: int = 0) -> list[Domain]:
        return self.domains


def _look(connection: _Connection, notes: list[str]) -> Look:
    return Look(
        connection,
        "kvm1",
        refused=lambda error: isinstance(error, _Denied),
        gone=lambda error: isinstance(error, _Gone),
        note=notes.append,
        progress=lambda: None,
        clock=lambda: NOW,
    )


def _raise(error: Exception) -> str:
    raise error


def test_passwords_are_asked_for() -> None:
    flags: list[int] = []

    def describe(given: int) -> str:
        flags.append(given)
        return domain()

    notes: list[str] = []
    look = _look(_Connection([_Domain(describe)]), notes)
    (machine,) = look.machines()
    assert (machine.password, flags, notes) == ("s3cret12", [1], [])


def test_who_may_not_see_passwords_sees_the_rest() -> None:
    flags: list[int] = []

    def describe(given: int) -> str:
        flags.append(given)
        return _raise(_Denied()) if given else domain().replace("passwd", "hidden")

    notes: list[str] = []
    look = _look(_Connection([_Domain(describe), _Domain(describe, "other")]), notes)
    for _ in range(2):
        assert [machine.password for machine in look.machines()] == ["", ""]
    assert flags == [1, 0, 0, 0, 0]
    assert len(notes) == 1
    assert "passwords" in notes[0]


def test_one_that_cannot_be_read_stays_as_it_was() -> None:
    notes: list[str] = []
    answers = [lambda _: domain(), lambda _: _raise(RuntimeError("busy")), lambda _: "<domain/>"]
    connection = _Connection()
    look = _look(connection, notes)
    for answer in answers:
        connection.domains = [_Domain(answer), _Domain(lambda _: domain(name="second"), "second")]
        assert [machine.name for machine in look.machines()] == ["i-2-3-VM", "second"]
    assert notes == [
        "domain i-2-3-VM cannot be read: busy",
        "domain i-2-3-VM cannot be read: a domain without uuid or name",
    ]


def test_one_that_is_gone_meanwhile_is_gone() -> None:
    notes: list[str] = []
    connection = _Connection([_Domain(lambda _: domain())])
    look = _look(connection, notes)
    assert len(look.machines()) == 1
    connection.domains = [_Domain(lambda _: _raise(_Gone()))]
    assert look.machines() == []
    assert notes == []
