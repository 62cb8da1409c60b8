"""The API command about the console proxies: ``listSystemVms``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from consoleproxy.management.api.call import Answer, Call, Command, page_of
from consoleproxy.management.fleet.assignment import is_alive
from consoleproxy.management.records.proxies import ProxyRecord, proxies
from consoleproxy.management.storage.database import Database


@dataclass(frozen=True, slots=True)
class SystemVmCommands:
    """What the command works on; ``clock`` gives seconds since 1970."""

    database: Database
    clock: Callable[[], float]

    def commands(self) -> Mapping[str, Command]:
        """Return it by name."""
        return {"listSystemVms": Command(self.list_system_vms)}

    async def list_system_vms(self, call: Call) -> Answer:
        """``listSystemVms``: the console proxies; there are no others here."""
        now = self.clock()
        known = await self.database.run(proxies)
        wanted = call.text("systemvmtype").lower() in ("", "consoleproxy")
        return page_of(
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
