"""One console, from the upgrade to its end."""

import asyncio
import datetime
import logging
from typing import Any

from consoleproxy.console.guest import Guest, reach_guest
from consoleproxy.console.model import Surroundings, Upgrade
from consoleproxy.endpoint.model import ConsoleEndpoint
from consoleproxy.endpoint.policy import AccessRequest, check_access
from consoleproxy.endpoint.query import parse_console_query
from consoleproxy.errors import (
    ConsoleRefused,
    ManagementUnavailable,
    SessionIdle,
    ViewerProtocolError,
    ViewerSilent,
)
from consoleproxy.relay.channel import BrowserChannel, BrowserGone
from consoleproxy.relay.pump import Relay, RelayEnd
from consoleproxy.rfb.server import ServerLogin
from consoleproxy.session.registry import Candidate
from consoleproxy.session.session import Session, Timeline

_log = logging.getLogger(__name__)

# A refused viewer that stays silent is closed after this; a willing one has the text long before.
_REFUSAL_SECONDS = 2.0


class Attempt:
    """One console: the upgrade's socket is closed when ``run`` returns."""

    def __init__(self, surroundings: Surroundings, upgrade: Upgrade) -> None:
        self._surroundings = surroundings
        self._upgrade = upgrade
        self._loop = asyncio.get_running_loop()
        self._channel = BrowserChannel(upgrade.socket, upgrade.headers, upgrade.early)
        self._viewer = ServerLogin()
        self._timeline = Timeline(self._loop.time())
        self._session: Session | None = None
        self._session_uuid = "-"
        self._ended_early: asyncio.Future[ConsoleRefused] = self._loop.create_future()
        self._idle_timer: asyncio.TimerHandle | None = None

    async def run(self) -> None:
        """Open the console, carry it, and leave nothing behind."""
        cut = False
        try:
            await self._channel.open()
            end = await self._relay(*await self._log_in())
            cut = end.cut
            self._step("end", f"{end.who} {end.code} {end.reason}".rstrip())
        except ConsoleRefused as refusal:
            cut = refusal.may_return
            self._step("refused", f"{type(refusal).__name__}: {refusal}")
            self._log(refusal.level, "console refused")
            await self._refuse(refusal)
        except BrowserGone as gone:
            cut = True
            self._step("end", f"browser left during login {gone}".rstrip())
        finally:
            self._channel.abort()
            self._leave(cut)

    async def _log_in(self) -> tuple[Session, Guest]:
        """Log in to the hypervisor and let the viewer in, side by side."""
        reaching = self._loop.create_task(self._reach_guest(), name="guest login")
        try:
            async with asyncio.timeout(None) as deadline:
                await self._admit_viewer(reaching, deadline)
        except BaseException as error:
            reaching.cancel()
            await asyncio.wait({reaching})
            if not reaching.cancelled() and reaching.exception() is None:
                reaching.result()[1].wire.close()
            if isinstance(error, TimeoutError):
                raise ViewerSilent from error
            raise
        return reaching.result()

    async def _admit_viewer(
        self, reaching: asyncio.Task[tuple[Session, Guest]], deadline: asyncio.Timeout
    ) -> None:
        """Play the RFB server to the viewer until ServerInit is sent.

        The viewer's time starts when the guest is ready; until then each step towards the guest
        has its own limit.
        """
        await self._send_to_viewer()
        receiving = self._receiving()
        others: set[asyncio.Future[Any]] = {reaching, self._ended_early}
        try:
            while not self._viewer.done:
                done, _ = await asyncio.wait(
                    {receiving, *others}, return_when=asyncio.FIRST_COMPLETED
                )
                if self._ended_early in done:
                    raise self._ended_early.result()
                if reaching in done:
                    others.discard(reaching)
                    self._viewer.accept(reaching.result()[1].server_init)
                    deadline.reschedule(self._loop.time() + self._surroundings.limits.login)
                if receiving in done:
                    self._viewer.receive_data(receiving.result())
                    receiving = self._receiving()
                await self._send_to_viewer()
        finally:
            receiving.cancel()
            await asyncio.wait({receiving})
            if not receiving.cancelled():
                # It had come in while something else was decided.
                self._viewer.receive_data(receiving.result())

    async def _reach_guest(self) -> tuple[Session, Guest]:
        """Decide, authenticate, dial and log in."""
        endpoint, session, returning = self._decide()
        await self._authenticate(endpoint, session, returning=returning)
        return session, await reach_guest(endpoint, self._surroundings.limits, self._step)

    def _decide(self) -> tuple[ConsoleEndpoint, Session, bool]:
        """Decode the token, check the request against it, and take the session in."""
        now = self._loop.time()
        now_epoch = datetime.datetime.now(datetime.UTC).timestamp()
        query = parse_console_query(self._upgrade.raw_query)
        endpoint = self._surroundings.codec.decode(query.token)
        self._session_uuid = endpoint.session_uuid
        client = self._upgrade.client_address
        check_access(
            endpoint, AccessRequest(query.extra, client), self._surroundings.rules, now_epoch
        )
        self._step("token", f"vm {endpoint.vm_uuid}")
        registry = self._surroundings.registry
        returning = registry.may_return(endpoint.session_uuid, client, now)
        candidate = Candidate(
            uuid=endpoint.session_uuid,
            vm_uuid=endpoint.vm_uuid,
            host=endpoint.host,
            port=endpoint.port,
            password=endpoint.password,
            client_address=client,
            now=now,
            now_epoch=now_epoch,
        )
        self._session = session = registry.admit(candidate, self._end_early)
        return endpoint, session, returning

    async def _authenticate(
        self, endpoint: ConsoleEndpoint, session: Session, *, returning: bool
    ) -> None:
        """Ask the management server, before the hypervisor hears of us."""
        if self._surroundings.authenticator is not None:
            try:
                await self._surroundings.authenticator.authenticate(
                    endpoint, session.client_address, reconnecting=returning
                )
            except ManagementUnavailable:
                # Nobody said no: the same link may be tried again.
                self._surroundings.registry.forget(session)
                raise
            self._step("authentication")
        session.authenticated = True
        self._surroundings.changed()

    async def _relay(self, session: Session, guest: Guest) -> RelayEnd:
        """Carry bytes both ways until either side ends."""
        relay = Relay(
            self._channel,
            guest.wire,
            to_guest=self._viewer.trailing_data(),
            to_browser=guest.trailing,
        )
        session.stream = relay
        self._surroundings.registry.take_over(session)
        self._step("open")
        self._log(logging.INFO, "console open")
        self._watch_idle(session)
        end = await relay.run()
        if relay.first_frame_at is not None:
            self._timeline.add("first frame", relay.first_frame_at)
        return end

    async def _refuse(self, refusal: ConsoleRefused) -> None:
        """Tell the viewer by RFB and by the close frame, within a short time."""
        try:
            async with asyncio.timeout(_REFUSAL_SECONDS):
                self._viewer.refuse(refusal.sentence)
                await self._send_to_viewer()
                while not self._viewer.done:
                    self._viewer.receive_data(await self._channel.receive())
                    await self._send_to_viewer()
        except (TimeoutError, ViewerProtocolError):
            _log.debug("viewer did not take the refusal by RFB", extra=self._context())
        except BrowserGone:
            return
        await self._channel.close(refusal.close_code, refusal.sentence)

    def _leave(self, cut: bool) -> None:
        if self._idle_timer is not None:
            self._idle_timer.cancel()
        if self._session is None:
            return
        self._surroundings.registry.remove(self._session, cut=cut, now=self._loop.time())
        self._surroundings.changed()
        if self._session.stream is not None:
            self._log(logging.INFO, "console ended")

    def _watch_idle(self, session: Session) -> None:
        """Look at the clock when the session could have become idle, and only then."""
        left = session.last_activity + self._surroundings.limits.idle - self._loop.time()
        if left <= 0:
            session.end(SessionIdle())
        else:
            self._idle_timer = self._loop.call_later(left, self._watch_idle, session)

    def _end_early(self, refusal: ConsoleRefused) -> None:
        if not self._ended_early.done():
            self._ended_early.set_result(refusal)

    def _receiving(self) -> asyncio.Task[bytes]:
        return self._loop.create_task(self._channel.receive(), name="viewer login")

    async def _send_to_viewer(self) -> None:
        if data := self._viewer.data_to_send():
            await self._channel.send(data)

    def _step(self, name: str, detail: str = "") -> None:
        self._timeline.add(name, self._loop.time(), detail)

    def _context(self) -> dict[str, str]:
        return {"session": self._session_uuid}

    def _log(self, level: int, event: str) -> None:
        _log.log(
            level,
            "%s: client %s, %s",
            event,
            self._upgrade.client_address,
            self._timeline,
            extra=self._context(),
        )
