"""Sessions and the tokens that open them."""

from dataclasses import dataclass
from typing import ClassVar

from consoleproxy.settings import declare
from consoleproxy.settings.declare import Effect, Scope
from consoleproxy.settings.port import PortSettings


@dataclass(frozen=True, slots=True)
class SessionSettings(PortSettings):
    """Who gets a console, and for how long."""

    GROUP: ClassVar = "Sessions"

    loadscan_interval: int = declare.milliseconds(
        "consoleproxy.loadscan.interval",
        5000,
        "Time between load reports.",
        minimum=100,
        effect=Effect.LIVE,
        scope=Scope.GLOBAL,
    )
    session_max: int = declare.number(
        "consoleproxy.session.max",
        50,
        "Sessions on one proxy.",
        unit="sessions",
        minimum=1,
        effect=Effect.LIVE,
        scope=Scope.ZONE,
    )
    workers: int = declare.number(
        "consoleproxy.workers",
        0,
        "Processes that carry sessions, behind one port and with one registry; 0: one for each "
        "core. With 1, this process does it all.",
        unit="processes",
        minimum=0,
        effect=Effect.RESTART,
    )
    session_timeout: int = declare.milliseconds(
        "consoleproxy.session.timeout",
        300_000,
        "A session without a byte in either direction for this long is ended.",
        minimum=1000,
        effect=Effect.LIVE,
        scope=Scope.ZONE,
    )
    session_reconnection_window: int = declare.milliseconds(
        "consoleproxy.session.reconnection.window",
        30_000,
        "A session whose connection was cut may come back within this time, by its browser's "
        "secret or with its token from the same address; 0: never.",
        minimum=0,
        boot="session_reconnection_window",
        effect=Effect.LIVE,
        scope=Scope.ZONE,
    )
    session_policy: str = declare.text(
        "consoleproxy.session.policy",
        "replace",
        "What a second viewer of the same VM does: replace the first, share the screen, or be "
        "refused.",
        choices=("replace", "share", "refuse"),
        effect=Effect.LIVE,
    )
    extra_required: bool = declare.switch(
        "consoleproxy.extra.security.validation.enabled",
        False,
        "Refuse tokens that carry no extra security value.",
        effect=Effect.LIVE,
        scope=Scope.GLOBAL,
    )
    source_ip_check: bool = declare.switch(
        "novnc.console.sourceip.check.enabled",
        False,
        "Refuse browsers that come from another address than the one that asked for the console.",
        effect=Effect.LIVE,
        scope=Scope.GLOBAL,
    )
    accept_cbc: bool = declare.switch(
        "consoleproxy.token.cbc.accepted",
        True,
        "Accept CloudStack's older AES-CBC tokens, which carry no integrity check of their own.",
        effect=Effect.LIVE,
    )
    token_key_file: str = declare.text(
        "consoleproxy.token.key.file",
        "",
        "File with CloudStack's JSON pair of base64 key and IV; empty: the management server "
        "hands the keys over.",
    )
    jwt_algorithm: str = declare.text(
        "consoleproxy.token.jwt.algorithm",
        "",
        "Signature algorithm of JWT tokens, for clouds other than CloudStack; empty: no JWT.",
        choices=("", "HS256", "HS384", "HS512", "RS256", "ES256", "EdDSA"),
    )
    jwt_key_file: str = declare.text(
        "consoleproxy.token.jwt.key.file", "", "File with the key that verifies JWT tokens."
    )
    jwt_sealing_key_file: str = declare.text(
        "consoleproxy.token.jwt.sealing.key.file",
        "",
        "File with the 32-byte key, in base64, that opens the sealed target of JWT tokens.",
    )
    jwt_audience: str = declare.text(
        "consoleproxy.token.jwt.audience", "consoleproxy", "The aud that JWT tokens must have."
    )
