"""A CPVM's question for each session, and the answer: may it be opened, and where is the VM now?"""

import json
from dataclasses import dataclass, field
from typing import Self

from consoleproxy.management.channel.document import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticationRequest:
    """A CPVM's question whether a session may be opened; its fields come from the token.

    Args:
        proxy: name of the CPVM that asks.
        client_address: the browser's.
        reconnecting: the CPVM had this session open a moment ago, and it comes back.
    """

    proxy: str
    host: str
    port: int
    vm_uuid: str
    password: str = field(repr=False)
    ticket: str = field(repr=False)
    session_uuid: str
    client_address: str
    reconnecting: bool

    def to_json(self) -> str:
        """Return the body of ``POST /cpvm/authenticate``."""
        return json.dumps(
            {
                "proxy": self.proxy,
                "host": self.host,
                "port": self.port,
                "vmId": self.vm_uuid,
                "sid": self.password,
                "ticket": self.ticket,
                "sessionUuid": self.session_uuid,
                "clientAddress": self.client_address,
                "reconnecting": self.reconnecting,
            }
        )

    @classmethod
    def from_json(cls, text: bytes) -> Self:
        """Read such a body.

        Raises:
            ValueError: it is no such question.
        """
        document = Document(text)
        return cls(
            proxy=document.text("proxy"),
            host=document.text("host"),
            port=document.number("port"),
            vm_uuid=document.text("vmId"),
            password=document.text("sid"),
            ticket=document.text("ticket"),
            session_uuid=document.text("sessionUuid"),
            client_address=document.text("clientAddress"),
            reconnecting=document.flag("reconnecting"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """Where a VM's screen is by now, which may be elsewhere than when the token was made.

    Args:
        host, port: of a VNC server.
        tunnel_url, tunnel_session: XenServer's.
        websocket_url: VMware's; holds a ticket.
        username: for security types that ask for one.
        instance_name: what the hypervisor calls the VM; "" if nobody knows.
    """

    host: str
    port: int
    tunnel_url: str = ""
    tunnel_session: str = field(default="", repr=False)
    websocket_url: str = field(default="", repr=False)
    username: str = ""
    instance_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticationAnswer:
    """Whether the session may be opened, and where; or the reason if not.

    ``running`` is False where the reason is that the VM does not run.
    """

    whereabouts: Whereabouts | None = None
    reason: str = ""
    running: bool = True

    @property
    def allowed(self) -> bool:
        """Whether it may be opened."""
        return self.whereabouts is not None

    def to_json(self) -> str:
        """Return the answer to ``POST /cpvm/authenticate``."""
        document: dict[str, str | int | bool] = {
            "allowed": self.allowed,
            "reason": self.reason,
            "running": self.running,
        }
        if self.whereabouts is not None:
            document |= {
                "host": self.whereabouts.host,
                "port": self.whereabouts.port,
                "tunnelUrl": self.whereabouts.tunnel_url,
                "tunnelSession": self.whereabouts.tunnel_session,
                "websocketUrl": self.whereabouts.websocket_url,
                "username": self.whereabouts.username,
                "instanceName": self.whereabouts.instance_name,
            }
        return json.dumps(document)

    @classmethod
    def from_json(cls, text: bytes) -> Self:
        """Read such an answer.

        Raises:
            ValueError: it is not one.
        """
        document = Document(text)
        if not document.flag("allowed"):
            return cls(reason=document.text("reason"), running=document.flag("running"))
        return cls(
            whereabouts=Whereabouts(
                host=document.text("host"),
                port=document.number("port"),
                tunnel_url=document.text("tunnelUrl"),
                tunnel_session=document.text("tunnelSession"),
                websocket_url=document.text("websocketUrl"),
                username=document.text("username"),
                instance_name=document.text("instanceName"),
            )
        )
