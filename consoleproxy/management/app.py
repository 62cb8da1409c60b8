"""The embedded management server, put together."""

import datetime
import logging
import socket
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from sqlalchemy import Connection
from tornado.httpserver import HTTPServer
from tornado.web import Application

from consoleproxy.endpoint.cloudstack import EncryptionKeys
from consoleproxy.endpoint.codec import TokenCodec
from consoleproxy.errors import SettingsInvalid
from consoleproxy.management.api.accounts import AccountCommands
from consoleproxy.management.api.admission import Admission
from consoleproxy.management.api.certificates import CertificateCommands
from consoleproxy.management.api.commands import Commands
from consoleproxy.management.api.configuration import ConfigurationCommands
from consoleproxy.management.api.consoles import ConsoleCommands
from consoleproxy.management.api.discovery import DiscoveryCommands
from consoleproxy.management.api.domains import DomainCommands
from consoleproxy.management.api.handler import Api
from consoleproxy.management.api.jobs import Jobs
from consoleproxy.management.api.sessions import SessionCommands
from consoleproxy.management.api.system_vms import SystemVmCommands
from consoleproxy.management.api.users import UserCommands
from consoleproxy.management.certificates import Certificates
from consoleproxy.management.channel.bulletin import Bulletin
from consoleproxy.management.channel.documents import Registration
from consoleproxy.management.channel.handlers import Channel
from consoleproxy.management.config import ManagementConfig
from consoleproxy.management.configuration.changes import Changes
from consoleproxy.management.configuration.follow import Follow
from consoleproxy.management.configuration.live import Live
from consoleproxy.management.fleet.alarm import CapacityAlarm
from consoleproxy.management.fleet.cleanup import CleanUp
from consoleproxy.management.fleet.life import Life
from consoleproxy.management.fleet.orders import ProxyOrders
from consoleproxy.management.fleet.scan import CapacityBook, CapacityScan
from consoleproxy.management.gate import Gate
from consoleproxy.management.issuer import Issuer
from consoleproxy.management.pages.handler import Pages
from consoleproxy.management.pages.visitors import Visitors
from consoleproxy.management.records.administrator import Administrator, administrator
from consoleproxy.management.records.assignment import make_assignment_lock
from consoleproxy.management.records.hidden_values import hidden_value
from consoleproxy.management.routes import make_application
from consoleproxy.management.storage.database import Database
from consoleproxy.management.storage.sealed_columns import HIDDEN_VALUES
from consoleproxy.management.storage.sealing import Sealer
from consoleproxy.management.storage.sealing_start import prepare_secrets
from consoleproxy.management.tasks import run_until_closed

_log = logging.getLogger(__name__)

_BODY_LIMIT_BYTES = 1024 * 1024
# Clients may send a certificate and its key in the query.
_HEADER_LIMIT_BYTES = 64 * 1024
_REQUEST_SECONDS = 30
# After a restart, all proxies come at once.
_BACKLOG = 1024
_IDLE_SECONDS = 60
# All secrets may have to be sealed.
_START_SECONDS = 300.0


def _wall_clock() -> float:
    return datetime.datetime.now(datetime.UTC).timestamp()


@dataclass(frozen=True, slots=True)
class HiddenValues:
    """Keys that CloudStack keeps as hidden configuration."""

    encryption_keys: str = field(repr=False)
    hash_key: str = field(repr=False)


