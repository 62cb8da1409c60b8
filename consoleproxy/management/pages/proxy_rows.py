"""Console proxies as the pages show them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from consoleproxy.management.fleet.assignment import Candidate
from consoleproxy.management.fleet.states import ProxyState
from consoleproxy.management.pages.wording import duration_text
from consoleproxy.management.records.proxies import ProxyRecord

_BUSY_PERCENT = 80.0
# Longer ones are no numbers that people count in.
_NUMBERED = re.compile(r"([0-9]{0,15})([^0-9]*)")


@dataclass(frozen=True, slots=True)
class LoadBar:
    """Sessions of a proxy as a bar.

    Args:
        sessions: those that are open.
        expected: those that it was given and that may still come.
        capacity: how many it takes.
    """

    sessions: int
    expected: int
    capacity: int

    @property
    def percent(self) -> float:
        """How much of the capacity is taken."""
        return self._percent(self.sessions + self.expected)

    @property
    def open_percent(self) -> float:
        """Width of the part for open sessions."""
        return self._percent(self.sessions)

    @property
    def expected_percent(self) -> float:
        """Width of the part for expected ones, behind the first."""
        return round(self.percent - self.open_percent, 1)

    @property
    def level(self) -> str:
        """``room``, ``busy`` from 80 % on, ``full``."""
        if self.percent >= 100:
            return "full"
        return "busy" if self.percent >= _BUSY_PERCENT else "room"

    @property
    def text(self) -> str:
        """The same in words."""
        coming = f", {self.expected} expected" if self.expected else ""
        full = ", full" if self.level == "full" else ""
        return f"{self.sessions} of {self.capacity}{coming}{full}"

    def _percent(self, number: int) -> float:
        if self.capacity <= 0:
            return 100.0
        return min(100.0, round(100 * number / self.capacity, 1))


# The others are as an operator wants them.
_MOODS = {ProxyState.RUNNING: "good", ProxyState.DISCONNECTED: "bad"}


@dataclass(frozen=True, slots=True)
class ProxyRow:
    """A console proxy."""

    name: str
    place: str
    state: str
    mood: str
    load: LoadBar
    heard: str
    maintenance: bool = False
    waiting: tuple[str, ...] = ()

    @property
    def removable(self) -> bool:
        """Whether it may be taken out of the books."""
        return self.state == ProxyState.DISCONNECTED


def proxy_rows(
    proxies: Iterable[ProxyRecord], candidates: Iterable[Candidate], now: float
) -> list[ProxyRow]:
    """Return all: first those that are not up, then the fullest, then by name."""
    loads = {candidate.name: candidate.load for candidate in candidates}
    rows = [_row(proxy, loads, now) for proxy in proxies]
    return sorted(rows, key=_rank)


def _rank(row: ProxyRow) -> tuple[bool, float, list[tuple[int, str]]]:
    return (row.mood == "good", -row.load.percent, _by_numbers(row.name))


def _by_numbers(name: str) -> list[tuple[int, str]]:
    """Return what sorts v-2-VM before v-10-VM."""
    return [(int(digits or 0), text) for digits, text in _NUMBERED.findall(name)]


def _row(proxy: ProxyRecord, loads: Mapping[str, int], now: float) -> ProxyRow:
    told = proxy.description
    state = proxy.state(now)
    sessions = proxy.active_sessions
    return ProxyRow(
        name=told.name,
        place=f"{told.host} port {told.port}{', TLS' if told.tls else ''}",
        state="Up" if state is ProxyState.RUNNING else str(state),
        mood=_MOODS.get(state, "warn"),
        load=LoadBar(sessions, max(0, loads.get(told.name, 0) - sessions), told.session_max),
        heard=duration_text(now - proxy.last_update),
        maintenance=proxy.maintenance,
        waiting=proxy.waiting,
    )
