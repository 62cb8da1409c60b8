"""What the long-running commands share: settings from everywhere, and a life until a signal."""

import argparse
import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TypeVar

from consoleproxy.sources import Resolved, resolve_settings

_Service = TypeVar("_Service")

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
# One Ctrl-C may come twice, from the terminal and from a program in between; who presses it again
# after this has seen that the end hangs.
_FORCE_SECONDS = 3.0


def add_settings_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options by which every command finds its settings."""
    parser.add_argument("--config", type=Path, metavar="FILE", help="TOML file with settings")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="set one setting, e.g. consoleproxy.session.max=20; may be repeated",
    )
    parser.add_argument(
        "--boot-arguments",
        type=Path,
        metavar="FILE",
        help="file with the CPVM's boot arguments, e.g. /proc/cmdline",
    )


def settings_from(args: argparse.Namespace, told: Mapping[str, str] | None = None) -> Resolved:
    """Return the settings that count for these arguments.

    Args:
        told: see ``resolve_settings``.

    Raises:
        SettingsInvalid: with every mistake.
        OSError: the boot arguments cannot be read.
    """
    return resolve_settings(
        command_line=args.set,
        environment=os.environ,
        config_file=args.config,
        boot_arguments=args.boot_arguments.read_text() if args.boot_arguments else "",
        told=told,
    )


async def run_until_signal(
    service: AbstractAsyncContextManager[_Service],
    ready: Callable[[_Service], Awaitable[None]] | None = None,
    hangup: Callable[[_Service], None] | None = None,
) -> None:
    """Enter the service, wait for SIGINT or SIGTERM, leave it; a much later one ends at once.

    Args:
        ready: called once the service runs.
        hangup: called at each SIGHUP.
    """
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()

    def note() -> None:
        if not stop.is_set():
            stop.set()
            loop.call_later(_FORCE_SECONDS, _let_signals_kill, loop)

    for number in _SIGNALS:
        loop.add_signal_handler(number, note)
    started: list[_Service] = []

    def hang_up() -> None:
        for one in started:
            if hangup is not None:
                hangup(one)

    if hangup is not None:
        # From the first moment: without a handler, a signal that comes early would be the end.
        loop.add_signal_handler(signal.SIGHUP, hang_up)
    async with service as running:
        started.append(running)
        if ready is not None:
            await ready(running)
        await stop.wait()


def _let_signals_kill(loop: asyncio.AbstractEventLoop) -> None:
    for number in _SIGNALS:
        loop.remove_signal_handler(number)
        signal.signal(number, signal.SIG_DFL)
