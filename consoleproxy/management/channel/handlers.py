"""The CPVMs' channel: ``POST`` to ``/cpvm/register``, ``authenticate``, ``load`` and so on.

Each request carries the shared secret as a bearer token. 400 is for a body that cannot be read,
401 for a wrong secret, 409 for a CPVM that must register first, 503 while the database is away.
"""

import asyncio
import hmac
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection
from tornado.web import HTTPError

from consoleproxy.errors import KeystoreInvalid, ManagementRequestRefused
from consoleproxy.management.certificates import Certificates
from consoleproxy.management.channel.authentication import AuthenticationRequest
from consoleproxy.management.channel.bulletin import Bulletin
from consoleproxy.management.channel.documents import (
    LoadAnswer,
    LoadReport,
    ProxyDescription,
    Registration,
)
from consoleproxy.management.channel.hand_over import read_keystore_request
from consoleproxy.management.channel.news import News, Watch
from consoleproxy.management.gate import Gate
from consoleproxy.management.query_free import QueryFreeHandler
from consoleproxy.management.records.news import news_of
from consoleproxy.management.records.proxies import is_taken, register, take_load
from consoleproxy.management.storage.database import Database

_log = logging.getLogger(__name__)

_TAKEN = "another console proxy has this name: give each its own consoleproxy.name"


@dataclass(frozen=True, slots=True)
class Channel:
    """What the channel's handlers work on; ``clock`` gives seconds since 1970."""

    secret: str = field(repr=False)
    registration: Registration
    gate: Gate
    certificates: Certificates
    bulletin: Bulletin
    database: Database
    clock: Callable[[], float]


class ChannelHandler(QueryFreeHandler):
    """Common to all of them: the shared secret, JSON both ways, refusals as ``{"error": …}``."""

    def initialize(self, channel: Channel) -> None:
        self._channel = channel

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        self.set_header("Content-Type", "application/json")
        self.set_header("Cache-Control", "no-store")

    def prepare(self) -> None:
        given = self.request.headers.get("Authorization", "").encode()
        if not hmac.compare_digest(given, f"Bearer {self._channel.secret}".encode()):
            _log.warning("%s: wrong shared secret from %s", self._path, self.request.remote_ip)
            self._refuse(401, "wrong shared secret")

    async def post(self) -> None:
        try:
            answer = await self.answer(self.request.body)
        except ValueError as error:
            _log.warning("%s: %s", self._path, error)
            self._refuse(400, str(error))
            return
        except (ManagementRequestRefused, KeystoreInvalid) as error:
            self._refuse(503, str(error))
            return
        if answer is None:
            self._refuse(409, "this proxy is not registered")
        else:
            self.finish(answer)

    async def answer(self, body: bytes) -> str | None:
        """Return the answer's JSON; ``None`` for a CPVM that is not registered.

        Raises:
            ValueError: the body cannot be read.
        """
        raise NotImplementedError

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        self.finish(json.dumps({"error": self._reason}))

    @property
    def _path(self) -> str:
        return self.request.path

    def _refuse(self, status: int, text: str) -> None:
        self.set_status(status)
        self.finish(json.dumps({"error": text}))


class RegisterHandler(ChannelHandler):
    """Takes a CPVM in and gives it the keys of the console tokens."""

    async def answer(self, body: bytes) -> str:
        description = ProxyDescription.from_json(body)
        now = self._channel.clock()

        def work(db: Connection) -> News | None:
            if is_taken(db, description, now):
                return None
            register(db, description, now)
            return news_of(db, description.name)

        news = await self._channel.database.run(work)
        if news is None:
            _log.warning(
                "console proxy %s at %s:%d is refused: another one of this name runs elsewhere",
                description.name,
                description.host,
                description.port,
            )
            raise HTTPError(409, reason=_TAKEN)
        _log.info(
            "console proxy %s registered: console port %s:%d, TLS %s",
            description.name,
            description.host,
            description.port,
            "on" if description.tls else "off",
        )
        return replace(self._channel.registration, news=news).to_json()


class AuthenticateHandler(ChannelHandler):
    """Says whether a session may be opened."""

    async def answer(self, body: bytes) -> str:
        request = AuthenticationRequest.from_json(body)
        answer = await self._channel.gate.decide(request)
        if not answer.allowed:
            _log.warning(
                "session %s at %s refused: %s", request.session_uuid, request.proxy, answer.reason
            )
        return answer.to_json()


class LoadHandler(ChannelHandler):
    """Takes load reports."""

    async def answer(self, body: bytes) -> str | None:
        report = LoadReport.from_json(body)
        now = self._channel.clock()
        known, news = await self._channel.database.run(
            lambda db: (take_load(db, report, now), news_of(db, report.proxy))
        )
        return LoadAnswer(report.removed, news).to_json() if known else None


class KeystoreHandler(ChannelHandler):
    """Hands the keystore over, sealed."""

    async def answer(self, body: bytes) -> str:
        proxy = read_keystore_request(body)
        try:
            keystore = await self._channel.certificates.served()
        except KeystoreInvalid as fault:
            _log.error("no keystore for %s: %s", proxy, fault)
            raise
        _log.info("keystore %s goes to %s", keystore.version or "(none)", proxy)
        return keystore.to_json(self._channel.secret)


class WatchHandler(ChannelHandler):
    """Answers once there is something that the CPVM does not know, or after a while."""

    def initialize(self, channel: Channel) -> None:
        super().initialize(channel)
        self._gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def on_connection_close(self) -> None:
        if not self._gone.done():
            self._gone.set_result(None)

    async def answer(self, body: bytes) -> str:
        news = await self._channel.bulletin.news(Watch.from_json(body), self._gone)
        return news.to_json()