class ManagementServer:
    """One management server.

    After ``start``: ``port`` is the port that it listens on, ``account`` has the API keys, and
    ``issuer`` makes console endpoints without the API.

    Args:
        clock: seconds since 1970.

    Raises:
        SettingsInvalid: it would be open to strangers, or the webhook is no URL.
    """

    port: int
    account: Administrator
    issuer: Issuer

    def __init__(self, config: ManagementConfig, clock: Callable[[], float] = _wall_clock) -> None:
        config.check()
        self._config = config
        self._clock = clock
        self._open = AsyncExitStack()

    async def start(self) -> None:
        """Open the database and listen.

        Raises:
            SettingsInvalid: the database or the port cannot be used.
        """
        async with AsyncExitStack() as stack:
            database = await Database.open(self._config.database)
            stack.push_async_callback(database.close)
            sealer = self._config.sealing
            await self._prepare_secrets(database, sealer)
            live = Live(self._config.settings)
            follow = Follow(database, live, sealer)
            await follow.look()
            certificates = Certificates(database, sealer, live, self._clock)
            await certificates.look_again()
            hidden = await database.run(lambda db: _hidden_values(db, sealer))
            await database.run(make_assignment_lock)
            self.account = await database.run(
                lambda db: administrator(db, sealer, self._config.account)
            )
            alarm = CapacityAlarm()
            self.issuer = Issuer(
                inventory=self._config.inventory,
                database=database,
                codec=TokenCodec(EncryptionKeys.parse(hidden.encryption_keys), None),
                hash_key=hidden.hash_key,
                live=live,
                link_seconds=self._link_seconds,
                alarm=alarm,
                clock=self._clock,
            )
            book = self._capacity_book(database, live)
            bulletin = Bulletin(database)
            run_until_closed(stack, bulletin.run(), "bulletin")
            http = HTTPServer(
                self._application(
                    database, sealer, hidden, certificates, bulletin, book, alarm, follow
                ),
                max_body_size=_BODY_LIMIT_BYTES,
                max_header_size=_HEADER_LIMIT_BYTES,
                body_timeout=_REQUEST_SECONDS,
                idle_connection_timeout=_IDLE_SECONDS,
            )
            listener = _listen(self._config.address, self._config.port)
            http.add_socket(listener)
            self.port = listener.getsockname()[1]
            stack.push_async_callback(http.close_all_connections)
            stack.callback(http.stop)
            scan = CapacityScan(book, alarm, live)
            stack.callback(scan.close)
            clean_up = CleanUp(database=database, live=live, clock=self._clock)
            run_until_closed(stack, scan.run(), "capacity scan")
            run_until_closed(stack, clean_up.run(), "clean-up")
            run_until_closed(stack, Life(database, self._clock).run(), "silent proxies")
            run_until_closed(stack, follow.run(), "settings")
            self._open = stack.pop_all()

    async def _prepare_secrets(self, database: Database, sealer: Sealer) -> None:
        secret = self._config.secret
        sealed = await database.run(
            lambda db: prepare_secrets(db, sealer, secret), limit=_START_SECONDS
        )
        for purpose, count in sealed.items():
            _log.info("sealed what was in the clear in the database: %d x %s", count, purpose)

    async def stop(self) -> None:
        """Close the listener, all connections and the database."""
        await self._open.aclose()

    @property
    def _link_seconds(self) -> float:
        return self._config.ticket_minutes * 60.0

    def _capacity_book(self, database: Database, live: Live) -> CapacityBook:
        return CapacityBook(
            database=database, link_seconds=self._link_seconds, live=live, clock=self._clock
        )

    def _application(
        self,
        database: Database,
        sealer: Sealer,
        hidden: HiddenValues,
        certificates: Certificates,
        bulletin: Bulletin,
        book: CapacityBook,
        alarm: CapacityAlarm,
        follow: Follow,
    ) -> Application:
        config, inventory, clock = self._config, self._config.inventory, self._clock
        changes = Changes(database, follow)
        orders = ProxyOrders(database, clock)
        jobs = Jobs(database, clock)
        groups = (
            ConsoleCommands(inventory, self.issuer, database),
            SystemVmCommands(orders),
            SessionCommands(inventory, database, follow.live, clock),
            ConfigurationCommands(changes),
            CertificateCommands(certificates, jobs),
            jobs,
            DomainCommands(database, jobs),
            AccountCommands(database, jobs, follow.live, clock),
            UserCommands(database, sealer),
        )
        commands = Commands([*groups, DiscoveryCommands(groups, follow.live)])
        gate = Gate(
            inventory,
            database,
            hidden.hash_key,
            follow.live,
            config.ticket_minutes,
            clock,
        )
        registration = Registration(
            hidden.encryption_keys,
            # Their own; what administrators changed goes its own way.
            config.settings.source_ip_check,
            config.settings.extra_required,
        )
        return make_application(
            Api(commands, Admission(database, sealer, follow.live, clock)),
            Channel(config.secret, registration, gate, certificates, bulletin, database, clock),
            Pages(
                visitors=Visitors(config.secret, config.page_key),
                inventory=inventory,
                database=database,
                issuer=self.issuer,
                certificates=certificates,
                capacity=book,
                alarm=alarm,
                changes=changes,
                orders=orders,
                caller=self.account.caller,
                clock=clock,
            ),
            database,
        )


def _listen(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        listener = socket.create_server((address, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise SettingsInvalid(
            [
                f"consoleproxy.manage.port: {address} port {port} cannot be had: {error.strerror}; "
                "end what listens there, or set another address or port"
            ]
        ) from error
    listener.setblocking(False)
    return listener


def _hidden_values(db: Connection, sealer: Sealer) -> HiddenValues:
    key, iv, hash_key = (hidden_value(db, name, sealer) for name in HIDDEN_VALUES)
    return HiddenValues(_key_pair(key, iv), hash_key)


def _key_pair(key: str, iv: str) -> str:
    """Return CloudStack's JSON pair of an encryption key and its IV."""
    return f'{{"base64EncodedKeyBytes":"{key}","base64EncodedIvBytes":"{iv}"}}'
