"""``consoleproxy serve``: the CPVM."""

import argparse
import asyncio
from functools import partial

from consoleproxy.cli.consoles import work
from consoleproxy.cli.cpvm import proxy_name, running_cpvm
from consoleproxy.cli.parts import worker_count
from consoleproxy.cli.running import add_settings_arguments, run_until_signal, settings_from
from consoleproxy.cli.started import settings_to_start_with
from consoleproxy.log import set_up_logging
from consoleproxy.workers.nursery import Nursery


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = subparsers.add_parser("serve", help="run the console proxy (CPVM)")
    add_settings_arguments(parser)
    parser.add_argument(
        "--print-settings",
        action="store_true",
        help="show each setting, its value and where it came from, and end",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Serve until a signal; SIGHUP reads the keystore again."""
    resolved = settings_from(args)
    if args.print_settings:
        print("\n".join(resolved.lines()))
        return 0
    set_up_logging()
    settings = settings_to_start_with(resolved.settings, proxy_name(resolved.settings))
    # Before there is an event loop: what is forked must have none.
    nursery = Nursery(partial(work, settings)) if worker_count(settings) > 1 else None
    try:
        asyncio.run(
            run_until_signal(running_cpvm(settings, nursery), hangup=lambda proxy: proxy.reload())
        )
    finally:
        if nursery is not None:
            nursery.close()
    return 0
