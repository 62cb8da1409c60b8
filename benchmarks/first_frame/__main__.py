"""Opens consoles in Chromium from a distance, round by round, and prints what it took."""

import argparse
import datetime
import tempfile
from contextlib import ExitStack
from pathlib import Path

from benchmarks.first_frame.browser import fresh_browser
from benchmarks.first_frame.novnc import novnc_pages
from benchmarks.first_frame.relay import DelayingRelay
from benchmarks.first_frame.results import ROUND_TRIP_MS, Series, table, write_json
from benchmarks.first_frame.servers import DOMAIN, ConsoleProxy, Server, Websockify, red_guest
from benchmarks.machine import this_machine
from consoleproxy.keystore.development import make_development_pki

_RESULTS = Path(__file__).parents[1] / "results" / "first-frame.json"
_CACHES = ("cold", "warm")


def measure(rounds: int, round_trip: float, folder: Path) -> list[Series]:
    """Open consoles through both servers in turn; ``round_trip`` is in seconds."""
    pki = make_development_pki(DOMAIN, folder / "certs", datetime.datetime.now(datetime.UTC))
    pages = folder / "novnc"
    pages.mkdir()
    found: list[Series] = []
    with ExitStack() as stack:
        guest = stack.enter_context(red_guest(folder))
        servers: tuple[Server, ...] = (
            ConsoleProxy(folder, pki, guest.port),
            Websockify(folder, pki, guest.port, novnc_pages(pages)),
        )
        contestants = []
        for server in servers:
            stack.enter_context(server)
            relay = stack.enter_context(DelayingRelay(server.port, round_trip))
            series = [Series(server.name, cache) for cache in _CACHES]
            contestants.append((server, relay, series))
            found += series
        for number in range(rounds + 1):
            for server, relay, series in contestants:
                home = folder / f"{type(server).__name__}-{number}"
                with fresh_browser(home, pki.root) as browser:
                    for one in series:
                        frame = browser.first_frame(server.url(relay.port), relay)
                        # In the first round programs come from the disk.
                        if number:
                            one.frames.append(frame)
    return found


def main() -> None:
    """Measure, print a table, and keep the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.first_frame")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--delay", type=float, default=ROUND_TRIP_MS, help="round trip in milliseconds"
    )
    given = parser.parse_args()
    machine = this_machine(datetime.datetime.now(datetime.UTC))
    with tempfile.TemporaryDirectory(prefix="first-frame-") as folder:
        series = measure(given.rounds, given.delay / 1000, Path(folder))
    print(*machine.lines(), sep="\n")
    print(f"\nTLS, {given.delay:g} ms round trip, medians of {given.rounds}:\n")
    print(*table(given.delay, series), sep="\n")
    write_json(machine, given.delay, series, _RESULTS)


if __name__ == "__main__":
    main()
