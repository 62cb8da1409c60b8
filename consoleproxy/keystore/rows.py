"""A keystore from the rows of CloudStack's table ``keystore``."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from consoleproxy.errors import KeystoreInvalid
from consoleproxy.keystore import SERVER_CERTIFICATE_NAME
from consoleproxy.keystore.blocks import read_pem
from consoleproxy.keystore.chain import order_warnings
from consoleproxy.keystore.contents import Contents
from consoleproxy.keystore.links import FoundCertificate
from consoleproxy.keystore.model import Keystore, shown
from consoleproxy.keystore.pem import joined

_HIGHEST = 1 << 31


@dataclass(frozen=True, slots=True, kw_only=True)
class KeystoreRow:
    """One row.

    Attributes:
        name: ``CPVMCertificate`` for the server certificate, any other for roots and intermediates.
        certificate: PEM text.
        key: PEM text of a PKCS#8 private key; None for roots and intermediates.
        domain_suffix: what the certificate is for, e.g. ``*.console.example.org``.
        seq: place in the chain: 1 is the root; None for the server certificate.
    """

    name: str
    certificate: str
    key: str | None = field(default=None, repr=False)
    domain_suffix: str = ""
    seq: int | None = None

    @property
    def is_server(self) -> bool:
        return self.name == SERVER_CERTIFICATE_NAME

    @property
    def has_key(self) -> bool:
        return bool(self.key and self.key.strip())

    @property
    def source(self) -> str:
        """What messages call it."""
        place = "" if self.seq is None else f" (seq {self.seq})"
        return f"row '{shown(self.name)}'{place}"


def read_row(row: KeystoreRow) -> Contents:
    """The certificates of a row, and its key if it has one.

    Raises:
        KeystoreInvalid: one of the texts is no such.
    """
    contents = read_pem(row.source, row.certificate.encode("utf-8", "replace"), "server.pem")
    if not contents.certificates:
        raise KeystoreInvalid(f"{row.source} has no certificate: give the PEM text of one")
    if contents.keys:
        raise KeystoreInvalid(
            f"{row.source} has a private key in its certificate: give the key by itself"
        )
    if not row.has_key:
        return contents
    key = read_pem(f"{row.source} (key)", (row.key or "").encode("utf-8", "replace"), "server.key")
    if not key.keys:
        raise KeystoreInvalid(
            f"{row.source} (key) has no private key: give the PKCS#8 text"
            " (-----BEGIN PRIVATE KEY-----)"
        )
    return replace(contents, keys=key.keys, warnings=(*contents.warnings, *key.warnings))


def keystore_from_rows(rows: Iterable[KeystoreRow]) -> Keystore:
    """Link up the row ``CPVMCertificate`` with the chain rows that belong to it.

    Chain rows that do not are left out, with a warning: the table keeps those of former chains.

    Raises:
        KeystoreInvalid: there is no server row, or what is wrong with its chain.
    """
    every = sorted(rows, key=lambda row: _HIGHEST if row.seq is None else row.seq)
    server = next((row for row in every if row.is_server), None)
    if server is None or not server.has_key:
        raise KeystoreInvalid(
            f"there is no row {SERVER_CERTIFICATE_NAME} with a private key: upload the server"
            " certificate with its private key"
        )
    own = _server_contents(read_row(server))
    chain, faults = _chain_contents([row for row in every if not row.is_server])
    try:
        keystore = joined([own, *chain], upload_first(every))
    except KeystoreInvalid as fault:
        # What cannot be read may be what is missing.
        raise faults[0] if faults else fault from None
    listed = [one for part in chain for one in part.spare]
    once = {one.certificate: replace(one, source="the chain's rows") for one in listed}
    warnings = (
        *(f"left out: {fault}" for fault in faults),
        *_duplicates(listed),
        *order_warnings(keystore, reversed(once.values())),
        *keystore.warnings,
    )
    return replace(keystore, warnings=warnings)


def _server_contents(contents: Contents) -> Contents:
    """The server certificate must belong to the key; what else is in its row may be its chain."""
    public = contents.keys[0].key.public_key()
    own = [one for one in contents.certificates if one.certificate.public_key() == public]
    spare = [one for one in contents.certificates if own and one not in own]
    return replace(contents, certificates=tuple(own) or contents.certificates, spare=tuple(spare))


def _chain_contents(rows: Sequence[KeystoreRow]) -> tuple[list[Contents], list[KeystoreInvalid]]:
    """What can be read of the chain rows, and the faults of the others."""
    contents: list[Contents] = []
    faults: list[KeystoreInvalid] = []
    for row in rows:
        try:
            read = read_row(replace(row, key=None))
        except KeystoreInvalid as fault:
            faults.append(fault)
        else:
            contents.append(replace(read, certificates=(), spare=read.certificates))
    return contents, faults


def _duplicates(found: Sequence[FoundCertificate]) -> Iterable[str]:
    first: dict[bytes, FoundCertificate] = {}
    for one in found:
        earlier = first.setdefault(one.fingerprint, one)
        if earlier.source != one.source:
            yield f"{one.source} holds the same certificate as {earlier.source}: remove it"


def upload_first(rows: Iterable[KeystoreRow]) -> Callable[[FoundCertificate], str]:
    """What to do about a missing issuer: which ``id`` of uploadCustomCertificate is its place."""
    places = {row.source: row.seq for row in rows if row.seq is not None}

    def add_it(below: FoundCertificate) -> str:
        place = places.get(below.source)
        if place is not None:
            number = str(max(1, place - 1))
        elif places:
            number = str(max(places.values()) + 1)
        else:
            number = "1 if it is the root, else 2 (and the root with id=1)"
        return f"upload it first, with a name and without private key, id={number}"

    return add_it
