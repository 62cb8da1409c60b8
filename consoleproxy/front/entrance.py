"""How browsers come in: through which load balancers, and from whose pages."""

from dataclasses import dataclass, field

from consoleproxy.front.source import LoadBalancers


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """What is believed of a request.

    Args:
        balancers: whom to believe who the client is.
        own_hosts: names and addresses of this proxy; their pages may open consoles.
        allowed_origins: ``consoleproxy.allowed.origins``.
        frame_ancestors: ``consoleproxy.frame.ancestors``: who may show the viewer in a frame.
    """

    balancers: LoadBalancers = field(default_factory=LoadBalancers)
    own_hosts: frozenset[str] = frozenset()
    allowed_origins: frozenset[str] = frozenset()
    frame_ancestors: frozenset[str] = frozenset()
