"""Every setting once: name, type, unit, default, help. CloudStack's own names where it has one.

Nothing below this module reads a setting; values are handed down. ``sources`` finds the values.
"""

from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Setting:
    """What a setting is called and what it may be.

    ``boot_argument`` is its name among the CPVM's boot arguments; a ``secret`` is printed as
    ``***``.
    """

    name: str
    help: str
    unit: str = ""
    minimum: int | None = None
    maximum: int | None = None
    choices: tuple[str, ...] = ()
    boot_argument: str = ""
    secret: bool = False

    @property
    def environment(self) -> str:
        """The environment variable that sets it."""
        return "CONSOLEPROXY_" + self.name.removeprefix("consoleproxy.").upper().replace(".", "_")


def _text(name: str, default: str, help: str, **more: Any) -> str:
    return field(default=default, metadata={"setting": Setting(name, help, **more)})


def _number(name: str, default: int, help: str, **more: Any) -> int:
    return field(default=default, metadata={"setting": Setting(name, help, **more)})


def _switch(name: str, default: bool, help: str) -> bool:
    return field(default=default, metadata={"setting": Setting(name, help)})


def _port(name: str, default: int, help: str) -> int:
    return _number(name, default, help, minimum=0, maximum=65535)


def _milliseconds(name: str, default: int, help: str, *, minimum: int, boot: str = "") -> int:
    return _number(name, default, help, unit="ms", minimum=minimum, boot_argument=boot)


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a CPVM and of the embedded management server, with their values."""

    name: str = _text(
        "consoleproxy.name",
        "",
        "This proxy's name towards the management server; empty: the host's name.",
        boot_argument="name",
    )
    listen_address: str = _text(
        "consoleproxy.listen.address",
        "0.0.0.0",  # noqa: S104 - a console proxy is there to be reached
        "Address that the console port listens on; :: for IPv4 and IPv6.",
    )
    port: int = _port(
        "consoleproxy.port",
        0,
        "Console port; 0: 8443 with TLS, 8080 without (the port rule).",
    )
    public_address: str = _text(
        "consoleproxy.public.address",
        "127.0.0.1",
        "Address under which browsers reach this proxy; becomes part of console URLs.",
    )
    admin_address: str = _text(
        "consoleproxy.admin.address",
        "127.0.0.1",
        "Address of the admin listener (metrics, sessions, drain); never make it public.",
    )
    admin_port: int = _port("consoleproxy.cmd.port", 8001, "Port of the admin listener.")
    ssl_enabled: bool = _switch(
        "consoleproxy.sslEnabled",
        False,
        "Serve TLS; needs consoleproxy.url.domain and a keystore with CPVMCertificate.",
    )
    url_domain: str = _text(
        "consoleproxy.url.domain",
        "",
        "Host of console URLs: *.domain for a-b-c-d.domain names, one name, or empty for the "
        "address.",
    )
    keystore_path: str = _text(
        "consoleproxy.keystore.path",
        "certs",
        "Folder or file of PEM: PKCS#8 key, server certificate, intermediates, root.",
    )
    loadscan_interval: int = _milliseconds(
        "consoleproxy.loadscan.interval", 5000, "Time between load reports.", minimum=100
    )
    session_max: int = _number(
        "consoleproxy.session.max", 50, "Sessions on one proxy.", unit="sessions", minimum=1
    )
    session_timeout: int = _milliseconds(
        "consoleproxy.session.timeout",
        300_000,
        "A session without a byte in either direction for this long is ended.",
        minimum=1000,
    )
    session_reconnection_window: int = _milliseconds(
        "consoleproxy.session.reconnection.window",
        30_000,
        "A session whose connection was cut may come back with its token within this time, from "
        "the same address; 0: never.",
        minimum=0,
        boot="session_reconnection_window",
    )
    session_policy: str = _text(
        "consoleproxy.session.policy",
        "replace",
        "What a second viewer of the same VM does: replace the first, share the screen, or be "
        "refused.",
        choices=("replace", "share", "refuse"),
    )
    extra_required: bool = _switch(
        "consoleproxy.extra.security.validation.enabled",
        False,
        "Refuse tokens that carry no extra security value.",
    )
    source_ip_check: bool = _switch(
        "novnc.console.sourceip.check.enabled",
        False,
        "Refuse browsers that come from another address than the one that asked for the console.",
    )
    accept_cbc: bool = _switch(
        "consoleproxy.token.cbc.accepted",
        True,
        "Accept CloudStack's older AES-CBC tokens, which carry no integrity check of their own.",
    )
    token_key_file: str = _text(
        "consoleproxy.token.key.file",
        "",
        "File with CloudStack's JSON pair of base64 key and IV; empty: the management server "
        "hands the keys over.",
    )
    jwt_algorithm: str = _text(
        "consoleproxy.token.jwt.algorithm",
        "",
        "Signature algorithm of JWT tokens, for clouds other than CloudStack; empty: no JWT.",
        choices=("", "HS256", "HS384", "HS512", "RS256", "ES256", "EdDSA"),
    )
    jwt_key_file: str = _text(
        "consoleproxy.token.jwt.key.file", "", "File with the key that verifies JWT tokens."
    )
    jwt_sealing_key_file: str = _text(
        "consoleproxy.token.jwt.sealing.key.file",
        "",
        "File with the 32-byte key, in base64, that opens the sealed target of JWT tokens.",
    )
    jwt_audience: str = _text(
        "consoleproxy.token.jwt.audience", "consoleproxy", "The aud that JWT tokens must have."
    )
    connect_timeout: int = _milliseconds(
        "consoleproxy.hypervisor.connect.timeout",
        5000,
        "Time to reach a hypervisor's VNC port.",
        minimum=100,
    )
    hypervisor_allowed: str = _text(
        "consoleproxy.hypervisor.allowed",
        "",
        "Where screens may be: networks with ports as 10.0.0.0/8:5900-6100, unix:/folder/. Empty: "
        "all but loopback, link-local and metadata addresses, and this machine's own.",
    )
    hypervisor_encryption: str = _text(
        "consoleproxy.hypervisor.encryption",
        "preferred",
        "Encryption towards hypervisors.",
        choices=("preferred", "required", "off"),
    )
    hypervisor_security_types: str = _text(
        "consoleproxy.hypervisor.security.types",
        "X509Plain, X509Vnc, X509None, VncAuth, None",
        "RFB security types, best first. TLSPlain, TLSVnc and TLSNone (anonymous TLS) and Plain "
        "are used only if they are named here.",
    )
    hypervisor_tls_ca_file: str = _text(
        "consoleproxy.hypervisor.tls.ca.file",
        "",
        "PEM file of the authorities that hypervisors' certificates come from; empty: the "
        "system's.",
    )
    hypervisor_tls_certificate_file: str = _text(
        "consoleproxy.hypervisor.tls.certificate.file",
        "",
        "PEM file of this proxy's own certificate, for hypervisors that demand one.",
    )
    hypervisor_tls_key_file: str = _text(
        "consoleproxy.hypervisor.tls.key.file",
        "",
        "PEM file of its key; empty: it is in the certificate's file.",
    )
    hypervisor_tls_verify: str = _text(
        "consoleproxy.hypervisor.tls.verify",
        "full",
        "What is asked of a hypervisor's certificate: full (authority and name), ca (authority), "
        "off.",
        choices=("full", "ca", "off"),
    )
    hypervisor_route_command: str = _text(
        "consoleproxy.hypervisor.route.command",
        "",
        "Program that is run with a hypervisor's address before it is dialled, to set a route.",
    )
    login_timeout: int = _milliseconds(
        "consoleproxy.login.timeout",
        10_000,
        "Time for the hypervisor's RFB login, and for the viewer's.",
        minimum=100,
    )
    management_url: str = _text(
        "consoleproxy.management.url",
        "http://127.0.0.1:8088",
        "The embedded management server; empty: none is asked, tokens alone decide.",
    )
    management_secret: str = _text(
        "consoleproxy.management.secret",
        "",
        "Shared secret of proxies and management server.",
        secret=True,
    )
    manage_address: str = _text(
        "consoleproxy.manage.address",
        "127.0.0.1",
        "Address that the embedded management server listens on.",
    )
    manage_port: int = _port(
        "consoleproxy.manage.port", 8088, "Port of the embedded management server."
    )
    manage_page_key: str = _text(
        "consoleproxy.manage.page.key",
        "",
        "Password of the inventory page; needed where it does not listen on loopback.",
        secret=True,
    )
    manage_database: str = _text(
        "consoleproxy.manage.database", "consoleproxy.db", "SQLite file of the management server."
    )
    manage_inventory: str = _text(
        "consoleproxy.manage.inventory", "inventory.toml", "TOML file with the VMs."
    )


@dataclass(frozen=True, slots=True)
class Declared:
    """A setting as it is declared: its field, type, default and description."""

    field: str
    type: type[str] | type[int] | type[bool]
    default: str | int | bool
    setting: Setting


def declared_settings() -> tuple[Declared, ...]:
    """Return all settings in the order of their declaration."""
    defaults = Settings()
    return tuple(
        Declared(
            entry.name,
            type(getattr(defaults, entry.name)),
            getattr(defaults, entry.name),
            entry.metadata["setting"],
        )
        for entry in fields(Settings)
    )
