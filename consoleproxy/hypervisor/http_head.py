"""HTTP/1.x heads (RFC 9112), for the ways to a hypervisor that begin with one request.

The reader takes bytes and does no I/O; what it raises says what the other side did wrong.
``exchange`` drives it on any stream.
"""

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.errors import FirstHeaderLineIsContinuationDefect, MissingHeaderBodySeparatorDefect
from http.client import HTTPException, parse_headers
from typing import Protocol

from consoleproxy.errors import (
    HypervisorClosed,
    HypervisorNotRfb,
    HypervisorRefused,
    HypervisorTunnelRefused,
)
from consoleproxy.hypervisor.target import TunnelTarget, WebSocketTarget

HEAD_LIMIT = 16 * 1024
"""Bytes that a head may have, its blank line included."""

_NAME = b"HTTP/"
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-9][0-9]{2})(?: (.*?))?\r?\n")
# A lone line feed ends a line, too (RFC 9112 section 2.2).
_BLANK_LINE = re.compile(rb"\n\r?\n")
_LONGEST_BLANK_LINE = 3
_PATH = re.compile(r"/[!-~]*")
_HOST = re.compile(r"[!-~]+")
# Other defects are about a body, which a head by itself never has.
_BROKEN_LINES = (FirstHeaderLineIsContinuationDefect, MissingHeaderBodySeparatorDefect)
_REASON_LENGTH = 100
_DEFAULT_PORTS = {True: 443, False: 80}


class Stream(Protocol):
    """What ``exchange`` needs of a connection; ``receive`` returns ``b""`` at the end."""

    async def send(self, data: bytes) -> None: ...

    async def receive(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class ResponseHead:
    """Names of headers are in lower case; values of one name are joined with commas."""

    status: int
    reason: str
    headers: dict[str, str]

    def __str__(self) -> str:
        return f"{self.status} {self.reason}".rstrip()

    def refusal(self, who: object, *, secret: str) -> HypervisorTunnelRefused:
        """Return the error for an answer that is a no.

        Args:
            who: what was asked, for the log.
            secret: what the log must not have, even if the reason phrase does.
        """
        answer = str(self).replace(secret, "***") if secret else str(self)
        text = f"{who} answered {answer}"
        if 300 <= self.status < 400:
            text += ": redirections are not followed"
        return HypervisorTunnelRefused(text)


class HeadReader:
    """Takes a response's bytes, cut anywhere.

    ``head`` is there when its blank line came; ``rest`` is what came behind it, untouched.
    """

    __slots__ = ("_data", "_searched", "head", "rest")

    def __init__(self) -> None:
        self.head: ResponseHead | None = None
        self.rest = b""
        self._data = bytearray()
        self._searched = 0

    def receive_data(self, data: bytes) -> None:
        """Take what came; once the head is there, it is added to ``rest``.

        Raises:
            HypervisorNotRfb: this is no HTTP/1.x head.
            HypervisorTunnelRefused: the head has more than 16 KiB.
        """
        if self.head is not None:
            self.rest += data
            return
        self._data += data
        # Something else than HTTP may wait for us now: do not wait for its blank line.
        if not self._data.startswith(_NAME[: len(self._data)]):
            start = bytes(self._data[:12])
            raise HypervisorNotRfb(f"what answered does not speak HTTP: it began with {start!r}")
        blank_line = _BLANK_LINE.search(self._data, self._searched)
        self._searched = max(0, len(self._data) - _LONGEST_BLANK_LINE)
        if (blank_line.end() if blank_line else len(self._data) + 1) > HEAD_LIMIT:
            raise HypervisorTunnelRefused(f"the answer's head has more than {HEAD_LIMIT} bytes")
        if blank_line:
            self.rest = bytes(self._data[blank_line.end() :])
            self.head = _parse(bytes(self._data[: blank_line.end()]))
            self._data.clear()

    def receive_eof(self) -> None:
        """Take the end of the stream.

        Raises:
            HypervisorClosed: it came inside the head.
        """
        if self.head is None:
            where = "inside its answer's head" if self._data else "instead of an answer"
            raise HypervisorClosed(f"the connection ended {where}")


async def exchange(stream: Stream, request: bytes, who: object) -> tuple[ResponseHead, bytes]:
    """Send a request, and return the answer's head and what came behind it.

    Raises:
        HypervisorClosed: the connection ended or broke before the head was there.
        HypervisorRefused: what ``HeadReader`` found wrong.
    """
    reader = HeadReader()
    try:
        await stream.send(request)
        while reader.head is None:
            if data := await stream.receive():
                reader.receive_data(data)
            else:
                reader.receive_eof()
    except OSError as error:
        raise HypervisorClosed(f"{who}: {error.strerror or error}") from error
    except HypervisorRefused as error:
        raise type(error)(f"{who}: {error}") from error
    return reader.head, reader.rest


def request_head(
    method: str, target: TunnelTarget | WebSocketTarget, version: str, headers: Mapping[str, str]
) -> bytes:
    """Return a request to the target's path, with ``Host`` and these headers.

    Raises:
        HypervisorTunnelRefused: path or host would not stay one word in its line: there are spaces,
            line ends, controls or what is not ASCII in it. The error does not repeat them.
    """
    if not _PATH.fullmatch(target.path) or not _HOST.fullmatch(target.host):
        raise HypervisorTunnelRefused("path or host have characters that no request may have")
    # A zone means something on this machine only (RFC 6874 section 1).
    host = f"[{target.host.partition('%')[0]}]" if ":" in target.host else target.host
    if target.port != _DEFAULT_PORTS[target.tls]:
        host += f":{target.port}"
    lines = [f"{method} {target.path} HTTP/{version}", f"Host: {host}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "".join(f"{line}\r\n" for line in [*lines, ""]).encode("ascii")


def _parse(head: bytes) -> ResponseHead:
    status_line = _STATUS_LINE.match(head)
    if status_line is None:
        raise HypervisorNotRfb(f"what answered has no status line of HTTP/1.x: {head[:40]!r}")
    try:
        message = parse_headers(io.BytesIO(head[status_line.end() :]))
    except HTTPException as error:
        raise HypervisorNotRfb(f"the answer's headers cannot be read: {error}") from error
    if any(isinstance(defect, _BROKEN_LINES) for defect in message.defects):
        raise HypervisorNotRfb("the answer has lines among its headers that are none")
    headers: dict[str, str] = {}
    for name, value in message.items():
        # A folded value is one line again (RFC 9112 section 5.2).
        text = " ".join(value.split())
        key = name.strip().lower()
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    reason = (status_line[2] or b"").decode("latin-1")
    printable = "".join(character for character in reason if character.isprintable())
    return ResponseHead(int(status_line[1]), printable[:_REASON_LENGTH].strip(), headers)
