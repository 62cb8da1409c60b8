"""The program's entry point: finds the command that the arguments name."""

import argparse
import sys
from collections.abc import Sequence

from consoleproxy import __version__
from consoleproxy.cli import check, demo, dns, endpoint, keystore, manage, serve
from consoleproxy.errors import ConsoleProxyError, SettingsInvalid


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name; return the exit status.

    2 means that what was given is wrong, and that standard error says what to do.
    """
    parser = argparse.ArgumentParser(
        prog="consoleproxy", description="A VM's screen in the browser, without its password."
    )
    parser.add_argument("--version", action="version", version=f"consoleproxy {__version__}")
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in (serve, manage, demo, check, dns, endpoint, keystore):
        command.register(subparsers)
    args = parser.parse_args(argv)
    try:
        return int(args.run(args))
    except SettingsInvalid as invalid:
        for problem in invalid.problems:
            print(f"consoleproxy: {problem}", file=sys.stderr)
    except (ConsoleProxyError, OSError) as error:
        print(f"consoleproxy: {error}", file=sys.stderr)
    return 2
