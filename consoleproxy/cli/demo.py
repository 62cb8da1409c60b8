"""``consoleproxy demo``: management server, CPVM and one guest, all on loopback."""

import argparse
import asyncio
import dataclasses
import secrets
import shutil
import socket
import tempfile
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from consoleproxy.cli.cpvm import running_cpvm
from consoleproxy.cli.management import running_management
from consoleproxy.cli.running import add_settings_arguments, run_until_signal, settings_from
from consoleproxy.front.lifecycle import ConsoleProxy
from consoleproxy.guest.builtin import builtin_guest
from consoleproxy.guest.qemu import QEMU, qemu_guest
from consoleproxy.keystore.port import HTTP_PORT
from consoleproxy.log import set_up_logging
from consoleproxy.management.app import ManagementServer
from consoleproxy.management.inventory.machines import Inventory, VirtualMachine
from consoleproxy.management.issuer import ConsoleRequest
from consoleproxy.settings import Settings

_LOOPBACK = "127.0.0.1"
# The printed link has to wait for somebody to read it.
_LINK_MINUTES = 60


@dataclass(frozen=True, slots=True)
class Demo:
    """What runs in a demo."""

    management: ManagementServer
    proxy: ConsoleProxy
    machine: VirtualMachine


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = subparsers.add_parser("demo", help="run everything with one guest, on loopback")
    add_settings_arguments(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run until a signal; leave nothing behind."""
    settings = settings_from(args).settings
    set_up_logging()
    asyncio.run(run_until_signal(_running_demo(settings), _announce))
    return 0


@asynccontextmanager
async def _running_demo(given: Settings) -> AsyncIterator[Demo]:
    guest_program = qemu_guest if shutil.which(QEMU) else builtin_guest
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="consoleproxy-")))
        # VNC Authentication looks at eight characters.
        guest = await stack.enter_async_context(guest_program(secrets.token_hex(4)))
        machine = VirtualMachine(
            uuid=str(uuid.uuid4()),
            name="demo",
            host=guest.host,
            port=guest.port,
            password=guest.password,
        )
        settings = _on_loopback(given, folder)
        management = await stack.enter_async_context(
            running_management(settings, Inventory([machine]), ticket_minutes=_LINK_MINUTES)
        )
        proxy = await stack.enter_async_context(
            running_cpvm(
                dataclasses.replace(
                    settings, management_url=f"http://{_LOOPBACK}:{management.port}"
                )
            )
        )
        await proxy.joined.wait()
        print(f"Guest:     {guest.description}", flush=True)
        yield Demo(management, proxy, machine)


def _on_loopback(given: Settings, folder: Path) -> Settings:
    """Return settings for this machine alone; a port that is taken gives way to a free one."""
    return dataclasses.replace(
        given,
        listen_address=_LOOPBACK,
        public_address=_LOOPBACK,
        port=_free(given.port or HTTP_PORT),
        admin_address=_LOOPBACK,
        admin_port=_free(given.admin_port),
        manage_address=_LOOPBACK,
        manage_port=_free(given.manage_port),
        manage_database=str(folder / "consoleproxy.db"),
        manage_libvirt="",
        management_secret=secrets.token_urlsafe(32),
        hypervisor_allowed=_LOOPBACK,
    )


def _free(port: int) -> int:
    """Return the port, or a free one if it is taken."""
    for candidate in (port, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((_LOOPBACK, candidate))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("there is no free port on loopback")


async def _announce(demo: Demo) -> None:
    console = await demo.management.issuer.issue(
        ConsoleRequest(
            vm_uuid=demo.machine.uuid,
            caller=demo.management.account.caller,
            source_address=_LOOPBACK,
        )
    )
    account = demo.management.account
    print(
        f"API key:   {account.api_key}\n"
        f"Secret:    {account.secret_key}\n"
        f"Pages:     http://{_LOOPBACK}:{demo.management.port}/\n"
        f"Console:   {console.url}\n"
        "The console link works once; the pages open the next ones. Ctrl-C ends it all.",
        flush=True,
    )
