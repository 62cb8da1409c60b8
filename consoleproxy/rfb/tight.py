"""TightVNC's security type 16, without a tunnel (rfbproto, "Tight Security Type")."""

import struct

from consoleproxy.errors import HypervisorSecurityUnsupported
from consoleproxy.rfb.choice import PLAIN_TYPES, Choice
from consoleproxy.rfb.messages import SecurityType
from consoleproxy.rfb.policy import SecurityKind
from consoleproxy.rfb.reader import Read, Reader
from consoleproxy.rfb.security import Send

NAME = "Tight"

# Code, vendor and signature; the code is what both sides send.
_CAPABILITY = struct.Struct("!i4s8s")
# A dozen are registered.
_MOST_CAPABILITIES = 256
_INTERACTIONS = struct.Struct("!HHH2x")
_NO_TUNNEL = 0


def negotiate(reader: Reader, send: Send, choice: Choice) -> Read[SecurityKind]:
    """Agree on no tunnel and on an authentication type, and return its kind.

    Raises:
        HypervisorNotRfb: there are too many capabilities.
        HypervisorRefused: nothing can be agreed upon; a subclass says why.
    """
    tunnels = yield from _codes(reader)
    if tunnels:
        if _NO_TUNNEL not in tunnels:
            raise HypervisorSecurityUnsupported("the hypervisor offers Tight only inside a tunnel")
        send(_NO_TUNNEL.to_bytes(4, "big"))
    offered = yield from _codes(reader)
    code = choice.among(offered or (SecurityType.NONE,), PLAIN_TYPES, NAME)
    if offered:
        send(code.to_bytes(4, "big"))
    return PLAIN_TYPES[code]


def skip_interactions(reader: Reader) -> Read[None]:
    """Drop the capabilities that follow ServerInit, as nobody but us chose Tight."""
    counts = _INTERACTIONS.unpack((yield from reader.exact(_INTERACTIONS.size)))
    yield from reader.skip(sum(counts) * _CAPABILITY.size)


def _codes(reader: Reader) -> Read[list[int]]:
    count = yield from reader.u32()
    if count > _MOST_CAPABILITIES:
        raise reader.fault(f"announces {count} capabilities of Tight")
    capabilities = yield from reader.exact(count * _CAPABILITY.size)
    return [code for code, _, _ in _CAPABILITY.iter_unpack(capabilities)]
