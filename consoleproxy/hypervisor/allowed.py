"""Where this proxy may connect to, whatever tokens, names and links say."""

import ipaddress
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from consoleproxy.errors import HypervisorForbidden, SettingsInvalid
from consoleproxy.hypervisor.own_address import is_this_machine

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_SETTING = "consoleproxy.hypervisor.allowed"
_FORMS = (
    "write 10.0.0.0/8, 10.1.2.3, 10.0.0.0/8:5900-6100, [fd00::/8]:5900, unix:/folder/ or "
    "unix:/path/of/socket"
)
_UNIX = "unix:"
_LAST_PORT = 65535
_PORTS = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?", re.ASCII)

# Of IANA's special-purpose registries, and where clouds hand out their secrets.
_SPECIAL: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("an unspecified address", ("0.0.0.0/8", "::/128")),
    ("a loopback address", ("127.0.0.0/8", "::1/128")),
    ("a link-local address", ("169.254.0.0/16", "fe80::/10")),
    (
        "a cloud's metadata address",
        (
            "169.254.169.254/32",  # AWS, Azure, GCP, OpenStack, CloudStack
            "169.254.170.2/32",  # AWS ECS
            "169.254.170.23/32",  # AWS EKS
            "168.63.129.16/32",  # Azure's host
            "100.100.100.200/32",  # Alibaba
            "192.0.0.192/32",  # Oracle
            "fd00:ec2::254/128",  # AWS
            "fd00:ec2::23/128",  # AWS EKS
            "fd20:ce::254/128",  # GCP
            "fd00:42::42/128",  # Scaleway
            "fe80::a9fe:a9fe/128",  # OpenStack
        ),
    ),
    ("a multicast address", ("224.0.0.0/4", "ff00::/8")),
    ("a broadcast or reserved address", ("240.0.0.0/4",)),
    # RFC 8215: where in it an IPv4 address stands is the site's to say.
    ("an address of this site's NAT64", ("64:ff9b:1::/48",)),
)
_SPECIAL_NETWORKS = tuple(
    (what, ipaddress.ip_network(network)) for what, networks in _SPECIAL for network in networks
)
# The last 32 bits are an IPv4 address: RFC 6052, RFC 2765, RFC 4291 section 2.5.5.1.
_TRANSLATED = tuple(IPv6Network(text) for text in ("64:ff9b::/96", "::ffff:0:0:0/96", "::/96"))
_MAPPED = IPv6Network("::ffff:0:0/96")


@dataclass(frozen=True, slots=True)
class _Rule:
    """One network of the setting, with its ports."""

    network: Network
    low: int = 1
    high: int = _LAST_PORT
    names_ports: bool = False

    def covers(self, address: Address, port: int) -> bool:
        return address in self.network and self.low <= port <= self.high


