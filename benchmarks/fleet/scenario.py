"""What is assumed of a day: all of it, in one place."""

from dataclasses import dataclass

DAY_SECONDS = 86_400.0

# Consoles asked for in each hour of the day, relative to each other.
HOURS = (1, 1, 1, 1, 1, 2, 4, 8, 14, 16, 14, 11, 8, 10, 12, 11, 9, 7, 5, 4, 3, 2, 2, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A fleet and its users; times in seconds, shares from 0 to 1.

    Args:
        room: ``consoleproxy.session.max`` of each proxy.
        standby: ``consoleproxy.capacity.standby``.
        link_seconds: for how long a link that nobody has used is good.
        load_interval: ``consoleproxy.loadscan.interval``.
        visits_per_machine: how often a day a VM is looked at; each visit may open it several times.
        length_median, length_sigma, length_most: sessions' lengths are lognormal, and cut off.
        click_mean: from the link to its use, exponential.
        unused: share of links that nobody uses.
        reopened: share of sessions after which the same VM is opened again, a pause of
            ``reopened_mean`` (exponential) later.
        doubled: share of sessions in which the VM is asked for again while it is open.
        retry_seconds, retries: how those try again who got no console.
        deaths: how many proxies die in the day, each for ``dead_mean`` (exponential).
        upgrade_from: when the upgrade of all proxies begins; ``upgraded_at_once`` of them at a time
            take no new consoles, end the rest after ``drain_most``, and restart in ``restart``.
    """

    seed: int = 1
    proxies: int = 1_000
    room: int = 50
    standby: int = 500
    link_seconds: float = 120.0
    load_interval: float = 5.0
    machines: int = 100_000
    visits_per_machine: float = 4.0
    length_median: float = 1_800.0
    length_sigma: float = 1.2
    length_most: float = 36_000.0
    click_mean: float = 2.0
    unused: float = 0.08
    reopened: float = 0.25
    reopened_mean: float = 240.0
    doubled: float = 0.05
    retry_seconds: float = 60.0
    retries: int = 3
    deaths: int = 100
    dead_mean: float = 300.0
    upgrade_from: float = 19 * 3600.0
    upgraded_at_once: int = 40
    drain_most: float = 600.0
    restart: float = 20.0
