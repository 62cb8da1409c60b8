"""What the agent answers to a management server, under the names of CloudStack's classes.

The server knows an answer by its class, and waits in vain for one that it does not have.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from consoleproxy.agent.payload import Entry

_API = "com.cloud.agent.api."
_CA = "org.apache.cloudstack.ca."


@dataclass(frozen=True, slots=True)
class Repeated:
    """An answer that others follow, to the same request, until the next of its kind.

    Args:
        then: makes each of the others.
        interval: seconds between them.
    """

    first: Entry
    then: Callable[[], Entry]
    interval: int


def done(*, result: bool = True, details: str = "") -> Entry:
    """Return CloudStack's plain ``Answer``."""
    return _answer(_API + "Answer", result, details)


def unsupported(name: str) -> Entry:
    """Return the answer to a command that no console proxy knows."""
    return _answer(_API + "UnsupportedAnswer", False, f"Unsupported command issued: {name}")


def ready() -> Entry:
    return _answer(_API + "ReadyAnswer", True)


def healthy() -> Entry:
    return _answer(_API + "CheckHealthAnswer", True, "resource is alive")


def load(proxy_vm_id: int, proxy_vm_name: str, document: str) -> Entry:
    """Return the load report as an answer."""
    return _answer(
        _API + "proxy.ConsoleProxyLoadAnswer",
        True,
        document,
        {"proxyVmId": proxy_vm_id, "proxyVmName": proxy_vm_name},
    )


def certificate_request(csr: str) -> Entry:
    """Return a PKCS#10 request as PEM; CloudStack spells the class in its own way."""
    return _answer(_CA + "SetupKeystoreAnswer", True, more={"csr": csr})


def no_certificate_request(details: str) -> Entry:
    return _answer(_CA + "SetupKeystoreAnswer", False, details)


def certificate_taken(*, result: bool, details: str = "") -> Entry:
    return _answer(_CA + "SetupCertificateAnswer", result, details)


def servers_taken() -> Entry:
    return _answer("org.apache.cloudstack.agent.lb.SetupMSListAnswer", True)


def migrating() -> Entry:
    return _answer(_API + "MigrateAgentConnectionAnswer", True)


def maintained() -> Entry:
    return _answer(_API + "MaintainAnswer", True, more={"willMigrate": True})


def _answer(
    name: str, result: bool, details: str = "", more: Mapping[str, object] | None = None
) -> Entry:
    said = {"details": details} if details else {}
    return Entry(name, {**(more or {}), "result": result, **said, "contextMap": {}, "wait": 0})
