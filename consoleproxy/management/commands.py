"""The API commands: parameters in, CloudStack's response documents out."""

import datetime
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field

from consoleproxy.errors import ManagementRequestRefused
from consoleproxy.management.assignment import is_alive
from consoleproxy.management.configuration import Configuration
from consoleproxy.management.inventory import Inventory, VirtualMachine
from consoleproxy.management.issuer import ConsoleRequest, IssuedConsole, Issuer
from consoleproxy.management.store import ConsoleSession, ProxyRecord
from consoleproxy.management.store_thread import StoreThread

Answer = dict[str, object]

# CloudStack's default.page.size
_PAGE_SIZE = 500

# What CloudStack takes in a text parameter.
_TEXT_LIMIT = 255


@dataclass(frozen=True, slots=True)
class Call:
    """A request whose signature was right. ``parameters`` are by lower-cased name."""

    account: str
    source_address: str
    parameters: Mapping[str, str] = field(repr=False)

    def text(self, name: str) -> str:
        """Return a parameter; empty if it was not sent."""
        return self.parameters.get(name, "").strip()

    def required(self, name: str) -> str:
        """Return a parameter that must be there.

        Raises:
            ManagementRequestRefused: 431, it is not.
        """
        value = self.text(name)
        if not value:
            command = self.parameters.get("command", "")
            raise ManagementRequestRefused(
                431, f"Unable to execute API command {command} due to missing parameter {name}"
            )
        return value

    def number(self, name: str, default: int) -> int:
        """Return a parameter that is a positive whole number.

        Raises:
            ManagementRequestRefused: 431, it is not one.
        """
        value = self.text(name) or str(default)
        if not (value.isascii() and value.isdigit() and len(value) < 10 and int(value)):
            raise ManagementRequestRefused(431, f"{name} must be a whole number from 1 on")
        return int(value)

    def flag(self, name: str) -> bool | None:
        """Return a parameter that is true or false; ``None`` if it was not sent.

        Raises:
            ManagementRequestRefused: 431, it is neither.
        """
        value = self.text(name).lower()
        if value not in ("", "true", "false"):
            raise ManagementRequestRefused(431, f"{name} must be true or false")
        return value == "true" if value else None


