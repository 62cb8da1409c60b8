"""A keystore from files: PEM in any order, in one file or many; Java keystores; PKCS#12."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from consoleproxy.errors import KeystoreInvalid
from consoleproxy.keystore.blocks import read_pem
from consoleproxy.keystore.chain import link_up, order_warnings
from consoleproxy.keystore.contents import SIZE_LIMIT, Contents, FoundKey, check_size
from consoleproxy.keystore.jks import is_java_keystore, read_jks
from consoleproxy.keystore.links import FoundCertificate
from consoleproxy.keystore.model import Keystore, PrivateKey
from consoleproxy.keystore.pkcs12 import is_pkcs12, read_pkcs12

_PEM_TYPES = (".pem", ".crt", ".cer", ".key")
_STORE_TYPES = (".jks", ".p12", ".pfx", ".keystore")
_CERTIFICATE_LIMIT = 50


def load_keystore(paths: Iterable[Path], password: str = "") -> Keystore:
    """Read a keystore from files; of a folder, those that ``keystore_files`` lists.

    Certbot's ``live/NAME`` folders and Kubernetes' TLS secrets can be given as they are. The form
    of a file shows by what it holds, not by its name.

    Args:
        password: of Java keystores and PKCS#12 files.

    Raises:
        KeystoreInvalid: as ``parse_keystore``, or a file cannot be read.
    """
    files = [file for path in paths for file in _files_of(path)]
    return parse_keystore([(str(file), _read(file)) for file in files], password)


def keystore_files(folder: Path) -> list[Path]:
    """The files of a folder that ``load_keystore`` reads; none if it does not exist.

    These are the PEM files (.pem, .crt, .cer, .key), or without any the stores (.jks, .p12, .pfx,
    .keystore): who has both has made the former out of the latter.

    Raises:
        KeystoreInvalid: the folder cannot be read.
    """
    try:
        files = sorted(file for file in folder.iterdir() if file.is_file())
    except FileNotFoundError:
        return []
    except OSError as error:
        raise KeystoreInvalid(f"the folder {folder} cannot be read: {error.strerror}") from error
    pem = [file for file in files if file.suffix in _PEM_TYPES]
    return pem or [file for file in files if file.suffix in _STORE_TYPES]


def parse_keystore(
    blobs: Iterable[tuple[str, bytes]], password: str = "", *, complete: bool = True
) -> Keystore:
    """Read a keystore from PEM texts and from the bytes of stores.

    Dates and names are left to ``validity.check_keystore``.

    Args:
        blobs: for each the name that messages give it, e.g. its file's, and its bytes.
        password: of Java keystores and PKCS#12.
        complete: as ``chain.link_up`` takes it.

    Raises:
        KeystoreInvalid: what is wrong and what to do, for the first fault found.
    """
    return joined([_contents(source, data, password) for source, data in blobs], complete=complete)


def joined(
    parts: Sequence[Contents],
    add_it: Callable[[FoundCertificate], str] = lambda below: "add it",
    *,
    complete: bool = True,
) -> Keystore:
    """One keystore out of what several sources hold.

    Args:
        add_it, complete: as ``chain.link_up`` takes them.

    Raises:
        KeystoreInvalid: there is no key or several, or as ``chain.link_up``.
    """
    keys = [key for part in parts for key in part.keys]
    certificates = [one for part in parts for one in part.certificates]
    spare = [one for part in parts for one in part.spare]
    # A Java keystore of CloudStack's has each authority in the chain and by itself.
    count = len({one.certificate for one in certificates + spare})
    if count > _CERTIFICATE_LIMIT:
        raise KeystoreInvalid(
            f"{count} certificates are more than a chain has: give those of this"
            " server only, not a bundle of all authorities"
        )
    keystore = link_up(_only_key(keys), certificates, spare, add_it=add_it, complete=complete)
    presented = [one for part in parts if part.in_order for one in part.certificates + part.spare]
    repairs = [warning for part in parts for warning in part.warnings]
    warnings = (*repairs, *order_warnings(keystore, presented), *keystore.warnings)
    return replace(keystore, warnings=warnings)


def _contents(source: str, data: bytes, password: str) -> Contents:
    check_size(source, data)
    if is_java_keystore(data):
        return read_jks(source, data, password)
    if is_pkcs12(data):
        return read_pkcs12(source, data, password)
    return read_pem(source, data)


def _only_key(keys: list[FoundKey]) -> PrivateKey:
    if not keys:
        raise KeystoreInvalid(
            "there is no private key: give the PKCS#8 file (-----BEGIN PRIVATE KEY-----) that"
            " belongs to the server certificate, too"
        )
    first, *others = keys
    public = first.key.public_key()
    for other in others:
        if other.key.public_key() != public:
            raise KeystoreInvalid(
                f"there are two private keys, in {first.source} and in {other.source}:"
                " give only the one that belongs to the server certificate"
            )
    return first.key


def _files_of(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    files = keystore_files(path)
    if not files:
        raise KeystoreInvalid(
            f"the folder {path} has no {', '.join(_PEM_TYPES)} files, nor"
            f" {', '.join(_STORE_TYPES)}: put the private key and the certificates there"
        )
    return files


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise KeystoreInvalid(f"{file} cannot be read: {error.strerror}") from error
