"""What a system VM was told, by whom, and which settings of this program that decides."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address

from consoleproxy.agent.masking import MASK, is_secret
from consoleproxy.agent.properties import read_properties
from consoleproxy.settings import declared_settings

KERNEL = "boot arguments"
AGENT_FILE, PROXY_FILE = "agent.properties", "consoleproxy.properties"

_PAGE_PORT, _PUBLIC_ADDRESS = "consoleproxy.httpListenPort", "consoleproxy.public.address"
# CloudStack's own page ports: whether it is 80 or 443 is decided by the keystore.
_PAGE_PORTS = ("80", "443")
# What a name is called here. The first is a property of Java's proxy, the second of its agent.
_RENAMED = {"consoleproxy.httpCmdListenPort": "consoleproxy.cmd.port"}
_BACK_OFF_SECONDS = "backoff.seconds"


@dataclass(frozen=True, slots=True)
class Told:
    """A value, and who told it."""

    value: str
    source: str


def all_told(kernel: str, agent: str = "", consoleproxy: str = "") -> dict[str, Told]:
    """Return what counts by name.

    Args:
        kernel: the command line, which comes first.
        agent, consoleproxy: texts of the properties files, in the order in which they count.
    """
    words = (word.partition("=") for word in kernel.split())
    sources = (
        (PROXY_FILE, read_properties(consoleproxy)),
        (AGENT_FILE, read_properties(agent)),
        (KERNEL, {name: value for name, equals, value in words if name and equals}),
    )
    return {name: Told(value, source) for source, found in sources for name, value in found.items()}


def listing(told: Mapping[str, Told]) -> Iterator[str]:
    """Yield a line each: name, value, source; secrets as ``***``."""
    for name, one in told.items():
        value = MASK if one.value and is_secret(name) else one.value
        yield f"{_printable(name)} = {_printable(value)}  ({one.source})"


def secrets_of(told: Mapping[str, Told]) -> frozenset[str]:
    """Return the values that must not be shown anywhere."""
    return frozenset(one.value for name, one in told.items() if one.value and is_secret(name))


def settings_told(told: Mapping[str, Told]) -> dict[str, str]:
    """Return values by the name of the setting that they decide.

    A setting's own name counts as well as that of its boot argument, so that
    ``consoleproxy.properties`` may have any of them. What cannot be used is in there as it was
    told: whoever reads settings says what is wrong.
    """
    values = {name: one.value.strip() for name, one in told.items()}
    settings = [declared.setting for declared in declared_settings()]
    found = {
        setting.name: values[setting.boot_argument]
        for setting in settings
        if setting.boot_argument and values.get(setting.boot_argument)
    }
    for name, setting_name in _RENAMED.items():
        if values.get(name):
            found[setting_name] = values[name]
    if public := _first_address(values, "public.ip", "eth2ip"):
        found[_PUBLIC_ADDRESS] = public
    if back_off := values.get(_BACK_OFF_SECONDS):
        number = back_off.isascii() and back_off.isdigit()
        found["consoleproxy.agent.backoff"] = f"{back_off}000" if number else back_off
    found.update({s.name: values[s.name] for s in settings if values.get(s.name)})
    if found.get(_PAGE_PORT) in _PAGE_PORTS:
        del found[_PAGE_PORT]
    return found


def _first_address(values: Mapping[str, str], *names: str) -> str:
    for name in names:
        try:
            address = ip_address(values.get(name, ""))
        except ValueError:
            continue
        if not address.is_unspecified:
            return str(address)
    return ""


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)
