"""``consoleproxy serve``: the CPVM."""

import argparse
import asyncio

from consoleproxy.cli.cpvm import running_cpvm
from consoleproxy.cli.running import add_settings_arguments, run_until_signal, settings_from
from consoleproxy.log import set_up_logging


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
    asyncio.run(
        run_until_signal(running_cpvm(resolved.settings), hangup=lambda proxy: proxy.reload())
    )
    return 0
