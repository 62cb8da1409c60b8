"""The consoles' names for PowerDNS: LUA records that give nothing for what is no name of ours.

Its own ``createForward()`` answers 0.0.0.0 for any name that is none, and does so for every
address in the world; these records check network and spelling.
"""

import shlex
from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network

from consoleproxy.names.zone import SOA_EXPIRE, SOA_REFRESH, SOA_RETRY
from consoleproxy.names.zone_content import Network, ZoneContent, record_type

# Lua strings in long brackets: the record itself stands between double quotes, and the shell's
# word between single ones. toString writes an address in its one canonical form.
_NETWORKS = "local m = newNMG()"
_LABEL = "local l = qname:makeRelative(zone):toStringNoDot():lower()"
_IPV4_CHECK = (
    "local ok, a = pcall(newCA, (l:gsub([[%-]], [[.]])))"
    " if ok and m:match(a) and (a:toString():gsub([[%.]], [[-]])) == l"
    " then return a:toString() end return {}"
)
_IPV6_CHECK = (
    "local ok, a = pcall(newCA, (l:gsub([[%-]], [[:]])))"
    " if ok and m:match(a)"
    " and (a:toString():gsub([[:]], [[-]]):gsub([[^%-]], [[0-]]):gsub([[%-$]], [[-0]])) == l"
    " then return a:toString() end return {}"
)


def powerdns_lines(content: ZoneContent, serial: int) -> Iterator[str]:
    """Yield the commands that make the zone, for a shell on the PowerDNS server."""
    zone = content.domain
    first = content.nameservers[0].name
    yield f"# Names of console proxies in {zone}. pdns.conf needs enable-lua-records=yes."
    yield "# What is no name of a proxy has no records, but it exists: NOERROR, not NXDOMAIN."
    yield f"pdnsutil create-zone {zone} {first}"
    soa = f"{first}. {content.contact}. {serial} {SOA_REFRESH} {SOA_RETRY} {SOA_EXPIRE}"
    yield _replace(content, "@", "SOA", f"{soa} {content.ttl}")
    yield _replace(content, "@", "NS", *(f"{server.name}." for server in content.nameservers))
    for server in content.nameservers:
        if not content.is_inside(server.name):
            continue
        name = server.name.removesuffix(zone).rstrip(".") or "@"
        for kind in ("A", "AAAA"):
            values = [str(a) for a in server.addresses if record_type(a) == kind]
            if values:
                yield _replace(content, name, kind, *values)
    yield _replace(content, "*", "LUA", *_lua(content.networks))


def _lua(networks: tuple[Network, ...]) -> Iterator[str]:
    for kind, version, check in (
        ("A", IPv4Network, _IPV4_CHECK),
        ("AAAA", IPv6Network, _IPV6_CHECK),
    ):
        masks = [f"m:addMask([[{n}]])" for n in networks if isinstance(n, version)]
        if masks:
            yield f'{kind} ";{" ".join([_NETWORKS, *masks, _LABEL, check])}"'


def _replace(content: ZoneContent, name: str, kind: str, *values: str) -> str:
    words = ["pdnsutil", "replace-rrset", content.domain, name, kind, str(content.ttl), *values]
    return shlex.join(words)
