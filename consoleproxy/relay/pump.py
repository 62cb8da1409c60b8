"""The two-way pump between a browser's websocket and a hypervisor's stream.

Readers and writers on the event loop, one pair a socket: no task and no copy per message. What a
socket does not take is kept, and the other side is not read until it is gone; this is the whole
back-pressure, and it bounds a session to one arena's worth downstream and ``UPSTREAM_ROOM`` bytes
upstream. The directions wait for nothing of each other.
"""

import asyncio
from contextlib import suppress
from functools import partial

from consoleproxy.frames import binary_frame
from consoleproxy.relay.arena import LARGE, arena_of
from consoleproxy.relay.channel import BrowserChannel
from consoleproxy.relay.downstream import Downstream
from consoleproxy.relay.end import MAY_RETURN, RECONNECT, AfterGuest, RelayEnd
from consoleproxy.relay.liveness import KeepAlive, Lookout, hung_up
from consoleproxy.relay.splice import BrowserBroke
from consoleproxy.wire import Wire, close_in_order, receive_some, send_some, tune_browser

# Keys and pointer moves that a guest may leave unread before the browser is not read either.
UPSTREAM_ROOM = 256 * 1024

# No less than a TLS record; its frames are taken apart before anybody else's turn.
_RECEIVE_LIMIT = 16 * 1024
# The close handshake, and what is still to be flushed, have this long; then the sockets close.
_CLOSE_SECONDS = 0.6


