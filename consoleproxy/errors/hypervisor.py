"""Refusals for what happened on the way to the screen."""

from consoleproxy.errors.base import ConsoleRefused


class HypervisorRefused(ConsoleRefused):
    """The hypervisor's side of a console failed; subclasses say how."""

    key = "screen"
    sentence = (
        "The screen of this machine cannot be reached. Check that it is running, and try again."
    )
    close_code = 4502
    may_return = True


class HypervisorUnreachable(HypervisorRefused):
    pass


class HypervisorSilent(HypervisorRefused):
    key = "silent"
    sentence = "The screen of this machine did not answer in time. Try again."


class HypervisorClosed(HypervisorRefused):
    key = "closed"
    sentence = "The screen of this machine closed the connection. Try again."


class HypervisorTurnedAway(HypervisorRefused):
    key = "busy"
    sentence = (
        "The screen of this machine takes nobody at the moment: too many logins failed, or are "
        "open. Try again."
    )


class ScreenLost(HypervisorRefused):
    key = "lost"
    sentence = (
        "The screen of this machine did not come back. "
        "Open the console again from the cloud's page."
    )
    may_return = False


class HypervisorNotRfb(HypervisorRefused):
    key = "no-vnc"
    sentence = (
        "What answered for the screen of this machine is not a VNC server. "
        "Ask the cloud's operator."
    )
    may_return = False


class HypervisorLoginFailed(HypervisorRefused):
    key = "login"
    sentence = (
        "The screen of this machine refused the password that the cloud gave. "
        "Open the console again from the cloud's page."
    )
    may_return = False


class HypervisorSecurityUnsupported(HypervisorRefused):
    key = "security"
    sentence = (
        "The screen of this machine asks for a login that this proxy does not offer. "
        "Ask the cloud's operator."
    )
    may_return = False


class HypervisorEncryptionMissing(HypervisorRefused):
    key = "plain"
    sentence = (
        "The screen of this machine offers no encryption, and this proxy demands it. "
        "Ask the cloud's operator."
    )
    may_return = False


class HypervisorForbidden(HypervisorRefused):
    key = "target"
    sentence = (
        "This proxy may not connect to where the screen of this machine is. "
        "Ask the cloud's operator."
    )
    may_return = False


class HypervisorOtherGuest(HypervisorRefused):
    key = "other"
    sentence = (
        "Another machine's screen answered, so it is not shown. "
        "Open the console again from the cloud's page."
    )
    may_return = False


class HypervisorTunnelRefused(HypervisorRefused):
    key = "tunnel"
    sentence = (
        "The machine's host did not let this proxy through to the screen. "
        "Open the console again from the cloud's page."
    )
    may_return = False


class HypervisorTlsFailed(HypervisorRefused):
    key = "tls"
    sentence = (
        "No encrypted connection to the screen of this machine could be made. "
        "Ask the cloud's operator."
    )
    may_return = False


class HypervisorCertificateUnknown(HypervisorTlsFailed):
    key = "authority"
    sentence = (
        "The machine's host has a certificate of an authority that this proxy does not know. "
        "Ask the cloud's operator."
    )


class HypervisorCertificateExpired(HypervisorTlsFailed):
    key = "dates"
    sentence = (
        "The certificate of the machine's host has expired or is not valid yet. "
        "Ask the cloud's operator."
    )


class HypervisorCertificateWrongName(HypervisorTlsFailed):
    key = "name"
    sentence = (
        "The certificate of the machine's host was made for another host. Ask the cloud's operator."
    )


class HypervisorClientCertificateRefused(HypervisorTlsFailed):
    key = "client"
    sentence = (
        "The machine's host did not accept this proxy's certificate, or misses one. "
        "Ask the cloud's operator."
    )
