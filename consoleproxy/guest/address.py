"""Where a demo guest's screen is."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class GuestAddress:
    """VNC server of a guest, with the password for its VNC Authentication."""

    host: str
    port: int
    password: str = field(repr=False)
    description: str
