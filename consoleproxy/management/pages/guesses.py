"""How many wrong page keys an address may send."""

import ipaddress
from collections import OrderedDict
from dataclasses import dataclass

_BURST = 10
_SECONDS_EACH = 30.0
_ADDRESSES = 10_000
_IPV6_SITE_BYTES = 8


@dataclass(slots=True)
class _Count:
    wrong: float
    since: float


class Guesses:
    """Wrong keys by address: ten at once, and one more every 30 seconds.

    The addresses of an IPv6 /64 count as one. Memory is bounded: the address whose last wrong key
    is the oldest is forgotten.

    Args:
        addresses: how many are remembered.
    """

    def __init__(self, addresses: int = _ADDRESSES) -> None:
        self._addresses = addresses
        self._counts: OrderedDict[bytes, _Count] = OrderedDict()

    def __len__(self) -> int:
        """Addresses that are remembered."""
        return len(self._counts)

    def wait(self, address: str, now: float) -> float:
        """Return for how many seconds no key from there is looked at; 0 if it is.

        Args:
            now: seconds.
        """
        count = self._counts.get(_site(address))
        if count is None:
            return 0.0
        excess = _left(count, now) - (_BURST - 1)
        return max(0.0, excess * _SECONDS_EACH)

    def wrong(self, address: str, now: float) -> None:
        """Note a wrong key."""
        site = _site(address)
        count = self._counts.pop(site, None)
        wrong = 1.0 if count is None else _left(count, now) + 1
        self._counts[site] = _Count(wrong, now)
        if len(self._counts) > self._addresses:
            self._counts.popitem(last=False)


def _left(count: _Count, now: float) -> float:
    """Return how many wrong keys still count; a clock that was put back forgives none."""
    return max(0.0, count.wrong - max(0.0, now - count.since) / _SECONDS_EACH)


def _site(address: str) -> bytes:
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return b""
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is None:
            return parsed.packed[:_IPV6_SITE_BYTES]
        parsed = parsed.ipv4_mapped
    return parsed.packed
