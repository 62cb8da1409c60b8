"""Where a guest's screen is."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestAddress:
    """A VNC server that wants ``password``; ``description`` is for people."""

    host: str
    port: int
    password: str = field(repr=False)
    description: str
