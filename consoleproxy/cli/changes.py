"""Settings that administrators change while a CPVM runs, and how they come into effect there."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace

from consoleproxy.cli.consoles import LIVE
from consoleproxy.cli.token_keys import jwt_keys_of
from consoleproxy.console.admission import RegistryAdmission
from consoleproxy.endpoint.cloudstack import EncryptionKeys
from consoleproxy.endpoint.codec import TokenCodec
from consoleproxy.endpoint.policy import AccessRules
from consoleproxy.loadscan import LoadScan
from consoleproxy.management.channel.documents import Registration
from consoleproxy.session.registry import SecondViewer, SessionRules
from consoleproxy.settings import Effect, Settings, declared_settings
from consoleproxy.sources import overlaid

_log = logging.getLogger(__name__)


def session_rules(settings: Settings) -> SessionRules:
    """Return the limits of admission."""
    return SessionRules(
        settings.session_max,
        SecondViewer(settings.session_policy),
        settings.session_reconnection_window / 1000,
    )


class Changes:
    """Keeps what decides on consoles as the settings are now.

    What an administrator changed comes before what the management server's own sources say at a
    registration, and that before this process's own.

    Args:
        started: what the process was started with.
        tell_consoles: lets those who carry consoles go by changed settings, by name as text.

    Attributes:
        now: the settings that count.
        scan: the load scan, once there is one.
    """

    def __init__(
        self,
        started: Settings,
        admission: RegistryAdmission,
        tell_consoles: Callable[[Mapping[str, str]], None],
    ) -> None:
        self._started = started
        self._admission = admission
        self._tell_consoles = tell_consoles
        self._changed: Mapping[str, str] = {}
        self._registration: Registration | None = None
        self.now = started
        self.scan: LoadScan | None = None

    def registered(self, registration: Registration) -> None:
        """Open tokens with the management server's keys, and go by its rules."""
        self._registration = registration
        self._admission.codec = TokenCodec(
            EncryptionKeys.parse(registration.encryption_keys),
            jwt_keys_of(self.now),
            accept_cbc=self.now.accept_cbc,
        )
        self._decide()

    def changed(self, changed: Mapping[str, str]) -> None:
        """Bring these settings into effect, and the own values of all others."""
        result = overlaid(self._started, changed, LIVE)
        for problem in result.problems:
            _log.error("%s", problem)
        before, self.now = self.now, result.settings
        self._changed = changed
        codec = self._admission.codec
        self._admission.codec = replace(codec, accept_cbc=self.now.accept_cbc)
        self._decide()
        self._tell_consoles(changed)
        _log_differences(before, self.now)
        waiting = _note_waiting(self.now, changed)
        if self.scan is not None and (before, self.scan.waiting) != (self.now, waiting):
            self.scan.waiting = waiting
            self.scan.change_interval(self.now.loadscan_interval / 1000)

    def _decide(self) -> None:
        """Let everything go by what is known now that decides on new consoles."""
        self._admission.registry.rules = session_rules(self.now)
        told = self._registration
        if told is None:
            return
        self._admission.rules = AccessRules(
            extra_required=self.now.extra_required
            or (told.extra_required and not self._set("extra_required")),
            source_ip_check=self.now.source_ip_check
            or (told.source_ip_check and not self._set("source_ip_check")),
        )

    def _set(self, field: str) -> bool:
        """Whether an administrator has set it."""
        return any(
            one.field == field and one.setting.name in self._changed for one in declared_settings()
        )


def _log_differences(before: Settings, now: Settings) -> None:
    for declared in declared_settings():
        value = getattr(now, declared.field)
        if value != getattr(before, declared.field):
            _log.info("%s is %s now", declared.setting.name, declared.written(value))


def _note_waiting(now: Settings, changed: Mapping[str, str]) -> tuple[str, ...]:
    """Log which values count only once this proxy is started anew; return the names."""
    waiting = []
    result = overlaid(now, changed, frozenset({Effect.RESTART}))
    for problem in result.problems:
        _log.error("%s", problem)
    wanted = result.settings
    for declared in declared_settings():
        value, running = getattr(wanted, declared.field), getattr(now, declared.field)
        if value != running:
            waiting.append(declared.setting.name)
            _log.warning(
                "%s is to be %s, and this proxy runs with %s: start it anew",
                declared.setting.name,
                declared.written(value),
                declared.written(running),
            )
    return tuple(waiting)
