"""The API commands about VMs and their consoles."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from consoleproxy.errors import ManagementRequestRefused, PermissionRefused
from consoleproxy.management.accounts.caller import Caller, Role
from consoleproxy.management.accounts.names import ROOT
from consoleproxy.management.accounts.scope import widest
from consoleproxy.management.api.call import EVERYBODY, Answer, Call, Command, page_of
from consoleproxy.management.api.owners import Sight, asked_scope, may_open, sight_of
from consoleproxy.management.api.parameters import KEYWORD, OWNER, PAGE, Parameter, identifier
from consoleproxy.management.inventory.machines import Inventory, VirtualMachine
from consoleproxy.management.issuer import ConsoleRequest, IssuedConsole, Issuer
from consoleproxy.management.records.domains import domains_within
from consoleproxy.management.storage.database import Database


@dataclass(frozen=True, slots=True)
class ConsoleCommands:
    """What the commands work on."""

    inventory: Inventory
    issuer: Issuer
    database: Database

    def commands(self) -> Mapping[str, Command]:
        """Return them by name."""
        return {
            "createConsoleEndpoint": Command(
                self.create_console_endpoint,
                EVERYBODY,
                "Makes a link to the console of a VM, which works once.",
                (
                    identifier("virtualmachineid", "of the VM", required=True),
                    Parameter("token", "extra security value, to be shown by the viewer"),
                ),
            ),
            "listVirtualMachines": Command(
                self.list_virtual_machines,
                EVERYBODY,
                "Lists the VMs that have consoles.",
                (
                    identifier("id", "of one VM"),
                    Parameter("name", "only those with this in their name"),
                    Parameter("state", "only those in this state"),
                    KEYWORD,
                    *OWNER,
                    *PAGE,
                ),
            ),
        }

    async def create_console_endpoint(self, call: Call) -> Answer:
        """``createConsoleEndpoint``: a refusal is an answer, not an error, as in CloudStack."""
        request = ConsoleRequest(
            vm_uuid=call.required("virtualmachineid"),
            caller=call.caller,
            source_address=call.source_address,
            extra=call.text("token"),
        )
        try:
            await self._check_owner(call.caller, request.vm_uuid)
            console = await self.issuer.issue(request)
        except ManagementRequestRefused as refusal:
            refused: Answer = {"success": False, "details": str(refusal), "websocket": {}}
            return {"consoleendpoint": refused}
        return {"consoleendpoint": _console_endpoint(console)}

    async def list_virtual_machines(self, call: Call) -> Answer:
        """``listVirtualMachines``, by ``id``, ``name``, ``keyword``, ``state`` and whose they are.

        Without an id, and without ``listall``, those of the caller's own account.
        """
        wanted = call.text("id").lower()

        def work(db: Connection) -> tuple[Sight, dict[str, str]]:
            sight = sight_of(db, widest(call.caller) if wanted else asked_scope(db, call))
            return sight, {domain.path: domain.uuid for domain in domains_within(db, ROOT)}

        sight, domains = await self.database.run(work)
        return page_of(
            call,
            "virtualmachine",
            [
                _virtual_machine(machine, domains)
                for machine in self.inventory
                if wanted in ("", machine.uuid)
                and sight.holds(machine.domain, machine.account)
                and call.text("name").lower() in machine.name.lower()
                and call.text("keyword").lower() in machine.name.lower()
                and call.text("state").lower() in ("", machine.state.lower())
            ],
        )

    async def _check_owner(self, caller: Caller, vm_uuid: str) -> None:
        """Refuse consoles of machines that are not the caller's, and of those that are not there.

        Raises:
            ManagementRequestRefused: with CloudStack's words; only root admins are told which.
        """
        if caller.role is Role.ADMIN:
            return
        machine = self.inventory.find(vm_uuid)
        if machine is not None:
            domain, account = machine.domain, machine.account
            if await self.database.run(lambda db: may_open(db, caller, domain, account)):
                return
        raise PermissionRefused


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


def _virtual_machine(machine: VirtualMachine, domains: Mapping[str, str]) -> Answer:
    answer: Answer = {
        "id": machine.uuid,
        "name": machine.name,
        "displayname": machine.name,
        "state": machine.state,
        "hypervisor": machine.hypervisor,
        "account": machine.account,
        "domain": machine.domain.rpartition("/")[2],
        "domainpath": machine.domain,
    }
    if machine.domain in domains:
        answer["domainid"] = domains[machine.domain]
    return answer
