"""How many answers over UDP a network of clients gets, so that nobody can aim them at others."""

import enum
import ipaddress
from collections import OrderedDict
from dataclasses import dataclass
from ipaddress import IPv6Address

# Source addresses of UDP are easily forged; those of one site are counted as one.
_IPV4_BYTES = 3
_IPV6_BYTES = 7
_NETWORK_LIMIT = 20_000


class Verdict(enum.Enum):
    """What a client gets."""

    ANSWER = enum.auto()
    TRUNCATE = enum.auto()
    """An answer that asks to come again over TCP, which cannot be forged."""
    DROP = enum.auto()


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled: float
    slipped: bool = False


class RateLimit:
    """Token buckets of one second, one for each /24 or /56.

    Memory is bounded: the network that has been quiet for longest is forgotten, and starts anew.

    Args:
        per_second: answers to one network; at least one.
        networks: how many are remembered.
    """

    def __init__(self, per_second: int, networks: int = _NETWORK_LIMIT) -> None:
        self._per_second = per_second
        self._networks = networks
        self._buckets: OrderedDict[bytes, _Bucket] = OrderedDict()

    def __len__(self) -> int:
        """Networks that are remembered."""
        return len(self._buckets)

    def decide(self, client: str, now: float) -> Verdict:
        """Count one query.

        Args:
            client: its address; IPv4 in IPv6 form is IPv4.
            now: seconds of a clock that never goes back.
        """
        bucket = self._bucket(_network(client), now)
        grown = bucket.tokens + (now - bucket.filled) * self._per_second
        bucket.tokens = min(grown, float(self._per_second))
        bucket.filled = now
        if bucket.tokens >= 1:
            bucket.tokens -= 1
            return Verdict.ANSWER
        bucket.slipped = not bucket.slipped
        return Verdict.TRUNCATE if bucket.slipped else Verdict.DROP

    def _bucket(self, network: bytes, now: float) -> _Bucket:
        bucket = self._buckets.get(network)
        if bucket is None:
            bucket = self._buckets[network] = _Bucket(float(self._per_second), now)
            if len(self._buckets) > self._networks:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(network)
        return bucket


def _network(client: str) -> bytes:
    address = ipaddress.ip_address(client)
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is None:
            return address.packed[:_IPV6_BYTES]
        address = address.ipv4_mapped
    return address.packed[:_IPV4_BYTES]
