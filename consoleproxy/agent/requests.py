"""What a management server asks of a console proxy's agent: each command with its fields.

The table at the end is the whole vocabulary; what is not in it is answered as unsupported. Field
names are CloudStack's.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from consoleproxy.agent.payload import Entry, line_of
from consoleproxy.errors import AgentLinkBroken

_API = "com.cloud.agent.api."
_PROXY = _API + "proxy."
_CA = "org.apache.cloudstack.ca."
_LB = "org.apache.cloudstack.agent.lb."


@dataclass(frozen=True, slots=True, kw_only=True)
class StartConsoleProxy:
    """``StartConsoleProxyAgentHttpHandlerCommand``: sent on every connect.

    Args:
        keystore: a Java keystore; empty where the console ports do not speak TLS.
        keystore_password: of the store and of the key in it.
        encryption_keys: of console tokens, CloudStack's JSON pair.
        source_ip_check: ``None`` where the server does not say.
    """

    keystore: bytes = field(repr=False)
    keystore_password: str = field(repr=False)
    encryption_keys: str = field(repr=False)
    source_ip_check: bool | None

    @classmethod
    def of(cls, entry: Entry) -> "StartConsoleProxy":
        said = entry.fields.get("isSourceIpCheckEnabled") is not None
        return cls(
            keystore=entry.octets("keystoreBits"),
            keystore_password=entry.text("keystorePassword"),
            encryption_keys=entry.text("encryptorPassword"),
            source_ip_check=entry.flag("isSourceIpCheckEnabled") if said else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagementServers:
    """The servers that the agent shall know from now on, and those that it shall avoid.

    From ``ReadyCommand``, ``SetupMSListCommand`` and ``MigrateAgentConnectionCommand``.

    Args:
        hosts, algorithm: empty where they do not change.
        avoided: ``None`` where the server does not say.
        check_seconds: how often the agent looks whether its preferred server is back; 0: never.
    """

    hosts: tuple[str, ...] = ()
    avoided: tuple[str, ...] | None = None
    algorithm: str = ""
    check_seconds: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """``ReadyCommand``: the agent is Up, or was refused.

    Args:
        refusal: why it was refused; empty where it was not.
        host_id: the agent's number from now on.
    """

    refusal: str
    host_id: int
    servers: ManagementServers

    @classmethod
    def of(cls, entry: Entry) -> "Ready":
        return cls(
            refusal=_refusal(entry),
            host_id=entry.number("hostId"),
            servers=ManagementServers(
                hosts=entry.texts("msHostList"),
                avoided=avoided_of(entry, "avoidMsHostList"),
                algorithm=entry.text("lbAlgorithm"),
                check_seconds=entry.number("lbCheckInterval"),
            ),
        )


@dataclass(frozen=True, slots=True)
class SetupServers:
    """``SetupMSListCommand``."""

    servers: ManagementServers

    @classmethod
    def of(cls, entry: Entry) -> "SetupServers":
        return cls(_servers(entry))


@dataclass(frozen=True, slots=True)
class MigrateConnection:
    """``MigrateAgentConnectionCommand``: go over to another of these servers."""

    servers: ManagementServers

    @classmethod
    def of(cls, entry: Entry) -> "MigrateConnection":
        return cls(_servers(entry))


@dataclass(frozen=True, slots=True)
class CheckHealth:
    """``CheckHealthCommand``."""

    @classmethod
    def of(cls, _: Entry) -> "CheckHealth":
        return cls()


@dataclass(frozen=True, slots=True)
class AllowConsoleAccess:
    """``AllowConsoleAccessCommand``: a link was made, and its session may be opened once."""

    session_uuid: str

    @classmethod
    def of(cls, entry: Entry) -> "AllowConsoleAccess":
        return cls(entry.text("sessionUuid"))


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckLoad:
    """``CheckConsoleProxyLoadCommand``, and ``WatchConsoleProxyLoadCommand``.

    The server names an address to fetch the load from; it is not looked at, as an agent knows its
    own load.

    Args:
        interval: seconds between answers; 0 for a single one.
    """

    proxy_vm_id: int
    proxy_vm_name: str
    interval: int

    @classmethod
    def of(cls, entry: Entry) -> "CheckLoad":
        return cls(
            proxy_vm_id=entry.number("proxyVmId"),
            proxy_vm_name=entry.text("proxyVmName"),
            interval=entry.number("interval"),
        )


@dataclass(frozen=True, slots=True)
class SetupKeyStore:
    """``SetupKeyStoreCommand``: make a key, and ask for a certificate."""

    validity_days: int

    @classmethod
    def of(cls, entry: Entry) -> "SetupKeyStore":
        return cls(entry.number("validityDays"))


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupCertificate:
    """``SetupCertificateCommand``: the agent's certificate from the next connect on, as PEM.

    Args:
        private_key: empty where the agent made the key itself.
    """

    certificate: str
    private_key: str = field(repr=False)
    authorities: str

    @classmethod
    def of(cls, entry: Entry) -> "SetupCertificate":
        return cls(
            certificate=entry.text("certificate"),
            private_key=entry.text("privateKey"),
            authorities=entry.text("caCertificates"),
        )


@dataclass(frozen=True, slots=True)
class Shutdown:
    """``ShutdownCommand``: the agent is no longer wanted, and does not come back."""

    reason: str
    remove_host: bool

    @classmethod
    def of(cls, entry: Entry) -> "Shutdown":
        return cls(line_of(entry.text("reason")), entry.flag("removeHost"))


@dataclass(frozen=True, slots=True)
class Maintain:
    """``MaintainCommand``: the host goes into maintenance; consoles go on."""

    @classmethod
    def of(cls, _: Entry) -> "Maintain":
        return cls()


@dataclass(frozen=True, slots=True)
class Unsupported:
    """Any other command."""

    name: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A command with a field of another type than CloudStack's.

    Args:
        certificate: whether the server waits for a ``SetupCertificateAnswer``.
    """

    fault: str
    certificate: bool


