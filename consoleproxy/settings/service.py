"""The management server, and the DNS responder."""

from dataclasses import dataclass

from consoleproxy.settings import declare
from consoleproxy.settings.hypervisor import HypervisorSettings


@dataclass(frozen=True, slots=True)
class ServiceSettings(HypervisorSettings):
    """Whom a CPVM asks, and what else this program can be."""

    management_url: str = declare.text(
        "consoleproxy.management.url",
        "http://127.0.0.1:8088",
        "The embedded management server; empty: none is asked, tokens alone decide.",
    )
    management_secret: str = declare.text(
        "consoleproxy.management.secret",
        "",
        "Shared secret of proxies and management server.",
        secret=True,
    )
    manage_address: str = declare.text(
        "consoleproxy.manage.address",
        "127.0.0.1",
        "Address that the embedded management server listens on.",
    )
    manage_port: int = declare.port(
        "consoleproxy.manage.port", 8088, "Port of the embedded management server."
    )
    manage_page_key: str = declare.text(
        "consoleproxy.manage.page.key",
        "",
        "Key of the operator's pages; needed where it does not listen on loopback.",
        secret=True,
    )
    manage_database: str = declare.text(
        "consoleproxy.manage.database",
        "consoleproxy.db",
        "The management server's database: a SQLite file, or mysql+pymysql://user:password@host/db "
        "for MariaDB.",
        secret=True,
    )
    manage_encryption_key_file: str = declare.text(
        "consoleproxy.manage.encryption.key.file",
        "",
        "File with the keys that secrets at rest are sealed under, 32 bytes in base64 a line: the "
        "first one seals, all of them open. Empty: the key below.",
    )
    manage_encryption_key: str = declare.text(
        "consoleproxy.manage.encryption.key",
        "",
        "The same keys as a text, with commas between them; meant for the environment. Empty, too: "
        "one made from consoleproxy.management.secret.",
        secret=True,
    )
    manage_inventory: str = declare.text(
        "consoleproxy.manage.inventory", "inventory.toml", "TOML file with the VMs."
    )
    session_retention_hours: int = declare.number(
        "console.session.cleanup.retention.hours",
        240,
        "For how long sessions that are over stay in the management server's books.",
        unit="hours",
        minimum=1,
    )
    assignment_order: str = declare.text(
        "consoleproxy.assignment.order",
        "emptiest",
        "Which proxy with room gets a VM's console first; emptiest spreads the sessions, fullest "
        "leaves proxies empty that may then be ended.",
        choices=("emptiest", "fullest"),
    )
    capacity_standby: int = declare.number(
        "consoleproxy.capacity.standby",
        10,
        "Sessions that all proxies together shall have free; with fewer, more proxies are asked "
        "for.",
        unit="sessions",
        minimum=0,
    )
    capacity_scan_interval: int = declare.milliseconds(
        "consoleproxy.capacityscan.interval",
        30_000,
        "Time between looks at the free capacity of all proxies.",
        minimum=100,
    )
    capacity_webhook: str = declare.text(
        "consoleproxy.capacity.webhook",
        "",
        "URL that is told by POST how many proxies are wanted; empty: nobody is told.",
        secret=True,
    )

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
