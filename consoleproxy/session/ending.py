"""Why a session ended, in one word for the books."""

from enum import StrEnum

from consoleproxy.errors import (
    ConsoleRefused,
    HypervisorRefused,
    MachineNotRunning,
    ProxyDraining,
    ScreenLost,
    SessionEndedByOperator,
    SessionIdle,
    SessionReplaced,
    ViewerProtocolError,
    ViewerSilent,
)


class EndReason(StrEnum):
    """The words are stable; docs/FLEET.md has their meaning."""

    VIEWER_LEFT = "viewer-left"
    VIEWER_LOST = "viewer-lost"
    VIEWER_FAULT = "viewer-fault"
    OPERATOR = "operator"
    REPLACED = "replaced"
    IDLE = "idle"
    GUEST_ENDED = "guest-ended"
    GUEST_LOST = "guest-lost"
    GUEST_UNREACHABLE = "guest-unreachable"
    REFUSED = "refused"
    PROXY_STOPPED = "proxy-stopped"
    PROXY_RESTARTED = "proxy-restarted"
    PROXY_DISCONNECTED = "proxy-disconnected"
    LOST = "lost"


def reason_of(refusal: ConsoleRefused) -> EndReason:
    """Return the word for a session that ended with this refusal."""
    match refusal:
        case SessionEndedByOperator():
            return EndReason.OPERATOR
        case SessionReplaced():
            return EndReason.REPLACED
        case SessionIdle():
            return EndReason.IDLE
        case ProxyDraining():
            return EndReason.PROXY_STOPPED
        case ScreenLost():
            return EndReason.GUEST_LOST
        case HypervisorRefused():
            return EndReason.GUEST_UNREACHABLE
        case MachineNotRunning():
            return EndReason.GUEST_ENDED
        case ViewerProtocolError() | ViewerSilent():
            return EndReason.VIEWER_FAULT
        case _:
            return EndReason.REFUSED
