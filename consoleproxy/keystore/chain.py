"""The chain of certificates: which one is the server's, who issued it, and what is missing.

Links are made of names and signatures both, so neither the order of the input nor two
certificates of one name can mislead.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import AuthorityInformationAccessOID

from consoleproxy.errors import KeystoreInvalid
from consoleproxy.keystore.model import Keystore, PrivateKey, certificate_name, name_text, shown
from consoleproxy.keystore.strength import check_certificate_strength


@dataclass(frozen=True, slots=True)
class FoundCertificate:
    """A certificate and the name of the file that it was in."""

    certificate: x509.Certificate
    source: str

    @property
    def name(self) -> str:
        return certificate_name(self.certificate)

    @property
    def self_signed(self) -> bool:
        certificate = self.certificate
        if certificate.subject != certificate.issuer:
            return False
        try:
            certificate.verify_directly_issued_by(certificate)
        except InvalidSignature:
            return False
        except (ValueError, TypeError, UnsupportedAlgorithm):
            # Old roots are signed with SHA-1 or MD5, which is not verified any more, and of a
            # root needs not be.
            return True
        return True


def link_up(key: PrivateKey, found: Iterable[FoundCertificate]) -> Keystore:
    """Order certificates from the server's to the root; equal ones count once.

    Raises:
        KeystoreInvalid: the key has no certificate here or several, a link of the chain is
            missing, a certificate does not belong, is no authority's or is too weak.
    """
    pool = _distinct(found)
    server = _server_certificate(key, pool)
    reached = _issuers_upwards(server, pool)
    path = _path(server, reached)
    left = [one for one in pool if one not in reached]
    _check_server_is_no_authority(server, pool)
    _check_nothing_is_missing(server, path[-1], left)
    _check_nothing_is_left(left)
    _check_authorities(path[1:])

    roots = [one for one in reached if one.self_signed and one != server]
    intermediates = [one for one in path[1:] if one not in roots]
    unused = [one for one in reached if one not in path and one not in roots]
    return Keystore(
        private_key=key,
        certificate=server.certificate,
        intermediates=tuple(one.certificate for one in intermediates),
        roots=tuple(one.certificate for one in roots),
        warnings=tuple(
            f"the certificate '{one.name}' in {one.source} is not needed, and not sent:"
            " the chain has a shorter way to a root"
            for one in unused
        ),
    )


def issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    """Whether the names fit and the issuer's key made the signature (RFC 5280 section 6.1)."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _distinct(found: Iterable[FoundCertificate]) -> list[FoundCertificate]:
    """Each certificate once, in an order that does not depend on the input's.

    Of several that could issue the same certificate the one that lasts longest comes first.
    """
    once = {one.certificate.fingerprint(hashes.SHA256()): one for one in found}
    return sorted(
        once.values(),
        key=lambda one: (
            -one.certificate.not_valid_after_utc.timestamp(),
            one.certificate.fingerprint(hashes.SHA256()),
        ),
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
    server: FoundCertificate, top: FoundCertificate, left: list[FoundCertificate]
) -> None:
    """Find the gap, if the chain ends below a root.

    Without a root in the input a gap shows only at the server certificate, or by an authority's
    certificate that nothing leads to.
    """
    if top.self_signed:
        return
    issuer = name_text(top.certificate.issuer)
    for one in left:
        if one.certificate.subject == top.certificate.issuer:
            raise KeystoreInvalid(
                f"the chain does not link up: '{issuer}' in {one.source} has the name of the"
                f" issuer of '{top.name}', but another key signed that; replace it by the"
                f" authority's present certificate{_where_to_get(top.certificate)}"
            )
    if top.certificate.subject == top.certificate.issuer:
        raise KeystoreInvalid(
            f"'{top.name}' in {top.source} names itself as its issuer, but its own key did not"
            " sign it: it is damaged, or not the root itself; replace it by the authority's root"
        )
    if top == server or any(_is_authority(one.certificate) for one in left):
        raise KeystoreInvalid(
            f"the chain does not link up: the certificate of '{issuer}', which issued"
            f" '{top.name}', is missing; add it{_where_to_get(top.certificate)}"
        )


def _check_nothing_is_left(left: list[FoundCertificate]) -> None:
    for one in left:
        raise KeystoreInvalid(
            f"the certificate '{one.name}' in {one.source} does not belong to the chain of the"
            " private key's certificate: remove it"
        )


def _check_authorities(issuers: list[FoundCertificate]) -> None:
    """RFC 5280 section 6.1.4 (k), (m) and (n): each issuer may sign for those below it."""
    for below, one in enumerate(issuers):
        if not _is_authority(one.certificate):
            raise KeystoreInvalid(
                f"'{one.name}' in {one.source} issued a certificate of this chain, but is not"
                " marked as an authority (CA:TRUE, keyCertSign), so browsers refuse it:"
                " have the certificate issued by a proper authority"
            )
        limit = _path_length(one.certificate)
        if limit is not None and below > limit:
            raise KeystoreInvalid(
                f"'{one.name}' in {one.source} allows {limit} intermediate certificates below it,"
                f" but the chain has {below}: ask the authority for the right chain"
            )


def _is_authority(certificate: x509.Certificate) -> bool:
    if certificate.version is x509.Version.v1:
        # Version 1 has no extensions; only old roots, which browsers know by themselves, are such.
        return issued(certificate, certificate)
    extensions = certificate.extensions
    try:
        if not extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            return False
        return extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
    except x509.ExtensionNotFound as missing:
        return missing.oid == x509.KeyUsage.oid


def _path_length(certificate: x509.Certificate) -> int | None:
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    except x509.ExtensionNotFound:
        return None
    return constraints.value.path_length


def _where_to_get(certificate: x509.Certificate) -> str:
    """Where the authority offers its own certificate (RFC 5280 section 4.2.2.1), if it says."""
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess)
    except x509.ExtensionNotFound:
        return ""
    for description in access.value:
        place = description.access_location
        if description.access_method == AuthorityInformationAccessOID.CA_ISSUERS and isinstance(
            place, x509.UniformResourceIdentifier
        ):
            return f", from {shown(place.value)}"
    return ""
