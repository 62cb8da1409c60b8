"""Measures every contestant in turn, some rounds, and prints medians and ratios."""

import argparse
import contextlib
import os
import socket
import statistics
import threading
import time
from collections.abc import Callable

from benchmarks.contestants import CONTESTANTS, Contestant
from benchmarks.guest import Guest
from tests.integration.fixtures.viewer import Viewer
from tests.wsclient import client_frame

_SECONDS = 1.0
_ECHOES = 1000
_BLOCK = bytes(64 * 1024)
_FRAMES = client_frame(b"0123456789") * 64

Measures = dict[str, float]


def _connected(contestant: Contestant, guest: Guest) -> tuple[Viewer, socket.socket]:
    accepted: list[socket.socket] = []
    accepting = threading.Thread(target=lambda: accepted.append(guest.accept()))
    accepting.start()
    viewer = Viewer(contestant.url())
    viewer.log_in()
    accepting.join()
    return viewer, accepted[0]


def _sending(sock: socket.socket, data: bytes, stop: threading.Event) -> threading.Thread:
    def send() -> None:
        try:
            while not stop.is_set():
                sock.sendall(data)
        except OSError:
            return

    thread = threading.Thread(target=send)
    thread.start()
    return thread


def _stop(sending: threading.Thread, stop: threading.Event, *socks: socket.socket) -> None:
    stop.set()
    for sock in socks:
        # A proxy may have closed it as soon as the other side was gone.
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
    sending.join()


def _receive_for(sock: socket.socket, seconds: float) -> tuple[int, float]:
    """Return how many bytes came, and in how many seconds."""
    buffer = bytearray(1 << 20)
    received, started = 0, time.perf_counter()
    while (passed := time.perf_counter() - started) < seconds:
        received += sock.recv_into(buffer)
    return received, passed


def _down(contestant: Contestant, guest: Guest) -> Measures:
    viewer, hypervisor = _connected(contestant, guest)
    stop = threading.Event()
    with viewer, hypervisor:
        sending = _sending(hypervisor, _BLOCK, stop)
        _receive_for(viewer.sock, _SECONDS / 4)
        used = contestant.cpu_seconds()
        received, passed = _receive_for(viewer.sock, _SECONDS)
        used = contestant.cpu_seconds() - used
        _stop(sending, stop, viewer.sock, hypervisor)
    return {"down MB/s": received / passed / 1e6, "CPU s/GB": used / received * 1e9}


def _up(contestant: Contestant, guest: Guest) -> Measures:
    viewer, hypervisor = _connected(contestant, guest)
    stop = threading.Event()
    with viewer, hypervisor:
        sending = _sending(viewer.sock, _FRAMES, stop)
        received, passed = _receive_for(hypervisor, _SECONDS)
        _stop(sending, stop, viewer.sock, hypervisor)
    return {"up 10-byte frames/s": received / 10 / passed}


def _echo(contestant: Contestant, guest: Guest) -> Measures:
    """All on one core: where the scheduler puts the two sides else decides, not the proxy."""
    cores = os.sched_getaffinity(0)
    one = {min(cores)}
    contestant.pin(one)
    os.sched_setaffinity(0, one)
    try:
        return _echo_times(*_connected(contestant, guest))
    finally:
        os.sched_setaffinity(0, cores)
        contestant.pin(cores)


def _echo_times(viewer: Viewer, hypervisor: socket.socket) -> Measures:
    frame = client_frame(b"0123456789")
    times = []
    with viewer, hypervisor:
        viewer.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(_ECHOES):
            started = time.perf_counter()
            viewer.sock.sendall(frame)
            hypervisor.sendall(hypervisor.recv(10, socket.MSG_WAITALL))
            viewer.sock.recv(12, socket.MSG_WAITALL)
            times.append(time.perf_counter() - started)
    cuts = statistics.quantiles(times, n=100)
    return {"echo p50 us": cuts[49] * 1e6, "echo p99 us": cuts[98] * 1e6}


def _opened(contestant: Contestant, guest: Guest) -> Measures:
    count, started = 0, time.perf_counter()
    while (passed := time.perf_counter() - started) < _SECONDS:
        viewer, hypervisor = _connected(contestant, guest)
        with viewer, hypervisor:
            count += 1
    return {"consoles opened/s": count / passed}


_MEASUREMENTS: tuple[Callable[[Contestant, Guest], Measures], ...] = (_down, _up, _echo, _opened)


def main() -> None:
    """Print one line a measure: the contestants' medians, and ours as a ratio of the peer's."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    found: dict[str, dict[str, list[float]]] = {}
    for _ in range(rounds):
        for kind in CONTESTANTS:
            with Guest() as guest, kind(guest.port) as contestant:
                for measure in _MEASUREMENTS:
                    for name, value in measure(contestant, guest).items():
                        found.setdefault(name, {}).setdefault(kind.name, []).append(value)
    ours, peer = (kind.name for kind in CONTESTANTS)
    print(f"{'median of ' + str(rounds):22}{ours:>14}{peer:>14}{'ratio':>9}")
    for name, values in found.items():
        mine, theirs = statistics.median(values[ours]), statistics.median(values[peer])
        print(f"{name:22}{mine:14.2f}{theirs:14.2f}{mine / theirs:9.2f}")


if __name__ == "__main__":
    main()
