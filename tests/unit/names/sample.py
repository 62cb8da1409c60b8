"""A zone for the tests of names, and questions about it."""

import dns.message

from consoleproxy.names.zone import Zone
from consoleproxy.names.zone_content import ZoneContent, read_zone_content

DOMAIN = "console.example.org"
NETWORKS = "192.0.2.0/24, 10.0.0.0/8, 2001:db8::/48"
NAMESERVERS = f"ns1.{DOMAIN}=192.0.2.53, ns1.{DOMAIN}=2001:db8::53, ns.deep.{DOMAIN}=10.9.9.9"


def content(networks: str = NETWORKS, nameservers: str = NAMESERVERS) -> ZoneContent:
    """Return what the zone is made of; its TTL is 60 s."""
    return read_zone_content(f"*.{DOMAIN}", networks, f"{nameservers}, ns.example.net", 60)


def zone(nameservers: str = NAMESERVERS) -> Zone:
    """Return the zone."""
    return Zone.of(content(nameservers=nameservers))


def query(name: str, kind: str = "A", **options: object) -> bytes:
    """Return a query; a name without a dot at its end is below the domain."""
    full = name if name.endswith(".") else f"{name}.{DOMAIN}."
    wire: bytes = dns.message.make_query(full, kind, **options).to_wire()  # type: ignore[arg-type]
    return wire
