"""What is said in an RFB login: versions, security types, results, ServerInit."""

import struct
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum
from typing import Self

from consoleproxy.rfb.reader import REASON_LIMIT, Read, Reader
from consoleproxy.rfb.reader import StartTls as StartTls

NAME_LIMIT = 65536
"""Bytes of a desktop name that are read, or written."""

# CloudStack's display names have at most 255 characters; four bytes hold each of them in UTF-8.
_DISPLAY_NAME_LIMIT = 1020

_DIGIT = b"0123456789"
_VERSION_BYTES = (b"R", b"F", b"B", b" ", *[_DIGIT] * 3, b".", *[_DIGIT] * 3, b"\n")
_BANNER_EXCERPT = 24
_SERVER_INIT = struct.Struct("!HH16sI")


class Step(StrEnum):
    """Where a login is, for timelines and causes.

    ``CHOICE`` is the browser's choice of a security type; ``TLS`` what VeNCrypt starts towards a
    hypervisor; ``RESULT`` the SecurityResult.
    """

    VERSION = "version"
    SECURITY = "security"
    CHOICE = "choice"
    TLS = "tls"
    AUTHENTICATION = "authentication"
    RESULT = "result"
    INIT = "init"
    DONE = "done"


class ProtocolVersion(IntEnum):
    """The three versions of the login that exist (RFC 6143 7.1.1), ordered."""

    V3_3 = 3
    V3_7 = 7
    V3_8 = 8

    def __str__(self) -> str:
        return f"3.{self.value}"

    @property
    def message(self) -> bytes:
        """The 12 bytes of ProtocolVersion."""
        return b"RFB 003.%03d\n" % self.value

    @classmethod
    def spoken_with(cls, major: int, minor: int) -> Self:
        """Return the version to speak with a peer that names this one.

        Numbers that no RFC knows speak the newest version below them, and at least 3.3: Apple's
        3.889 and RealVNC's 4.1 and 5.0 speak 3.8, UltraVNC's 3.6 speaks 3.3.
        """
        return max((known for known in cls if (3, known) <= (major, minor)), default=cls.V3_3)

    @classmethod
    def parse(cls, reader: Reader) -> Read[Self]:
        """Read a ProtocolVersion, and raise the reader's fault at its first wrong byte.

        Another protocol's banner may be shorter than 12 bytes, so these are not waited for.
        """
        message = b""
        for allowed in _VERSION_BYTES:
            byte = yield from reader.exact(1)
            message += byte
            if byte not in allowed:
                excerpt = (message + reader.take_all())[:_BANNER_EXCERPT]
                raise reader.fault(f"not an RFB version: {excerpt!r}")
        return cls.spoken_with(int(message[4:7]), int(message[8:11]))


class SecurityType(IntEnum):
    """Security types that a login knows (RFC 6143 7.1.2; the last two are rfbproto's)."""

    INVALID = 0
    NONE = 1
    VNC_AUTHENTICATION = 2
    TIGHT = 16
    VENCRYPT = 19


class SecurityResult(IntEnum):
    """SecurityResult (RFC 6143 7.1.3); ``TOO_MANY`` attempts is rfbproto's addition."""

    OK = 0
    FAILED = 1
    TOO_MANY = 2

    @property
    def message(self) -> bytes:
        """The 4 bytes of SecurityResult."""
        return self.to_bytes(4, "big")


@dataclass(frozen=True, slots=True)
class ServerInit:
    """ServerInit (RFC 6143 7.3.2).

    ``width`` and ``height`` are in pixels; ``pixel_format`` is PIXEL_FORMAT's 16 bytes as they are.
    """

    width: int
    height: int
    pixel_format: bytes
    name: str

    @classmethod
    def parse(cls, reader: Reader) -> Read[Self]:
        """Read a ServerInit; a name over ``NAME_LIMIT`` raises the reader's fault."""
        header = yield from reader.exact(_SERVER_INIT.size)
        width, height, pixel_format, length = _SERVER_INIT.unpack(header)
        if length > NAME_LIMIT:
            raise reader.fault(f"ServerInit announces a desktop name of {length} bytes")
        name = yield from reader.exact(length)
        return cls(width, height, pixel_format, name.decode("utf-8", "replace"))

    def serialize(self) -> bytes:
        """Return the message; a name over ``NAME_LIMIT`` bytes is cut."""
        name = _utf8(self.name, NAME_LIMIT)
        return _SERVER_INIT.pack(self.width, self.height, self.pixel_format, len(name)) + name

    def with_name(self, name: str) -> Self:
        """Return the same screen under another name, cut to what a cloud's display name may be."""
        return replace(self, name=_utf8(name, _DISPLAY_NAME_LIMIT).decode())


def reason_message(reason: str) -> bytes:
    """Return the length and text that follow a failure (RFC 6143 7.1.2, 7.1.3)."""
    text = _utf8(reason, REASON_LIMIT)
    return len(text).to_bytes(4, "big") + text


def _utf8(text: str, limit: int) -> bytes:
    """Encode at most ``limit`` bytes, whole characters only; lone surrogates become ``?``."""
    return text.encode("utf-8", "replace")[:limit].decode("utf-8", "ignore").encode()
