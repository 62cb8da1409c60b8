"""A CPVM's side of the channel: register, ask for each session, report the load, hear news."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from consoleproxy.endpoint.model import ConsoleEndpoint
from consoleproxy.errors import AuthenticationRefused, MachineNotRunning, ManagementUnavailable
from consoleproxy.management.channel.authentication import (
    AuthenticationAnswer,
    AuthenticationRequest,
)
from consoleproxy.management.channel.documents import (
    AUTHENTICATE_PATH,
    KEYSTORE_PATH,
    LOAD_PATH,
    REGISTER_PATH,
    WATCH_PATH,
    LoadAnswer,
    LoadReport,
    ProxyDescription,
    Registration,
)
from consoleproxy.management.channel.hand_over import HandedKeystore, keystore_request
from consoleproxy.management.channel.news import News, Watch
from consoleproxy.management.channel.transport import Transport, understood
from consoleproxy.session.load import Load

_log = logging.getLogger(__name__)

_FIRST_RETRY_SECONDS = 0.25
_LAST_RETRY_SECONDS = 5.0
# An answer that says nothing new comes after seconds; one that does not is no reason to hurry.
_BREATH_SECONDS = 0.1


def _ignore(_: object) -> None:
    """For news that nobody wants to hear."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """Who hears what the management server says; each is called on a change only.

    Args:
        registered: every registration, also those that happen because the management server has
            forgotten this proxy.
        keystore_changed: the version of its keystore, which ``ManagementClient.keystore`` fetches;
            empty for none, and that is what is taken for granted at first.
        settings_changed: all settings that an administrator changed, by name, as text; none at
            first.
        maintenance_changed: whether this proxy gets no new sessions; not so at first.
        end_session: the uuid of a session that an operator ended; it has to be reported as
            removed, whether it was open or not.
    """

    registered: Callable[[Registration], None] = _ignore
    keystore_changed: Callable[[str], None] = _ignore
    settings_changed: Callable[[Mapping[str, str]], None] = _ignore
    maintenance_changed: Callable[[bool], None] = _ignore
    end_session: Callable[[str], None] = _ignore


_NOBODY = Listener()


class ManagementClient:
    """Talks to the embedded management server; made on a running event loop.

    Every call takes at most ten seconds, and raises ``ManagementUnavailable`` when there is no
    answer or none that makes sense.

    Args:
        url: ``consoleproxy.management.url``.
        secret: ``consoleproxy.management.secret``.
        proxy_name: ``consoleproxy.name``.
    """

    def __init__(
        self, url: str, secret: str, proxy_name: str, listener: Listener = _NOBODY
    ) -> None:
        self._secret = secret
        self._proxy_name = proxy_name
        self._listener = listener
        self._news = News()
        self._description: ProxyDescription | None = None
        self._transport = Transport(url, secret)

    @property
    def keystore_version(self) -> str:
        """The version of the management server's keystore, as it last said; empty for none."""
        return self._news.keystore_version

    def close(self) -> None:
        """Let go of all connections; calls under way fail."""
        self._transport.close()

    async def register(self, description: ProxyDescription) -> Registration:
        """Register this CPVM, which has no session open, and return its keys and rules.

        Raises:
            ManagementUnavailable: not registered.
        """
        self._description = description
        registration = await self._transport.ask(
            REGISTER_PATH, description.to_json(), Registration.from_json
        )
        self._listener.registered(registration)
        self._hear(registration.news)
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
        answer = await self._transport.ask(
            AUTHENTICATE_PATH, request.to_json(), AuthenticationAnswer.from_json
        )
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

    async def report(self, load: Load) -> frozenset[str]:
        """Deliver a load report and return the removed session uuids that it acknowledged.

        A management server that has forgotten this CPVM is registered with anew first.

        Raises:
            ManagementUnavailable: not delivered.
        """
        body = LoadReport.to_json(
            self._proxy_name,
            load.document,
            load.reasons,
            draining=load.draining,
            pace=load.pace,
            waiting=load.waiting,
        )
        response = await self._transport.send(LOAD_PATH, body)
        if response.code == 409 and self._description is not None:
            await self.register(self._description)
            response = await self._transport.send(LOAD_PATH, body)
        answer = understood(response, LoadAnswer.from_json)
        self._hear(answer.news)
        return frozenset(answer.acknowledged)

    async def keystore(self) -> bytes:
        """Return the management server's keystore as PEM; empty if it has none.

        It holds the private key, the server certificate, the intermediates and the root.

        Raises:
            ManagementUnavailable: it did not answer, or its answer was sealed under another secret.
        """
        handed = await self._transport.ask(
            KEYSTORE_PATH,
            keystore_request(self._proxy_name),
            lambda body: HandedKeystore.from_json(body, self._secret),
        )
        return handed.pem

    async def watch(self) -> None:
        """Hear of all news at once, until cancelled; load reports' answers tell of them, too."""
        pause = _FIRST_RETRY_SECONDS
        while True:
            known = self._news
            watch = Watch(
                proxy=self._proxy_name,
                keystore_version=known.keystore_version,
                settings_version=known.settings_version,
                maintenance=known.maintenance,
                ending=known.ended,
            )
            try:
                self._hear(await self._transport.ask(WATCH_PATH, watch.to_json(), News.from_json))
            except ManagementUnavailable as error:
                _log.debug("watch: %s", error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LAST_RETRY_SECONDS)
            else:
                pause = _FIRST_RETRY_SECONDS
                await asyncio.sleep(_BREATH_SECONDS)

    def _hear(self, news: News) -> None:
        """Tell the listener what is new."""
        known, self._news = self._news, news
        if news.keystore_version != known.keystore_version:
            self._listener.keystore_changed(news.keystore_version)
        if news.settings_version != known.settings_version:
            self._listener.settings_changed(news.settings)
        if news.maintenance != known.maintenance:
            self._listener.maintenance_changed(news.maintenance)
        for uuid in news.ended:
            if uuid not in known.ended:
                self._listener.end_session(uuid)
