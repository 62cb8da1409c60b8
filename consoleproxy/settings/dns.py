"""The DNS responder."""

from dataclasses import dataclass
from typing import ClassVar

from consoleproxy.settings import declare
from consoleproxy.settings.hypervisor import HypervisorSettings


@dataclass(frozen=True, slots=True)
class DnsSettings(HypervisorSettings):
    """Which names are answered for; ``consoleproxy dns`` asks no management server."""

    GROUP: ClassVar = "DNS responder"

    dns_address: str = declare.text(
        "consoleproxy.dns.address",
        "::",
        "Address that the DNS responder listens on; :: for IPv4 and IPv6.",
    )
    dns_port: int = declare.port(
        "consoleproxy.dns.port", 53, "Port of the DNS responder, UDP and TCP."
    )
    dns_networks: str = declare.text(
        "consoleproxy.dns.networks",
        "",
        "Networks of the proxies' public addresses; no name is answered for any other address.",
    )
    dns_nameservers: str = declare.text(
        "consoleproxy.dns.nameservers",
        "",
        "Names of the domain's name servers, e.g. ns1.console.example.org=192.0.2.53.",
    )
    dns_ttl: int = declare.number(
        "consoleproxy.dns.ttl", 60, "How long resolvers keep an answer.", unit="s", minimum=0
    )
    dns_rate: int = declare.number(
        "consoleproxy.dns.rate",
        20,
        "Answers a second over UDP to one network (/24, /56) of resolvers.",
        unit="answers/s",
        minimum=1,
    )
