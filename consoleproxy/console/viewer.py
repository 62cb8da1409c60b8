"""The browser's side of a console: play the RFB server to its viewer, let it in, or say no."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from consoleproxy.console.exchange import crowd_of, exchange
from consoleproxy.console.facts import Facts
from consoleproxy.console.guest import Guest
from consoleproxy.console.model import Admission, Upgrade
from consoleproxy.endpoint.query import parse_abilities
from consoleproxy.errors import ConsoleRefused, ViewerProtocolError, ViewerSilent
from consoleproxy.relay.channel import BrowserChannel, BrowserGone
from consoleproxy.relay.websocket import Answer
from consoleproxy.rfb.opening import Opening, find_opening
from consoleproxy.rfb.server import ServerLogin
from consoleproxy.session.returns import NO_CLAIM

_log = logging.getLogger(__name__)

# A refused viewer that stays silent is closed after this; a willing one has the text long before.
_REFUSAL_SECONDS = 2.0
# From here on a viewer waits for its machine's screen.
_ANSWERED = "answered"


class Viewer:
    """One browser's viewer, from its upgrade on.

    Args:
        login_limit: seconds that it has for its login once the guest is ready.
    """

    def __init__(self, upgrade: Upgrade, login_limit: float) -> None:
        abilities = parse_abilities(upgrade.raw_query)
        self._opening = find_opening(upgrade.headers.get("Sec-WebSocket-Protocol", ""))
        self._to_guest = b""
        self.claim = NO_CLAIM
        self._tab = abilities.tab if upgrade.refusal is None else ""
        self._framed = abilities.framed
        self._tls = upgrade.tls
        self._cookies = upgrade.headers.get("Cookie", "")
        self.channel = BrowserChannel(
            upgrade.socket,
            upgrade.headers,
            upgrade.early,
            echoes=abilities.facts,
        )
        self.resumes = abilities.resume
        self.named_ends = abilities.named_ends
        self._steps = abilities.steps
        self._facts = abilities.facts
        self._login_limit = login_limit
        login = self._opening.login
        self._login = ServerLogin(ahead=abilities.rfb38 or bool(login))
        self._login.receive_data(login)
        self._loop = asyncio.get_running_loop()

    async def open(self, admission: Admission) -> None:
        """Answer the opening handshake, and exchange the tab's secret.

        Raises:
            BrowserGone: the connection broke.
        """
        known: frozenset[str] = frozenset()
        if crowd := crowd_of(self._tab, self._cookies):
            known = await admission.tabs_known(crowd)
        exchanged = exchange(
            self._tab, self._cookies, tls=self._tls, framed=self._framed, known=known
        )
        self.claim = exchanged.claim
        await self.channel.open(Answer(self._opening.subprotocol, exchanged.set_cookies))

    async def let_in(
        self, reach: Coroutine[Any, Any, Guest], interrupted: asyncio.Future[ConsoleRefused]
    ) -> Guest:
        """Reach the guest and take the viewer through its login, side by side.

        Args:
            interrupted: its result ends this at once.

        Raises:
            ConsoleRefused: ``reach`` or ``interrupted`` said so, or the viewer was silent or wrong.
            BrowserGone: the browser closed its websocket, or lost it.
        """
        reaching = self._loop.create_task(reach, name="guest login")
        try:
            async with asyncio.timeout(None) as deadline:
                await self._log_in(reaching, interrupted, deadline)
        except BaseException as error:
            reaching.cancel()
            await asyncio.wait({reaching})
            if not reaching.cancelled() and reaching.exception() is None:
                reaching.result().wire.close()
            if isinstance(error, TimeoutError):
                raise ViewerSilent from error
            raise
        return reaching.result()

    async def tell_answered(self) -> None:
        """Tell a viewer that asked for it that the cloud has allowed its console.

        Raises:
            BrowserGone: the connection broke.
        """
        if self._steps:
            await self.channel.tell(_ANSWERED)

    def tell_facts(self, session_uuid: str, age: float, guest: Guest) -> None:
        """Have a viewer that asked for it told about its session, with what is sent next.

        Args:
            age: seconds since the session began.
        """
        if self._facts:
            browser = self.channel.tls_version
            facts = Facts(session_uuid, age, browser, guest.secrecy, guest.keyboard)
            self.channel.engine.tell(facts.word())

    async def begin_anew(self) -> None:
        """Let the viewer expect another login on the same websocket.

        What its decoder had of the lost screen (pixel format, encodings, zlib streams) goes with
        the old stream: the viewer sets all of it up again, as on a new connection.

        Raises:
            BrowserGone: the connection broke.
        """
        self._login = ServerLogin(ahead=True)
        self._opening = Opening()
        await self.channel.begin_anew()

    def trailing_data(self) -> bytes:
        """Return and forget what the viewer sent behind its login, or said with its request."""
        said, self._to_guest = self._to_guest, b""
        return said + self._login.trailing_data()

    async def refuse(self, refusal: ConsoleRefused) -> None:
        """Tell the viewer by RFB and by the close frame, within a short time."""
        try:
            async with asyncio.timeout(_REFUSAL_SECONDS):
                self._login.refuse(refusal.sentence)
                await self._send()
                while not self._login.done:
                    self._login.receive_data(await self.channel.receive())
                    await self._send()
        except (TimeoutError, ViewerProtocolError):
            _log.debug("a viewer did not take its refusal by RFB")
        except BrowserGone:
            return
        await self.channel.close(refusal.close_code, refusal.told(named=self.named_ends))

    async def _log_in(
        self,
        reaching: asyncio.Task[Guest],
        interrupted: asyncio.Future[ConsoleRefused],
        deadline: asyncio.Timeout,
    ) -> None:
        """Play the RFB server until the viewer is in.

        Its time starts when the guest is ready; until then each step towards the guest has its own
        limit.
        """
        await self._send()
        receiving = self._receiving()
        others: set[asyncio.Future[Any]] = {reaching, interrupted}
        try:
            while not self._login.done:
                done, _ = await asyncio.wait(
                    {receiving, *others}, return_when=asyncio.FIRST_COMPLETED
                )
                if interrupted in done:
                    raise interrupted.result()
                if reaching in done:
                    others.discard(reaching)
                    screen = reaching.result().server_init
                    self._login.accept(screen)
                    self._to_guest = self._opening.to_guest(screen)
                    deadline.reschedule(self._loop.time() + self._login_limit)
                if receiving in done:
                    self._login.receive_data(receiving.result())
                    receiving = self._receiving()
                await self._send()
        finally:
            receiving.cancel()
            await asyncio.wait({receiving})
            if not receiving.cancelled():
                # It had come in while something else was decided.
                self._login.receive_data(receiving.result())

    def _receiving(self) -> asyncio.Task[bytes]:
        return self._loop.create_task(self.channel.receive(), name="viewer login")

    async def _send(self) -> None:
        if data := self._login.data_to_send():
            await self.channel.send(data)
