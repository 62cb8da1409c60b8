"""The agent's own certificate: files as CloudStack puts them beside ``agent.properties``.

``cloud.crt``, ``cloud.key`` and ``cloud.ca.crt``, PEM. A renewal replaces them; the next connect
uses them.
"""

import asyncio
import datetime
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from consoleproxy.agent.certificate_files import CertificateFiles, CertificatePems
from consoleproxy.agent.connection import Trust
from consoleproxy.agent.requests import SetupCertificate
from consoleproxy.agent.secure_link import link_context
from consoleproxy.agent.trust import read_authorities
from consoleproxy.errors import SettingsInvalid

_KEY_BITS = 2048


class AgentCertificates:
    """The files, and a key whose certificate is on its way.

    Args:
        folder: where they are; CloudStack's is that of ``agent.properties``.
        name: the system VM's.
        addresses: its own, as the management server sees them: it compares.
        anybody: whether a management server may be trusted without ``cloud.ca.crt``.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        addresses: Sequence[IPv4Address | IPv6Address],
        *,
        anybody: bool = False,
    ) -> None:
        self._folder = folder
        self._files = CertificateFiles(folder)
        self._name = name
        self._addresses = addresses
        self._anybody = anybody
        self._requested: rsa.RSAPrivateKey | None = None

    def trust(self) -> Trust:
        """Return what the next link is opened with; waits for the disk.

        Raises:
            SettingsInvalid: the files are missing or damaged.
        """
        files = self._files
        try:
            files.settle()
        except (OSError, ValueError, TypeError):
            raise SettingsInvalid(
                [f"a renewal of the agent's certificate in {self._folder} cannot be finished"]
            ) from None
        certificate, key, authorities = files.certificate, files.key, files.authorities
        if not authorities.exists() and not self._anybody:
            raise SettingsInvalid(
                [
                    f"{authorities} is missing, so no management server could be told from an "
                    "impostor: put the cloud's CA there"
                ]
            )
        try:
            shown = (str(certificate), str(key)) if certificate.exists() else ("", "")
            known = read_authorities(authorities.read_bytes()) if authorities.exists() else ()
            return Trust(link_context(*shown), known, _now)
        except (OSError, ValueError) as error:
            raise SettingsInvalid(
                [f"the agent's certificate in {self._folder} cannot be used: {error}"]
            ) from None

    async def request(self) -> str:
        """Make a key, and return a request for its certificate (PKCS#10) as PEM."""
        self._requested, pem = await asyncio.to_thread(self._made)
        return pem

    async def take(self, given: SetupCertificate) -> None:
        """Write the files anew.

        Raises:
            ValueError: certificate, key and CA do not belong together; nothing was written.
            OSError: the disk.
        """
        await asyncio.to_thread(self._take, given)
        self._requested = None

    def _take(self, given: SetupCertificate) -> None:
        certificate = x509.load_pem_x509_certificate(given.certificate.encode("ascii"))
        read_authorities(given.authorities.encode("ascii"))
        key = self._key_of(given)
        if _public(key.public_key()) != _public(certificate.public_key()):
            raise ValueError("the certificate is not this key's")
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        self._files.replace(CertificatePems(given.certificate, pem.decode(), given.authorities))

    def _key_of(self, given: SetupCertificate) -> rsa.RSAPrivateKey:
        if given.private_key:
            try:
                key = load_pem_private_key(given.private_key.encode(), None)
            except (ValueError, TypeError):
                raise ValueError("the private key cannot be read") from None
            if not isinstance(key, rsa.RSAPrivateKey):
                raise ValueError("the private key is not an RSA key")
            return key
        if self._requested is None:
            raise ValueError("a certificate without a key, and none was asked for")
        return self._requested

    def _made(self) -> tuple[rsa.RSAPrivateKey, str]:
        key = rsa.generate_private_key(65537, _KEY_BITS)
        names = [
            x509.DNSName(self._name),
            *(x509.IPAddress(address) for address in self._addresses),
        ]
        request = (
            x509.CertificateSigningRequestBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self._name)]))
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .sign(key, SHA256())
        )
        return key, request.public_bytes(Encoding.PEM).decode()


def _public(key: object) -> bytes:
    if not isinstance(key, rsa.RSAPublicKey):
        raise ValueError("the certificate is not for an RSA key")
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
