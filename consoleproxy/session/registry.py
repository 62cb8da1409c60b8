"""All sessions of this proxy: admission, one session a token, takeover, and what ended."""

import enum
import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from consoleproxy.endpoint.model import ConsoleEndpoint
from consoleproxy.errors import (
    ConsoleRefused,
    ProxyDraining,
    ProxyFull,
    SessionOccupied,
    SessionReplaced,
    SessionUsed,
)
from consoleproxy.session.ending import EndReason, reason_of
from consoleproxy.session.returns import NO_CLAIM, Claim, WaysBack
from consoleproxy.session.session import Session
from consoleproxy.session.used import Use, UsedTokens


class SecondViewer(enum.StrEnum):
    """``consoleproxy.session.policy``: what a second valid viewer of the same VM does."""

    REPLACE = "replace"
    SHARE = "share"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class SessionRules:
    """Limits of admission.

    ``maximum`` sessions (``consoleproxy.session.max``; 0 for no limit), ``reconnection_window``
    seconds (``consoleproxy.session.reconnection.window``).
    """

    maximum: int
    second_viewer: SecondViewer
    reconnection_window: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Who asks to be admitted; ``now`` monotonic seconds, ``now_epoch`` seconds since 1970."""

    endpoint: ConsoleEndpoint
    client_address: str
    now: float
    now_epoch: float
    claim: Claim = NO_CLAIM


class Registry:
    """Sessions by uuid, the tokens that were used, and the ended ones not yet acknowledged.

    While ``draining``, none is taken in. ``maintenance`` is what the management server said, which
    then sends none; links that are out are good.
    """

    def __init__(self, rules: SessionRules) -> None:
        self.rules = rules
        self.draining = False
        self.maintenance = False
        self._sessions: dict[str, Session] = {}
        self._of_vm: dict[str, list[Session]] = {}
        self._used = UsedTokens()
        self._ways = WaysBack()
        self._removed: dict[str, EndReason] = {}
        self._admitted = 0

    def __len__(self) -> int:
        return len(self._sessions)

    def __iter__(self) -> Iterator[Session]:
        return iter(list(self._sessions.values()))

    def find(self, uuid: str) -> Session | None:
        """Return the live session of that uuid."""
        return self._sessions.get(uuid)

    @property
    def full(self) -> bool:
        """Whether ``consoleproxy.session.max`` is reached."""
        return 0 < self.rules.maximum <= len(self._sessions)

    def recognise(self, claim: Claim, now: float) -> ConsoleEndpoint | None:
        """Return the endpoint that the shown secret leads to; see ``WaysBack.find``."""
        return self._ways.find(claim, now)

    def tabs_known(self, tabs: Iterable[str]) -> frozenset[str]:
        """Return those of these tabs whose consoles are open or may come back."""
        return self._ways.of_tabs(tabs)

    def may_return(
        self, uuid: str, client_address: str, now: float, claim: Claim = NO_CLAIM
    ) -> bool:
        """Whether this is the session's own viewer, in time to come back.

        It shows the secret, or is the same tab at the same address: a browser may keep no cookies.
        A session that looks open still is taken back by its tab only.
        """
        use = self._used.get(uuid)
        if use is None:
            return False
        if session := self._sessions.get(uuid):
            window = self.rules.reconnection_window
            in_time = bool(claim.tab) and window > 0 and session.ending is None
        else:
            in_time = use.return_until is not None and now <= use.return_until
        return in_time and (
            self._ways.proven(uuid, claim, now)
            or (self._ways.same_tab(uuid, claim) and use.client_address == client_address)
        )

    def admit(self, candidate: Candidate, end_login: Callable[[ConsoleRefused], None]) -> Session:
        """Take a new session in, and burn its token; one that was taken back ends as replaced.

        Raises:
            ProxyDraining, ProxyFull: no new sessions here.
            SessionUsed: the token was used, and this is not its viewer coming back in time.
            SessionOccupied: the VM's console is open and may not be taken over.
        """
        if self.draining:
            raise ProxyDraining
        endpoint, now = candidate.endpoint, candidate.now
        uuid, use = endpoint.session_uuid, self._used.get(endpoint.session_uuid)
        before = self._sessions.get(uuid)
        if (use is not None or before is not None) and not self.may_return(
            uuid, candidate.client_address, now, candidate.claim
        ):
            raise SessionUsed
        until = now + self.rules.reconnection_window
        if before is None and use is not None:
            until = use.return_until or until
        # Who is refused below for what may pass comes back by the same secret.
        self._ways.keep(candidate.claim, endpoint, until if before is None else None)
        self._make_room(endpoint, before)
        self._admitted += 1
        session = Session(
            number=self._admitted,
            uuid=uuid,
            vm_uuid=endpoint.vm_uuid,
            host=endpoint.host,
            port=endpoint.port,
            client_address=candidate.client_address,
            created=now,
            began=use.began if use is not None else now,
            created_epoch=candidate.now_epoch,
            password=endpoint.password,
            end_login=end_login,
            return_until=until if use is not None else None,
            asked=uuid in self._removed or (before is not None and before.asked),
            known=(use is not None and use.known) or (before is not None and before.known),
        )
        if before is not None:
            self._strike_out(before)
            before.end(SessionReplaced("its viewer came back on another connection"))
        self._sessions[uuid] = session
        self._of_vm.setdefault(session.vm_uuid, []).append(session)
        self._removed.pop(uuid, None)
        self._used.note(uuid, Use(session.client_address, session.began, None, session.known))
        self._ways.keep(candidate.claim, endpoint, None)
        return session

    def confirm(self, session: Session) -> None:
        """Take note that the session's viewer has the secret that it was given."""
        if self._sessions.get(session.uuid) is session:
            self._ways.confirm(session.uuid)

    def take_over(self, session: Session) -> None:
        """End the VM's older sessions where the policy is to replace them."""
        if self.rules.second_viewer is not SecondViewer.REPLACE:
            return
        for other in self.viewers(session.vm_uuid):
            if other.number < session.number:
                other.end(SessionReplaced(f"session {session.uuid} took over"))

    def remove(self, session: Session, *, cut: bool, reason: EndReason, now: float) -> None:
        """Let an ended session go.

        Args:
            cut: the connection broke, so that its viewer may come back within the window.
            reason: why it ended, unless it was ended from here.
        """
        if self._sessions.get(session.uuid) is not session:
            # Taken back meanwhile, on another connection.
            return
        del self._sessions[session.uuid]
        self._strike_out(session)
        if session.ending is not None:
            # Whatever came of it on the way: who was ended has no way back.
            reason, cut = reason_of(session.ending), cut and session.ending.may_return
        if session.asked:
            self._removed[session.uuid] = reason
        if cut:
            until = session.return_until
            if until is None or session.opened:
                until = now + self.rules.reconnection_window
            # A return that failed may be repeated, but not for longer.
            use = Use(session.client_address, session.began, until, session.known)
            self._used.note(session.uuid, use)
            self._ways.limit(session.uuid, until)
        else:
            self._ways.close(session.uuid)

    def forget(self, session: Session, now: float) -> None:
        """Give a token back as it was: the session ends, and may be tried again."""
        if self._sessions.get(session.uuid) is not session:
            return
        del self._sessions[session.uuid]
        self._strike_out(session)
        if session.asked:
            # The answer may have been a yes that got lost.
            self._removed[session.uuid] = EndReason.LOST
        if session.return_until is None:
            self._used.give_back(session.uuid)
            self._ways.limit(session.uuid, now + self.rules.reconnection_window)
        else:
            until = session.return_until
            use = Use(session.client_address, session.began, until, session.known)
            self._used.note(session.uuid, use)
            self._ways.limit(session.uuid, until)

    def let_go(self, uuid: str, now: float) -> float:
        """Forget a session that may not come back any more; see ``WaysBack.let_go``."""
        return self._ways.let_go(uuid, now)

    def end(self, uuid: str, refusal: ConsoleRefused) -> None:
        """End a session for good, open or not: its token is burnt, and its end is reported."""
        session = self._sessions.get(uuid)
        if session is not None:
            session.asked = True
            session.end(refusal)
            return
        self._used.burn(uuid)
        self._ways.close(uuid)
        self._removed[uuid] = reason_of(refusal)

    def answered(self, uuid: str, refusal: ConsoleRefused | None) -> None:
        """Take note of what the cloud says of a session, whose viewer may have left meanwhile.

        Args:
            refusal: why it is not allowed; ``None`` if it is.
        """
        session = self._sessions.get(uuid)
        if refusal is None:
            self._used.know(uuid)
            if session is not None:
                session.known = True
        elif session is None:
            self._used.burn(uuid)
            self._ways.close(uuid)
        elif session.ending is None:
            session.ending = refusal

    def viewers(self, vm_uuid: str) -> list[Session]:
        """Return the live sessions of a VM, oldest first; those already ending do not count."""
        return [one for one in self._of_vm.get(vm_uuid, ()) if one.ending is None]

    def removed(self) -> Mapping[str, EndReason]:
        """Return the ended sessions that the management server has not acknowledged, and why."""
        return dict(self._removed)

    def acknowledge(self, uuids: frozenset[str]) -> None:
        """Forget ended sessions that the management server has taken note of."""
        for uuid in uuids:
            self._removed.pop(uuid, None)

    def end_all(self, refusal: ConsoleRefused) -> None:
        """End every session, telling each viewer why."""
        for session in self:
            session.end(refusal)

    def _make_room(self, endpoint: ConsoleEndpoint, before: Session | None) -> None:
        """Say whether there is a place for another session; ``before`` gives up its own.

        Raises:
            ProxyFull, SessionOccupied: there is none.
        """
        others = [one for one in self.viewers(endpoint.vm_uuid) if one is not before]
        replacing = bool(others) and self.rules.second_viewer is SecondViewer.REPLACE
        if self.full and not replacing and before is None:
            raise ProxyFull(f"{len(self._sessions)} sessions are open")
        if others and self.rules.second_viewer is SecondViewer.REFUSE:
            raise SessionOccupied
        if any(not _same_secret(other.password, endpoint.password) for other in others):
            # CloudStack's rule: who does not know the VM's password cannot push a viewer out.
            raise SessionOccupied("the token's VNC password differs from the open session's")

    def _strike_out(self, session: Session) -> None:
        others = self._of_vm[session.vm_uuid]
        others.remove(session)
        if not others:
            del self._of_vm[session.vm_uuid]


def _same_secret(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
