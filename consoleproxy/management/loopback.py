"""What is reached from this machine only."""

from ipaddress import ip_address


def is_loopback(host: str) -> bool:
    """Return whether an address, or a name, means the very machine that uses it."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
