"""Measures all contestants side by side, and prints medians, ratios and goals; see ``--help``."""

import argparse
import datetime
import resource
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

from benchmarks import load, progress
from benchmarks.goals import verdicts
from benchmarks.machine import this_machine
from benchmarks.measures import MEASURES, idle_cpu
from benchmarks.peers import PEERS
from benchmarks.peers.base import Peer
from benchmarks.peers.certificate import make_certificate
from benchmarks.report import write_report
from benchmarks.results import Results
from benchmarks.rounds import Rounds
from benchmarks.table import goal_lines, table

_ROUNDS = 5
_SECONDS = 0.4
_QUICK_SECONDS = 0.3
_TOO_LONG_FOR_QUICK = ("idle-5000", idle_cpu.NAME)
# Two keep-alives of each session, with a ping every 30 s.
_IDLE_SECONDS = 65.0


def main() -> int:
    """Run what was asked for; return 1 if a contestant failed at something."""
    arguments = _arguments()
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGHUP, _end)
    # The contestants inherit it: thousands of sessions with two sockets each.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    load.build()
    results = Results(this_machine(datetime.datetime.now(datetime.UTC)), arguments.rounds)
    peers = tuple(_present(arguments.peers))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        guest = stack.enter_context(load.Guest())
        stack.callback(progress.clear)
        Rounds(
            peers=peers,
            measures=tuple(each for each in MEASURES if each.name in arguments.only),
            rounds=arguments.rounds,
            seconds=_QUICK_SECONDS if arguments.quick else _SECONDS,
            idle_seconds=_IDLE_SECONDS if idle_cpu.NAME in arguments.only else None,
            guest_port=guest.port,
            certificate=make_certificate(folder),
            results=results,
        ).run()
    judged = list(verdicts(results))
    print("\n".join((*results.machine.lines(), "", *table(results), "", *goal_lines(judged))))
    complete = arguments.rounds >= _ROUNDS and not arguments.quick and _all(arguments)
    written = write_report(results, judged, complete)
    print(f"\nwritten to {written[0].parent}: {', '.join(path.name for path in written)}")
    return 1 if "failed" in results.remarks.values() else 0


def _names() -> list[str]:
    return [*(measure.name for measure in MEASURES), idle_cpu.NAME]


def _all(arguments: argparse.Namespace) -> bool:
    """Whether nothing was left out that can run here."""
    chosen = {kind for kind in PEERS if kind.name in arguments.peers}
    return set(_names()) == set(arguments.only) and chosen == set(PEERS)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=None, help=f"default: {_ROUNDS}")
    parser.add_argument(
        "--quick",
        action="store_true",
        help=f"one round with short windows, without {' and '.join(_TOO_LONG_FOR_QUICK)}",
    )
    parser.add_argument(
        "--only", nargs="+", choices=_names(), help=", ".join(_names()), metavar="MEASURE"
    )
    parser.add_argument(
        "--peers",
        nargs="+",
        choices=[kind.name for kind in PEERS],
        default=[kind.name for kind in PEERS],
        metavar="PEER",
        help=", ".join(kind.name for kind in PEERS),
    )
    arguments = parser.parse_args()
    if arguments.rounds is None:
        arguments.rounds = 1 if arguments.quick else _ROUNDS
    if arguments.only is None:
        left_out = _TOO_LONG_FOR_QUICK if arguments.quick else ()
        arguments.only = [name for name in _names() if name not in left_out]
    if arguments.rounds < 1:
        parser.error("at least one round")
    return arguments


def _present(names: Sequence[str]) -> Iterator[type[Peer]]:
    for kind in PEERS:
        if kind.name not in names:
            continue
        if missing := kind.missing():
            progress.lasting(f"without {kind.name}: {missing}")
        else:
            yield kind


def _end(number: int, _: FrameType | None) -> None:
    """End as Ctrl-C does, so that everything that was started is ended."""
    sys.exit(128 + number)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
    except load.LoadFailed as error:
        sys.exit(str(error))
