"""The console host: the proxy's name in a console URL, and the way back to its address.

CloudStack's rule for ``consoleproxy.url.domain`` is kept: blank means the public address itself,
``*.domain`` means ``a-b-c-d.domain``, anything else is used as it is. IPv6 addresses, which
CloudStack has no rule for, get dashes in the place of their colons: ``2001-db8--1.domain``.
"""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address

from consoleproxy.errors import SettingsInvalid

# RFC 1123 section 2.1: letters, digits and inner hyphens. RFC 1035 section 2.3.4: sizes.
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_NAME_LIMIT = 253
_IPV4_LABEL = re.compile(r"[0-9]{1,3}(-[0-9]{1,3}){3}")


def console_host(address: str, url_domain: str) -> str:
    """The host of this proxy's console URLs.

    An IPv6 address comes without brackets; ``console_url`` puts them where a URL needs them.

    Args:
        address: the proxy's public address; a name is possible where no ``*.domain`` is in use.
        url_domain: ``consoleproxy.url.domain``.

    Raises:
        SettingsInvalid: the domain or the address cannot stand in a URL, and what to change.
    """
    domain = check_url_domain(url_domain)
    if not domain:
        return _plain_host(address)
    if not domain.startswith("*."):
        return domain
    try:
        label = address_label(_parse_address(address))
    except ValueError:
        raise SettingsInvalid(
            [
                f"the public address {address!r} is not an IP address, but"
                f" consoleproxy.url.domain={domain} makes the console host from one: set the"
                " public address to an IP address, or the domain to this proxy's full name"
            ]
        ) from None
    return f"{label}.{domain.removeprefix('*.')}"


def console_address(host: str, url_domain: str) -> IPv4Address | IPv6Address | None:
    """The address that a host name under ``*.domain`` stands for; None if it stands for none.

    Only the spelling that ``console_host`` makes is read, in any letter case, so an address has
    one name.

    Raises:
        SettingsInvalid: ``url_domain`` is malformed.
    """
    domain = check_url_domain(url_domain).lower()
    label, dot, parent = host.lower().partition(".")
    if not dot or f"*.{parent}" != domain:
        return None
    text = label.replace("-", "." if _IPV4_LABEL.fullmatch(label) else ":")
    try:
        address = _parse_address(text)
    except ValueError:
        return None
    return address if address_label(address) == label else None


def address_label(address: IPv4Address | IPv6Address) -> str:
    """The address as one DNS label, dashes for dots or colons.

    A host name's label must not begin or end with a hyphen, so the zero that ``::`` left out at
    an end comes back: ``::1`` is ``0--1``.
    """
    if isinstance(address, IPv4Address):
        return str(address).replace(".", "-")
    label = address.compressed.replace(":", "-")
    return f"{'0' * label.startswith('-')}{label}{'0' * label.endswith('-')}"


def check_url_domain(url_domain: str) -> str:
    """``consoleproxy.url.domain`` without the blanks around it.

    Raises:
        SettingsInvalid: it is neither blank, nor ``*.domain``, nor a full name or address.
    """
    domain = url_domain.strip()
    if not domain or is_host_name(domain.removeprefix("*.")) or _is_address(domain):
        return domain
    raise SettingsInvalid(
        [
            f"consoleproxy.url.domain={domain!r} is not a host name: use *.example.org for one"
            " name per proxy, console.example.org for one name, or leave it blank; no scheme, no"
            " port, no dot at the end, and names with other letters in their xn-- form"
        ]
    )


def is_host_name(name: str) -> bool:
    """Whether DNS, certificates and browsers all take this as a host name (RFC 1123, RFC 1035).

    Browsers read a name whose last label is a number as an IPv4 address, so it is none.
    """
    labels = name.split(".")
    return (
        len(name) <= _NAME_LIMIT
        and all(_LABEL.fullmatch(label) for label in labels)
        and not labels[-1].isdigit()
    )


def _plain_host(address: str) -> str:
    if is_host_name(address):
        return address
    try:
        return str(_parse_address(address))
    except ValueError:
        raise SettingsInvalid(
            [f"the public address {address!r} is neither an IP address nor a host name"]
        ) from None


def _parse_address(text: str) -> IPv4Address | IPv6Address:
    address = ip_address(text)
    if isinstance(address, IPv4Address):
        return address
    if address.scope_id is not None:
        raise ValueError("an address with a zone is only good on one machine")
    return address.ipv4_mapped or address


def _is_address(text: str) -> bool:
    try:
        _parse_address(text)
    except ValueError:
        return False
    return True
