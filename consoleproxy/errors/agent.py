"""What goes wrong between this proxy and a CloudStack management server; for the log."""

from consoleproxy.errors.base import ConsoleProxyError


class AgentLinkBroken(ConsoleProxyError):
    """The management server sent what no management server sends; the link is given up.

    The text never quotes what came: it may hold keys.
    """
