"""``consoleproxy dns``: answer for the consoles' names, or print them for another DNS server."""

import argparse
import asyncio
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from consoleproxy.cli.running import add_settings_arguments, run_until_signal, settings_from
from consoleproxy.log import set_up_logging
from consoleproxy.names.dns_server import DnsServer, running_dns_server
from consoleproxy.names.zone import Zone
from consoleproxy.names.zone_content import ZoneContent, read_zone_content
from consoleproxy.names.zone_text import FORMATS
from consoleproxy.settings import Settings

_log = logging.getLogger(__name__)

_LAST_SERIAL = 2**32 - 1


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``dns serve`` and ``dns zone`` to the program's commands."""
    parser = subparsers.add_parser(
        "dns", help="answer for the proxies' names a-b-c-d.domain, or print them as records"
    )
    actions = parser.add_subparsers(required=True, metavar="ACTION")

    serve = actions.add_parser("serve", help="run an authoritative DNS server for the names")
    add_settings_arguments(serve)
    serve.set_defaults(run=run_serve)

    zone = actions.add_parser("zone", help="print the names for a DNS server of your own")
    add_settings_arguments(zone)
    zone.add_argument("--format", choices=sorted(FORMATS), default="zone", help="default: zone")
    zone.add_argument(
        "--address",
        action="append",
        default=[],
        metavar="ADDRESS",
        help="address or network to name, in the place of consoleproxy.dns.networks; may be"
        " repeated",
    )
    zone.add_argument(
        "--serial",
        type=_serial,
        metavar="NUMBER",
        help="serial of the SOA; the default is made of the content and does not grow",
    )
    zone.set_defaults(run=run_zone)


def run_serve(args: argparse.Namespace) -> int:
    """Answer until a signal.

    Raises:
        SettingsInvalid: what to set.
    """
    settings = settings_from(args).settings
    content = _content(settings, settings.dns_networks)
    set_up_logging()
    asyncio.run(run_until_signal(_serving(content, settings)))
    return 0


def run_zone(args: argparse.Namespace) -> int:
    """Print the names.

    Raises:
        SettingsInvalid: what to set, or that the format cannot hold so many names.
    """
    settings = settings_from(args).settings
    form = FORMATS[args.format]
    content = _content(
        settings,
        " ".join(args.address) or settings.dns_networks,
        needs_nameservers=form.needs_nameservers,
    )
    serial = content.serial if args.serial is None else args.serial
    sys.stdout.writelines(f"{line}\n" for line in form.lines(content, serial))
    return 0


def _serial(text: str) -> int:
    if not text.isdecimal() or int(text) > _LAST_SERIAL:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to {_LAST_SERIAL}")
    return int(text)


@asynccontextmanager
async def _serving(content: ZoneContent, settings: Settings) -> AsyncIterator[DnsServer]:
    address = settings.dns_address
    async with running_dns_server(
        Zone.of(content), address, settings.dns_port, settings.dns_rate
    ) as server:
        _log.info(
            "answering for %s on %s port %d, UDP and TCP, with names for %s",
            content.domain,
            address,
            server.port,
            ", ".join(map(str, content.networks)),
        )
        yield server


def _content(settings: Settings, networks: str, *, needs_nameservers: bool = True) -> ZoneContent:
    return read_zone_content(
        settings.url_domain,
        networks,
        settings.dns_nameservers,
        settings.dns_ttl,
        needs_nameservers=needs_nameservers,
    )
