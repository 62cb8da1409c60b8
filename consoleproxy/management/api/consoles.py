"""The API commands about VMs and their consoles."""

from collections.abc import Mapping
from dataclasses import dataclass

from consoleproxy.errors import ManagementRequestRefused
from consoleproxy.management.api.call import EVERYBODY, Answer, Call, Command, page_of
from consoleproxy.management.inventory.machines import Inventory, VirtualMachine
from consoleproxy.management.issuer import ConsoleRequest, IssuedConsole, Issuer

# What CloudStack takes in a text parameter.
_TEXT_LIMIT = 255


@dataclass(frozen=True, slots=True)
class ConsoleCommands:
    """What the commands work on."""

    inventory: Inventory
    issuer: Issuer

    def commands(self) -> Mapping[str, Command]:
        """Return them by name."""
        return {
            "createConsoleEndpoint": Command(self.create_console_endpoint, EVERYBODY),
            "listVirtualMachines": Command(self.list_virtual_machines, EVERYBODY),
        }

    async def create_console_endpoint(self, call: Call) -> Answer:
        """``createConsoleEndpoint``: a refusal is an answer, not an error, as in CloudStack."""
        if len(call.text("token")) > _TEXT_LIMIT:
            raise ManagementRequestRefused(
                431, f"token must not have more than {_TEXT_LIMIT} characters"
            )
        request = ConsoleRequest(
            vm_uuid=call.required("virtualmachineid"),
            caller=call.caller,
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
        return page_of(
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
