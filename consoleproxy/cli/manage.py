"""``consoleproxy manage``: the embedded management server."""

import argparse
import asyncio

from consoleproxy.cli.management import running_management
from consoleproxy.cli.running import add_settings_arguments, run_until_signal, settings_from
from consoleproxy.log import set_up_logging
from consoleproxy.management.app import ManagementServer
from consoleproxy.management.inventory.machines import Inventory
from consoleproxy.management.inventory.sources import named_sources


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = subparsers.add_parser("manage", help="run the embedded management server")
    add_settings_arguments(parser)
    parser.add_argument(
        "--print-keys",
        action="store_true",
        help="print the API key and secret of the account admin once the server runs",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Serve until a signal."""
    settings = settings_from(args).settings
    sources = named_sources(settings.manage_inventory, settings.manage_libvirt)
    set_up_logging()
    management = running_management(settings, Inventory([]), watched=sources.file)
    ready = _print_keys if args.print_keys else None
    asyncio.run(run_until_signal(management, ready))
    return 0


async def _print_keys(server: ManagementServer) -> None:
    print(f"API key:    {server.account.api_key}", flush=True)
    print(f"Secret key: {server.account.secret_key}", flush=True)
