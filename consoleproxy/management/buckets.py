"""Token buckets by name: how often something may happen. In memory, of this server alone."""

from collections import OrderedDict
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

_BUCKETS_LIMIT = 50_000
_IPV6_SITE_BYTES = 8


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled: float


class Buckets:
    """Full at first, and filled evenly.

    Memory is bounded: the name that has been quiet for longest is forgotten, and starts anew.

    Args:
        limit: how many names are remembered.
    """

    def __init__(self, limit: int = _BUCKETS_LIMIT) -> None:
        self._limit = limit
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def __len__(self) -> int:
        """Names that are remembered."""
        return len(self._buckets)

    def wait(self, name: str, now: float, most: int, seconds: float) -> float:
        """Return for how many seconds there is no token; 0 if there is one.

        Args:
            now: seconds of a clock that never goes back.
            most: tokens in a full bucket, which take ``seconds`` to come.
        """
        if name not in self._buckets:
            return 0.0
        missing = 1.0 - self._filled(name, now, most, seconds).tokens
        return max(0.0, missing * seconds / most)

    def take(self, name: str, now: float, most: int, seconds: float) -> float:
        """Take a token, and return 0; or return for how many seconds there is none."""
        bucket = self._filled(name, now, most, seconds)
        if bucket.tokens < 1.0:
            return (1.0 - bucket.tokens) * seconds / most
        bucket.tokens -= 1.0
        return 0.0

    def _filled(self, name: str, now: float, most: int, seconds: float) -> _Bucket:
        bucket = self._buckets.get(name)
        if bucket is None:
            bucket = self._buckets[name] = _Bucket(float(most), now)
            if len(self._buckets) > self._limit:
                self._buckets.popitem(last=False)
            return bucket
        self._buckets.move_to_end(name)
        grown = bucket.tokens + (now - bucket.filled) * most / seconds
        bucket.tokens = min(grown, float(most))
        bucket.filled = now
        return bucket


def site_of(address: str) -> str:
    """Return what is counted as one source: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is None:
            return found.packed[:_IPV6_SITE_BYTES].hex()
        found = found.ipv4_mapped
    return str(found)
