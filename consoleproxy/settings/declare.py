"""How a setting is declared: its name, help, unit and limits, beside its field and default."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Setting:
    """What a setting is called and what it may be.

    ``boot_argument`` is its name among the CPVM's boot arguments; a ``secret`` is printed as
    ``***``.
    """

    name: str
    help: str
    unit: str = ""
    minimum: int | None = None
    maximum: int | None = None
    choices: tuple[str, ...] = ()
    boot_argument: str = ""
    secret: bool = False

    @property
    def environment(self) -> str:
        """The environment variable that sets it."""
        return "CONSOLEPROXY_" + self.name.removeprefix("consoleproxy.").upper().replace(".", "_")


def text(name: str, default: str, help: str, **more: Any) -> str:
    return field(default=default, metadata={"setting": Setting(name, help, **more)})


def number(name: str, default: int, help: str, **more: Any) -> int:
    return field(default=default, metadata={"setting": Setting(name, help, **more)})


def switch(name: str, default: bool, help: str) -> bool:
    return field(default=default, metadata={"setting": Setting(name, help)})


def port(name: str, default: int, help: str) -> int:
    return number(name, default, help, minimum=0, maximum=65535)


def milliseconds(name: str, default: int, help: str, *, minimum: int, boot: str = "") -> int:
    return number(name, default, help, unit="ms", minimum=minimum, boot_argument=boot)
