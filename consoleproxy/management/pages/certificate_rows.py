"""Certificates as the pages show them, and how long they are good for."""

import datetime
from dataclasses import dataclass

from cryptography import x509

from consoleproxy.errors import KeystoreInvalid
from consoleproxy.keystore.model import Keystore, name_text
from consoleproxy.keystore.pem import parse_keystore
from consoleproxy.keystore.validity import EXPIRY_WARNING, check_keystore, hosts_text
from consoleproxy.management.certificates import Certificates
from consoleproxy.management.pages.wording import counted


@dataclass(frozen=True, slots=True)
class CertificateRow:
    """One certificate.

    Args:
        seconds: until it expires.
        left: the same in words.
        mood: ``good``, ``warn`` where it expires within 30 days, ``bad`` where it has.
    """

    role: str
    names: str
    issuer: str
    serial: str
    until: str
    seconds: float
    left: str
    mood: str

    @classmethod
    def of(
        cls, certificate: x509.Certificate, role: str, now: datetime.datetime
    ) -> "CertificateRow":
        """Return what is shown of a certificate; an authority goes by its subject."""
        end = certificate.not_valid_after_utc
        return cls(
            role=role,
            names=hosts_text(certificate) or name_text(certificate.subject),
            issuer=name_text(certificate.issuer),
            serial=f"{certificate.serial_number:x}",
            until=f"{end:%Y-%m-%d %H:%M} UTC",
            seconds=(end - now).total_seconds(),
            left=_left(end - now),
            mood=_mood(end - now),
        )


@dataclass(frozen=True, slots=True)
class ServedCertificates:
    """What console ports serve, and what to say about it."""

    rows: tuple[CertificateRow, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def expiring(self) -> tuple[CertificateRow, ...]:
        """Those that have expired, or will within 30 days; the first to expire comes first."""
        return tuple(row for row in self._by_end() if row.mood != "good")

    @property
    def first(self) -> CertificateRow | None:
        """The first to expire; None where none is served."""
        return next(iter(self._by_end()), None)

    def _by_end(self) -> list[CertificateRow]:
        return sorted(self.rows, key=lambda row: row.seconds)


async def served_certificates(certificates: Certificates) -> ServedCertificates:
    """Return what is served; a keystore with a fault is a warning."""
    rows: tuple[CertificateRow, ...] = ()
    now = certificates.now()
    try:
        served = await certificates.served()
        if not served.pem:
            return ServedCertificates()
        keystore = parse_keystore([("what is served", served.pem)])
        rows = _rows(keystore, now)
        return ServedCertificates(rows, check_keystore(keystore, now, certificates.url_domain))
    except KeystoreInvalid as problem:
        return ServedCertificates(rows, (str(problem),))


def _rows(keystore: Keystore, now: datetime.datetime) -> tuple[CertificateRow, ...]:
    return (
        CertificateRow.of(keystore.certificate, "Server", now),
        *(CertificateRow.of(one, "Intermediate", now) for one in keystore.intermediates),
        *(CertificateRow.of(one, "Root, not sent to browsers", now) for one in keystore.roots),
    )


def _left(left: datetime.timedelta) -> str:
    if left < datetime.timedelta(0):
        return f"expired {counted(-left.days - 1, 'day', 'days')} ago"
    return f"{counted(left.days, 'day', 'days')} left"


def _mood(left: datetime.timedelta) -> str:
    if left < datetime.timedelta(0):
        return "bad"
    return "warn" if left < EXPIRY_WARNING else "good"
