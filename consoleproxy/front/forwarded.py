"""``X-Forwarded-*`` and ``Forwarded`` (RFC 7239), read from the right: the nearest balancer first.

Nothing is repaired here: what is malformed says nothing, as who wrote it is not certain.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_QUOTED = r'"(?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t \x21-\x7e\x80-\xff])*"'
_PAIR = re.compile(rf"({_WORD})=({_WORD}|{_QUOTED})")
_SEPARATOR = re.compile(r"[ \t]*([;,])[ \t]*")
_ESCAPED = re.compile(r"\\(.)")
# RFC 7239 section 6: a port may be hidden, too.
_NODE = re.compile(
    r"(?:\[(?P<six>[0-9A-Fa-f:.]+)(?:%[\w.~-]+)?\]|(?P<four>[0-9.]+))"
    r"(?::(?:[0-9]{1,5}|_[\w.-]+))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Hop:
    """What one balancer says about whoever connected to it; empty where it says nothing certain."""

    client: str = ""
    scheme: str = ""
    host: str = ""


def x_forwarded_hops(
    clients: Sequence[str], schemes: Sequence[str], hosts: Sequence[str]
) -> list[Hop]:
    """Read ``X-Forwarded-For``, ``-Proto`` and ``-Host``.

    The three lists need not have the same length, so scheme and host are the nearest balancer's.

    Args:
        clients, schemes, hosts: the values of all headers of that name.
    """
    addresses = [_bare_address(entry) for entry in _entries(clients)]
    scheme, host = (next(_entries(values), "") for values in (schemes, hosts))
    nearest, *further = addresses or [""]
    return [Hop(nearest, scheme, host), *(Hop(address) for address in further)]


def forwarded_hops(values: Sequence[str]) -> list[Hop]:
    """Read ``Forwarded``; a value that is malformed anywhere says nothing.

    Args:
        values: of all headers of that name.
    """
    return [hop for value in reversed(values) for hop in _elements(value)]


def _entries(values: Sequence[str]) -> Iterator[str]:
    """Yield the entries of all headers, the rightmost first."""
    for value in reversed(values):
        for entry in reversed(value.split(",")):
            yield entry.strip(" \t")


def _elements(value: str) -> list[Hop]:
    """Return the elements of one header, the rightmost first.

    It is read from the left, as quotes can only be told so; an open quote of the client's own,
    which would swallow what the balancer has added, makes all of it malformed.
    """
    elements: list[dict[str, str]] = [{}]
    text = value.strip(" \t")
    position = 0
    while True:
        pair = _PAIR.match(text, position)
        if pair is None or pair[1].lower() in elements[-1]:
            return [Hop()]
        elements[-1][pair[1].lower()] = _unquoted(pair[2])
        position = pair.end()
        if position == len(text):
            break
        separator = _SEPARATOR.match(text, position)
        if separator is None:
            return [Hop()]
        if separator[1] == ",":
            elements.append({})
        position = separator.end()
    return [
        Hop(_address(element.get("for", "")), element.get("proto", ""), element.get("host", ""))
        for element in reversed(elements)
    ]


def _unquoted(value: str) -> str:
    return _ESCAPED.sub(r"\1", value[1:-1]) if value.startswith('"') else value


def _bare_address(text: str) -> str:
    """Read an entry of ``X-Forwarded-For``, where IPv6 often has no brackets."""
    if text.count(":") > 1 and not text.startswith("["):
        text = f"[{text}]"
    return _address(text)


def _address(node: str) -> str:
    """Return the address of a node without brackets, port and zone; empty if it names none."""
    match = _NODE.fullmatch(node)
    if match is None:
        return ""
    text = match["four"] if match["six"] is None else match["six"]
    try:
        address = ip_address(text)
    except ValueError:
        return ""
    if match["six"] is None:
        return str(address)
    return str(address.ipv4_mapped or address) if isinstance(address, IPv6Address) else ""
