"""May this request use this endpoint, now?"""

import hmac
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address

from consoleproxy.endpoint.model import ConsoleEndpoint
from consoleproxy.errors import ExtraMismatch, SourceAddressMismatch, TokenExpired, TokenNotYetValid

# How far the clock of whoever made a token may be ahead of ours.
_CLOCK_LEEWAY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class AccessRules:
    """What the operator asks for beyond a good token.

    Args:
        extra_required: ``consoleproxy.extra.security.validation.enabled``: a token without an extra
            value is refused. One that has a value is held to it in any case, as in CloudStack.
        source_ip_check: ``novnc.console.sourceip.check.enabled``: the browser must have the address
            that asked for the console.
    """

    extra_required: bool = False
    source_ip_check: bool = False


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """What the browser brings: the query's ``extra``, and its address."""

    extra: str = field(repr=False)
    source_ip: str


def check_access(
    endpoint: ConsoleEndpoint, request: AccessRequest, rules: AccessRules, now: float
) -> None:
    """Return if the request may go on.

    Args:
        now: epoch seconds.

    Raises:
        TokenExpired, TokenNotYetValid: outside the token's times; there is leeway at the beginning
            only.
        ExtraMismatch: the extra value is another one, or there must be one.
        SourceAddressMismatch: the browser is elsewhere.
    """
    _check_times(endpoint, now)
    check_extra(endpoint, request.extra, rules)
    check_source(endpoint, request.source_ip, rules)


def _check_times(endpoint: ConsoleEndpoint, now: float) -> None:
    if endpoint.expires_at is not None and now >= endpoint.expires_at:
        raise TokenExpired(f"the token expired {now - endpoint.expires_at:.0f} s ago")
    if endpoint.not_before is not None and now + _CLOCK_LEEWAY_SECONDS < endpoint.not_before:
        raise TokenNotYetValid(f"the token is valid in {endpoint.not_before - now:.0f} s only")


def check_extra(endpoint: ConsoleEndpoint, extra: str, rules: AccessRules) -> None:
    """Return if the request brings what the token demands.

    Raises:
        ExtraMismatch: the extra value is another one, or there must be one.
    """
    if endpoint.extra:
        if not hmac.compare_digest(endpoint.extra.encode("utf-8"), extra.encode("utf-8")):
            raise ExtraMismatch("the request's extra is not the token's")
    elif rules.extra_required:
        raise ExtraMismatch("the token carries no extra, and this proxy asks for one")


def check_source(endpoint: ConsoleEndpoint, source_ip: str, rules: AccessRules) -> None:
    """Return if the request comes from where it may.

    Raises:
        SourceAddressMismatch: the browser is elsewhere.
    """
    if rules.source_ip_check and not _same_address(endpoint.source_ip, source_ip):
        raise SourceAddressMismatch(
            f"the console was asked for from {endpoint.source_ip or 'an unknown address'}, "
            f"and opened from {source_ip}"
        )


def _same_address(one: str, other: str) -> bool:
    try:
        return _normal(one) == _normal(other)
    except ValueError:
        return False


def _normal(text: str) -> IPv4Address | IPv6Address:
    address = ip_address(text)
    if isinstance(address, IPv6Address):
        return address.ipv4_mapped or address
    return address
