"""The kernel's reverse path filter (RFC 3704), which a system VM may be told to do without.

With it, a packet that came by another interface than its answer would leave by is dropped: as one
does where the public and the management network have routes to each other.
"""

from pathlib import Path

FOLDER = Path("/proc/sys/net/ipv4/conf")
_OFF = "0"


def turn_off(folder: Path = FOLDER) -> None:
    """Turn it off on all interfaces, and on those to come; blocks.

    Of ``all`` and an interface's own value, the larger one counts (ip-sysctl of the kernel).

    Raises:
        OSError: this process may not.
    """
    for path in sorted(folder.glob("*/rp_filter")):
        if path.read_text(encoding="ascii").strip() != _OFF:
            path.write_text(_OFF, encoding="ascii")
