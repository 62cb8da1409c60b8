"""Is this the management server? Its certificate against the CA that the CPVM was given.

A CloudStack management server shows its CA's own certificate. Other CAs may issue one for it: then
it must be signed by one of the CAs and valid now. Its name is not looked at, as CloudStack puts
none into it; so whoever has a certificate of the cloud's CA (a hypervisor's host, another system
VM) could pass for the management server, with Java's agent, too.
"""

import datetime
from collections.abc import Sequence

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding

from consoleproxy.errors import AgentLinkBroken


def read_authorities(pem: bytes) -> tuple[x509.Certificate, ...]:
    """Read ``cloud.ca.crt``.

    Raises:
        ValueError: there is no certificate in it.
    """
    return tuple(x509.load_pem_x509_certificates(pem))


def check_server(
    shown: bytes, authorities: Sequence[x509.Certificate], now: datetime.datetime
) -> None:
    """Refuse a server that is not of this cloud.

    Args:
        shown: the server's certificate as DER.

    Raises:
        AgentLinkBroken: nothing may be sent to it, and nothing it says counts.
    """
    if any(shown == one.public_bytes(Encoding.DER) for one in authorities):
        return
    try:
        certificate = x509.load_der_x509_certificate(shown)
    except ValueError:
        raise AgentLinkBroken("the server showed no certificate") from None
    if not any(_issued(certificate, one) for one in authorities):
        raise AgentLinkBroken(
            "the server's certificate is neither the cloud's CA nor signed by it: this may be "
            "another cloud, or cloud.ca.crt is an old one"
        )
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise AgentLinkBroken("the server's certificate has expired, or is not valid yet")


def _issued(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True
