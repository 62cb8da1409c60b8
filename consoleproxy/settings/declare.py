"""How a setting is declared: its name, help, unit and limits, beside its field and default."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Effect(Enum):
    """What becomes of a value that an administrator sets over the API (``updateConfiguration``)."""

    LIVE = "at once"
    RESTART = "when a proxy is started anew"
    LOCAL = "not over the API"


class Scope(Enum):
    """For what CloudStack keeps a value. Here, one that is set over the API counts everywhere."""

    OURS = "not in CloudStack"
    GLOBAL = "global"
    ZONE = "zone"


# No setting means more; what a column of the database holds, and a timer of milliseconds waits.
LARGEST = 2**31 - 1

# Why a value does not come over the API: the help of most settings says it well enough.
OWN_PLACE = "it belongs to the place where the program runs"


@dataclass(frozen=True, slots=True)
class Setting:
    """What a setting is called and what it may be.

    Args:
        boot_argument: its name among the CPVM's boot arguments.
        secret: it is printed as ``***``.
        effect: of a change over the API.
        local: where that is refused, why.
        check: raises ValueError or SettingsInvalid for a text that is no such value; what starts
            with it finds the same for itself.
    """

    name: str
    help: str
    unit: str = ""
    minimum: int | None = None
    maximum: int | None = None
    choices: tuple[str, ...] = ()
    boot_argument: str = ""
    secret: bool = False
    effect: Effect = Effect.LOCAL
    local: str = OWN_PLACE
    scope: Scope = Scope.OURS
    check: Callable[[str], object] | None = None

    @property
    def environment(self) -> str:
        """The environment variable that sets it."""
        return "CONSOLEPROXY_" + self.name.removeprefix("consoleproxy.").upper().replace(".", "_")

    @property
    def changeable(self) -> bool:
        """Whether it may be set over the API."""
        return self.effect is not Effect.LOCAL


def text(name: str, default: str, help: str, **more: Any) -> str:
    setting = Setting(name, help, **more)
    return field(default=default, repr=not setting.secret, metadata={"setting": setting})


def number(name: str, default: int, help: str, *, maximum: int = LARGEST, **more: Any) -> int:
    setting = Setting(name, help, maximum=maximum, **more)
    return field(default=default, metadata={"setting": setting})


def switch(name: str, default: bool, help: str, **more: Any) -> bool:
    return field(default=default, metadata={"setting": Setting(name, help, **more)})


def port(name: str, default: int, help: str, **more: Any) -> int:
    return number(name, default, help, minimum=0, maximum=65535, **more)


def milliseconds(
    name: str, default: int, help: str, *, minimum: int, boot: str = "", **more: Any
) -> int:
    return number(name, default, help, unit="ms", minimum=minimum, boot_argument=boot, **more)
