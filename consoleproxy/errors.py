"""One tree of errors. Each class carries what the person is told, and how the websocket closes.

``str(error)`` is the cause, for the log; ``error.sentence`` is for the person at the browser and
never holds an address, a password or a token. Close codes are in docs/ARCHITECTURE.md.
"""

import logging
from collections.abc import Sequence
from typing import ClassVar


class ConsoleProxyError(Exception):
    """Everything that this program raises on purpose."""


class ConsoleRefused(ConsoleProxyError):
    """A console that is not opened, or that is ended, with a reason for its viewer.

    Args:
        cause: what happened, for the log; no secrets.
    """

    sentence: ClassVar[str] = "The console could not be opened."
    close_code: ClassVar[int] = 4400
    level: ClassVar[int] = logging.WARNING
    may_return: ClassVar[bool] = False
    """Whether a link that was used up is good again, inside the reconnection window."""

    def __init__(self, cause: str = "") -> None:
        super().__init__(cause or self.sentence)


class TokenMissing(ConsoleRefused):
    sentence = "This address has no console token. Open the console from the cloud's page."


class TokenInvalid(ConsoleRefused):
    sentence = (
        "This console link is damaged or was not made for this proxy. "
        "Open the console again from the cloud's page."
    )


class UnsupportedConsole(ConsoleRefused):
    sentence = "This kind of console cannot be shown here. Ask the cloud's operator."


class TokenExpired(ConsoleRefused):
    sentence = "This console link has expired. Open the console again from the cloud's page."
    close_code = 4401


class TokenNotYetValid(ConsoleRefused):
    sentence = "This console link is not valid yet. Try again."
    close_code = 4401


class AuthenticationRefused(ConsoleRefused):
    sentence = (
        "The cloud did not allow this console: the link is too old or was used. "
        "Open it again from the cloud's page."
    )
    close_code = 4401


class MachineNotRunning(AuthenticationRefused):
    sentence = (
        "This machine is not running. Start it, and open its console again from the cloud's page."
    )


class ManagementUnavailable(ConsoleRefused):
    sentence = "The cloud's management server did not answer. Try again."
    close_code = 4401
    level = logging.ERROR


class ExtraMismatch(ConsoleRefused):
    sentence = (
        "The extra security value does not match this console link. "
        "Open the console again from the cloud's page."
    )
    close_code = 4403


class SourceAddressMismatch(ConsoleRefused):
    sentence = (
        "This console link was made for another network address. "
        "Open the console again from this computer."
    )
    close_code = 4403


class SessionIdle(ConsoleRefused):
    sentence = "The console was closed because nothing happened in it for a while."
    close_code = 4408
    level = logging.INFO


class ViewerSilent(ConsoleRefused):
    sentence = "The viewer did not answer in time. Try again."
    close_code = 4408
    may_return = True


class SessionUsed(ConsoleRefused):
    sentence = "This console link was already used. Open the console again from the cloud's page."
    close_code = 4409


class SessionReplaced(ConsoleRefused):
    sentence = "The console of this machine was opened in another window, so this one was closed."
    close_code = 4409
    level = logging.INFO


class SessionOccupied(ConsoleRefused):
    sentence = "Somebody else has this console open. Try again when they have closed it."
    close_code = 4409


class ProxyFull(ConsoleRefused):
    sentence = "This console proxy has no room for another session. Try again."
    close_code = 4429


class ProxyDraining(ConsoleRefused):
    sentence = "This console proxy is going out of service. Open the console again."
    close_code = 1001
    level = logging.INFO


class SessionEndedByOperator(ConsoleRefused):
    sentence = "An operator ended this console session."
    close_code = 4409
    level = logging.INFO


class ViewerProtocolError(ConsoleRefused):
    sentence = "The viewer sent something that is not RFB. Try again."
    close_code = 1002
    may_return = True


class HypervisorRefused(ConsoleRefused):
    """The hypervisor's side of a console failed; subclasses say how."""

    sentence = (
        "The screen of this machine cannot be reached. Check that it is running, and try again."
    )
    close_code = 4502
    may_return = True


class HypervisorUnreachable(HypervisorRefused):
    pass


class HypervisorSilent(HypervisorRefused):
    sentence = "The screen of this machine did not answer in time. Try again."


class HypervisorClosed(HypervisorRefused):
    sentence = "The screen of this machine closed the connection. Try again."


class HypervisorTurnedAway(HypervisorRefused):
    sentence = (
        "The screen of this machine takes nobody at the moment: too many logins failed, or are "
        "open. Try again."
    )


class ScreenLost(HypervisorRefused):
    sentence = (
        "The screen of this machine did not come back. "
        "Open the console again from the cloud's page."
    )
    may_return = False


class HypervisorNotRfb(HypervisorRefused):
    sentence = (
        "What answered for the screen of this machine is not a VNC server. "
        "Ask the cloud's operator."
    )
    may_return = False


class HypervisorLoginFailed(HypervisorRefused):
    sentence = (
        "The screen of this machine refused the password that the cloud gave. "
        "Open the console again from the cloud's page."
    )
    may_return = False


class HypervisorSecurityUnsupported(HypervisorRefused):
    sentence = (
        "The screen of this machine asks for a login that this proxy does not offer. "
        "Ask the cloud's operator."
    )
    may_return = False


class HypervisorEncryptionMissing(HypervisorRefused):
    sentence = (
        "The screen of this machine offers no encryption, and this proxy demands it. "
        "Ask the cloud's operator."
    )
    may_return = False


class HypervisorForbidden(HypervisorRefused):
    sentence = (
        "This proxy may not connect to where the screen of this machine is. "
        "Ask the cloud's operator."
    )
    may_return = False


class HypervisorOtherGuest(HypervisorRefused):
    sentence = (
        "Another machine's screen answered, so it is not shown. "
        "Open the console again from the cloud's page."
    )
    may_return = False


class HypervisorTunnelRefused(HypervisorRefused):
    sentence = (
        "The machine's host did not let this proxy through to the screen. "
        "Open the console again from the cloud's page."
    )
    may_return = False


class HypervisorTlsFailed(HypervisorRefused):
    sentence = (
        "No encrypted connection to the screen of this machine could be made. "
        "Ask the cloud's operator."
    )
    may_return = False


class HypervisorCertificateUnknown(HypervisorTlsFailed):
    sentence = (
        "The machine's host has a certificate of an authority that this proxy does not know. "
        "Ask the cloud's operator."
    )


class HypervisorCertificateExpired(HypervisorTlsFailed):
    sentence = (
        "The certificate of the machine's host has expired or is not valid yet. "
        "Ask the cloud's operator."
    )


class HypervisorCertificateWrongName(HypervisorTlsFailed):
    sentence = (
        "The certificate of the machine's host was made for another host. Ask the cloud's operator."
    )


class HypervisorClientCertificateRefused(HypervisorTlsFailed):
    sentence = (
        "The machine's host did not accept this proxy's certificate, or misses one. "
        "Ask the cloud's operator."
    )


class SettingsInvalid(ConsoleProxyError):
    """All mistakes in the settings at once, each with the setting to change."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class KeystoreInvalid(ConsoleProxyError):
    """What is wrong with a key, a certificate or a chain, and what to do about it."""


class ManagementRequestRefused(ConsoleProxyError):
    """The management server's no to an API caller; the text is the answer's ``errortext``.

    Args:
        status: HTTP status and CloudStack ``errorcode``, e.g. 401, 431, 530.
        text: what was wrong and what to do.
    """

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
