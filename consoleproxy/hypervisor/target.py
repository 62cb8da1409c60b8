"""Which way leads to the screen, chosen from the fields of a console endpoint."""

from dataclasses import dataclass

from consoleproxy.errors import HypervisorUnreachable, UnsupportedConsole


@dataclass(frozen=True, slots=True)
class TcpTarget:
    """A VNC server on a TCP port, as KVM and most others have it."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def choose_target(
    *, host: str, port: int, tunnel_url: str, websocket_url: str, hyperv_host: str
) -> TcpTarget:
    """Return the target, looking at the fields in CloudStack's order.

    Raises:
        UnsupportedConsole: the way that the fields ask for is not built.
        HypervisorUnreachable: the endpoint names no address.
    """
    if websocket_url:
        raise UnsupportedConsole("the endpoint asks for a VMware websocket ticket")
    if tunnel_url:
        raise UnsupportedConsole("the endpoint asks for a XenServer CONNECT tunnel")
    if hyperv_host:
        raise UnsupportedConsole("the endpoint asks for Hyper-V's RDP")
    if not host or not 0 < port < 65536:
        raise HypervisorUnreachable(f"the endpoint has no usable address: {host!r} port {port}")
    return TcpTarget(host, port)
