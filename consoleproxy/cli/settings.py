"""``consoleproxy settings``: every setting, its values, and what becomes of a change."""

import argparse

from consoleproxy.settings.table import settings_table


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "settings", help="print all settings with their values, as in docs/SETTINGS.md"
    )
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Print the table."""
    print(settings_table())
    return 0
