"""What needs an operator, worst first: without I/O and without a clock."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from consoleproxy.management.fleet.alarm import CapacityAlarm
from consoleproxy.management.fleet.capacity import Capacity
from consoleproxy.management.pages.certificate_rows import ServedCertificates
from consoleproxy.management.pages.proxy_rows import ProxyRow
from consoleproxy.management.pages.wording import counted

_NAMED = 3


@dataclass(frozen=True, slots=True)
class Alert:
    """One sentence, and the page that has more of it.

    Args:
        mood: ``bad`` where users feel it already, ``warn`` where they will.
    """

    mood: str
    text: str
    link: str


def alerts_of(
    capacity: Capacity,
    alarm: CapacityAlarm,
    proxies: Iterable[ProxyRow],
    certificates: ServedCertificates,
    hypervisors: Sequence[str],
) -> list[Alert]:
    """Return what there is to say, what users feel first.

    Args:
        hypervisors: those that cannot be asked.
    """
    rows = list(proxies)
    found = [
        *_capacity(capacity, alarm),
        *_silent([row.name for row in rows if row.mood == "bad"]),
        *_waiting([row for row in rows if row.waiting and row.mood != "bad"]),
        *_unanswered(hypervisors),
        *_certificates(certificates),
    ]
    return sorted(found, key=lambda alert: alert.mood != "bad")


def _capacity(capacity: Capacity, alarm: CapacityAlarm) -> Iterator[Alert]:
    if not capacity.free:
        why = (
            "All console proxies are full" if capacity.running else "No console proxy is connected"
        )
        refused = ", and consoles are refused" if alarm.raised else ""
        yield Alert("bad", f"{why}{refused}.", "/proxies")
    elif capacity.expand:
        wanted = f"{capacity.wanted} console proxies are wanted, {capacity.running} run"
        yield Alert("warn", f"{wanted}: {capacity.reason}.", "/proxies")


def _silent(names: Sequence[str]) -> Iterator[Alert]:
    if names:
        silent = counted(len(names), "console proxy is", "console proxies are")
        yield Alert("bad", f"{silent} silent: {_named(names)}.", "/proxies")


def _waiting(rows: Sequence[ProxyRow]) -> Iterator[Alert]:
    """Of proxies that run with other values than an administrator set."""
    if rows:
        settings = sorted({name for row in rows for name in row.waiting})
        go = counted(len(rows), "console proxy goes", "console proxies go")
        names = _named([row.name for row in rows])
        yield Alert(
            "warn", f"{go} by {_named(settings)} only when started anew: {names}.", "/proxies"
        )


def _unanswered(names: Sequence[str]) -> Iterator[Alert]:
    if names:
        unanswered = counted(len(names), "hypervisor does", "hypervisors do")
        yield Alert("warn", f"{unanswered} not answer: {_named(names)}.", "/machines")


def _named(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _certificates(certificates: ServedCertificates) -> Iterator[Alert]:
    if certificates.expiring:
        row, *others = certificates.expiring
        name = row.names.partition(", ")[0]
        says = row.left if row.mood == "bad" else f"expires soon: {row.left}"
        more = f", and {len(others)} more of its chain" if others else ""
        yield Alert(row.mood, f"The certificate for {name} {says}{more}.", "/certificates")
    elif certificates.warnings:
        yield Alert("warn", "The certificate that is served needs a look.", "/certificates")
