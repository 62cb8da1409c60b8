"""Assembly of what carries consoles, in this process or in a worker."""

import asyncio
import logging
from collections.abc import Mapping
from socket import socket

from consoleproxy.cli.reach import reach_from
from consoleproxy.console.consoles import Consoles
from consoleproxy.console.model import Admission, Limits, Surroundings
from consoleproxy.errors import SettingsInvalid
from consoleproxy.front.entrance import Entrance
from consoleproxy.front.lifecycle import raise_descriptor_limit
from consoleproxy.front.origin import parse_origins
from consoleproxy.front.page_policy import parse_ancestors
from consoleproxy.front.source import LoadBalancers
from consoleproxy.names.console_host import console_host
from consoleproxy.settings import Effect, Settings
from consoleproxy.sources import overlaid
from consoleproxy.workers.process import Worker

_log = logging.getLogger(__name__)

# What a process that runs can take on; the rest counts when it is started anew.
LIVE = frozenset({Effect.LIVE})


def consoles_from(settings: Settings, admission: Admission) -> Consoles:
    """Return the consoles of a process.

    Raises:
        SettingsInvalid: what to change.
    """
    return Consoles(
        Surroundings(admission=admission, reach=reach_from(settings), limits=limits_from(settings))
    )


def limits_from(settings: Settings) -> Limits:
    """Return the limits of consoles."""
    return Limits(
        login=settings.login_timeout / 1000,
        idle=settings.session_timeout / 1000,
        reconnection_window=settings.session_reconnection_window / 1000,
    )


def change_consoles(consoles: Consoles, started: Settings, changed: Mapping[str, str]) -> None:
    """Let the consoles go by settings that administrators changed.

    What cannot be used is left out, and in the log.

    Args:
        started: what the process was started with.
        changed: values by name.
    """
    settings = overlaid(started, changed, LIVE).settings
    reach = None
    try:
        reach = reach_from(settings)
    except SettingsInvalid as fault:
        for problem in fault.problems:
            _log.error("the way to hypervisors stays as it is: %s", problem)
    consoles.change(limits_from(settings), reach)


def entrance_from(settings: Settings) -> Entrance:
    """Return how browsers come in.

    Raises:
        SettingsInvalid: what to change.
    """
    host = console_host(settings.public_address, settings.url_domain)
    return Entrance(
        balancers=LoadBalancers.parse(
            settings.loadbalancer_networks, settings.loadbalancer_client_address
        ),
        own_hosts=frozenset({host, settings.public_address}),
        allowed_origins=parse_origins(settings.allowed_origins, "consoleproxy.allowed.origins"),
        frame_ancestors=parse_ancestors(settings.frame_ancestors, "consoleproxy.frame.ancestors"),
    )


def work(settings: Settings, channel: socket) -> None:
    """Be a worker, until the head ends it or is gone."""

    async def run() -> None:
        await Worker(
            channel,
            lambda admission: consoles_from(settings, admission),
            entrance_from(settings),
            lambda consoles, changed: change_consoles(consoles, settings, changed),
        ).run()

    raise_descriptor_limit()
    asyncio.run(run())
