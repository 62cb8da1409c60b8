"""The consoles' names as records and settings for DNS servers other than ours.

Every format gives lines. Those that write each name out refuse more than 65,536 of them.
"""

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import IPv6Network

from consoleproxy.errors import SettingsInvalid
from consoleproxy.names.powerdns import powerdns_lines
from consoleproxy.names.zone import SOA_EXPIRE, SOA_REFRESH, SOA_RETRY
from consoleproxy.names.zone_content import Address, ZoneContent, record_type

_EXPLICIT_LIMIT = 1 << 16

# Route 53 takes 1000 values of 32,000 characters together in a request, and counts each of an
# UPSERT twice: 400 of the longest IPv6 addresses are 31,200.
_ROUTE53_BATCH = 400

# dnsmasq counts synthetic addresses in 64 bits.
_DNSMASQ_IPV6_PREFIX = 64


@dataclass(frozen=True, slots=True)
class ZoneFormat:
    """A way to print a zone.

    Args:
        lines: makes the text of the content and the SOA's serial.
        needs_nameservers: whether SOA and NS are part of it.
    """

    lines: Callable[[ZoneContent, int], Iterator[str]]
    needs_nameservers: bool


def zone_lines(content: ZoneContent, serial: int) -> Iterator[str]:
    """Yield a master file (RFC 1035 section 5), as BIND, NSD and others read it.

    Raises:
        SettingsInvalid: too many names.
    """
    addresses = _addresses(content)
    yield from _apex_lines(content, serial)
    for address in addresses:
        yield f"{content.host(address)}. IN {record_type(address)} {address}"


def dnsmasq_lines(content: ZoneContent, serial: int) -> Iterator[str]:
    """Yield settings for dnsmasq.

    Raises:
        SettingsInvalid: an IPv6 network is too large for it.
    """
    for network in content.networks:
        if isinstance(network, IPv6Network) and network.prefixlen < _DNSMASQ_IPV6_PREFIX:
            raise SettingsInvalid(
                [f"{network} is larger than dnsmasq can have: give /64 or smaller networks"]
            )
    yield f"# Names of console proxies in {content.domain}, for dnsmasq as the site's resolver."
    yield "# Its answers have TTL 0, unless local-ttl says otherwise."
    yield f"local=/{content.domain}/"
    for server in content.nameservers:
        if content.is_inside(server.name):
            yield ",".join([f"host-record={server.name}", *map(str, server.addresses)])
    for network in content.networks:
        yield f"synth-domain={content.domain},{network}"


def knot_lines(content: ZoneContent, serial: int) -> Iterator[str]:
    """Yield settings for Knot DNS, with the zone file that they need as a comment."""
    yield f"# Names of console proxies in {content.domain}; load it by include: in knot.conf."
    yield "mod-synthrecord:"
    yield "  - id: consoleproxy"
    yield "    type: forward"
    yield f"    ttl: {content.ttl}"
    yield f"    network: [ {', '.join(map(str, content.networks))} ]"
    yield "zone:"
    yield f"  - domain: {content.domain}"
    yield f"    file: {content.domain}.zone"
    yield "    module: mod-synthrecord/consoleproxy"
    yield f"# {content.domain}.zone, without the first two characters of each line:"
    for line in _apex_lines(content, serial):
        yield f"# {line}"


def route53_lines(content: ZoneContent, serial: int) -> Iterator[str]:
    """Yield change batches for ``aws route53 change-resource-record-sets``, one a line.

    Raises:
        SettingsInvalid: too many names.
    """
    addresses = iter(_addresses(content))
    while batch := list(itertools.islice(addresses, _ROUTE53_BATCH)):
        changes = [
            {
                "Action": "UPSERT",
                "ResourceRecordSet": {
                    "Name": f"{content.host(address)}.",
                    "Type": record_type(address),
                    "TTL": content.ttl,
                    "ResourceRecords": [{"Value": str(address)}],
                },
            }
            for address in batch
        ]
        yield json.dumps({"Comment": f"Console proxies of {content.domain}", "Changes": changes})


def _apex_lines(content: ZoneContent, serial: int) -> Iterator[str]:
    yield f"$ORIGIN {content.domain}."
    yield f"$TTL {content.ttl}"
    yield (
        f"@ IN SOA {content.nameservers[0].name}. {content.contact}."
        f" {serial} {SOA_REFRESH} {SOA_RETRY} {SOA_EXPIRE} {content.ttl}"
    )
    for server in content.nameservers:
        yield f"@ IN NS {server.name}."
    for server in content.nameservers:
        if content.is_inside(server.name):
            for address in server.addresses:
                yield f"{server.name}. IN {record_type(address)} {address}"


def _addresses(content: ZoneContent) -> Iterator[Address]:
    count = sum(network.num_addresses for network in content.networks)
    if count > _EXPLICIT_LIMIT:
        raise SettingsInvalid(
            [
                f"{', '.join(map(str, content.networks))} make {count} names, and this format"
                f" writes out at most {_EXPLICIT_LIMIT}: give the proxies' addresses by --address,"
                " or use a format that has ranges: dnsmasq, knot or powerdns"
            ]
        )
    return itertools.chain.from_iterable(content.networks)


FORMATS = {
    "zone": ZoneFormat(zone_lines, needs_nameservers=True),
    "powerdns": ZoneFormat(powerdns_lines, needs_nameservers=True),
    "dnsmasq": ZoneFormat(dnsmasq_lines, needs_nameservers=False),
    "knot": ZoneFormat(knot_lines, needs_nameservers=True),
    "route53": ZoneFormat(route53_lines, needs_nameservers=False),
}
