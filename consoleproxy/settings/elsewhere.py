"""Settings of CloudStack's that have no meaning here: they cannot be set, and the list says why."""

from dataclasses import dataclass

from consoleproxy.settings.declare import Scope


@dataclass(frozen=True, slots=True)
class Foreign:
    """A setting that CloudStack has, and this program has not.

    Args:
        default: CloudStack's.
        why: what it would be for, and what takes its place here.
    """

    name: str
    default: str
    scope: Scope
    why: str


_SYSTEM_VMS = "no system VMs are made here: whoever runs the proxies (systemd, Kubernetes) decides"

FOREIGN = (
    Foreign("consoleproxy.restart", "true", Scope.ZONE, f"{_SYSTEM_VMS} whether one restarts"),
    Foreign("consoleproxy.service.offering", "", Scope.ZONE, f"{_SYSTEM_VMS} on their size"),
    Foreign("console.proxy.vm.userdata", "", Scope.ZONE, f"{_SYSTEM_VMS} what they start with"),
    Foreign(
        "consoleproxy.management.state",
        "Auto",
        Scope.GLOBAL,
        f"{_SYSTEM_VMS} how many run; consoleproxy.capacity.webhook says how many are wanted",
    ),
    Foreign(
        "consoleproxy.management.state.last",
        "Auto",
        Scope.GLOBAL,
        "it goes with consoleproxy.management.state, which is not here either",
    ),
    Foreign(
        "consoleproxy.disable.rpfilter",
        "true",
        Scope.ZONE,
        "CloudStack tells its system VMs; consoleproxy.agent.disable.rpfilter is whether an agent "
        "does it, elsewhere set net.ipv4.conf.*.rp_filter on the proxy's machine",
    ),
    Foreign(
        "consoleproxy.static.publicIp",
        "",
        Scope.GLOBAL,
        "each proxy says its address itself: set consoleproxy.public.address there, to the load "
        "balancer's if there is one",
    ),
    Foreign(
        "consoleproxy.static.port",
        "8443",
        Scope.GLOBAL,
        "the port of a load balancer in front is consoleproxy.public.port",
    ),
    Foreign(
        "consoleproxy.url.port",
        "80",
        Scope.GLOBAL,
        "the port of console URLs is consoleproxy.public.port, or else the console port",
    ),
    Foreign("novnc.console.default", "true", Scope.ZONE, "there is one viewer here"),
)
