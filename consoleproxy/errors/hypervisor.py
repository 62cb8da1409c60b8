"""Refusals for what happened on the way to the screen."""

from consoleproxy.errors.base import ConsoleRefused


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
