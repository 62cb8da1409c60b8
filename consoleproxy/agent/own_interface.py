"""The address that an interface has, where no boot argument tells it: ``bootproto=dhcp``."""

import fcntl
import socket
import struct
from ipaddress import IPv4Address

# netdevice(7)
_SIOCGIFADDR, _SIOCGIFNETMASK = 0x8915, 0x891B
_NAME_BYTES = 16
_ADDRESS = slice(20, 24)  # of a struct ifreq with a struct sockaddr_in


def own_ipv4(name: str) -> tuple[str, str]:
    """Return an interface's first IPv4 address and its netmask; empty where there is none."""
    if not 0 < len(name.encode()) < _NAME_BYTES:
        return "", ""
    request = struct.pack("256s", name.encode())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            answers = [fcntl.ioctl(sock, what, request) for what in (_SIOCGIFADDR, _SIOCGIFNETMASK)]
        except OSError:
            return "", ""
    address, netmask = (str(IPv4Address(answer[_ADDRESS])) for answer in answers)
    return address, netmask
