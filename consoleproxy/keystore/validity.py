"""Whether a keystore is good for browsers: at a date, for a domain, as a TLS server."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from consoleproxy.errors import KeystoreInvalid
from consoleproxy.keystore.model import (
    Keystore,
    certificate_name,
    dns_names,
    ip_addresses,
    shown,
)
from consoleproxy.keystore.strength import browser_warnings

EXPIRY_WARNING = timedelta(days=30)

_TLS_SERVER = (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE)


def check_keystore(keystore: Keystore, now: datetime, domain: str = "") -> tuple[str, ...]:
    """Check what depends on the date and the domain, and what a TLS server certificate needs.

    Args:
        now: the time to judge by, with its zone.
        domain: ``consoleproxy.url.domain``: ``*.domain``, a name or an address; blank: any.

    Returns:
        Warnings, those of the keystore itself included: what still works, but needs a look.

    Raises:
        KeystoreInvalid: what is wrong and what to do, for the first fault found.
    """
    _check_purpose(keystore.certificate)
    _check_names(keystore.certificate, domain.strip().lower())
    for certificate in (keystore.certificate, *keystore.intermediates):
        check_dates(certificate, now)
    return (*keystore.warnings, *_warnings(keystore, now))


def not_after(keystore: Keystore) -> datetime:
    """When the first of the certificates that are sent expires."""
    sent = (keystore.certificate, *keystore.intermediates)
    return min(certificate.not_valid_after_utc for certificate in sent)


def covers(certificate: x509.Certificate, domain: str) -> bool:
    """Whether browsers take the certificate for ``domain``: ``*.domain``, a name or an address."""
    return _covered(domain.strip().lower(), dns_names(certificate), ip_addresses(certificate))


def hosts_text(certificate: x509.Certificate) -> str:
    """The hosts that a certificate is for, in words."""
    return ", ".join([*map(shown, dns_names(certificate)), *map(str, ip_addresses(certificate))])


def check_dates(certificate: x509.Certificate, now: datetime) -> None:
    """Refuse a certificate outside of its time.

    Raises:
        KeystoreInvalid: it has expired, or is not valid yet.
    """
    name = certificate_name(certificate)
    if now > certificate.not_valid_after_utc:
        raise KeystoreInvalid(
            f"the certificate '{name}' expired on {_date(certificate.not_valid_after_utc)}:"
            " renew it, and give the new one with its chain"
        )
    if now < certificate.not_valid_before_utc:
        raise KeystoreInvalid(
            f"the certificate '{name}' is not valid before"
            f" {_date(certificate.not_valid_before_utc)}: check this machine's clock"
            f" ({_date(now)}), or wait"
        )


def _check_purpose(certificate: x509.Certificate) -> None:
    """RFC 5280 sections 4.2.1.3 and 4.2.1.12: a certificate with purposes is for these only."""
    extensions = certificate.extensions
    lacking = []
    try:
        purposes = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        if not any(purpose in _TLS_SERVER for purpose in purposes):
            lacking.append("extended key usage serverAuth")
    except x509.ExtensionNotFound:
        pass
    try:
        if not extensions.get_extension_for_class(x509.KeyUsage).value.digital_signature:
            lacking.append("key usage digitalSignature")
    except x509.ExtensionNotFound:
        pass
    if lacking:
        raise KeystoreInvalid(
            f"the certificate '{certificate_name(certificate)}' is not for TLS servers: have one"
            f" issued with {' and '.join(lacking)}"
        )


def _check_names(certificate: x509.Certificate, domain: str) -> None:
    names, addresses = dns_names(certificate), ip_addresses(certificate)
    if not names and not addresses:
        raise KeystoreInvalid(
            f"the certificate '{certificate_name(certificate)}' names no host in a subject"
            " alternative name, and browsers read no other: have it issued again with one"
            + (f" for {domain}" if domain else "")
        )
    if not domain or _covered(domain, names, addresses):
        return
    raise KeystoreInvalid(
        f"the certificate is for {hosts_text(certificate)} and does not cover"
        f" {domain}{_why_not(domain, names)}: have one issued for it, or set"
        " consoleproxy.url.domain to what the certificate is for"
    )


def _covered(domain: str, names: list[str], addresses: list[IPv4Address | IPv6Address]) -> bool:
    """RFC 6125 section 6.4.3: ``*`` is a whole leftmost label, and stands for exactly one."""
    try:
        return ip_address(domain) in addresses
    except ValueError:
        _, _, parent = domain.partition(".")
        return domain in names or f"*.{parent}" in names


def _why_not(domain: str, names: list[str]) -> str:
    if domain.startswith("*."):
        return " (every proxy has its own name a-b-c-d.domain, so that takes a wildcard)"
    for name in names:
        if name.startswith("*.") and domain.endswith(name[1:]):
            return " (a wildcard stands for one label only)"
        if name == f"*.{domain}":
            return " (a wildcard does not stand for the bare domain)"
    return ""


def _warnings(keystore: Keystore, now: datetime) -> Iterator[str]:
    if not keystore.intermediates and not keystore.roots:
        yield (
            "the certificate is self-signed: every browser refuses it until its user trusts it;"
            " use one from an authority that the browsers know"
        )
    yield from browser_warnings(keystore)
    for certificate in (keystore.certificate, *keystore.intermediates, *keystore.roots):
        left = certificate.not_valid_after_utc - now
        if left < timedelta(0):
            yield f"the root '{certificate_name(certificate)}' has expired: browsers need another"
        elif left < EXPIRY_WARNING:
            yield (
                f"the certificate '{certificate_name(certificate)}' expires in {left.days} days,"
                f" on {_date(certificate.not_valid_after_utc)}: renew it"
            )


def _date(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} {moment.tzname()}"
