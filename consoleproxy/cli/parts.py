"""What every CPVM is made of, whoever its cloud is."""

import os
from dataclasses import dataclass
from functools import partial

from consoleproxy.cli.changes import Changes, session_rules
from consoleproxy.cli.consoles import change_consoles, consoles_from, entrance_from
from consoleproxy.cli.token_keys import codec_of_files
from consoleproxy.console.admission import RegistryAdmission
from consoleproxy.endpoint.policy import AccessRules
from consoleproxy.front.own_service import OwnService
from consoleproxy.session.registry import Registry
from consoleproxy.settings import Settings
from consoleproxy.workers.nursery import Nursery
from consoleproxy.workers.pool import Pool


@dataclass(frozen=True, slots=True)
class Parts:
    """A CPVM that does not listen yet."""

    admission: RegistryAdmission
    service: OwnService | Pool
    changes: Changes


def parts_of(settings: Settings, nursery: Nursery | None) -> Parts:
    """Return the parts.

    Args:
        nursery: makes the worker processes; without one, this process does it all.

    Raises:
        SettingsInvalid: what to change.
    """
    admission = RegistryAdmission(
        registry=Registry(session_rules(settings)),
        codec=codec_of_files(settings),
        rules=AccessRules(
            extra_required=settings.extra_required, source_ip_check=settings.source_ip_check
        ),
    )
    # Workers assemble theirs for themselves; what is wrong with the settings is told here.
    consoles = consoles_from(settings, admission)
    if nursery is None:
        own = OwnService(consoles, entrance_from(settings))
        tell = partial(change_consoles, consoles, settings)
        return Parts(admission, own, Changes(settings, admission, tell))
    pool = Pool(nursery, admission, worker_count(settings))
    return Parts(admission, pool, Changes(settings, admission, pool.change))


def worker_count(settings: Settings) -> int:
    """Return how many processes carry sessions: ``consoleproxy.workers``, or the cores."""
    return settings.workers or len(os.sched_getaffinity(0))
