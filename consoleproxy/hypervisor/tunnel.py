"""XenServer's and XCP-ng's way to a screen: HTTP ``CONNECT`` to ``/console`` with a session.

The request is the one that CloudStack's and XenServer's own clients send. The host is trusted with
the session only because the wire is TLS with a checked certificate; that is the caller's business.
"""

import re

from consoleproxy.errors import HypervisorTunnelRefused
from consoleproxy.hypervisor.http_head import exchange, request_head
from consoleproxy.hypervisor.target import TunnelTarget
from consoleproxy.wire import Wire

# RFC 6265 section 4.1.1: nothing that would end the cookie, or begin another.
_COOKIE_VALUE = re.compile(r"[!#-+\--:<-\[\]-~]+")


async def open_tunnel(wire: Wire, target: TunnelTarget) -> bytes:
    """Ask for the screen on a connected wire, and return the first bytes of RFB that came along.

    From then on the wire carries RFB, for as long as either side likes: no length and no encoding
    of the answer counts (RFC 9110 section 9.3.6), and nothing here ends it for being idle. There
    is no limit of time: the caller has one.

    Raises:
        HypervisorTunnelRefused: any status but 2xx (redirections are not followed), a head that is
            too large, or a path, session or host that would not stay inside its line.
        HypervisorNotRfb: the answer is not HTTP.
        HypervisorClosed: the connection ended or broke before the answer was complete.
    """
    head, rest = await exchange(wire, _request(target), target)
    if not 200 <= head.status < 300:
        raise head.refusal(target, secret=target.session)
    return rest


def _request(target: TunnelTarget) -> bytes:
    if not _COOKIE_VALUE.fullmatch(target.session):
        raise HypervisorTunnelRefused("the session has characters that no cookie may have")
    return request_head("CONNECT", target, "1.0", {"Cookie": f"session_id={target.session}"})
