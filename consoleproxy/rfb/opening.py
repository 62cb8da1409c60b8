"""What a viewer would say first, said with its websocket's request: a round trip less.

Among the subprotocols that it offers is ``opening.`` with its SetPixelFormat and SetEncodings
(RFC 6143 sections 7.5.1 and 7.5.2) in base64url. With that it also says that it speaks 3.8, takes
the security type None, shares the screen, and wants to see all of it.
"""

import base64
import binascii
import struct
from dataclasses import dataclass

from consoleproxy.rfb.messages import ProtocolVersion, SecurityType, ServerInit

_PREFIX = "opening."
# noVNC's are 120 bytes.
_LIMIT = 1024
_SHARED = 1
# FramebufferUpdateRequest (RFC 6143 section 7.5.3): type, incremental, place and size.
_UPDATE_REQUEST = struct.Struct("!BBHHHH")
_UPDATE_REQUEST_TYPE = 3


@dataclass(frozen=True, slots=True)
class Opening:
    """What was said ahead; by default, nothing.

    Args:
        subprotocol: is agreed on to say that the opening was taken.
        setup: messages for the guest, as the viewer would send them.
    """

    subprotocol: str = ""
    setup: bytes = b""

    @property
    def login(self) -> bytes:
        """The viewer's part of its login."""
        if not self.setup:
            return b""
        return ProtocolVersion.V3_8.message + bytes([SecurityType.NONE, _SHARED])

    def to_guest(self, screen: ServerInit) -> bytes:
        """Return what the guest is to hear: the setup, and that all of its screen is wanted."""
        if not self.setup:
            return b""
        return self.setup + _UPDATE_REQUEST.pack(
            _UPDATE_REQUEST_TYPE, False, 0, 0, screen.width, screen.height
        )


def find_opening(offered: str) -> Opening:
    """Find the opening in ``Sec-WebSocket-Protocol``; one that cannot be read is not taken."""
    for subprotocol in map(str.strip, offered.split(",")):
        if subprotocol.startswith(_PREFIX):
            text = subprotocol.removeprefix(_PREFIX)
            try:
                setup = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
            except (binascii.Error, ValueError):
                continue
            if 0 < len(setup) <= _LIMIT:
                return Opening(subprotocol, setup)
    return Opening()
