"""The virtual machines that have consoles, read from a TOML file of ``[[vm]]`` tables."""

import tomllib
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from consoleproxy.errors import SettingsInvalid
from consoleproxy.names.console_host import is_host_name

_KEYS = (
    "name",
    "uuid",
    "address",
    "host",
    "port",
    "password",
    "password_file",
    "hypervisor",
    "state",
)
_HYPERVISORS = ("KVM", "XenServer", "VMware", "Hyperv", "LXC", "Ovm3", "Simulator", "External")
_STATES = ("Running", "Starting", "Stopping", "Migrating", "Stopped", "Restoring", "Error")
_STATES_WITH_CONSOLE = frozenset({"Running", "Starting", "Stopping", "Migrating"})


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualMachine:
    """One VM and where its screen is.

    ``host`` (IPv6 without brackets) and ``port`` are the hypervisor's VNC server, ``password`` is
    that server's; ``hypervisor`` and ``state`` are CloudStack's names.
    """

    uuid: str
    name: str
    host: str
    port: int
    password: str = field(default="", repr=False)
    hypervisor: str = "KVM"
    state: str = "Running"

    @property
    def has_console(self) -> bool:
        """Whether its state is one in which CloudStack gives a console."""
        return self.state in _STATES_WITH_CONSOLE


class Inventory:
    """VMs by uuid, in the order of the file."""

    def __init__(self, machines: Iterable[VirtualMachine]) -> None:
        self._machines = {machine.uuid: machine for machine in machines}

    def __iter__(self) -> Iterator[VirtualMachine]:
        return iter(self._machines.values())

    def find(self, vm_uuid: str) -> VirtualMachine | None:
        """Return the VM of that uuid, in any letter case."""
        return self._machines.get(vm_uuid.lower())


def load_inventory(path: Path) -> Inventory:
    """Read the inventory file.

    Raises:
        SettingsInvalid: all that is wrong with it, each mistake with what to do.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsInvalid(
            [
                f"{path}: {error.strerror}: consoleproxy.manage.inventory must name a readable "
                "file of [[vm]] tables"
            ]
        ) from error
    except ValueError as error:
        raise SettingsInvalid([f"{path}: not TOML: {error}"]) from error
    problems = [
        f"{path}: {name} is unknown: only [[vm]] tables belong here"
        for name in content
        if name != "vm"
    ]
    tables = content.get("vm", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        problems.append(f"{path}: vm must be tables: write [[vm]] above each machine")
        tables = []
    elif not tables:
        problems.append(f"{path}: there is no [[vm]]: add one with name, uuid and address")
    machines: dict[str, VirtualMachine] = {}
    for number, table in enumerate(tables, start=1):
        reader = _Reader(table, f"{path}: vm {number} ({table.get('name', 'without a name')})")
        machine = reader.machine(path.parent)
        if machine.uuid and machine.uuid in machines:
            reader.fault(f"uuid {machine.uuid} is {machines[machine.uuid].name}'s already")
        machines[machine.uuid] = machine
        problems += reader.problems
    if problems:
        raise SettingsInvalid(problems)
    return Inventory(machines.values())


class _Reader:
    """Reads one ``[[vm]]`` table and collects what is wrong with it."""

    def __init__(self, table: Mapping[str, Any], where: str) -> None:
        self._table = table
        self._where = where
        self.problems: list[str] = []

    def fault(self, problem: str) -> None:
        self.problems.append(f"{self._where}: {problem}")

    def machine(self, folder: Path) -> VirtualMachine:
        for key in self._table:
            if key not in _KEYS:
                self.fault(f"{key} is unknown; a vm has {', '.join(_KEYS)}")
        host, port = self._target()
        return VirtualMachine(
            uuid=self._uuid(),
            name=self._text("name", "give the machine a name"),
            host=host,
            port=port,
            password=self._password(folder),
            hypervisor=self._choice("hypervisor", _HYPERVISORS),
            state=self._choice("state", _STATES),
        )

    def _text(self, key: str, remedy: str) -> str:
        value = self._table.get(key, "")
        if not isinstance(value, str) or not value.strip():
            self.fault(f"{key} must be a text that is not empty: {remedy}")
            return ""
        return value.strip()

    def _uuid(self) -> str:
        text = self._text("uuid", "write the machine's UUID, or a new one from uuidgen")
        try:
            return str(uuid.UUID(text)) if text else ""
        except ValueError:
            self.fault(f"uuid {text!r} is not a UUID: uuidgen makes one")
            return ""

    def _target(self) -> tuple[str, int]:
        if "address" not in self._table:
            return self._host(self._text("host", 'or write address = "host:port"')), self._port(
                self._table.get("port")
            )
        if "host" in self._table or "port" in self._table:
            self.fault("address and host or port are both given: keep address")
        address = self._text("address", 'write address = "host:port"')
        host, colon, port = address.rpartition(":")
        if not address:
            return "", 0
        if not colon or (":" in host and not host.startswith("[")):
            self.fault(f"address {address!r} is not host:port, or [IPv6 address]:port")
            return "", 0
        number = int(port) if port.isascii() and port.isdigit() else None
        return self._host(host), self._port(number)

    def _host(self, text: str) -> str:
        host = text.removeprefix("[").removesuffix("]")
        try:
            return str(ip_address(host))
        except ValueError:
            if text and not is_host_name(text):
                self.fault(f"{text!r} is neither a host name nor an address of the hypervisor")
        return host

    def _port(self, value: object) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 65535:
            return value
        self.fault("the VNC port must be a number from 1 to 65535; display 1 is port 5901")
        return 0

    def _password(self, folder: Path) -> str:
        if "password_file" in self._table:
            if "password" in self._table:
                self.fault("password and password_file are both given: keep one")
            return self._password_from(folder)
        password = self._table.get("password", "")
        if not isinstance(password, str):
            self.fault("password must be a text: put it in quotes")
            return ""
        return password

    def _password_from(self, folder: Path) -> str:
        name = self._text("password_file", "write the path of the file")
        if not name:
            return ""
        path = folder / name
        try:
            return path.read_text(encoding="utf-8").rstrip("\r\n")
        except OSError as error:
            self.fault(f"password_file {path}: {error.strerror}")
        except ValueError:
            self.fault(f"password_file {path} is not UTF-8 text")
        return ""

    def _choice(self, key: str, allowed: tuple[str, ...]) -> str:
        value = self._table.get(key, allowed[0])
        for choice in allowed:
            if isinstance(value, str) and value.lower() == choice.lower():
                return choice
        self.fault(f"{key} {value!r} is unknown: use one of {', '.join(allowed)}")
        return allowed[0]
