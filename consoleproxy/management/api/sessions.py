"""The API command about console sessions: ``listConsoleSessions``."""

from collections.abc import Mapping
from dataclasses import dataclass

from consoleproxy.management.api.call import EVERYBODY, Answer, Call, Command, api_date, listing
from consoleproxy.management.inventory.machines import Inventory
from consoleproxy.management.records.sessions import ConsoleSession, SessionFilter, find_sessions
from consoleproxy.management.storage.database import Database


@dataclass(frozen=True, slots=True)
class SessionCommands:
    """What the command works on."""

    inventory: Inventory
    database: Database

    def commands(self) -> Mapping[str, Command]:
        """Return it by name."""
        return {"listConsoleSessions": Command(self.list_console_sessions, EVERYBODY)}

    async def list_console_sessions(self, call: Call) -> Answer:
        """``listConsoleSessions``, newest first.

        By ``id``, ``virtualmachineid``, ``account``, ``hostid`` (the proxy's name),
        ``consoleendpointcreatoraddress``, ``clientaddress``, ``startdate``, ``enddate``,
        ``acquired`` and ``activeonly``.
        """
        wanted = SessionFilter(
            uuid=call.text("id").lower(),
            vm_uuid=call.text("virtualmachineid").lower(),
            account=call.text("account"),
            proxy=call.text("hostid"),
            creator_address=call.text("consoleendpointcreatoraddress"),
            client_address=call.text("clientaddress"),
            since=call.moment("startdate"),
            until=call.moment("enddate", whole_day=True),
            acquired=call.flag("acquired"),
            live_only=call.flag("activeonly") is True,
        )
        page = call.page()
        count, found = await self.database.run(
            lambda db: find_sessions(db, wanted, page.start, page.size)
        )
        return listing("consolesession", count, [self._console_session(one) for one in found])

    def _console_session(self, session: ConsoleSession) -> Answer:
        machine = self.inventory.find(session.vm_uuid)
        answer: Answer = {
            "id": session.uuid,
            "created": api_date(session.created),
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
            answer["acquired"] = api_date(session.acquired)
        if session.removed is not None:
            answer["removed"] = api_date(session.removed)
        return answer
