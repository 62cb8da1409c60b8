"""What a token says: which screen, for whom, and how to get there."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleEndpoint:
    """One session's way to one VM's screen; an empty text is one that the token does not carry.

    Nothing here comes from the browser's request.

    Args:
        session_uuid: names the session, and with it the one use of its token.
        vm_uuid: CloudStack's ``clientTag``.
        host: address or name of the VNC server, or ``unix:`` and the path of its socket.
        port: of the VNC server; 0 for none; -1 XenServer's, -9 Hyper-V's.
        password: the VM's VNC password, CloudStack's ``sid``.
        tunnel_url, tunnel_session: XenServer's console URL and session.
        websocket_url: VMware's; holds a ticket.
        hyperv_host, username, hyperv_password: Hyper-V's RDP host and login.
        ticket: see ``ticket``.
        locale: keyboard of the guest, e.g. ``jp``.
        instance_name: what the hypervisor calls the VM, e.g. ``i-2-3-VM``; CloudStack's tokens do
            not say.
        source_ip: address that asked for the console.
        extra: what the request must bring as ``extra``.
        requires_new_viewer: the password works once (External hypervisors).
        not_before, expires_at: epoch seconds; CloudStack's tokens have neither.
    """

    session_uuid: str
    vm_uuid: str
    display_name: str = ""
    host: str = ""
    port: int = 0
    password: str = field(default="", repr=False)
    tunnel_url: str = ""
    tunnel_session: str = field(default="", repr=False)
    websocket_url: str = field(default="", repr=False)
    hyperv_host: str = ""
    username: str = ""
    hyperv_password: str = field(default="", repr=False)
    ticket: str = field(default="", repr=False)
    locale: str = ""
    instance_name: str = ""
    source_ip: str = ""
    extra: str = field(default="", repr=False)
    requires_new_viewer: bool = False
    not_before: float | None = None
    expires_at: float | None = None
