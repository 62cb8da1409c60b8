"""One console, from the upgrade to its end."""

import asyncio
import logging

from consoleproxy.console.guest import Guest
from consoleproxy.console.model import Admitted, Surroundings, Upgrade
from consoleproxy.console.viewer import Viewer
from consoleproxy.endpoint.query import parse_console_query
from consoleproxy.errors import (
    ConsoleRefused,
    HypervisorLoginFailed,
    HypervisorRefused,
    ManagementUnavailable,
    ScreenLost,
    SessionIdle,
)
from consoleproxy.relay.channel import BrowserGone
from consoleproxy.relay.end import GOING_AWAY, PAGE_LEFT, AfterGuest, RelayEnd
from consoleproxy.relay.pump import Relay
from consoleproxy.session.ending import EndReason, reason_of
from consoleproxy.session.session import Session, Timeline

_log = logging.getLogger(__name__)

# A lost screen is looked for as often as this, inside the reconnection window.
_LOOK_AGAIN_SECONDS = 0.5
# A person's Disconnect or Cancel; who leaves otherwise may come back.
_LEFT_FOR_GOOD = 1000


class Attempt:
    """One console: the upgrade's socket is closed when ``run`` returns."""

    def __init__(self, surroundings: Surroundings, upgrade: Upgrade) -> None:
        self._surroundings = surroundings
        self._upgrade = upgrade
        self._loop = asyncio.get_running_loop()
        self._viewer = Viewer(upgrade, surroundings.limits.login)
        self._timeline = Timeline(self._loop.time())
        self._session: Session | None = None
        self._session_uuid = "-"
        self._ended_early: asyncio.Future[ConsoleRefused] = self._loop.create_future()
        self._idle_timer: asyncio.TimerHandle | None = None
        self._has_secret = False
        self._viewer.channel.engine.ponged = self._viewer_has_secret

    async def run(self) -> None:
        """Open the console, carry it, and leave nothing behind."""
        cut, reason = False, EndReason.LOST
        try:
            await self._viewer.open(self._surroundings.admission)
            end = await self._open_and_carry()
            cut, reason = end.cut or self._put_to_sleep(end), _reason_of_end(end)
            self._step("end", f"{end.who} {end.code} {end.reason}".rstrip())
        except ConsoleRefused as refusal:
            cut, reason = refusal.may_return, reason_of(refusal)
            self._session_uuid = refusal.session_uuid or self._session_uuid
            self._step("refused", f"{type(refusal).__name__}: {refusal}")
            self._log(refusal.level, "console refused")
            await self._viewer.refuse(refusal)
        except BrowserGone as gone:
            cut, reason = gone.code != _LEFT_FOR_GOOD, EndReason.VIEWER_LOST
            self._step("end", f"browser left during login {gone}".rstrip())
        finally:
            self._viewer.channel.abort()
            self._leave(cut, reason)

    def limits_changed(self) -> None:
        """Look at the clock now: the session may be idle for too long already."""
        if self._idle_timer is not None and self._session is not None:
            self._idle_timer.cancel()
            self._watch_idle(self._session)

    async def _open_and_carry(self) -> RelayEnd:
        """Decide, log in and carry; and again, as often as the screen is lost and found."""
        admitted = await self._admit()
        session = admitted.session
        reach = self._reach(admitted)
        while True:
            guest = await self._viewer.let_in(reach, self._ended_early)
            try:
                end = await self._relay(session, guest)
            finally:
                guest.wire.close()
            if not end.kept:
                return end
            self._step("screen lost", end.reason)
            self._log(logging.INFO, "console lost its screen")
            session.pause()
            await self._viewer.begin_anew()
            reach = self._find(admitted)

    async def _admit(self) -> Admitted:
        """Have the token opened, the request checked against it, and the session taken in."""
        if self._upgrade.refusal is not None:
            raise self._upgrade.refusal
        admitted = await self._surroundings.admission.admit(
            parse_console_query(self._upgrade.raw_query),
            self._viewer.claim,
            self._upgrade.client_address,
            self._end_early,
        )
        self._session = admitted.session
        self._session_uuid = admitted.session.uuid
        self._step("return" if admitted.returning else "token", f"vm {admitted.session.vm_uuid}")
        if self._has_secret:
            self._surroundings.admission.confirm(admitted.session)
        return admitted

    async def _reach(self, admitted: Admitted, *, again: bool = False) -> Guest:
        """Ask the cloud, before the hypervisor hears of us; dial and log in."""
        endpoint = await self._surroundings.admission.authenticate(admitted, again=again)
        self._step("authentication")
        if not again:
            await self._viewer.tell_answered()
        return await self._surroundings.reach.guest(endpoint, self._step)

    async def _find(self, admitted: Admitted) -> Guest:
        """Reach the guest wherever it is by now, until the reconnection window is over."""
        window = self._surroundings.limits.reconnection_window
        deadline = self._loop.time() + window
        while True:
            try:
                return await self._reach(admitted, again=True)
            except (ManagementUnavailable, HypervisorRefused) as refusal:
                if not _may_pass(refusal):
                    raise
                if self._loop.time() + _LOOK_AGAIN_SECONDS > deadline:
                    raise ScreenLost(f"not found within {window:g} s: {refusal}") from refusal
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)

    async def _relay(self, session: Session, guest: Guest) -> RelayEnd:
        """Carry bytes both ways until either side ends."""
        age = self._loop.time() - session.began
        self._viewer.tell_facts(session.uuid, age, guest)
        relay = Relay(
            self._viewer.channel,
            guest.wire,
            to_guest=self._viewer.trailing_data(),
            to_browser=guest.trailing,
            after_guest=self._after_guest(),
        )
        session.carry(relay, named_ends=self._viewer.named_ends)
        self._surroundings.admission.opened(session)
        self._step("open")
        self._log(logging.INFO, "console open")
        if self._idle_timer is None:
            self._watch_idle(session)
        end = await relay.run()
        if relay.first_frame_at is not None:
            self._timeline.add("first frame", relay.first_frame_at)
        return end

    def _put_to_sleep(self, end: RelayEnd) -> bool:
        """Whether the browser froze the tab, or closed it: it says the same of both."""
        return end.who == "browser" and end.code == GOING_AWAY and bool(self._viewer.claim.tab)

    def _after_guest(self) -> AfterGuest:
        if self._surroundings.limits.reconnection_window <= 0:
            return AfterGuest.CLOSE
        return AfterGuest.KEEP if self._viewer.resumes else AfterGuest.RETURN

    def _leave(self, cut: bool, reason: EndReason) -> None:
        if self._idle_timer is not None:
            self._idle_timer.cancel()
        if self._session is None:
            return
        if self._session.ending is not None:
            reason = reason_of(self._session.ending)
        self._surroundings.admission.leave(self._session, cut=cut, reason=reason)
        if self._session.opened:
            self._log(logging.INFO, "console ended")

    def _watch_idle(self, session: Session) -> None:
        """Look at the clock when the session could have become idle, and only then."""
        left = session.last_activity + self._surroundings.limits.idle - self._loop.time()
        if left <= 0:
            session.end(SessionIdle())
        else:
            self._idle_timer = self._loop.call_later(left, self._watch_idle, session)

    def _viewer_has_secret(self) -> None:
        """Note the first pong: the answer has arrived, with all that stood in it."""
        if self._has_secret or not self._viewer.claim.tab:
            return
        self._has_secret = True
        if self._session is not None:
            self._surroundings.admission.confirm(self._session)

    def _end_early(self, refusal: ConsoleRefused) -> None:
        if not self._ended_early.done():
            self._ended_early.set_result(refusal)

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


def _reason_of_end(end: RelayEnd) -> EndReason:
    match end.who:
        case "browser":
            lost = end.cut and end.code != PAGE_LEFT
            return EndReason.VIEWER_LOST if lost else EndReason.VIEWER_LEFT
        case "guest":
            return EndReason.GUEST_LOST if end.cut else EndReason.GUEST_ENDED
        case "protocol":
            return EndReason.VIEWER_FAULT
        case "asked":
            return EndReason.PROXY_STOPPED


def _may_pass(refusal: ManagementUnavailable | HypervisorRefused) -> bool:
    """Whether a lost screen may yet come back; its server may lack its password for a moment."""
    return isinstance(refusal, ManagementUnavailable | HypervisorLoginFailed) or refusal.may_return
