"""The chain of certificates: which one is the server's, who issued it, and what is missing.

Links are made of names and signatures both, so neither the order of the input nor two
certificates of one name can mislead.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from cryptography import x509

from consoleproxy.errors import KeystoreInvalid
from consoleproxy.keystore.links import (
    FoundCertificate,
    distinct,
    is_authority,
    issued,
    path_length,
    where_to_get_issuer,
)
from consoleproxy.keystore.model import Keystore, PrivateKey, certificate_name, name_text
from consoleproxy.keystore.strength import check_certificate_strength


def link_up(
    key: PrivateKey,
    found: Iterable[FoundCertificate],
    spare: Iterable[FoundCertificate] = (),
    *,
    add_it: Callable[[FoundCertificate], str] = lambda below: "add it",
    complete: bool = True,
) -> Keystore:
    """Order certificates from the server's to the root; equal ones count once.

    Args:
        found: one of these is the server's, and all of them must belong to its chain.
        spare: may belong to the chain, as stores keep old ones and other ones, too.
        add_it: what to do about a missing issuer of the certificate that it is called with.
        complete: whether a missing link is a fault; else it is a warning.

    Raises:
        KeystoreInvalid: the key has no certificate here or several, a link of the chain is
            missing, a certificate does not belong, is no authority's or is too weak.
    """
    own = distinct(found)
    pool = distinct((*own, *spare))
    server = _server_certificate(key, own)
    reached = _issuers_upwards(server, pool)
    path = _path(server, reached)
    left = [one for one in pool if one not in reached]
    foreign = [one for one in left if one in own]
    _check_server_is_no_authority(server, pool)
    gap = []
    try:
        _check_nothing_is_missing(server, path[-1], left, foreign, add_it)
    except KeystoreInvalid as fault:
        if complete:
            raise
        gap.append(str(fault))
    _check_nothing_is_left(foreign)
    _check_authorities(path[1:])

    roots = [one for one in reached if one.self_signed and one != server]
    intermediates = [one for one in path[1:] if one not in roots]
    unused = [one for one in reached if one not in path and one not in roots]
    return Keystore(
        private_key=key,
        certificate=server.certificate,
        intermediates=tuple(one.certificate for one in intermediates),
        roots=tuple(one.certificate for one in roots),
        warnings=(*gap, *_unused_warnings(unused), *_spare_warnings(path[-1], left)),
    )


def missing_issuer(certificate: x509.Certificate, add_it: str) -> KeystoreInvalid:
    """The fault of a chain that goes no further up than this certificate."""
    return KeystoreInvalid(
        f"the chain does not link up: the certificate of '{name_text(certificate.issuer)}', which"
        f" issued '{certificate_name(certificate)}', is missing;"
        f" {add_it}{where_to_get_issuer(certificate)}"
    )


def order_warnings(keystore: Keystore, presented: Iterable[FoundCertificate]) -> Iterator[str]:
    """Name the sources whose certificates were not in the order of the chain, server's first."""
    places = {keystore.certificate: 0}
    places |= {one: place for place, one in enumerate(keystore.intermediates, 1)}
    places |= dict.fromkeys(keystore.roots, len(places))
    orders: defaultdict[str, list[int]] = defaultdict(list)
    for one in presented:
        if one.certificate in places:
            orders[one.source].append(places[one.certificate])
    for source, order in orders.items():
        if order != sorted(order):
            yield (
                f"the certificates in {source} were not in the order of the chain: put in order"
                " by issuer and signature, from the server's to the root"
            )


def _server_certificate(key: PrivateKey, pool: list[FoundCertificate]) -> FoundCertificate:
    public = key.public_key()
    matching = [one for one in pool if one.certificate.public_key() == public]
    if len(matching) == 1:
        return matching[0]
    if not pool:
        raise KeystoreInvalid(
            "there is no certificate: give the server certificate and the intermediate"
            " certificates of its authority, too"
        )
    if matching:
        listed = ", ".join(
            f"{one.source} (until {one.certificate.not_valid_after_utc:%Y-%m-%d})"
            for one in matching
        )
        raise KeystoreInvalid(
            f"{len(matching)} certificates belong to the private key: {listed};"
            " give only the one to be used"
        )
    names = ", ".join(f"'{one.name}'" for one in pool)
    raise KeystoreInvalid(
        f"the private key belongs to none of the certificates given ({names}): give the key that"
        " the certificate was requested with, or have a certificate issued for this key"
    )


