"""What parameters a command takes, and that a request has no others."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from consoleproxy.errors import ManagementRequestRefused

# What CloudStack takes in a text parameter.
TEXT_LETTERS = 255


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a command.

    Args:
        type: CloudStack's name of it, for people and ``listApis``.
        length: letters that it may have.
    """

    name: str
    description: str
    type: str = "string"
    required: bool = False
    length: int = TEXT_LETTERS

    def answer(self) -> dict[str, object]:
        """Return it as ``listApis`` shows it."""
        return {
            "name": self.name,
            "description": self.description,
            "type": self.type,
            "length": self.length,
            "required": self.required,
        }


def identifier(name: str, description: str, *, required: bool = False) -> Parameter:
    """Return a parameter that is the id of something."""
    return Parameter(name, description, "uuid", required)


def number(name: str, description: str, *, required: bool = False) -> Parameter:
    """Return a parameter that is a whole number."""
    return Parameter(name, description, "integer", required)


def flag(name: str, description: str, *, required: bool = False) -> Parameter:
    """Return a parameter that is true or false."""
    return Parameter(name, description, "boolean", required)


def date(name: str, description: str) -> Parameter:
    """Return a parameter that is a date."""
    return Parameter(name, description, "date")


PAGE = (
    number("page", "which page of the list, from 1 on"),
    number("pagesize", "entries of a page; 500 by default"),
)
KEYWORD = Parameter("keyword", "only those with this in their name")
OWNER = (
    Parameter("account", "of this account; with domainid, or in the caller's own domain"),
    identifier("domainid", "of this domain"),
    flag("isrecursive", "with domainid: of the domains below it, too"),
    flag("listall", "of all that the caller may see"),
)

# Every request may have these.
_COMMON = frozenset(
    (
        *("command", "response", "apikey", "signature", "signatureversion", "signaturemethod"),
        *("expires", "nonce", "_"),
    )
)


def check_parameters(command: str, takes: Iterable[Parameter], given: Mapping[str, str]) -> None:
    """Refuse what the command does not take.

    CloudStack leaves out what it does not know; but a filter that is not there, or is misspelt,
    would then list everything.

    Args:
        given: all parameters of the request by lower-cased name.

    Raises:
        ManagementRequestRefused: 431, a parameter is unknown, missing or too long.
    """
    known = {parameter.name: parameter for parameter in takes}
    for name, value in given.items():
        if name in _COMMON:
            continue
        if name not in known:
            names = ", ".join(sorted(known)) or "none"
            raise _refused(command, f"unknown parameter {name[:64]!r}; it takes {names}")
        if len(value) > known[name].length:
            raise _refused(
                command,
                f"invalid parameter {name}: it must not have more than "
                f"{known[name].length} characters",
            )
    for parameter in known.values():
        if parameter.required and not given.get(parameter.name, "").strip():
            raise _refused(command, f"missing parameter {parameter.name}")


def _refused(command: str, cause: str) -> ManagementRequestRefused:
    return ManagementRequestRefused(431, f"Unable to execute API command {command} due to {cause}")
