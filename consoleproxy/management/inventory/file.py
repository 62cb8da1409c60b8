"""The inventory file, a ``[[vm]]`` table for each machine. docs/INVENTORY.md has its format."""

import dataclasses
import tomllib
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from consoleproxy.errors import SettingsInvalid
from consoleproxy.management.accounts.names import NAME_RULE, ROOT, is_domain_path, is_name
from consoleproxy.management.inventory.machines import Inventory, VirtualMachine
from consoleproxy.management.inventory.place import PLACE_KEYS, read_place
from consoleproxy.management.inventory.sealed import opened
from consoleproxy.management.inventory.table import TableReader
from consoleproxy.management.storage.sealing import Sealer

_KEYS = (
    "name",
    "uuid",
    *PLACE_KEYS,
    "username",
    "password",
    "password_file",
    "instance_name",
    "hypervisor",
    "state",
    "account",
    "domain",
)
# What may be said of a machine whose place libvirt knows.
_ADDED_KEYS = (
    "name",
    "uuid",
    "username",
    "password",
    "password_file",
    "account",
    "domain",
)
_ACCOUNT = "admin"
_HYPERVISORS = ("KVM", "XenServer", "VMware", "Hyperv", "LXC", "Ovm3", "Simulator", "External")
_STATES = ("Running", "Starting", "Stopping", "Migrating", "Stopped", "Restoring", "Error")


@dataclass(frozen=True, slots=True)
class Addition:
    """What the file says of a machine whose place a hypervisor knows; empty: nothing is said."""

    uuid: str
    name: str = ""
    username: str = ""
    password: str = field(default="", repr=False)
    account: str = ""
    domain: str = ""

    def completed(self, machine: VirtualMachine) -> VirtualMachine:
        """Return the hypervisor's machine with what is said here."""
        said = {name: value for name, value in dataclasses.asdict(self).items() if value}
        return dataclasses.replace(machine, **said)


@dataclass(frozen=True, slots=True)
class FileContent:
    """What stands in an inventory file."""

    machines: tuple[VirtualMachine, ...] = ()
    additions: tuple[Addition, ...] = ()


def load_inventory(path: Path) -> Inventory:
    """Read an inventory file that knows the place of all its machines.

    Raises:
        SettingsInvalid: all that is wrong with it, each mistake with what to do.
    """
    return Inventory(load_file(path).machines)


def load_file(path: Path, *, adding: bool = False, sealer: Sealer | None = None) -> FileContent:
    """Read an inventory file.

    Args:
        adding: a table without a place is an ``Addition``, as there are hypervisors to ask.
        sealer: opens what is sealed.

    Raises:
        SettingsInvalid: all that is wrong with it, each mistake with what to do.
    """
    problems, tables = _tables(path)
    names: dict[str, object] = {}
    machines: list[VirtualMachine] = []
    additions: list[Addition] = []
    for number, table in enumerate(tables, start=1):
        name = table.get("name", "without a name")
        in_the_clear, faults = opened(table, sealer)
        reader = TableReader(in_the_clear, f"{path}: vm {number} ({name})")
        for fault in faults:
            reader.fault(fault)
        if adding and not reader.given(PLACE_KEYS):
            addition = _addition(reader, path.parent)
            found = addition.uuid
            additions.append(addition)
        else:
            machine = _machine(reader, path.parent)
            found = machine.uuid
            machines.append(machine)
        if found and found in names:
            reader.fault(f"uuid {found} is {names[found]}'s already")
        names[found] = name
        problems += reader.problems
    if problems:
        raise SettingsInvalid(problems)
    return FileContent(tuple(machines), tuple(additions))


def _tables(path: Path) -> tuple[list[str], list[dict[str, object]]]:
    """Return what is wrong with the file as a whole, and its tables."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsInvalid(
            [
                f"{path}: {error.strerror}: consoleproxy.manage.inventory must name a readable "
                "file of [[vm]] tables, or be empty where consoleproxy.manage.libvirt is set"
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
    return problems, tables


def _addition(table: TableReader, folder: Path) -> Addition:
    for key in table.unknown(_ADDED_KEYS):
        table.fault(
            f"{key} cannot be said of a vm that libvirt has: keep {', '.join(_ADDED_KEYS)}, or "
            'give it a place of its own, address = "host:port"'
        )
    return Addition(
        uuid=_uuid(table),
        name=table.optional("name").strip(),
        username=table.optional("username"),
        password=_password(table, folder),
        account=_account(table) if table.given(["account"]) else "",
        domain=_domain(table) if table.given(["domain"]) else "",
    )


def _machine(table: TableReader, folder: Path) -> VirtualMachine:
    table.check_keys(_KEYS)
    place = read_place(table)
    return VirtualMachine(
        uuid=_uuid(table),
        name=table.text("name", "give the machine a name"),
        host=place.host,
        port=place.port,
        tunnel_url=place.tunnel_url,
        tunnel_session=place.tunnel_session,
        websocket_url=place.websocket_url,
        username=table.optional("username"),
        password=_password(table, folder),
        instance_name=table.optional("instance_name").strip(),
        hypervisor=table.choice("hypervisor", _HYPERVISORS),
        state=table.choice("state", _STATES),
        account=_account(table),
        domain=_domain(table),
    )


def _uuid(table: TableReader) -> str:
    text = table.text("uuid", "write the machine's UUID, or a new one from uuidgen")
    try:
        return str(uuid.UUID(text)) if text else ""
    except ValueError:
        table.fault(f"uuid {text!r} is not a UUID: uuidgen makes one")
        return ""


def _account(table: TableReader) -> str:
    name = table.optional("account") if table.given(["account"]) else _ACCOUNT
    if not is_name(name):
        table.fault(f"account {name!r} cannot be the name of an account: it has {NAME_RULE}")
    return name


def _domain(table: TableReader) -> str:
    path = table.optional("domain") if table.given(["domain"]) else ROOT
    if not is_domain_path(path):
        table.fault(f'domain {path!r} is not the path of a domain: write it as "ROOT/acme"')
    return path


def _password(table: TableReader, folder: Path) -> str:
    if not table.given(["password_file"]):
        return table.optional("password")
    if table.given(["password"]):
        table.fault("password and password_file are both given: keep one")
    name = table.text("password_file", "write the path of the file")
    if not name:
        return ""
    path = folder / name
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as error:
        table.fault(f"password_file {path}: {error.strerror}")
    except ValueError:
        table.fault(f"password_file {path} is not UTF-8 text")
    return ""
