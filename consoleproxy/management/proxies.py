"""The CPVMs' channel: ``POST /cpvm/register``, ``/cpvm/authenticate`` and ``/cpvm/load``.

Each request carries the shared secret as a bearer token. 400 is for a body that cannot be read,
401 for a wrong secret, 409 for a CPVM that must register first.
"""

import hmac
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tornado.web import RequestHandler

from consoleproxy.management.authentication import AuthenticationRequest
from consoleproxy.management.channel import (
    LoadReport,
    ProxyDescription,
    Registration,
    acknowledgement,
)
from consoleproxy.management.gate import Gate
from consoleproxy.management.store_thread import StoreThread

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Channel:
    """What the channel's handlers work on; ``clock`` gives seconds since 1970."""

    secret: str = field(repr=False)
    registration: Registration
    gate: Gate
    database: StoreThread
    clock: Callable[[], float]


class ChannelHandler(RequestHandler):
    """Common to the three: the shared secret, JSON both ways, refusals as ``{"error": …}``."""

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
        await self._channel.database.run(lambda store: store.register(description, now))
        _log.info(
            "console proxy %s registered: console port %s:%d, TLS %s",
            description.name,
            description.host,
            description.port,
            "on" if description.tls else "off",
        )
        return self._channel.registration.to_json()


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
        known = await self._channel.database.run(lambda store: store.take_load(report, now))
        return acknowledgement(report.removed) if known else None
