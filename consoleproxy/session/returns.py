"""Who may come back without a link: a browser that shows the secret it was given last.

Only digests of secrets are here, and only for as long as their sessions are open or may come back.
"""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field

from consoleproxy.endpoint.model import ConsoleEndpoint


@dataclass(frozen=True, slots=True)
class Claim:
    """What a viewer has of its own, each as SHA-256 in hex; all empty for one that has nothing.

    Args:
        tab: the name of its tab, which no link holds.
        shown: the secret that it shows; empty if it has none.
        given: the secret that it is given now, in place of that.
        others: names of other tabs of its browser, each with the secret that it shows.
    """

    tab: str = field(default="", repr=False)
    shown: str = field(default="", repr=False)
    given: str = field(default="", repr=False)
    others: tuple[tuple[str, str], ...] = field(default=(), repr=False)


NO_CLAIM = Claim()


@dataclass(slots=True)
class _Way:
    """Where a tab's secrets lead, newest first; ``until`` is ``None`` while its session is open."""

    endpoint: ConsoleEndpoint = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    until: float | None


class WaysBack:
    """The ways back of all tabs: one a tab, and one a session. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._ways: dict[str, _Way] = {}
        self._tab_of: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._ways)

    def of_tabs(self, tabs: Iterable[str]) -> frozenset[str]:
        """Return those of these tabs that have one."""
        return frozenset(tab for tab in tabs if tab in self._ways)

    def find(self, claim: Claim, now: float) -> ConsoleEndpoint | None:
        """Return where the shown secret leads, and let the given one lead there, too.

        The shown one stays good until it is known that the other has arrived: see ``confirm``.
        """
        way = self._open_way(claim.tab, claim.shown, now)
        if way is None:
            return None
        way.secrets = (claim.given, claim.shown)
        return way.endpoint

    def proven(self, uuid: str, claim: Claim, now: float) -> bool:
        """Whether a shown secret leads to this session, be it that of another tab."""
        tab = self._tab_of.get(uuid, "")
        shown = claim.shown if tab == claim.tab else dict(claim.others).get(tab, "")
        return self._open_way(tab, shown, now) is not None

    def same_tab(self, uuid: str, claim: Claim) -> bool:
        """Whether this tab has the session; where no tab has it, whether the claim has none."""
        return hmac.compare_digest(self._tab_of.get(uuid, ""), claim.tab)

    def keep(self, claim: Claim, endpoint: ConsoleEndpoint, until: float | None) -> None:
        """Let the given secret lead to this session, and no other tab's."""
        uuid = endpoint.session_uuid
        if self._tab_of.get(uuid) != claim.tab:
            self.close(uuid)
        if not claim.tab:
            return
        way = self._ways.get(claim.tab)
        if way is not None and way.endpoint.session_uuid != uuid:
            self.close(way.endpoint.session_uuid)
            way = None
        fresh = way is None or claim.given not in way.secrets
        secrets = (claim.given,) if way is None or fresh else way.secrets
        self._ways[claim.tab] = _Way(endpoint, secrets, until)
        self._tab_of[uuid] = claim.tab

    def confirm(self, uuid: str) -> None:
        """Take note that the newest secret has arrived: no older one is good any more."""
        if way := self._ways.get(self._tab_of.get(uuid, "")):
            way.secrets = way.secrets[:1]

    def limit(self, uuid: str, until: float) -> None:
        """Let the session come back until then."""
        if way := self._ways.get(self._tab_of.get(uuid, "")):
            way.until = until

    def close(self, uuid: str) -> None:
        """Forget the session's way back."""
        self._ways.pop(self._tab_of.pop(uuid, ""), None)

    def let_go(self, uuid: str, now: float) -> float:
        """Forget the session's way back if its time has passed; return the seconds it has left.

        That is 0 where there is none, or none that ends by itself.
        """
        way = self._ways.get(self._tab_of.get(uuid, ""))
        if way is None or way.until is None:
            return 0.0
        if way.until <= now:
            self.close(uuid)
        return max(0.0, way.until - now)

    def _open_way(self, tab: str, shown: str, now: float) -> _Way | None:
        way = self._ways.get(tab)
        if way is None or (way.until is not None and now > way.until):
            return None
        # All are compared, whichever fits.
        fits = [hmac.compare_digest(secret, shown) for secret in way.secrets]
        return way if any(fits) else None
