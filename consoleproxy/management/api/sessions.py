"""The API commands about console sessions: ``listConsoleSessions``, ``endConsoleSession``."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from consoleproxy.errors import ManagementRequestRefused
from consoleproxy.management.accounts.scope import widest
from consoleproxy.management.api.call import (
    EVERYBODY,
    Answer,
    Call,
    Command,
    api_date,
    listing,
)
from consoleproxy.management.api.owners import asked_scope
from consoleproxy.management.api.parameters import OWNER, PAGE, Parameter, date, flag, identifier
from consoleproxy.management.configuration.live import Live
from consoleproxy.management.inventory.machines import Inventory
from consoleproxy.management.records.endings import Ordered, order_end
from consoleproxy.management.records.sessions import ConsoleSession, SessionFilter, find_sessions
from consoleproxy.management.storage.database import Database
from consoleproxy.session.ending import EndReason

_log = logging.getLogger(__name__)

_DISPLAYED = {
    Ordered.TOLD: "Its console proxy ends it.",
    Ordered.DONE: "It has ended, and its link is of no use any more.",
}

_FILTERS = (
    identifier("id", "of one session"),
    identifier("virtualmachineid", "of this VM"),
    identifier("userid", "that this user asked for"),
    Parameter("hostid", "at the proxy of this name"),
    Parameter("consoleendpointcreatoraddress", "asked for from this address"),
    Parameter("clientaddress", "opened from this address"),
    date("startdate", "made since then"),
    date("enddate", "made until then"),
    flag("acquired", "whether its link was used"),
    Parameter("endreason", "ended for this reason"),
    flag("activeonly", "only those whose consoles are open"),
    *OWNER,
    *PAGE,
)


@dataclass(frozen=True, slots=True)
class SessionCommands:
    """What the commands work on.

    Args:
        live: within which time a session may come back.
        clock: seconds since 1970.
    """

    inventory: Inventory
    database: Database
    live: Live
    clock: Callable[[], float]

    def commands(self) -> Mapping[str, Command]:
        """Return them by name."""
        return {
            "listConsoleSessions": Command(
                self.list_console_sessions,
                EVERYBODY,
                "Lists console sessions, newest first.",
                _FILTERS,
            ),
            "endConsoleSession": Command(
                self.end_console_session,
                EVERYBODY,
                "Ends a console session within a second.",
                (identifier("id", "of the session", required=True),),
            ),
        }

    async def list_console_sessions(self, call: Call) -> Answer:
        """``listConsoleSessions``, newest first.

        By ``id``, ``virtualmachineid``, ``hostid`` (the proxy's name),
        ``consoleendpointcreatoraddress``, ``clientaddress``, ``startdate``, ``enddate``,
        ``acquired``, ``endreason`` and ``activeonly``; and who asked for them: ``domainid``,
        ``isrecursive``, ``account``, ``userid``.
        """
        wanted = SessionFilter(
            uuid=call.text("id").lower(),
            user_uuid=call.text("userid").lower(),
            vm_uuid=call.text("virtualmachineid").lower(),
            proxy=call.text("hostid"),
            creator_address=call.text("consoleendpointcreatoraddress"),
            client_address=call.text("clientaddress"),
            since=call.moment("startdate"),
            until=call.moment("enddate", whole_day=True),
            acquired=call.flag("acquired"),
            end_reason=_end_reason(call),
            live_only=call.flag("activeonly") is True,
        )
        page = call.page()

        def work(db: Connection) -> tuple[int, tuple[ConsoleSession, ...]]:
            scope = asked_scope(db, call, everything=True)
            return find_sessions(db, replace(wanted, scope=scope), page.start, page.size)

        count, found = await self.database.run(work)
        return listing("consolesession", count, [self._console_session(one) for one in found])

    async def end_console_session(self, call: Call) -> Answer:
        """``endConsoleSession``, by ``id``: within a second where it is open.

        For whoever sees it in ``listConsoleSessions``; others are told that there is none. Its
        link is of no use any more, whether it was used or not. Ours; CloudStack has no such.
        """
        uuid = call.required("id").lower()
        now, window = self.clock(), self.live.now.reconnection_window
        seen = SessionFilter(uuid=uuid, scope=widest(call.caller))

        def work(db: Connection) -> Ordered:
            found, _ = find_sessions(db, seen, 0, 1)
            return order_end(db, uuid, now, window) if found else Ordered.UNKNOWN

        ordered = await self.database.run(work)
        if ordered is Ordered.UNKNOWN:
            raise ManagementRequestRefused(
                431, f"Invalid parameter id value={uuid}: there is no such console session"
            )
        if ordered is Ordered.OVER:
            raise ManagementRequestRefused(431, f"Console session {uuid} has ended already")
        _log.info(
            "%s ends a console session from %s",
            call.account,
            call.source_address,
            extra={"session": uuid},
        )
        return {"success": True, "displaytext": _DISPLAYED[ordered]}

    def _console_session(self, session: ConsoleSession) -> Answer:
        machine = self.inventory.find(session.vm_uuid)
        answer: Answer = {
            "id": session.uuid,
            "created": api_date(session.created),
            "account": session.account,
            "virtualmachineid": session.vm_uuid,
            "hostid": session.proxy,
            "hostname": session.proxy,
            "consoleendpointcreatoraddress": session.creator_address,
        }
        if machine is not None:
            answer["virtualmachinename"] = machine.name
        for name, value in (
            ("domainid", session.domain_uuid),
            ("accountid", session.account_uuid),
            ("userid", session.user_uuid),
        ):
            if value is not None:
                answer[name] = value
        if session.client_address is not None:
            answer["clientaddress"] = session.client_address
        if session.acquired is not None:
            answer["acquired"] = api_date(session.acquired)
        if session.removed is not None:
            answer["removed"] = api_date(session.removed)
        if session.end_reason is not None:
            answer["endreason"] = session.end_reason
        return answer


def _end_reason(call: Call) -> str:
    word = call.text("endreason").lower()
    if word not in ("", *EndReason):
        raise ManagementRequestRefused(431, f"endreason must be one of {', '.join(EndReason)}")
    return word
