"""The API commands about the console proxies: ``listSystemVms``, maintenance, and their removal."""

from collections.abc import Mapping
from dataclasses import dataclass

from consoleproxy.management.api.call import ADMINS, Answer, Call, Command, page_of
from consoleproxy.management.api.parameters import PAGE, Parameter, identifier
from consoleproxy.management.fleet.orders import ProxyOrders
from consoleproxy.management.fleet.states import ProxyState
from consoleproxy.management.records.proxies import ProxyRecord, proxies


@dataclass(frozen=True, slots=True)
class SystemVmCommands:
    """What the commands work on."""

    orders: ProxyOrders

    def commands(self) -> Mapping[str, Command]:
        """Return them by name."""
        which = (identifier("id", "name of the proxy", required=True),)
        return {
            "listSystemVms": Command(
                self.list_system_vms,
                ADMINS,
                "Lists the console proxies.",
                (
                    identifier("id", "name of one proxy"),
                    Parameter("name", "name of one proxy"),
                    Parameter("systemvmtype", "consoleproxy; there are no others"),
                    *PAGE,
                ),
            ),
            "prepareHostForMaintenance": Command(
                self.prepare_host_for_maintenance,
                ADMINS,
                "Gives a console proxy no new sessions.",
                which,
            ),
            "cancelHostMaintenance": Command(
                self.cancel_host_maintenance,
                ADMINS,
                "Undoes prepareHostForMaintenance.",
                which,
            ),
            "destroySystemVm": Command(
                self.destroy_system_vm, ADMINS, "Takes a console proxy out of the books.", which
            ),
        }

    async def list_system_vms(self, call: Call) -> Answer:
        """``listSystemVms``: the console proxies; there are no others here."""
        now = self.orders.clock()
        known = await self.orders.database.run(proxies)
        wanted = call.text("systemvmtype").lower() in ("", "consoleproxy")
        return page_of(
            call,
            "systemvm",
            [
                _system_vm(proxy, now)
                for proxy in known
                if wanted
                and call.text("id") in ("", proxy.description.name)
                and call.text("name") in ("", proxy.description.name)
            ],
        )

    async def prepare_host_for_maintenance(self, call: Call) -> Answer:
        """``prepareHostForMaintenance``, by ``id``: the proxy gets no new sessions."""
        return await self._maintain(call, begin=True)

    async def cancel_host_maintenance(self, call: Call) -> Answer:
        """``cancelHostMaintenance``, by ``id``."""
        return await self._maintain(call, begin=False)

    async def destroy_system_vm(self, call: Call) -> Answer:
        """``destroySystemVm``, by ``id``: takes a Disconnected proxy out of the books."""
        proxy = await self.orders.destroy(call.required("id"), call.account)
        return {"systemvm": _system_vm(proxy, self.orders.clock()) | {"state": "Destroyed"}}

    async def _maintain(self, call: Call, *, begin: bool) -> Answer:
        proxy = await self.orders.maintain(call.required("id"), call.account, begin=begin)
        return {"host": _host(proxy, self.orders.clock())}


def _system_vm(proxy: ProxyRecord, now: float) -> Answer:
    state = proxy.state(now)
    alive = state is not ProxyState.DISCONNECTED
    return {
        "id": proxy.description.name,
        "systemvmtype": "consoleproxy",
        "name": proxy.description.name,
        "publicip": proxy.description.address,
        # As in CloudStack, a VM in maintenance runs.
        "state": "Running" if state is ProxyState.MAINTENANCE else str(state),
        "agentstate": "Up" if alive else "Disconnected",
        "resourcestate": _resource_state(proxy),
        "activeviewersessions": proxy.active_sessions,
    }


def _host(proxy: ProxyRecord, now: float) -> Answer:
    alive = proxy.state(now) is not ProxyState.DISCONNECTED
    return {
        "id": proxy.description.name,
        "name": proxy.description.name,
        "type": "ConsoleProxy",
        "ipaddress": proxy.description.address,
        "state": "Up" if alive else "Disconnected",
        "resourcestate": _resource_state(proxy),
    }


def _resource_state(proxy: ProxyRecord) -> str:
    return "Maintenance" if proxy.maintenance else "Enabled"
