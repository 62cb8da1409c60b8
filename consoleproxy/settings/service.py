"""The management server."""

from dataclasses import dataclass
from typing import ClassVar

from consoleproxy.settings import declare
from consoleproxy.settings.api import ApiSettings


@dataclass(frozen=True, slots=True)
class ServiceSettings(ApiSettings):
    """Whom a CPVM asks, and what the management server itself is."""

    GROUP: ClassVar = "Management server"

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
        "consoleproxy.manage.inventory",
        "inventory.toml",
        "TOML file with the VMs; may be empty where consoleproxy.manage.libvirt is set.",
    )
    manage_libvirt: str = declare.text(
        "consoleproxy.manage.libvirt",
        "",
        "Hypervisors whose domains are VMs, too: URIs of libvirt, with commas between them, e.g. "
        "qemu:///system, qemu+tls://host/system.",
    )
