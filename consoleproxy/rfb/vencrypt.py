"""VeNCrypt 0.2, security type 19: sub-types, most of them inside TLS.

rfbproto, "VeNCrypt"; what it leaves open is as QEMU and TigerVNC do it: a server answers the choice
of a TLS sub-type with a byte, and that of any other by going on.
"""

import struct
from collections.abc import Mapping

from consoleproxy.errors import HypervisorSecurityUnsupported, HypervisorTlsFailed
from consoleproxy.rfb.choice import PLAIN_TYPES, Choice
from consoleproxy.rfb.policy import SecurityKind
from consoleproxy.rfb.reader import Read, Reader, StartTls
from consoleproxy.rfb.security import Send

NAME = "VeNCrypt"

SUB_TYPES: Mapping[int, SecurityKind] = {
    **PLAIN_TYPES,
    256: SecurityKind.PLAIN,
    257: SecurityKind.TLS_NONE,
    258: SecurityKind.TLS_VNC,
    259: SecurityKind.TLS_PLAIN,
    260: SecurityKind.X509_NONE,
    261: SecurityKind.X509_VNC,
    262: SecurityKind.X509_PLAIN,
}

_VERSION = (0, 2)
_VERSION_OK = 0
_TLS_OK = 1


def negotiate(reader: Reader, send: Send, choice: Choice) -> Read[SecurityKind]:
    """Agree on a sub-type and return its kind, TLS being started if it is inside TLS.

    Raises:
        HypervisorNotRfb: bytes came before TLS that TLS was to protect.
        HypervisorRefused: nothing can be agreed upon; a subclass says why.
    """
    major, minor = yield from reader.exact(2)
    if (major, minor) < _VERSION:
        raise HypervisorSecurityUnsupported(
            f"the hypervisor speaks VeNCrypt {major}.{minor}, and 0.2 is needed"
        )
    send(bytes(_VERSION))
    if (yield from reader.u8()) != _VERSION_OK:
        raise HypervisorSecurityUnsupported(
            f"the hypervisor speaks VeNCrypt {major}.{minor} and refuses 0.2"
        )
    count = yield from reader.u8()
    offered = struct.unpack(f"!{count}I", (yield from reader.exact(4 * count)))
    number = choice.among(offered, SUB_TYPES, NAME)
    send(number.to_bytes(4, "big"))
    kind = SUB_TYPES[number]
    if kind.encrypted:
        if (yield from reader.u8()) != _TLS_OK:
            raise HypervisorTlsFailed(
                f"the hypervisor offers {kind}, but does not start TLS for it"
            )
        if reader.unread:
            raise reader.fault(f"sent {reader.unread} bytes ahead of TLS")
        yield StartTls(anonymous=kind.anonymous)
    return kind