Request = (
    StartConsoleProxy
    | Ready
    | SetupServers
    | MigrateConnection
    | CheckHealth
    | AllowConsoleAccess
    | CheckLoad
    | SetupKeyStore
    | SetupCertificate
    | Shutdown
    | Maintain
    | Unsupported
    | Unreadable
)

_READERS: dict[str, Callable[[Entry], Request]] = {
    _PROXY + "StartConsoleProxyAgentHttpHandlerCommand": StartConsoleProxy.of,
    _API + "ReadyCommand": Ready.of,
    _API + "CheckHealthCommand": CheckHealth.of,
    _PROXY + "AllowConsoleAccessCommand": AllowConsoleAccess.of,
    _PROXY + "CheckConsoleProxyLoadCommand": CheckLoad.of,
    _PROXY + "WatchConsoleProxyLoadCommand": CheckLoad.of,
    _CA + "SetupKeyStoreCommand": SetupKeyStore.of,
    _CA + "SetupCertificateCommand": SetupCertificate.of,
    _LB + "SetupMSListCommand": SetupServers.of,
    _API + "MigrateAgentConnectionCommand": MigrateConnection.of,
    _API + "ShutdownCommand": Shutdown.of,
    _API + "MaintainCommand": Maintain.of,
}


def request_of(entry: Entry) -> Request:
    """Return what is asked."""
    reader = _READERS.get(entry.name)
    if reader is None:
        return Unsupported(line_of(entry.name))
    try:
        return reader(entry)
    except AgentLinkBroken as error:
        return Unreadable(str(error), certificate=reader == SetupCertificate.of)


def avoided_of(entry: Entry, name: str) -> tuple[str, ...] | None:
    """Return the servers to avoid; ``None`` where the server does not say.

    Raises:
        AgentLinkBroken: they are no texts.
    """
    return None if entry.fields.get(name) is None else entry.texts(name)


def _refusal(entry: Entry) -> str:
    """Return why an agent is refused: any text means that it is, an empty one, too."""
    if entry.fields.get("_details") is None:
        return ""
    return line_of(entry.text("_details")) or "no reason given"


def _servers(entry: Entry) -> ManagementServers:
    return ManagementServers(
        hosts=entry.texts("msList"),
        avoided=avoided_of(entry, "avoidMsList"),
        algorithm=entry.text("lbAlgorithm"),
        check_seconds=entry.number("lbCheckInterval"),
    )
