"""The console port: where it listens, under which name and certificate, behind whom."""

from dataclasses import dataclass
from typing import ClassVar

from consoleproxy.names.console_host import check_url_domain
from consoleproxy.settings import declare
from consoleproxy.settings.declare import Effect, Scope


@dataclass(frozen=True, slots=True)
class PortSettings:
    """What browsers and load balancers meet."""

    GROUP: ClassVar = "Console port"

    name: str = declare.text(
        "consoleproxy.name",
        "",
        "This proxy's name towards the management server; empty: the host's name.",
        boot_argument="name",
    )
    listen_address: str = declare.text(
        "consoleproxy.listen.address",
        "0.0.0.0",  # noqa: S104 - a console proxy is there to be reached
        "Address that the console port listens on; :: for IPv4 and IPv6.",
    )
    port: int = declare.port(
        "consoleproxy.port",
        0,
        "Console port; 0: 8443 with TLS, 8080 without (the port rule).",
        effect=Effect.RESTART,
        scope=Scope.GLOBAL,
    )
    page_port: int = declare.port(
        "consoleproxy.httpListenPort",
        0,
        "A second port that serves the same as the console port, for a viewer's page at 80 or 443; "
        "0: none.",
        effect=Effect.RESTART,
    )
    public_address: str = declare.text(
        "consoleproxy.public.address",
        "127.0.0.1",
        "Address under which browsers reach this proxy; becomes part of console URLs.",
    )
    public_port: int = declare.port(
        "consoleproxy.public.port",
        0,
        "Port of console URLs where a load balancer in front has another one; 0: the console port.",
        effect=Effect.RESTART,
    )
    public_ssl: str = declare.text(
        "consoleproxy.public.ssl",
        "auto",
        "Whether console URLs are https where TLS ends at a load balancer: auto is as the console "
        "port itself.",
        choices=("auto", "on", "off"),
        effect=Effect.RESTART,
    )
    admin_address: str = declare.text(
        "consoleproxy.admin.address",
        "127.0.0.1",
        "Address of the admin listener (metrics, sessions, drain); never make it public.",
    )
    admin_port: int = declare.port(
        "consoleproxy.cmd.port",
        8001,
        "Port of the admin listener.",
        effect=Effect.RESTART,
        scope=Scope.ZONE,
    )
    ssl_enabled: bool = declare.switch(
        "consoleproxy.sslEnabled",
        False,
        "Serve TLS; needs consoleproxy.url.domain and a keystore with CPVMCertificate.",
        effect=Effect.RESTART,
        scope=Scope.ZONE,
    )
    url_domain: str = declare.text(
        "consoleproxy.url.domain",
        "",
        "Host of console URLs: *.domain for a-b-c-d.domain names, one name, or empty for the "
        "address.",
        effect=Effect.RESTART,
        scope=Scope.ZONE,
        check=check_url_domain,
    )
    tls_policy: str = declare.text(
        "consoleproxy.tls.policy",
        "modern",
        "Ciphers of the console port: modern (forward secrecy and authenticated encryption), or "
        "intermediate for clients that have only older ones.",
        choices=("modern", "intermediate"),
        effect=Effect.RESTART,
    )
    keystore_path: str = declare.text(
        "consoleproxy.keystore.path",
        "certs",
        "Folder or file: PKCS#8 key, server certificate, intermediates, root in PEM, or a Java or "
        "PKCS#12 keystore. Empty or missing: the management server's.",
    )
    keystore_password: str = declare.text(
        "consoleproxy.keystore.password", "", "Password of a Java or PKCS#12 file.", secret=True
    )
    loadbalancer_networks: str = declare.text(
        "consoleproxy.loadbalancer.networks",
        "",
        "Networks of the load balancers in front, which may say who the client is.",
    )
    loadbalancer_client_address: str = declare.text(
        "consoleproxy.loadbalancer.client.address",
        "none",
        "How they say it: proxy (PROXY protocol), x-forwarded or forwarded (HTTP headers), none.",
        choices=("none", "proxy", "x-forwarded", "forwarded"),
    )
    allowed_origins: str = declare.text(
        "consoleproxy.allowed.origins",
        "",
        "Other sites whose pages may open consoles here, e.g. https://portal.example.org; * for "
        "all. This proxy's own pages always may.",
    )
    frame_ancestors: str = declare.text(
        "consoleproxy.frame.ancestors",
        "",
        "Other sites whose pages may show consoles in a frame, e.g. https://cloud.example.org; * "
        "for all. This proxy's own pages always may.",
    )