def _issuers_upwards(
    server: FoundCertificate, pool: list[FoundCertificate]
) -> dict[FoundCertificate, FoundCertificate | None]:
    """All certificates that the server's hangs on, nearest first, each with the one below it.

    A weak signature is found here, before it would pass for a missing link.
    """
    below: dict[FoundCertificate, FoundCertificate | None] = {server: None}
    queue = [server]
    for lower in queue:
        is_root = lower.self_signed
        if lower == server or not is_root:
            check_certificate_strength(lower.certificate)
        if is_root:
            continue
        for upper in pool:
            if upper not in below and issued(upper.certificate, lower.certificate):
                below[upper] = lower
                queue.append(upper)
    return below


def _path(
    server: FoundCertificate, below: dict[FoundCertificate, FoundCertificate | None]
) -> list[FoundCertificate]:
    """From the server's certificate to the nearest root, or as far up as the input goes."""
    paths = []
    for top in below:
        path = [top]
        while (lower := below[path[-1]]) is not None:
            path.append(lower)
        paths.append(path[::-1])
    return next((path for path in paths if path[-1].self_signed), max(paths, key=len))


def _check_server_is_no_authority(server: FoundCertificate, pool: list[FoundCertificate]) -> None:
    for other in pool:
        if other != server and issued(server.certificate, other.certificate):
            raise KeystoreInvalid(
                f"the private key is that of the authority '{server.name}', which issued"
                f" '{other.name}': give the server's own key, and keep the authority's key away"
                " from servers"
            )


def _check_nothing_is_missing(
    server: FoundCertificate,
    top: FoundCertificate,
    left: list[FoundCertificate],
    foreign: list[FoundCertificate],
    add_it: Callable[[FoundCertificate], str],
) -> None:
    """Find the gap, if the chain ends below a root.

    Without a root in the input a gap shows only at the server certificate, or by an authority's
    certificate that should belong and that nothing leads to.
    """
    if top.self_signed:
        return
    for one in left if top == server else foreign:
        if one.certificate.subject == top.certificate.issuer:
            raise KeystoreInvalid(
                f"the chain does not link up: '{one.name}' in {one.source} has the name of the"
                f" issuer of '{top.name}', but another key signed that; replace it by the"
                f" authority's present certificate{where_to_get_issuer(top.certificate)}"
            )
    if top.certificate.subject == top.certificate.issuer:
        raise KeystoreInvalid(
            f"'{top.name}' in {top.source} names itself as its issuer, but its own key did not"
            " sign it: it is damaged, or not the root itself; replace it by the authority's root"
        )
    if top == server or any(is_authority(one.certificate) for one in foreign):
        raise missing_issuer(top.certificate, add_it(top))


def _check_nothing_is_left(foreign: list[FoundCertificate]) -> None:
    for one in foreign:
        raise KeystoreInvalid(
            f"the certificate '{one.name}' in {one.source} does not belong to the chain of the"
            " private key's certificate: remove it"
        )


def _check_authorities(issuers: list[FoundCertificate]) -> None:
    """RFC 5280 section 6.1.4 (k), (m) and (n): each issuer may sign for those below it."""
    for below, one in enumerate(issuers):
        if not is_authority(one.certificate):
            raise KeystoreInvalid(
                f"'{one.name}' in {one.source} issued a certificate of this chain, but is not"
                " marked as an authority (CA:TRUE, keyCertSign), so browsers refuse it:"
                " have the certificate issued by a proper authority"
            )
        limit = path_length(one.certificate)
        if limit is not None and below > limit:
            raise KeystoreInvalid(
                f"'{one.name}' in {one.source} allows {limit} intermediate certificates below it,"
                f" but the chain has {below}: ask the authority for the right chain"
            )


def _unused_warnings(unused: list[FoundCertificate]) -> Iterator[str]:
    for one in unused:
        yield (
            f"the certificate '{one.name}' in {one.source} is not needed, and not sent:"
            " the chain has a shorter way to a root"
        )


def _spare_warnings(top: FoundCertificate, left: list[FoundCertificate]) -> Iterator[str]:
    authorities = [one for one in left if is_authority(one.certificate)]
    if authorities and not top.self_signed:
        yield (
            f"the chain ends at '{top.name}': the certificate of its issuer"
            f" '{name_text(top.certificate.issuer)}' is not here; add it, unless it is a root that"
            " browsers know"
        )
    for one in left:
        yield (
            f"the certificate '{one.name}' in {one.source} is stale or of another chain, and left"
            " out: remove it, or put the authority's present one in its place"
        )