Command = Callable[[Call], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Commands:
    """What the commands work on; ``clock`` gives seconds since 1970."""

    inventory: Inventory
    database: StoreThread
    issuer: Issuer
    configurations: tuple[Configuration, ...]
    clock: Callable[[], float]

    def find(self, command: str) -> Command | None:
        """Return the command of that name, in any letter case."""
        return {
            "createconsoleendpoint": self.create_console_endpoint,
            "listvirtualmachines": self.list_virtual_machines,
            "listsystemvms": self.list_system_vms,
            "listconsolesessions": self.list_console_sessions,
            "listconfigurations": self.list_configurations,
        }.get(command.lower())

    async def create_console_endpoint(self, call: Call) -> Answer:
        """``createConsoleEndpoint``: a refusal is an answer, not an error, as in CloudStack."""
        if len(call.text("token")) > _TEXT_LIMIT:
            raise ManagementRequestRefused(
                431, f"token must not have more than {_TEXT_LIMIT} characters"
            )
        request = ConsoleRequest(
            vm_uuid=call.required("virtualmachineid"),
            account=call.account,
            source_address=call.source_address,
            extra=call.text("token"),
        )
        try:
            console = await self.issuer.issue(request)
        except ManagementRequestRefused as refusal:
            refused: Answer = {"success": False, "details": str(refusal), "websocket": {}}
            return {"consoleendpoint": refused}
        return {"consoleendpoint": _console_endpoint(console)}

    async def list_virtual_machines(self, call: Call) -> Answer:
        """``listVirtualMachines``, by ``id``, ``name``, ``keyword`` or ``state``."""
        return _listing(
            call,
            "virtualmachine",
            [
                _virtual_machine(machine)
                for machine in self.inventory
                if call.text("id").lower() in ("", machine.uuid)
                and call.text("name").lower() in machine.name.lower()
                and call.text("keyword").lower() in machine.name.lower()
                and call.text("state").lower() in ("", machine.state.lower())
            ],
        )

    async def list_system_vms(self, call: Call) -> Answer:
        """``listSystemVms``: the console proxies; there are no others here."""
        now = self.clock()
        proxies = await self.database.run(lambda store: store.proxies())
        wanted = call.text("systemvmtype").lower() in ("", "consoleproxy")
        return _listing(
            call,
            "systemvm",
            [
                _system_vm(proxy, is_alive(proxy, now))
                for proxy in proxies
                if wanted
                and call.text("id") in ("", proxy.description.name)
                and call.text("name") in ("", proxy.description.name)
            ],
        )

    async def list_console_sessions(self, call: Call) -> Answer:
        """``listConsoleSessions``, by ``id``, ``virtualmachineid``, ``activeonly``, …"""
        active_only = call.flag("activeonly") is True
        acquired = call.flag("acquired")
        sessions = await self.database.run(lambda store: store.sessions())
        return _listing(
            call,
            "consolesession",
            [
                self._console_session(session)
                for session in sessions
                if call.text("id").lower() in ("", session.uuid)
                and call.text("virtualmachineid").lower() in ("", session.vm_uuid)
                and call.text("clientaddress") in ("", session.client_address)
                and (session.live or not active_only)
                and acquired in (None, session.acquired is not None)
            ],
        )

    async def list_configurations(self, call: Call) -> Answer:
        """``listConfigurations``, by ``name`` or ``keyword``."""
        return _listing(
            call,
            "configuration",
            [
                {
                    "category": "Console Proxy",
                    "name": entry.name,
                    "value": entry.value,
                    "defaultvalue": entry.default,
                    "description": entry.description,
                    "type": entry.type,
                    "isdynamic": False,
                }
                for entry in self.configurations
                if call.text("name") in ("", entry.name)
                and call.text("keyword").lower() in entry.name.lower()
            ],
        )

    def _console_session(self, session: ConsoleSession) -> Answer:
        machine = self.inventory.find(session.vm_uuid)
        answer: Answer = {
            "id": session.uuid,
            "created": _date(session.created),
            "account": session.account,
            "virtualmachineid": session.vm_uuid,
            "hostname": session.proxy,
            "consoleendpointcreatoraddress": session.creator_address,
        }
        if machine is not None:
            answer["virtualmachinename"] = machine.name
        if session.client_address is not None:
            answer["clientaddress"] = session.client_address
        if session.acquired is not None:
            answer["acquired"] = _date(session.acquired)
        if session.removed is not None:
            answer["removed"] = _date(session.removed)
        return answer


def _console_endpoint(console: IssuedConsole) -> Answer:
    websocket: Answer = {
        "token": console.token,
        "host": console.proxy.host,
        "port": str(console.proxy.port),
        "path": "websockify",
    }
    if console.extra:
        websocket["extra"] = console.extra
    return {"success": True, "url": console.url, "websocket": websocket}


def _virtual_machine(machine: VirtualMachine) -> Answer:
    return {
        "id": machine.uuid,
        "name": machine.name,
        "displayname": machine.name,
        "state": machine.state,
        "hypervisor": machine.hypervisor,
    }


def _system_vm(proxy: ProxyRecord, alive: bool) -> Answer:
    return {
        "id": proxy.description.name,
        "systemvmtype": "consoleproxy",
        "name": proxy.description.name,
        "publicip": proxy.description.address,
        "state": "Running" if alive else "Disconnected",
        "agentstate": "Up" if alive else "Disconnected",
        "activeviewersessions": proxy.active_sessions,
    }


def _listing(call: Call, name: str, entries: Iterable[Answer]) -> Answer:
    """One page of a list; CloudStack leaves all keys out of an empty list."""
    everything = list(entries)
    size = call.number("pagesize", _PAGE_SIZE)
    start = (call.number("page", 1) - 1) * size
    page = everything[start : start + size]
    return {"count": len(everything), name: page} if page else {}


def _date(moment: float) -> str:
    return datetime.datetime.fromtimestamp(moment, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S%z")
