"""What the agent says to a management server of its own accord, and how it reads the answers."""

from dataclasses import dataclass, field

from consoleproxy.agent.identity import RESOURCE, Identity, Interface
from consoleproxy.agent.payload import Entry, line_of
from consoleproxy.agent.requests import avoided_of

_API = "com.cloud.agent.api."
_HOST_TYPE = "ConsoleProxy"

# As long as there is no ``PingAnswer`` with another; CloudStack's ``ping.interval``.
_PING_SECONDS = 60
_LONGEST_PING_SECONDS = 3600
_PORTS = range(1, 65536)


@dataclass(frozen=True, slots=True, kw_only=True)
class Authentication:
    """May this session be opened? The fields are the token's own, unchanged.

    Args:
        session_uuid: empty where the token has none, as before CloudStack 4.18.
    """

    host: str
    port: str
    vm_uuid: str
    password: str = field(repr=False)
    ticket: str = field(repr=False)
    session_uuid: str
    client_address: str
    reauthenticating: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The answer to ``Authentication``.

    Args:
        host, port, tunnel_url, tunnel_session: where the screen is by now; told only where the
            session was open before. Port 0 and empty texts: as before.
    """

    allowed: bool
    host: str = ""
    port: int = 0
    tunnel_url: str = ""
    tunnel_session: str = field(default="", repr=False)

    @classmethod
    def of(cls, answer: Entry) -> "Verdict":
        """Read an answer; anything but a clear yes is a no.

        ``result`` only says that the question was understood.

        Raises:
            AgentLinkBroken: a field is of another type than CloudStack's.
        """
        if answer.name != _API + "ConsoleAccessAuthenticationAnswer":
            return cls(allowed=False)
        return cls(
            allowed=answer.flag("_success") and answer.flag("result"),
            host=line_of(answer.text("_host")),
            port=port if (port := answer.number("_port")) in _PORTS else 0,
            tunnel_url=answer.text("_tunnelUrl"),
            tunnel_session=answer.text("_tunnelSession"),
        )


@dataclass(frozen=True, slots=True)
class Started:
    """The answer to ``startup``.

    Args:
        host_id: the agent's number; 0 where the server has not looked it up yet.
        refusal: why the server does not take the agent; empty where it does.
        ping_seconds: time between pings.
    """

    refusal: str
    host_id: int
    ping_seconds: int

    @classmethod
    def of(cls, answer: Entry) -> "Started":
        """Read it.

        Raises:
            AgentLinkBroken: a field is of another type than CloudStack's.
        """
        interval = answer.number("pingInterval", _PING_SECONDS)
        accepted = answer.name == _API + "StartupAnswer" and answer.flag("result")
        details = line_of(answer.text("details")) or "no reason given"
        return cls(
            refusal="" if accepted else details,
            host_id=max(answer.number("hostId"), 0),
            ping_seconds=min(max(interval, 1), _LONGEST_PING_SECONDS),
        )


@dataclass(frozen=True, slots=True)
class Pinged:
    """The answer to ``ping``.

    Args:
        start_again: the server knows the agent, but not that it is up.
        avoided: management servers that are about to stop; ``None`` where the server does not say.
    """

    start_again: bool
    avoided: tuple[str, ...] | None

    @classmethod
    def of(cls, answer: Entry) -> "Pinged":
        """Read it.

        Raises:
            AgentLinkBroken: a field is of another type than CloudStack's.
        """
        return cls(answer.flag("sendStartup"), avoided_of(answer, "avoidMsList"))


def startup(identity: Identity, host_id: int, servers: str, *, transferred: bool) -> Entry:
    """Return ``StartupProxyCommand``.

    Args:
        host_id: the number of before; 0 where there is none.
        servers: the agent's ``host`` property as it is.
        transferred: the agent was sent here by another management server.
    """
    fields: dict[str, object] = {
        "proxyPort": identity.port,
        "proxyVmId": identity.proxy_vm_id,
        "type": _HOST_TYPE,
        "dataCenter": identity.zone,
        "pod": identity.pod,
        "guid": f"{identity.guid}-{RESOURCE}",
        "name": identity.name,
        "version": identity.version,
        "iqn": "NoIqn",
        **_interface("public", identity.public),
        **_interface("private", identity.private),
        # A system VM has no interface of its own for storage.
        **_interface("storage", identity.private),
        "resourceName": RESOURCE,
        "msHostList": servers,
        "connectionTransferred": transferred,
    }
    if host_id:
        fields["id"] = host_id
    if identity.gateway:
        fields["gatewayIpAddress"] = identity.gateway
    if identity.architecture:
        fields["arch"] = identity.architecture
    return _command("StartupProxyCommand", fields)


def ping(host_id: int) -> Entry:
    """Return ``PingCommand``, the only sign of life that counts."""
    fields = {"hostType": _HOST_TYPE, "hostId": host_id, "outOfBand": False}
    return _command("PingCommand", fields)


def load(proxy_vm_id: int, document: str) -> Entry:
    """Return ``ConsoleProxyLoadReportCommand`` for a load report."""
    return _command(
        "ConsoleProxyLoadReportCommand", {"_proxyVmId": proxy_vm_id, "_loadInfo": document}
    )


def authentication(question: Authentication) -> Entry:
    """Return ``ConsoleAccessAuthenticationCommand``."""
    return _command(
        "ConsoleAccessAuthenticationCommand",
        {
            "_host": question.host,
            "_port": question.port,
            "_vmId": question.vm_uuid,
            "_sid": question.password,
            "_ticket": question.ticket,
            **({"sessionUuid": question.session_uuid} if question.session_uuid else {}),
            "clientAddress": question.client_address,
            "_isReauthenticating": question.reauthenticating,
        },
    )


def farewell() -> Entry:
    """Return ``ShutdownCommand`` of an agent that is being stopped; it is not answered."""
    return _command("ShutdownCommand", {"reason": "sig.kill", "removeHost": False})


def _interface(kind: str, interface: Interface) -> dict[str, object]:
    fields = {
        f"{kind}IpAddress": interface.address,
        f"{kind}Netmask": interface.netmask,
        f"{kind}MacAddress": interface.mac,
    }
    return {name: value for name, value in fields.items() if value}


def _command(name: str, fields: dict[str, object]) -> Entry:
    tail = {"contextMap": {}, "wait": 0, "bypassHostMaintenance": False}
    return Entry(_API + name, {**fields, **tail})
