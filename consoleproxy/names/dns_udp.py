"""DNS over UDP: datagrams in and out of one socket, without a task for any of them."""

import asyncio
import logging
import socket
import struct
from collections.abc import Callable
from typing import Any

from consoleproxy.names.rate import RateLimit, Verdict

_log = logging.getLogger(__name__)

Respond = Callable[[bytes], bytes | None]

# No query is longer; of a longer datagram the rest is thrown away, and it makes no sense then.
_LARGEST_QUERY = 4096
# Datagrams that are answered before other sockets get their turn.
_BATCH = 64
_REPORT_SECONDS = 60.0

# Linux: socket.IP_PKTINFO is only in newer Pythons.
_IP_PKTINFO = 8
_IPV4_INFO = struct.Struct("=I4s4s")
_IPV6_INFO = struct.Struct("=16sI")
_ANCILLARY_SIZE = socket.CMSG_SPACE(_IPV4_INFO.size) + socket.CMSG_SPACE(_IPV6_INFO.size)

_Ancillary = list[tuple[int, int, bytes]]


class UdpResponder:
    """Answers what comes to a bound socket, from the address that it came to.

    Answers that the socket does not take are dropped, as the network would; clients ask again.

    Args:
        respond: gives the answer, if there is one.
        truncated: gives an answer that asks to come again over TCP.
    """

    def __init__(
        self, sock: socket.socket, respond: Respond, truncated: Respond, rate: RateLimit
    ) -> None:
        self._sock = sock
        self._respond = respond
        self._truncated = truncated
        self._rate = rate
        self._loop = asyncio.get_running_loop()
        self._held_back = 0
        self._reported = float("-inf")
        sock.setblocking(False)
        if sock.family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
        else:
            sock.setsockopt(socket.IPPROTO_IP, _IP_PKTINFO, 1)
        self._loop.add_reader(sock, self._readable)

    def close(self) -> None:
        """Answer no more, and close the socket."""
        self._loop.remove_reader(self._sock)
        self._sock.close()

    def _readable(self) -> None:
        now = self._loop.time()
        for _ in range(_BATCH):
            try:
                query, ancillary, _, client = self._sock.recvmsg(_LARGEST_QUERY, _ANCILLARY_SIZE)
            except OSError:
                break
            answer = self._answer(query, client[0], now)
            if answer is not None:
                self._send(answer, _reply_from(ancillary), client)
        if self._held_back and now - self._reported >= _REPORT_SECONDS:
            _log.warning(
                "%d queries were over the limit of their network (consoleproxy.dns.rate)",
                self._held_back,
            )
            self._held_back, self._reported = 0, now

    def _answer(self, query: bytes, client: str, now: float) -> bytes | None:
        verdict = self._rate.decide(client, now)
        if verdict is Verdict.ANSWER:
            return self._respond(query)
        self._held_back += 1
        return self._truncated(query) if verdict is Verdict.TRUNCATE else None

    def _send(self, answer: bytes, ancillary: _Ancillary, client: Any) -> None:
        try:
            self._sock.sendmsg([answer], ancillary, 0, client)
        except OSError as error:
            _log.debug("an answer to %s could not be sent: %s", client[0], error)


def _reply_from(ancillary: _Ancillary) -> _Ancillary:
    """Return what makes an answer come from the address that the query went to.

    The interface is left to the routes, except where addresses are good on one link only.
    """
    for level, kind, data in ancillary:
        if (level, kind) == (socket.IPPROTO_IP, _IP_PKTINFO):
            _, own, _ = _IPV4_INFO.unpack_from(data)
            return [(level, kind, _IPV4_INFO.pack(0, own, bytes(4)))]
        if (level, kind) == (socket.IPPROTO_IPV6, socket.IPV6_PKTINFO):
            own, interface = _IPV6_INFO.unpack_from(data)
            link_local = own[0] == 0xFE and own[1] & 0xC0 == 0x80
            return [(level, kind, _IPV6_INFO.pack(own, interface if link_local else 0))]
    return []
