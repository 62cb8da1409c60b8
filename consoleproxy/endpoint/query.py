"""The websocket's query: ``token=…&extra=…``, as CloudStack's viewer page sends it.

CloudStack reads it raw: a "+" stays one, since tokens are base64. Percent-encoding is undone on
top of that. Target, session and the rest are the token's; beside it our own viewer says what it can
do.
"""

import re
from dataclasses import dataclass, field
from urllib.parse import unquote

from consoleproxy.errors import TokenInvalid

_MAX_QUERY_LENGTH = 64 * 1024
_MAX_EXTRA_LENGTH = 4096
_TAB = re.compile(r"tab=([A-Za-z0-9_-]{16,64})", re.ASCII)


@dataclass(frozen=True, slots=True)
class ConsoleQuery:
    """What counts of a query; empty where it is not given."""

    token: str = field(repr=False)
    extra: str = field(repr=False)


def parse_console_query(raw_query: str) -> ConsoleQuery:
    """Take token and extra value out of a raw query.

    Raises:
        TokenInvalid: too long, one of them is given twice, or is not UTF-8.
    """
    if len(raw_query) > _MAX_QUERY_LENGTH:
        raise TokenInvalid("the query is too long")
    values: dict[str, str] = {}
    for part in raw_query.split("&"):
        name, _, value = part.partition("=")
        if name not in ("token", "extra"):
            continue
        if name in values:
            raise TokenInvalid(f"the query has {name} twice")
        values[name] = _decoded(name, value)
    query = ConsoleQuery(values.get("token", ""), values.get("extra", ""))
    if len(query.extra) > _MAX_EXTRA_LENGTH:
        raise TokenInvalid("the extra value is too long")
    return query


@dataclass(frozen=True, slots=True)
class ViewerAbilities:
    """What a viewer says ahead that it can do; CloudStack's says nothing.

    Args:
        rfb38: it speaks RFB 3.8, so it need not be asked (``rfb=3.8``).
        resume: it can begin anew on the same websocket when the screen was lost (``resume=1``).
        named_ends: it reads the key in front of a close frame's reason (``ends=1``).
        steps: it is told by a text frame that the cloud has answered (``steps=1``).
        facts: it is told by a text frame what this session is, and may measure (``facts=1``).
        tab: what its page calls its tab (``tab=…``), to come back by a secret; empty if it does
            not.
        framed: its page is shown within another one (``framed=1``).
    """

    rfb38: bool = False
    resume: bool = False
    named_ends: bool = False
    steps: bool = False
    facts: bool = False
    tab: str = field(default="", repr=False)
    framed: bool = False


def parse_abilities(raw_query: str) -> ViewerAbilities:
    """Take this program's own parameters out of a raw query."""
    said = raw_query.split("&")
    tabs = [match[1] for match in map(_TAB.fullmatch, said) if match]
    return ViewerAbilities(
        rfb38="rfb=3.8" in said,
        resume="resume=1" in said,
        named_ends="ends=1" in said,
        steps="steps=1" in said,
        facts="facts=1" in said,
        tab=tabs[0] if len(tabs) == 1 else "",
        framed="framed=1" in said,
    )


def _decoded(name: str, value: str) -> str:
    try:
        text = unquote(value, errors="strict")
        text.encode("utf-8")
    except UnicodeError:
        raise TokenInvalid(f"the query's {name} is not UTF-8") from None
    return text
