"""How many requests of the management server's API are taken, and for how long each is good."""

from dataclasses import dataclass
from typing import ClassVar

from consoleproxy.settings import declare
from consoleproxy.settings.declare import Effect, Scope
from consoleproxy.settings.fleet import FleetSettings


@dataclass(frozen=True, slots=True)
class ApiSettings(FleetSettings):
    """Limits of the API, ``/client/api``."""

    GROUP: ClassVar = "API"

    throttling_enabled: bool = declare.switch(
        "api.throttling.enabled",
        True,
        "Bound the requests of each API key.",
        effect=Effect.LIVE,
        scope=Scope.GLOBAL,
    )
    throttling_max: int = declare.number(
        "api.throttling.max",
        100,
        "Requests of one API key in api.throttling.interval.",
        unit="requests",
        minimum=1,
        effect=Effect.LIVE,
        scope=Scope.GLOBAL,
    )
    throttling_interval: int = declare.number(
        "api.throttling.interval",
        1,
        "Time in which an API key has api.throttling.max requests.",
        unit="s",
        minimum=1,
        effect=Effect.LIVE,
        scope=Scope.GLOBAL,
    )
    expires_required: bool = declare.switch(
        "api.signature.expires.required",
        True,
        "Refuse requests that change something, or hand out a console, and have no expires: they "
        "could be sent again for ever by whoever sees them.",
        effect=Effect.LIVE,
    )
    expires_max: int = declare.number(
        "api.signature.expires.max",
        1200,
        "How far ahead expires may lie in requests that are good once; each is remembered for "
        "that long. CloudStack's clients use 600 to 900.",
        unit="s",
        minimum=60,
        maximum=86_400,
        effect=Effect.LIVE,
    )
    signature_failures_max: int = declare.number(
        "api.signature.failures.max",
        60,
        "Wrong signatures in a minute from one address (IPv6: /64); then it is not heard for a "
        "while.",
        unit="requests",
        minimum=1,
        effect=Effect.LIVE,
    )
