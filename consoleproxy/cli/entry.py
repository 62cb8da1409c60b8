"""The program's entry point: finds the command that the arguments name."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from consoleproxy import __version__
from consoleproxy.errors import ConsoleProxyError, SettingsInvalid

_COMMANDS = (
    *("serve", "manage", "agent", "demo", "check", "settings"),
    *("diagnostics", "dns", "endpoint", "keystore", "secrets"),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name; return the exit status.

    2 means that what was given is wrong, and that standard error says what to do.
    """
    parser = argparse.ArgumentParser(
        prog="consoleproxy", description="A VM's screen in the browser, without its password."
    )
    parser.add_argument("--version", action="version", version=f"consoleproxy {__version__}")
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    words = sys.argv[1:] if argv is None else argv
    # A proxy needs nothing of the management server: neither its start nor its memory.
    for name in words[:1] if words and words[0] in _COMMANDS else _COMMANDS:
        import_module(f"consoleproxy.cli.{name}").register(subparsers)
    args = parser.parse_args(words)
    try:
        return int(args.run(args))
    except SettingsInvalid as invalid:
        for problem in invalid.problems:
            print(f"consoleproxy: {problem}", file=sys.stderr)
    except (ConsoleProxyError, OSError) as error:
        print(f"consoleproxy: {error}", file=sys.stderr)
    return 2
