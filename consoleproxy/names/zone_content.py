"""What the zone of the consoles' names is made of, read from the settings."""

import hashlib
import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from consoleproxy.errors import SettingsInvalid
from consoleproxy.names.console_host import (
    address_label,
    check_url_domain,
    console_address,
    is_host_name,
)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NETWORKS = "consoleproxy.dns.networks"
_NAMESERVERS = "consoleproxy.dns.nameservers"
_NAME_LIMIT = 253
_LONGEST_LABEL = "-".join(["ffff"] * 8)
_MAPPED = IPv6Network("::ffff:0:0/96")


@dataclass(frozen=True, slots=True)
class Nameserver:
    """A name that the zone is delegated to, with its addresses if they are known here."""

    name: str
    addresses: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True)
class ZoneContent:
    """All that decides what is answered.

    Args:
        domain: the zone, in lower case, without a dot at its end.
        networks: where the addresses are that have a name; none inside another.
        ttl: of all records and of negative answers, in seconds.
    """

    domain: str
    networks: tuple[Network, ...]
    nameservers: tuple[Nameserver, ...]
    ttl: int

    @property
    def serial(self) -> int:
        """The SOA's serial: the same wherever the content is, another one where it differs.

        It does not grow with changes: nothing is transferred from here, so nobody compares.
        """
        servers = (" ".join(map(str, (s.name, *s.addresses))) for s in self.nameservers)
        text = "\n".join([self.domain, str(self.ttl), *map(str, self.networks), *servers])
        digest = hashlib.sha256(text.encode("ascii")).digest()
        return int.from_bytes(digest[:4], "big") or 1

    @property
    def contact(self) -> str:
        """The SOA's mailbox, as a name."""
        return f"hostmaster.{self.domain}"

    def holds(self, address: Address) -> bool:
        """Whether the address has a name in the zone."""
        return any(address in network for network in self.networks)

    def is_inside(self, name: str) -> bool:
        """Whether a name in lower case is the zone's own, or below it."""
        return f".{name}".endswith(f".{self.domain}")

    def host(self, address: Address) -> str:
        """The address's name."""
        return f"{address_label(address)}.{self.domain}"


def record_type(address: Address) -> str:
    """The type of the record that holds the address."""
    return "A" if address.version == 4 else "AAAA"


def read_zone_content(
    url_domain: str, networks: str, nameservers: str, ttl: int, *, needs_nameservers: bool = True
) -> ZoneContent:
    """Read the settings; entries of lists stand between commas or white space.

    Args:
        url_domain: ``consoleproxy.url.domain``.
        networks: networks or addresses.
        nameservers: names, each with ``=address`` where it lies in the zone; a name with several
            addresses is repeated.
        ttl: in seconds.

    Raises:
        SettingsInvalid: all mistakes, each with what to write.
    """
    problems: list[str] = []
    domain = _read_domain(url_domain, problems)
    found = tuple(_collapsed(_read_networks(networks, problems)))
    servers = tuple(_read_nameservers(nameservers, domain, problems))
    if not servers and not nameservers.strip() and needs_nameservers:
        problems.append(
            f"{_NAMESERVERS} is empty: name the servers that the zone is delegated to, with their"
            f" addresses, e.g. ns1.{domain or 'console.example.org'}=192.0.2.53"
        )
    if problems:
        raise SettingsInvalid(problems)
    return ZoneContent(domain, found, servers, ttl)


def _read_domain(url_domain: str, problems: list[str]) -> str:
    try:
        checked = check_url_domain(url_domain)
    except SettingsInvalid as fault:
        problems.extend(fault.problems)
        return ""
    domain = checked.removeprefix("*.").lower()
    if not checked.startswith("*."):
        problems.append(
            f"consoleproxy.url.domain={url_domain!r} makes no names of addresses: set it to"
            " *.domain, e.g. *.console.example.org, to have a zone of them"
        )
    elif len(f"{_LONGEST_LABEL}.{domain}") > _NAME_LIMIT:
        problems.append(
            f"consoleproxy.url.domain={url_domain!r} leaves no room for a name below it: use a"
            " shorter one"
        )
    return domain


def _read_networks(text: str, problems: list[str]) -> Iterator[Network]:
    entries = _entries(text)
    if not entries:
        problems.append(
            f"{_NETWORKS} is empty: set it to the networks of the proxies' public addresses, e.g."
            " 192.0.2.0/24, 2001:db8:1::/64; only these get names"
        )
    for entry in entries:
        try:
            network = ipaddress.ip_network(entry)
        except ValueError as fault:
            problems.append(f"{_NETWORKS}: {fault}: write 192.0.2.0/24 or 192.0.2.7")
            continue
        if not network.prefixlen:
            problems.append(
                f"{_NETWORKS}: {entry} would make a name for any address of others: write only"
                " the networks of the proxies' public addresses"
            )
        elif "%" in entry:
            problems.append(f"{_NETWORKS}: {entry!r} has a zone: leave out % and what follows")
        elif isinstance(network, IPv6Network) and network.overlaps(_MAPPED):
            problems.append(f"{_NETWORKS}: {entry} is IPv4 written as IPv6: write it as IPv4")
        else:
            yield network


def _collapsed(networks: Iterator[Network]) -> Iterator[Network]:
    found = list(networks)
    yield from ipaddress.collapse_addresses(n for n in found if isinstance(n, IPv4Network))
    yield from ipaddress.collapse_addresses(n for n in found if isinstance(n, IPv6Network))


def _read_nameservers(text: str, domain: str, problems: list[str]) -> Iterator[Nameserver]:
    addresses: dict[str, list[Address]] = {}
    for entry in _entries(text.lower()):
        name, equals, address = entry.partition("=")
        if not is_host_name(name):
            problems.append(
                f"{_NAMESERVERS}: {name!r} is not a host name: write ns1.example.org, or with an"
                " address ns1.example.org=192.0.2.53"
            )
            continue
        known = addresses.setdefault(name, [])
        if not equals:
            continue
        try:
            known.append(_read_address(address))
        except ValueError:
            problems.append(f"{_NAMESERVERS}: {entry!r}: {address!r} is not an IP address")
    for name, given in addresses.items():
        if domain and console_address(name, f"*.{domain}") is not None:
            problems.append(
                f"{_NAMESERVERS}: {name} is the name of a console: call the nameserver otherwise"
            )
        if domain and f".{name}".endswith(f".{domain}") and not given:
            problems.append(
                f"{_NAMESERVERS}: {name} lies in the zone, so this zone has to know its address:"
                f" write {name}=192.0.2.53, with the right address"
            )
        yield Nameserver(name, tuple(dict.fromkeys(given)))


def _read_address(text: str) -> Address:
    if "%" in text:
        raise ValueError("an address with a zone is only good on one machine")
    return ipaddress.ip_address(text)


def _entries(text: str) -> list[str]:
    return text.replace(",", " ").split()