@dataclass(frozen=True, slots=True)
class AllowedTargets:
    """What ``consoleproxy.hypervisor.allowed`` says.

    Without an entry every address is allowed except the special ones, and no socket; with one, only
    what has an entry. A special address needs one that names it, or that lies inside its special
    range altogether; this machine's own addresses beyond loopback, one that names it.

    Args:
        paths: sockets, or folders of them, which end with "/".
        own_ports: where this program itself listens; on this machine's addresses they need an entry
            that names ports.
        is_own: whether an address is this machine's.
    """

    rules: tuple[_Rule, ...] = ()
    paths: tuple[str, ...] = ()
    own_ports: frozenset[int] = frozenset()
    is_own: Callable[[Address], bool] = field(default=is_this_machine, repr=False, compare=False)

    @classmethod
    def parse(
        cls,
        text: str,
        own_ports: frozenset[int] = frozenset(),
        is_own: Callable[[Address], bool] = is_this_machine,
    ) -> "AllowedTargets":
        """Read the setting: entries between commas or white space.

        Raises:
            SettingsInvalid: all entries that are none, with what to write.
        """
        rules: list[_Rule] = []
        paths: list[str] = []
        problems: list[str] = []
        for entry in text.replace(",", " ").split():
            try:
                if entry.startswith(_UNIX):
                    paths.append(_path(entry.removeprefix(_UNIX)))
                else:
                    rules.append(_rule(entry))
            except ValueError as fault:
                problems.append(f"{_SETTING}: {entry!r} {fault}")
        if problems:
            raise SettingsInvalid(problems)
        return cls(tuple(rules), tuple(paths), own_ports, is_own)

    def check(self, address: str, port: int) -> None:
        """Return if the address may be dialled; it is one that a name was resolved to.

        Raises:
            HypervisorForbidden: it may not; the cause says why.
        """
        where = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
        try:
            real = _plain(ipaddress.ip_address(address))
        except ValueError:
            raise HypervisorForbidden(f"{address!r} port {port} is not an address") from None
        self._check_special(real, port, where)
        for carried in _carried(real):
            self._check_special(carried, port, f"{where}, which leads to {carried},")
        restricted = bool(self.rules or self.paths)
        if restricted and not any(rule.covers(real, port) for rule in self.rules):
            raise HypervisorForbidden(f"{where} is not among {_SETTING}")

    def check_path(self, path: str) -> str:
        """Return the unix socket to connect to: the path, with its links followed.

        Raises:
            HypervisorForbidden: it may not.
        """
        try:
            real = os.path.realpath(path) if os.path.isabs(path) else ""
        except ValueError:
            raise HypervisorForbidden(f"{path!r} is not a path") from None
        if not any(_holds(allowed, real) for allowed in self.paths):
            raise HypervisorForbidden(f"{_UNIX}{path} is not among {_SETTING}")
        return real

    def _check_special(self, address: Address, port: int, where: str) -> None:
        ranges = [(what, network) for what, network in _SPECIAL_NETWORKS if address in network]
        # Who connects to an unspecified address reaches this machine.
        own = address.is_unspecified or self.is_own(address)
        if not ranges and not own:
            return
        longest = max((network.prefixlen for _, network in ranges), default=0)
        if own and not (address.is_loopback or address.is_unspecified):
            longest = address.max_prefixlen
        # All of these hold the address, so one with a longer prefix lies inside the others.
        opening = [
            rule
            for rule in self.rules
            if rule.covers(address, port) and rule.network.prefixlen >= longest
        ]
        if not opening:
            what = ranges[-1][0] if ranges else "an address of this machine"
            raise HypervisorForbidden(f"{where} is {what}, and {_SETTING} does not name it")
        if own and port in self.own_ports and not any(rule.names_ports for rule in opening):
            raise HypervisorForbidden(
                f"{where} is a port of this program, and {_SETTING} does not name it with its port"
            )


def _rule(entry: str) -> _Rule:
    """Read a network or an address, with or without ports.

    Raises:
        ValueError: what is wrong, and what to write.
    """
    if "%" in entry:
        raise ValueError("has a zone: leave out % and what follows")
    text, ports = entry, ""
    if entry.startswith("["):
        text, bracket, rest = entry[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise ValueError(f"is neither a network nor an address: {_FORMS}")
        ports = rest
    elif entry.count(":") == 1:
        text = entry.partition(":")[0]
        ports = entry.removeprefix(text)
    network = _network(text)
    if not ports:
        return _Rule(network)
    match = _PORTS.fullmatch(ports[1:])
    low, high = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
    if not 1 <= low <= high <= _LAST_PORT:
        raise ValueError("has no ports from 1 to 65535: write :5900, or :5900-6100")
    return _Rule(network, low, high, names_ports=True)


def _network(text: str) -> Network:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise ValueError(f"is neither a network nor an address: {_FORMS}") from None
    if ipaddress.ip_address(text.partition("/")[0]) != network.network_address:
        raise ValueError(f"has bits behind its prefix: write {network}, or the address alone")
    if isinstance(network, IPv6Network) and network.subnet_of(_MAPPED):
        raise ValueError("is IPv4 written as IPv6: write it as IPv4")
    return network


def _path(path: str) -> str:
    if not path.startswith("/") or "\0" in path:
        raise ValueError(f"is not an absolute path: {_FORMS}")
    return path


def _holds(allowed: str, real: str) -> bool:
    """Say whether an entry is for the socket, or for a folder that holds it."""
    if allowed.endswith("/"):
        return real.startswith(os.path.join(os.path.realpath(allowed), ""))
    return real == os.path.realpath(allowed)


def _plain(address: Address) -> Address:
    """Return the IPv4 address that the kernel makes of an IPv4-mapped one."""
    if isinstance(address, IPv6Address):
        return address.ipv4_mapped or address
    return address


def _carried(address: Address) -> Iterator[IPv4Address]:
    """Yield the IPv4 addresses that a transition mechanism would lead to."""
    if isinstance(address, IPv4Address) or address.is_loopback or address.is_unspecified:
        return
    if any(address in network for network in _TRANSLATED):
        yield IPv4Address(int(address) & 0xFFFFFFFF)
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo
