"""The zone as a responder sees it: which names there are, and what records each has."""

from collections.abc import Mapping
from dataclasses import dataclass

from dns import rdata, rdataclass, rdataset, rdatatype
from dns.name import Name, from_text
from dns.rdataset import Rdataset
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.HINFO import HINFO
from dns.rdtypes.ANY.NS import NS
from dns.rdtypes.ANY.SOA import SOA
from dns.rdtypes.IN.A import A
from dns.rdtypes.IN.AAAA import AAAA

from consoleproxy.names.console_host import console_address
from consoleproxy.names.zone_content import Address, ZoneContent

# Seconds; for secondaries that transfer a zone file made of this content.
SOA_REFRESH = 3600
SOA_RETRY = 600
SOA_EXPIRE = 86400

Node = Mapping[RdataType, Rdataset]
"""The records of one name, by type; an empty one is a name that only others lie below."""

_EMPTY: Node = {}


@dataclass(frozen=True, slots=True)
class Zone:
    """The records of a zone: ``lookup`` has the consoles' names, ``nodes`` all the others."""

    origin: Name
    content: ZoneContent
    soa: Rdataset
    minimal_any: Rdataset
    """What is said to somebody who asks for ANY (RFC 8482 section 4.2)."""
    nodes: Mapping[Name, Node]

    @classmethod
    def of(cls, content: ZoneContent) -> "Zone":
        """Return the zone with this content; there is at least one nameserver."""
        origin = from_text(content.domain)
        soa = _soa(content)
        nodes: dict[Name, Node] = {}
        for server in content.nameservers:
            if content.is_inside(server.name):
                nodes[from_text(server.name)] = _addresses(server.addresses, content.ttl)
        for name in list(nodes):
            above = name
            while above != origin:
                above = above.parent()
                nodes.setdefault(above, _EMPTY)
        servers = [
            NS(rdataclass.IN, RdataType.NS, from_text(server.name))
            for server in content.nameservers
        ]
        apex = {RdataType.SOA: soa, RdataType.NS: rdataset.from_rdata_list(content.ttl, servers)}
        nodes[origin] = {**nodes.get(origin, _EMPTY), **apex}
        hinfo = HINFO(rdataclass.IN, RdataType.HINFO, b"RFC8482", b"")
        return cls(origin, content, soa, rdataset.from_rdata(content.ttl, hinfo), nodes)

    def lookup(self, name: Name) -> Node | None:
        """Return the records of a name inside the zone; ``None`` if there is no such name."""
        node = self.nodes.get(name)
        address = self._console(name)
        if address is None:
            return node
        return _addresses((address,), self.content.ttl)

    def _console(self, name: Name) -> Address | None:
        if len(name) != len(self.origin) + 1:
            return None
        try:
            label = name[0].decode("ascii")
        except UnicodeDecodeError:
            return None
        if "." in label:
            return None
        domain = self.content.domain
        address = console_address(f"{label}.{domain}", f"*.{domain}")
        return address if address is not None and self.content.holds(address) else None


def _soa(content: ZoneContent) -> Rdataset:
    soa = SOA(
        rdataclass.IN,
        RdataType.SOA,
        from_text(content.nameservers[0].name),
        from_text(content.contact),
        content.serial,
        SOA_REFRESH,
        SOA_RETRY,
        SOA_EXPIRE,
        content.ttl,
    )
    return rdataset.from_rdata(content.ttl, soa)


def _addresses(addresses: tuple[Address, ...], ttl: int) -> Node:
    found: dict[RdataType, list[rdata.Rdata]] = {}
    for address in addresses:
        record = (
            A(rdataclass.IN, RdataType.A, str(address))
            if address.version == 4
            else AAAA(rdataclass.IN, RdataType.AAAA, str(address))
        )
        found.setdefault(rdatatype.RdataType(record.rdtype), []).append(record)
    return {kind: rdataset.from_rdata_list(ttl, records) for kind, records in found.items()}
