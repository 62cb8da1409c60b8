"""What a console proxy's agent says about itself when it connects."""

from dataclasses import dataclass

# Part of the agent's guid, and under the same name in ``resourceName``: the server takes it apart.
RESOURCE = "ConsoleProxyResource"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """A network interface; all fields may be empty."""

    address: str = ""
    netmask: str = ""
    mac: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A CPVM as CloudStack knows it.

    Args:
        zone, pod: numbers, as texts; boot arguments ``zone`` and ``pod``.
        guid: boot argument ``guid``, ``Proxy.2``.
        name: the system VM's name, ``v-2-VM``; must be the host name that CloudStack gave it.
        proxy_vm_id: the system VM's number, boot argument ``proxy_vm``.
        version: of the agent; the server compares it with nothing.
        port: of the viewer's page.
        public, private: what browsers reach, and what the management server does.
        gateway: of the default route.
        architecture: ``x86_64`` or ``aarch64``.
    """

    zone: str
    pod: str
    guid: str
    name: str
    proxy_vm_id: int
    version: str
    port: int = 80
    public: Interface = Interface()
    private: Interface = Interface()
    gateway: str = ""
    architecture: str = ""
