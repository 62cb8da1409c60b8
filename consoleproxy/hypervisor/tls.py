"""TLS to hypervisors: what is trusted, what is shown, and a clear word for each fault."""

import enum
import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from consoleproxy.errors import (
    HypervisorCertificateExpired,
    HypervisorCertificateUnknown,
    HypervisorCertificateWrongName,
    HypervisorClientCertificateRefused,
    HypervisorTlsFailed,
    SettingsInvalid,
)
from consoleproxy.wire import Wire

_log = logging.getLogger(__name__)

# OpenSSL's x509_vfy.h.
_UNKNOWN_ISSUER = {2, 18, 19, 20, 21}
_NOT_IN_TIME = {9, 10}
_WRONG_NAME = {62, 64}

# Alerts of RFC 8446 section 6.2 by which a server speaks of our certificate, or misses it.
_ABOUT_OUR_CERTIFICATE = (
    "CERTIFICATE_REQUIRED",
    "BAD_CERTIFICATE",
    "UNSUPPORTED_CERTIFICATE",
    "CERTIFICATE_REVOKED",
    "CERTIFICATE_EXPIRED",
    "CERTIFICATE_UNKNOWN",
    "UNKNOWN_CA",
    "ACCESS_DENIED",
)


class Verify(enum.StrEnum):
    """``consoleproxy.hypervisor.tls.verify``: what is asked of a hypervisor's certificate."""

    FULL = "full"
    CA = "ca"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files: whom to trust (empty: the system's authorities), and our own certificate."""

    ca: str = ""
    certificate: str = ""
    key: str = ""

    def state(self) -> tuple[object, ...]:
        """Return something that differs when a file was exchanged."""
        return tuple(_stamp(name) for name in (self.ca, self.certificate, self.key) if name)


@dataclass(frozen=True, slots=True)
class Secrecy:
    """How a connection is kept from others.

    Args:
        tls: the version that is spoken, e.g. ``TLSv1.3``; "" in the clear.
        checked: the other side has shown a certificate that is trusted.
        local: it does not leave this machine.
    """

    tls: str = ""
    checked: bool = False
    local: bool = False


@dataclass(frozen=True, slots=True)
class _Contexts:
    named: ssl.SSLContext
    unnamed: ssl.SSLContext
    anonymous: ssl.SSLContext


class HypervisorTls:
    """Starts TLS as a hypervisor's client. Certificates may be exchanged while it is in use.

    Raises:
        SettingsInvalid: the files cannot be used; says which, and what to do.
    """

    def __init__(self, files: TlsFiles, verify: Verify) -> None:
        self._files = files
        self._verify = verify
        self._state = files.state()
        self._contexts = _load(files, verify)

    async def start(self, wire: Wire, host: str, *, anonymous: bool = False) -> Secrecy:
        """Speak TLS from now on, and return what that is worth.

        Args:
            host: the name or address that the certificate must have; "" where there is none.
            anonymous: Diffie-Hellman without certificates: whoever is in between can read on.

        Raises:
            HypervisorTlsFailed: a subclass says what went wrong.
        """
        self._reload()
        contexts = self._contexts
        if anonymous:
            context = contexts.anonymous
        else:
            context = contexts.named if host else contexts.unnamed
        try:
            await wire.start_tls(context, host)
        except OSError as error:
            raise tls_fault(error) from error
        return Secrecy(wire.tls_version, checked=context.verify_mode is ssl.CERT_REQUIRED)

    def _reload(self) -> None:
        state = self._files.state()
        if state == self._state:
            return
        self._state = state
        try:
            self._contexts = _load(self._files, self._verify)
        except SettingsInvalid as fault:
            _log.error("the TLS files for hypervisors changed, and the old ones stay: %s", fault)


def tls_fault(error: OSError) -> HypervisorTlsFailed:
    """Return the refusal that says what a TLS error, or an end within its handshake, means."""
    if isinstance(error, ssl.SSLCertVerificationError):
        cause = f"the hypervisor's certificate: {error.verify_message}"
        if error.verify_code in _UNKNOWN_ISSUER:
            return HypervisorCertificateUnknown(
                f"{cause}; add its authority to consoleproxy.hypervisor.tls.ca.file"
            )
        if error.verify_code in _NOT_IN_TIME:
            return HypervisorCertificateExpired(f"{cause}; renew it on the hypervisor")
        if error.verify_code in _WRONG_NAME:
            return HypervisorCertificateWrongName(
                f"{cause}; make it for the name or address that the cloud gives"
            )
        return HypervisorTlsFailed(cause)
    reason = error.reason if isinstance(error, ssl.SSLError) else ""
    if reason and any(alert in reason for alert in _ABOUT_OUR_CERTIFICATE):
        return HypervisorClientCertificateRefused(
            f"the hypervisor says {reason}: look at consoleproxy.hypervisor.tls.certificate.file"
        )
    return HypervisorTlsFailed(f"in the TLS handshake: {reason or error.strerror or error}")


def _load(files: TlsFiles, verify: Verify) -> _Contexts:
    problems: list[str] = []
    named = _context(files, problems)
    unnamed = _context(files, [])
    unnamed.check_hostname = False
    if verify is not Verify.FULL:
        named.check_hostname = False
    if verify is Verify.OFF:
        named.verify_mode = unnamed.verify_mode = ssl.CERT_NONE
    anonymous = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    anonymous.check_hostname = False
    anonymous.verify_mode = ssl.CERT_NONE
    # TLS 1.3 has no anonymous key exchange, and OpenSSL calls every one of them insecure.
    anonymous.maximum_version = ssl.TLSVersion.TLSv1_2
    anonymous.set_ciphers("aNULL:!eNULL:@SECLEVEL=0")
    if problems:
        raise SettingsInvalid(problems)
    return _Contexts(named, unnamed, anonymous)


def _context(files: TlsFiles, problems: list[str]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # A hypervisor's own self-signed certificate in the file is trusted as well as its authority.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    if files.ca:
        _try(
            "consoleproxy.hypervisor.tls.ca.file",
            files.ca,
            lambda: context.load_verify_locations(files.ca),
            problems,
        )
    else:
        context.load_default_certs()
    if files.certificate:
        _try(
            "consoleproxy.hypervisor.tls.certificate.file",
            files.certificate,
            # Without a callback OpenSSL would ask for an encrypted key's password on the terminal.
            lambda: context.load_cert_chain(
                files.certificate, files.key or None, password=lambda: ""
            ),
            problems,
        )
    elif files.key:
        problems.append(
            "consoleproxy.hypervisor.tls.key.file is set without "
            "consoleproxy.hypervisor.tls.certificate.file: set both"
        )
    return context


def _try(setting: str, path: str, load: Callable[[], None], problems: list[str]) -> None:
    try:
        load()
    except ssl.SSLError as error:
        what = error.reason or str(error)
        problems.append(
            f"{setting}: {path}: {what}: expected PEM, and with a certificate its own key in "
            "PKCS#8 without a password"
        )
    except OSError as error:
        problems.append(f"{setting}: {path}: {error.strerror}")


def _stamp(name: str) -> tuple[int, int] | None:
    try:
        status = Path(name).stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino
