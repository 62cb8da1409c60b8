"""The load report: CloudStack's ``ConsoleProxyStatus`` document, and who takes it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from consoleproxy.session.session import Session


@dataclass(frozen=True, slots=True)
class Pace:
    """What may change of a proxy while it runs.

    Args:
        session_max: ``consoleproxy.session.max``.
        interval: seconds between its reports.
    """

    session_max: int
    interval: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a report says.

    Args:
        document: ``load_report``.
        reasons: for the removed sessions in it, why they ended.
        draining: whether no new sessions are taken any more.
        pace: ``None`` where it is as it was at the registration.
        waiting: names of settings whose changed values count only once the proxy is started anew.
    """

    document: str
    reasons: Mapping[str, str] = field(default_factory=dict)
    draining: bool = False
    pace: Pace | None = None
    waiting: tuple[str, ...] = ()


class LoadSink(Protocol):
    """Takes load reports, e.g. the management server's client."""

    async def report(self, load: Load) -> frozenset[str]:
        """Deliver a report and return the removed session uuids that were acknowledged.

        Raises:
            ManagementUnavailable: not delivered; it is sent again.
        """


def load_report(sessions: Iterable[Session], removed: Iterable[str] | None) -> str:
    """Return the report as JSON; times are milliseconds since 1970.

    Args:
        removed: uuids of ended sessions, or ``None`` to leave the key out, as the answer to
            ``/cmd?cmd=getstatus`` does.
    """
    document: dict[str, object] = {
        "connections": [
            {
                "id": session.number,
                "clientInfo": "",
                "host": session.host,
                "port": session.port,
                "tag": session.vm_uuid,
                "createTime": round(session.created_epoch * 1000),
                "lastUsedTime": round(session.last_used_epoch() * 1000),
                "sessionUuid": session.uuid,
            }
            for session in sessions
            if session.authenticated
        ]
    }
    if removed is not None:
        document["removedSessions"] = list(removed)
    return json.dumps(document, indent=2)
