"""The console port: the one place for its rule, so that listener and console URLs agree."""

from dataclasses import dataclass

HTTP_PORT = 8080
HTTPS_PORT = 8443


@dataclass(frozen=True, slots=True)
class ConsolePort:
    """TCP port of viewer and websocket, and whether it speaks TLS.

    ``reason`` says why it does not; empty with TLS.
    """

    port: int
    tls: bool
    reason: str = ""


def console_port(ssl_enabled: bool, url_domain: str, has_certificate: bool) -> ConsolePort:
    """CloudStack's rule: 8443 with TLS if all three are there, else 8080 without.

    Args:
        ssl_enabled: ``consoleproxy.sslEnabled``.
        url_domain: ``consoleproxy.url.domain``; blank counts as not set.
        has_certificate: the keystore has a server certificate, ``CPVMCertificate``.
    """
    lacking = []
    if not ssl_enabled:
        lacking.append("consoleproxy.sslEnabled is false")
    if not url_domain.strip():
        lacking.append("consoleproxy.url.domain is not set")
    if not has_certificate:
        lacking.append("the keystore has no server certificate")
    if lacking:
        return ConsolePort(HTTP_PORT, tls=False, reason=", ".join(lacking))
    return ConsolePort(HTTPS_PORT, tls=True)
