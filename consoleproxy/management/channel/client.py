"""A CPVM's side of the channel: register, ask for each session, report the load."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest, HTTPResponse

from consoleproxy.endpoint.model import ConsoleEndpoint
from consoleproxy.errors import AuthenticationRefused, MachineNotRunning, ManagementUnavailable
from consoleproxy.management.channel.authentication import (
    AuthenticationAnswer,
    AuthenticationRequest,
)
from consoleproxy.management.channel.documents import (
    AUTHENTICATE_PATH,
    KEYSTORE_PATH,
    KEYSTORE_WATCH_PATH,
    LOAD_PATH,
    REGISTER_PATH,
    LoadAnswer,
    LoadReport,
    ProxyDescription,
    Registration,
)
from consoleproxy.management.channel.hand_over import (
    HandedKeystore,
    keystore_request,
    read_watch_document,
    watch_document,
)

_log = logging.getLogger(__name__)

# What CloudStack's CPVM waits for its authentication call.
_TIME_LIMIT_SECONDS = 10.0
_ANSWER_LIMIT_BYTES = 1024 * 1024
_REQUESTS_AT_ONCE = 100

_Answer = TypeVar("_Answer")


class ManagementClient:
    """Talks to the embedded management server; made on a running event loop.

    Every call takes at most ten seconds, and raises ``ManagementUnavailable`` when there is no
    answer or none that makes sense.

    Args:
        url: ``consoleproxy.management.url``.
        secret: ``consoleproxy.management.secret``.
        proxy_name: ``consoleproxy.name``.
        registered: called with every registration, also with those that happen because the
            management server has forgotten this proxy.
        keystore_changed: called with the version of the management server's keystore when it is
            another one than it said before; ``keystore`` fetches it. The version is empty while it
            has none, and that is what is taken for granted at first.
    """

    def __init__(
        self,
        url: str,
        secret: str,
        proxy_name: str,
        registered: Callable[[Registration], None] | None = None,
        keystore_changed: Callable[[str], None] | None = None,
    ) -> None:
        self._url = url.rstrip("/")
        self._secret = secret
        self._proxy_name = proxy_name
        self._registered = registered
        self._keystore_changed = keystore_changed
        self._keystore_version = ""
        self._description: ProxyDescription | None = None
        # An instance of its own: the shared one could not be closed.
        self._http = AsyncHTTPClient(
            force_instance=True,
            max_clients=_REQUESTS_AT_ONCE,
            max_body_size=_ANSWER_LIMIT_BYTES,
        )

    @property
    def keystore_version(self) -> str:
        """The version of the management server's keystore, as it last said; empty for none."""
        return self._keystore_version

    def close(self) -> None:
        """Let go of all connections; calls under way fail."""
        self._http.close()

    async def register(self, description: ProxyDescription) -> Registration:
        """Register this CPVM, which has no session open, and return its keys and rules.

        Raises:
            ManagementUnavailable: not registered.
        """
        self._description = description
        answer = await self._post(REGISTER_PATH, description.to_json())
        registration = _understood(answer, Registration.from_json)
        if self._registered is not None:
            self._registered(registration)
        self._heard_of(registration.keystore_version)
        return registration

    async def authenticate(
        self, endpoint: ConsoleEndpoint, client_address: str, *, reconnecting: bool = False
    ) -> ConsoleEndpoint:
        """Ask whether the session of this endpoint may be opened; a yes uses it up.

        Returns the endpoint as it is by now: the VM may have moved.

        Args:
            client_address: the browser's.
            reconnecting: this CPVM had the session open a moment ago, and it comes back.

        Raises:
            AuthenticationRefused: the management server says no, and why.
            MachineNotRunning: there is no screen to show.
            ManagementUnavailable: it did not answer.
        """
        request = AuthenticationRequest(
            proxy=self._proxy_name,
            host=endpoint.host,
            port=endpoint.port,
            vm_uuid=endpoint.vm_uuid,
            password=endpoint.password,
            ticket=endpoint.ticket,
            session_uuid=endpoint.session_uuid,
            client_address=client_address,
            reconnecting=reconnecting,
        )
        response = await self._post(AUTHENTICATE_PATH, request.to_json())
        answer = _understood(response, AuthenticationAnswer.from_json)
        if answer.whereabouts is None:
            refused = AuthenticationRefused if answer.running else MachineNotRunning
            raise refused(f"the management server refused: {answer.reason}")
        return replace(
            endpoint,
            host=answer.whereabouts.host,
            port=answer.whereabouts.port,
            tunnel_url=answer.whereabouts.tunnel_url,
            tunnel_session=answer.whereabouts.tunnel_session,
            websocket_url=answer.whereabouts.websocket_url,
            username=answer.whereabouts.username,
            instance_name=answer.whereabouts.instance_name,
        )

    async def report(self, document: str) -> frozenset[str]:
        """Deliver a load report and return the removed session uuids that it acknowledged.

        A management server that has forgotten this CPVM is registered with anew first.

        Raises:
            ManagementUnavailable: not delivered.
        """
        body = LoadReport.to_json(self._proxy_name, document)
        response = await self._fetch(LOAD_PATH, body)
        if response.code == 409 and self._description is not None:
            await self.register(self._description)
            response = await self._fetch(LOAD_PATH, body)
        answer = _understood(_successful(response), LoadAnswer.from_json)
        self._heard_of(answer.keystore_version)
        return frozenset(answer.acknowledged)

    async def keystore(self) -> bytes:
        """Return the management server's keystore as PEM; empty if it has none.

        It holds the private key, the server certificate, the intermediates and the root.

        Raises:
            ManagementUnavailable: it did not answer, or its answer was sealed under another secret.
        """
        response = await self._post(KEYSTORE_PATH, keystore_request(self._proxy_name))
        handed = _understood(response, lambda body: HandedKeystore.from_json(body, self._secret))
        return handed.pem

    async def watch_keystore(self) -> None:
        """Hear of every new keystore at once, until cancelled; load reports tell of it, too."""
        while True:
            try:
                response = await self._post(
                    KEYSTORE_WATCH_PATH, watch_document(self._keystore_version)
                )
                self._heard_of(_understood(response, read_watch_document))
            except ManagementUnavailable as error:
                _log.debug("keystore watch: %s", error)
                await asyncio.sleep(_TIME_LIMIT_SECONDS)

    def _heard_of(self, version: str) -> None:
        changed = version != self._keystore_version
        self._keystore_version = version
        if changed and self._keystore_changed is not None:
            self._keystore_changed(version)

    async def _post(self, path: str, body: str) -> HTTPResponse:
        return _successful(await self._fetch(path, body))

    async def _fetch(self, path: str, body: str) -> HTTPResponse:
        request = HTTPRequest(
            self._url + path,
            method="POST",
            headers={
                "Authorization": f"Bearer {self._secret}",
                "Content-Type": "application/json",
            },
            body=body,
            connect_timeout=_TIME_LIMIT_SECONDS,
            request_timeout=_TIME_LIMIT_SECONDS,
            follow_redirects=False,
        )
        try:
            answer = self._http.fetch(request, raise_error=False)
            try:
                return await asyncio.shield(answer)
            except asyncio.CancelledError:
                # Tornado would log what becomes of it as an error, when the connection is closed.
                answer.add_done_callback(_nobody_waits)
                raise
        except (HTTPClientError, OSError, ValueError) as error:
            raise ManagementUnavailable(f"{self._url}{path}: {error}") from error


def _nobody_waits(answer: Awaitable[HTTPResponse]) -> None:
    """Take note of how a request ended that was given up."""
    if isinstance(answer, asyncio.Future) and not answer.cancelled():
        answer.exception()


def _successful(response: HTTPResponse) -> HTTPResponse:
    if response.code == 200:
        return response
    url = response.request.url
    if response.code == 401:
        raise ManagementUnavailable(
            f"{url} does not accept the shared secret: consoleproxy.management.secret must be the "
            "same here and there"
        )
    raise ManagementUnavailable(f"{url} answered {response.code} {response.reason}")


def _understood(response: HTTPResponse, read: Callable[[bytes], _Answer]) -> _Answer:
    try:
        return read(response.body)
    except ValueError as error:
        raise ManagementUnavailable(
            f"{response.request.url} answered something else than a management server: {error}"
        ) from error