class Relay:
    """Carries one session.

    Args:
        to_guest, to_browser: bytes that came behind the login, to be delivered first.
        after_guest: what becomes of the browser when the guest ends.
    """

    def __init__(
        self,
        channel: BrowserChannel,
        guest: Wire,
        *,
        to_guest: bytes,
        to_browser: bytes,
        after_guest: AfterGuest,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._arena = arena_of(self._loop)
        self._channel = channel
        self._browser, self._engine, self._down = channel.hand_over()
        self._guest = guest.detach()
        # The event loop is quicker with numbers than with sockets.
        self._browser_fd, self._guest_fd = self._browser.fileno(), self._guest.fileno()
        self._up = to_guest + channel.take_payload()
        self._after_guest = after_guest
        self.bytes_up = len(self._up)
        self.bytes_down = len(to_browser)
        self.last_activity = self._loop.time()
        self.first_frame_at: float | None = None
        self._end: RelayEnd | None = None
        self._finished: asyncio.Future[None] = self._loop.create_future()
        self._close_timer: asyncio.TimerHandle | None = None
        self._lookout = Lookout(self._loop, self._look)
        vanished = partial(self._browser_ended, "nothing was heard from the browser")
        self._keep_alive = KeepAlive(self._loop, self._ping, vanished)
        if to_browser:
            self._down += binary_frame(to_browser)
        self._downstream = Downstream(self._arena, self._guest, self._browser)
        self._streams = False
        self._seen = (0, 0)
        tune_browser(self._browser)

    async def run(self) -> RelayEnd:
        """Carry bytes until either side ends; then sockets are closed, but a browser's kept one."""
        self._arena.join()
        try:
            if self._end is None:
                self._loop.add_reader(self._browser_fd, self._browser_readable)
                self._keep_alive.start()
                if self._up:
                    self._write_guest()
                # A close frame may have come with the last bytes of the login.
                self._heed()
            self._write_browser()
            await self._finished
        finally:
            self._release()
            self._arena.leave()
        return self._end or RelayEnd("asked", 1001, "cancelled")

    def end(self, code: int, reason: str) -> None:
        """End the session with this close code and reason for the browser."""
        self._begin_end(RelayEnd("asked", code, reason))

    def _guest_readable(self) -> None:
        if self._streams and self._arena.turns.taken:
            self._loop.remove_reader(self._guest_fd)
            self._arena.turns.wait(self._take_turn)
            return
        try:
            length, self._down = self._downstream.transfer(streams=self._streams)
        except BrowserBroke as broke:
            self._browser_ended(str(broke))
            return
        except OSError as error:
            self._guest_ended(f"The screen's connection broke: {error.strerror or error}.")
            return
        if length is None:
            return
        if length == 0:
            self._guest_ended("The screen was closed.")
            return
        now = self._loop.time()
        if self.first_frame_at is None:
            self.first_frame_at = now
        self.last_activity = now
        self.bytes_down += length
        self._streams = length >= LARGE
        if self._streams:
            self._arena.turns.take()
        if self._down:
            self._hold_guest()

    def _take_turn(self) -> None:
        """Go on reading the guest, unless its browser is behind by now."""
        if self._end is None and not self._down:
            self._loop.add_reader(self._guest_fd, self._guest_readable)
            self._guest_readable()

    def _browser_readable(self) -> None:
        try:
            data = receive_some(self._browser, _RECEIVE_LIMIT)
        except OSError as error:
            self._browser_ended(str(error.strerror or error))
            return
        if data is None:
            return
        if not data:
            self._browser_ended("connection ended")
            return
        self._keep_alive.heard = self._loop.time()
        if payload := self._engine.feed(data):
            self._deliver(payload)
        self._heed()

    def _heed(self) -> None:
        """Do what the browser's control frames, or its faults, ask for."""
        engine = self._engine
        if engine.fault is not None:
            self._begin_end(RelayEnd("protocol", engine.fault.code, str(engine.fault)))
        elif engine.close_received and self._end is None:
            code = engine.close_code or 1005
            self._begin_end(
                RelayEnd("browser", code, engine.close_reason or "", cut=code in MAY_RETURN)
            )
        elif engine.has_output and not self._down:
            self._write_browser()
        elif engine.close_received and not self._down:
            self._finish()

    def _deliver(self, payload: bytes) -> None:
        """Pass payload on to the guest."""
        if self._end is not None:
            return
        self.last_activity = self._keep_alive.heard
        self.bytes_up += len(payload)
        if self._up:
            self._up += payload
        else:
            try:
                sent = send_some(self._guest, payload)
            except OSError as error:
                self._guest_ended(f"The screen's connection broke: {error.strerror or error}.")
                return
            if sent == len(payload):
                return
            self._up = payload[sent:]
            self._loop.add_writer(self._guest_fd, self._write_guest)
        if len(self._up) > UPSTREAM_ROOM:
            self._loop.remove_reader(self._browser_fd)
            self._lookout.start()

    def _write_browser(self) -> None:
        """Send what waits for the browser; read the guest again when all of it is gone."""
        if self._finished.done():
            return
        self._down += self._engine.take_output()
        if self._down:
            try:
                self._down = self._down[send_some(self._browser, self._down) :]
            except OSError as error:
                self._browser_ended(str(error.strerror or error))
                return
        if self._down:
            self._hold_guest()
            return
        self._loop.remove_writer(self._browser_fd)
        if self._end is None:
            self._loop.add_reader(self._guest_fd, self._guest_readable)
        elif self._engine.close_received:
            self._finish()

    def _write_guest(self) -> None:
        """Send what waits for the guest, and read the browser again when all of it is gone."""
        try:
            self._up = self._up[send_some(self._guest, self._up) :]
        except OSError as error:
            self._guest_ended(f"The screen's connection broke: {error.strerror or error}.")
            return
        if self._up:
            self._loop.add_writer(self._guest_fd, self._write_guest)
        else:
            self._loop.remove_writer(self._guest_fd)
            self._loop.add_reader(self._browser_fd, self._browser_readable)

    def _hold_guest(self) -> None:
        # Once it has been let go, its number may be another socket's.
        if self._end is None:
            self._loop.remove_reader(self._guest_fd)
        self._loop.add_writer(self._browser_fd, self._write_browser)
        self._lookout.start()

    def _look(self) -> bool:
        """Look after a side that is not read: its end would go unseen. Return whether one is."""
        if self._end is not None:
            return False
        deaf = len(self._up) > UPSTREAM_ROOM
        if deaf:
            # Whatever it says meanwhile, it is not silent.
            self._keep_alive.heard = self._loop.time()
            if hung_up(self._browser):
                self._browser_ended("connection ended")
        before, self._seen = self._seen, (self.bytes_down, len(self._down))
        # A browser that is only slow still gets what the guest said last.
        if self._down and self._seen == before and hung_up(self._guest):
            self._guest_ended("The screen was closed.")
        return deaf or bool(self._down)

    def _ping(self) -> None:
        self._engine.ping()
        if not self._down:
            self._write_browser()

    def _guest_ended(self, reason: str) -> None:
        if self._after_guest is AfterGuest.CLOSE:
            self._begin_end(RelayEnd("guest", 1000, reason))
        elif self._after_guest is AfterGuest.RETURN:
            self._begin_end(RelayEnd("guest", RECONNECT, reason, cut=True))
        elif self._end is None:
            self._end = RelayEnd("guest", RECONNECT, reason, kept=True)
            self._finish()

    def _browser_ended(self, reason: str) -> None:
        if self._end is None:
            self._end = RelayEnd("browser", 1006, reason, cut=True)
        self._finish()

    def _begin_end(self, end: RelayEnd) -> None:
        """Let the guest go, flush towards the browser, and close with it in good order."""
        if self._end is not None or self._finished.done():
            return
        self._end = end
        self._let_guest_go()
        self._engine.close_with(end.code, end.reason)
        self._close_timer = self._loop.call_later(_CLOSE_SECONDS, self._finish)
        # A browser that was held has to be heard again: its close frame ends this.
        self._loop.add_reader(self._browser_fd, self._browser_readable)
        self._write_browser()

    def _finish(self) -> None:
        if not self._finished.done():
            self._finished.set_result(None)

    def _let_guest_go(self) -> None:
        self._arena.turns.leave(self._take_turn)
        if self._guest.fileno() >= 0:
            self._loop.remove_reader(self._guest_fd)
            self._loop.remove_writer(self._guest_fd)
            with suppress(OSError):
                send_some(self._guest, self._up)
            close_in_order(self._guest)

    def _release(self) -> None:
        self._keep_alive.stop()
        self._lookout.stop()
        if self._close_timer is not None:
            self._close_timer.cancel()
        self._let_guest_go()
        self._loop.remove_reader(self._browser_fd)
        self._loop.remove_writer(self._browser_fd)
        if self._end is not None and self._end.kept:
            self._channel.take_back(self._down)
        else:
            close_in_order(self._browser)
