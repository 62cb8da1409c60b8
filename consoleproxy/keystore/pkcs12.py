"""PKCS#12 (RFC 7292): .p12 and .pfx files, and what keytool makes today."""

from shlex import quote

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import (
    PKCS12Certificate,
    PKCS12KeyAndCertificates,
    load_pkcs12,
)

from consoleproxy.errors import KeystoreInvalid
from consoleproxy.keystore import SERVER_CERTIFICATE_NAME
from consoleproxy.keystore.contents import (
    Contents,
    password_missing,
    read_certificate,
    read_private_key,
)
from consoleproxy.keystore.der import SEQUENCE, whole_length
from consoleproxy.keystore.links import FoundCertificate
from consoleproxy.keystore.model import shown

_VERSION_3 = b"\x02\x01\x03"


def is_pkcs12(data: bytes) -> bool:
    """Whether bytes begin as PKCS#12 does: a sequence whose first element is the version."""
    return data[:1] == bytes([SEQUENCE]) and _VERSION_3 in data[:9]


def read_pkcs12(source: str, data: bytes, password: str) -> Contents:
    """The private key, its certificate, and the others.

    The library reads one private key, the first.

    Raises:
        KeystoreInvalid: wrong password, damage, no private key, or not the right one.
    """
    length = whole_length(data)
    if length is None or length > len(data):
        raise KeystoreInvalid(
            f"{source} is a PKCS#12 keystore that is cut off (it ends at byte {len(data)}):"
            " copy the file again as a whole"
        )
    store = _opened(source, data[:length], password)
    if store.key is None:
        names = ", ".join(f"'{_name(one)}'" for one in store.additional_certs)
        raise KeystoreInvalid(
            f"{source} has no private key, only certificates ({names or 'none'}): give the"
            " keystore in which the key was made, or import key and certificate into this one"
        )
    _check_it_is_the_right_key(source, store)
    key = store.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    own = [store.cert] if store.cert else []
    return Contents(
        keys=(read_private_key(key, source),),
        certificates=tuple(_found(source, one) for one in own),
        spare=tuple(_found(source, one) for one in store.additional_certs),
        in_order=False,
    )


def _opened(source: str, data: bytes, password: str) -> PKCS12KeyAndCertificates:
    file = quote(source)
    # Without a password there are two ways to write "none" (RFC 7292 appendix B.1).
    for secret in (password.encode(),) if password else (b"", None):
        try:
            return load_pkcs12(data, secret)
        except UnsupportedAlgorithm as error:
            raise KeystoreInvalid(
                f"{source} is PKCS#12 encrypted in a way that is not read any more ({error});"
                f" convert it with: openssl pkcs12 -legacy -in {file} -nodes -out server.pem"
            ) from error
        except ValueError:
            # The cause says no more than that it is one of these.
            continue
    if not password:
        raise password_missing(source)
    raise KeystoreInvalid(
        f"the password is not that of {source}, or the file is damaged, or a key in it has a"
        f" password of its own; try it with: openssl pkcs12 -info -noout -in {file}"
    )


def _check_it_is_the_right_key(source: str, store: PKCS12KeyAndCertificates) -> None:
    """Of several keys the first is read, and the others' certificates are all that shows."""
    named = SERVER_CERTIFICATE_NAME.lower()
    if store.cert is None or _name(store.cert).lower() == named:
        return
    if any(_name(one).lower() == named for one in store.additional_certs):
        raise KeystoreInvalid(
            f"{source} has several private keys, and '{_name(store.cert)}' comes before"
            f" {SERVER_CERTIFICATE_NAME}; copy the one that is meant into a file of its own:"
            f" keytool -importkeystore -srckeystore {quote(source)} -srcalias"
            f" {SERVER_CERTIFICATE_NAME} -destkeystore server.p12 -deststoretype pkcs12"
        )


def _name(certificate: PKCS12Certificate) -> str:
    return shown((certificate.friendly_name or b"").decode("utf-8", "replace"))


def _found(source: str, one: PKCS12Certificate) -> FoundCertificate:
    return read_certificate(one.certificate.public_bytes(Encoding.DER), source)
