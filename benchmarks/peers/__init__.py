"""The contestants: the product, other people's proxies, and bridges of a few lines."""

from benchmarks.peers.base import Direct, Peer
from benchmarks.peers.bridges import Go, Tornado, Websockets
from benchmarks.peers.product import ConsoleProxy, OneWorker
from benchmarks.peers.programs import Haproxy, Websockify

PEERS: tuple[type[Peer], ...] = (
    Direct,
    ConsoleProxy,
    OneWorker,
    Websockify,
    Haproxy,
    Tornado,
    Websockets,
    Go,
)
