"""The API commands: parameters in, CloudStack's response documents out."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from consoleproxy.errors import ManagementRequestRefused
from consoleproxy.management.assignment import is_alive
from consoleproxy.management.call import Answer, Call, Command, listing
from consoleproxy.management.certificate_commands import CertificateCommands
from consoleproxy.management.configuration import Configuration
from consoleproxy.management.database import Database
from consoleproxy.management.inventory import Inventory, VirtualMachine
from consoleproxy.management.issuer import ConsoleRequest, IssuedConsole, Issuer
from consoleproxy.management.proxy_records import ProxyRecord, proxies
from consoleproxy.management.session_commands import SessionCommands

# What CloudStack takes in a text parameter.
_TEXT_LIMIT = 255


@dataclass(frozen=True, slots=True)
class Commands:
    """What the commands work on; ``clock`` gives seconds since 1970."""

    inventory: Inventory
    database: Database
    issuer: Issuer
    certificates: CertificateCommands
    configurations: tuple[Configuration, ...]
    clock: Callable[[], float]

    def find(self, command: str) -> Command | None:
        """Return the command of that name, in any letter case."""
        return {
            "createconsoleendpoint": self.create_console_endpoint,
            "listvirtualmachines": self.list_virtual_machines,
            "listsystemvms": self.list_system_vms,
            "listconsolesessions": SessionCommands(
                self.inventory, self.database
            ).list_console_sessions,
            "listconfigurations": self.list_configurations,
            "uploadcustomcertificate": self.certificates.upload_custom_certificate,
            "queryasyncjobresult": self.certificates.query_async_job_result,
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
        known = await self.database.run(proxies)
        wanted = call.text("systemvmtype").lower() in ("", "consoleproxy")
        return _listing(
            call,
            "systemvm",
            [
                _system_vm(proxy, is_alive(proxy, now))
                for proxy in known
                if wanted
                and call.text("id") in ("", proxy.description.name)
                and call.text("name") in ("", proxy.description.name)
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
    """Return the page of a list that is asked for."""
    everything, page = list(entries), call.page()
    return listing(name, len(everything), everything[page.start : page.start + page.size])
