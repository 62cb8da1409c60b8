"""Security types towards the hypervisor (RFC 6143 7.2): one class each, and the choice."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import ClassVar, Protocol, TypeAlias

from consoleproxy.errors import (
    HypervisorClosed,
    HypervisorLoginFailed,
    HypervisorRefused,
    HypervisorSecurityUnsupported,
)
from consoleproxy.rfb.challenge import CHALLENGE_BYTES, respond
from consoleproxy.rfb.messages import ProtocolVersion, SecurityType
from consoleproxy.rfb.reader import Read, Reader

Send: TypeAlias = Callable[[bytes], None]


class Security(Protocol):
    """One security type, from its choice to where SecurityResult is due.

    ``result_since`` is the first version in which a SecurityResult follows it. ``refusal`` is what
    a server means by a SecurityResult that is not OK, or by closing instead of sending one.
    """

    number: ClassVar[SecurityType]
    name: ClassVar[str]
    result_since: ClassVar[ProtocolVersion]
    refusal: ClassVar[type[HypervisorRefused]]

    def authenticate(self, reader: Reader, send: Send) -> Read[None]:
        """Do what the type asks for; messages go to ``send``."""


@dataclass(frozen=True, slots=True)
class NoAuthentication:
    """None (RFC 6143 7.2.1)."""

    number: ClassVar[SecurityType] = SecurityType.NONE
    name: ClassVar[str] = "None"
    result_since: ClassVar[ProtocolVersion] = ProtocolVersion.V3_8
    refusal: ClassVar[type[HypervisorRefused]] = HypervisorClosed

    def authenticate(self, reader: Reader, send: Send) -> Read[None]:
        yield from ()


@dataclass(frozen=True, slots=True)
class VncAuthentication:
    """VNC Authentication (RFC 6143 7.2.2)."""

    number: ClassVar[SecurityType] = SecurityType.VNC_AUTHENTICATION
    name: ClassVar[str] = "VNC Authentication"
    result_since: ClassVar[ProtocolVersion] = ProtocolVersion.V3_3
    refusal: ClassVar[type[HypervisorRefused]] = HypervisorLoginFailed

    password: str = field(repr=False)

    def authenticate(self, reader: Reader, send: Send) -> Read[None]:
        challenge = yield from reader.exact(CHALLENGE_BYTES)
        send(respond(self.password, challenge))


def choose_security(offered: Collection[int], password: str) -> Security:
    """Return the strongest of the offered types that this login can do.

    Args:
        offered: the numbers that the server sent; unknown ones do no harm.
        password: "" if there is none.

    Raises:
        HypervisorLoginFailed: the server wants a password, and there is none.
        HypervisorSecurityUnsupported: no offered type is known.
    """
    if SecurityType.VNC_AUTHENTICATION in offered and password:
        return VncAuthentication(password)
    if SecurityType.NONE in offered:
        return NoAuthentication()
    if SecurityType.VNC_AUTHENTICATION in offered:
        raise HypervisorLoginFailed("the hypervisor asks for a password, the token carries none")
    numbers = ", ".join(str(number) for number in offered)
    raise HypervisorSecurityUnsupported(f"the hypervisor offers only security types {numbers}")
