"""The API command about console sessions: ``listConsoleSessions``."""

from dataclasses import dataclass

from consoleproxy.management.call import Answer, Call, api_date, listing
from consoleproxy.management.database import Database
from consoleproxy.management.inventory import Inventory
from consoleproxy.management.session_records import ConsoleSession, SessionFilter, find_sessions


@dataclass(frozen=True, slots=True)
class SessionCommands:
    """What the command works on."""

    inventory: Inventory
    database: Database

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
