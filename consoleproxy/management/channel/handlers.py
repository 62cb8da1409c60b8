"""The CPVMs' channel: ``POST /cpvm/register``, ``/authenticate``, ``/load`` and ``/keystore``.

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
from tornado.web import RequestHandler

from consoleproxy.errors import KeystoreInvalid, ManagementRequestRefused
from consoleproxy.management.certificates import Certificates
from consoleproxy.management.channel.authentication import AuthenticationRequest
from consoleproxy.management.channel.documents import (
    LoadAnswer,
    LoadReport,
    ProxyDescription,
    Registration,
)
from consoleproxy.management.channel.hand_over import (
    read_keystore_request,
    read_watch_document,
    watch_document,
)
from consoleproxy.management.gate import Gate
from consoleproxy.management.records.keystores import served_version
from consoleproxy.management.records.proxies import register, take_load
from consoleproxy.management.storage.database import Database

_log = logging.getLogger(__name__)

# Together well below what a CPVM waits for an answer.
_WATCH_LOOKS = 20
_LOOK_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Channel:
    """What the channel's handlers work on; ``clock`` gives seconds since 1970."""

    secret: str = field(repr=False)
    registration: Registration
    gate: Gate
    certificates: Certificates
    database: Database
    clock: Callable[[], float]


class ChannelHandler(RequestHandler):
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

        def work(db: Connection) -> str:
            register(db, description, now)
            return served_version(db)

        version = await self._channel.database.run(work)
        _log.info(
            "console proxy %s registered: console port %s:%d, TLS %s",
            description.name,
            description.host,
            description.port,
            "on" if description.tls else "off",
        )
        return replace(self._channel.registration, keystore_version=version).to_json()


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
        known, version = await self._channel.database.run(
            lambda db: (take_load(db, report, now), served_version(db))
        )
        return LoadAnswer(report.removed, version).to_json() if known else None


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


class KeystoreWatchHandler(ChannelHandler):
    """Answers once the served keystore is another one than the CPVM knows, or after a while."""

    _gone = False

    def on_connection_close(self) -> None:
        self._gone = True

    async def answer(self, body: bytes) -> str:
        known = read_watch_document(body)
        version = known
        # The database is asked, as another management server may have taken the upload.
        for _ in range(_WATCH_LOOKS):
            version = await self._channel.database.run(served_version)
            if version != known:
                break
            await asyncio.sleep(_LOOK_SECONDS)
            if self._gone:
                break
        return watch_document(version)
