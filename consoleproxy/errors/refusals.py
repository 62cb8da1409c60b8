"""Refusals for what a viewer brought, did, or ran into: token, session, proxy, cloud."""

import logging

from consoleproxy.errors.base import ConsoleRefused


class TokenMissing(ConsoleRefused):
    key = "missing"
    sentence = "This address has no console token. Open the console from the cloud's page."


class TokenInvalid(ConsoleRefused):
    key = "damaged"
    sentence = (
        "This console link is damaged or was not made for this proxy. "
        "Open the console again from the cloud's page."
    )


class UnsupportedConsole(ConsoleRefused):
    key = "kind"
    sentence = "This kind of console cannot be shown here. Ask the cloud's operator."


class TokenExpired(ConsoleRefused):
    key = "expired"
    sentence = "This console link has expired. Open the console again from the cloud's page."
    close_code = 4401


class TokenNotYetValid(ConsoleRefused):
    key = "early"
    sentence = "This console link is not valid yet. Try again."
    close_code = 4401
    unused = True


class AuthenticationRefused(ConsoleRefused):
    key = "denied"
    sentence = (
        "The cloud did not allow this console: the link is too old or was used. "
        "Open it again from the cloud's page."
    )
    close_code = 4401


class MachineNotRunning(AuthenticationRefused):
    key = "stopped"
    sentence = (
        "This machine is not running. Start it, and open its console again from the cloud's page."
    )


class ManagementUnavailable(ConsoleRefused):
    key = "cloud"
    sentence = "The cloud's management server did not answer. Try again."
    close_code = 4401
    unused = True
    level = logging.ERROR


class ExtraMismatch(ConsoleRefused):
    key = "extra"
    sentence = (
        "The extra security value does not match this console link. "
        "Open the console again from the cloud's page."
    )
    close_code = 4403


class SourceAddressMismatch(ConsoleRefused):
    key = "source"
    sentence = (
        "This console link was made for another network address. "
        "Open the console again from this computer."
    )
    close_code = 4403


class OriginRefused(ConsoleRefused):
    key = "origin"
    sentence = (
        "The page that this console was opened from may not do so. Open it from the cloud's page."
    )
    close_code = 4403


class SessionIdle(ConsoleRefused):
    key = "idle"
    sentence = "The console was closed because nothing happened in it for a while."
    close_code = 4408
    level = logging.INFO


class ViewerSilent(ConsoleRefused):
    key = "mute"
    sentence = "The viewer did not answer in time. Try again."
    close_code = 4408
    may_return = True


class SessionUsed(ConsoleRefused):
    key = "used"
    sentence = "This console link was already used. Open the console again from the cloud's page."
    close_code = 4409


class SessionOver(ConsoleRefused):
    key = "over"
    sentence = "This console has ended. Open it again from the cloud's page."
    close_code = 4401
    level = logging.INFO


class SessionReplaced(ConsoleRefused):
    key = "replaced"
    sentence = "The console of this machine was opened in another window, so this one was closed."
    close_code = 4409
    level = logging.INFO


class SessionOccupied(ConsoleRefused):
    key = "occupied"
    sentence = "Somebody else has this console open. Try again when they have closed it."
    close_code = 4409
    unused = True


class ProxyFull(ConsoleRefused):
    key = "full"
    sentence = "This console proxy has no room for another session. Try again."
    close_code = 4429
    unused = True


class ProxyDraining(ConsoleRefused):
    key = "draining"
    sentence = "This console proxy is going out of service. Open the console again."
    close_code = 1001
    level = logging.INFO


class SessionEndedByOperator(ConsoleRefused):
    key = "operator"
    sentence = "An operator ended this console session."
    close_code = 4410
    level = logging.INFO


class ViewerProtocolError(ConsoleRefused):
    key = "fault"
    sentence = "The viewer sent something that is not RFB. Try again."
    close_code = 1002
    may_return = True
