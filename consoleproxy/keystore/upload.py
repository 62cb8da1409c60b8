"""What an uploaded certificate does to the table ``keystore``: the new rows, or the fault.

The table serves at any time. A renewed chain comes one row after the other, under the names of the
former one; a row that the present server certificate still needs is therefore kept under another
name, until the new server certificate is there and proven.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from consoleproxy.errors import KeystoreInvalid
from consoleproxy.keystore import SERVER_CERTIFICATE_NAME
from consoleproxy.keystore.chain import missing_issuer
from consoleproxy.keystore.contents import Contents
from consoleproxy.keystore.links import FoundCertificate, is_authority, issued
from consoleproxy.keystore.model import Keystore, name_text
from consoleproxy.keystore.repair import tidied
from consoleproxy.keystore.rows import KeystoreRow, keystore_from_rows, read_row, upload_first
from consoleproxy.keystore.strength import check_certificate_strength
from consoleproxy.keystore.validity import check_dates, check_keystore, covers, hosts_text

_KEPT = " (replaced)"
# The width of the column.
_NAME_LENGTH = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadOutcome:
    """What to store, and what to serve.

    Attributes:
        rows_after: the whole table afterwards; the text of the new row is plain PEM, whatever was
            sent.
        keystore: what these rows serve: the new server certificate, or still the former one;
            None while there is none that could be served.
        warnings: what still works, but needs a look, and what is still missing.
        repairs: what was wrong with the text that was sent, and was put right.
    """

    rows_after: tuple[KeystoreRow, ...]
    keystore: Keystore | None
    warnings: tuple[str, ...] = ()
    repairs: tuple[str, ...] = ()


def check_upload(
    rows_before: Iterable[KeystoreRow], new_row: KeystoreRow, now: datetime, url_domain: str = ""
) -> UploadOutcome:
    """Put a row in, or in place of the one of its name, if what is served stays or gets good.

    Args:
        now: with its zone.
        url_domain: ``consoleproxy.url.domain``; blank: any.

    Raises:
        KeystoreInvalid: why the row is refused; the table stays as it was.
    """
    before = tuple(rows_before)
    if new_row.is_server != new_row.has_key:
        raise KeystoreInvalid(
            f"the row {SERVER_CERTIFICATE_NAME} is that of the server certificate and its private"
            " key, and no other has one: send both without a name, and roots and intermediates"
            " without private key under a name of their own"
        )
    contents = read_row(new_row)
    row = _clean(new_row, contents)
    outcome = (
        _server_upload(before, row, now, url_domain)
        if row.is_server
        else _chain_upload(before, row, contents, now)
    )
    return replace(outcome, repairs=_repairs(new_row, contents))


def _server_upload(
    before: tuple[KeystoreRow, ...], row: KeystoreRow, now: datetime, url_domain: str
) -> UploadOutcome:
    after = _with_row(before, row)
    keystore = keystore_from_rows(after)
    _check_no_gap(keystore, after)
    check_keystore(keystore, now, url_domain)
    _check_suffix(keystore.certificate, row.domain_suffix)
    used = {keystore.certificate, *keystore.intermediates, *keystore.roots}
    kept = tuple(one for one in after if not one.name.endswith(_KEPT) or used & set(_known(one)))
    keystore = keystore_from_rows(kept)
    return UploadOutcome(
        rows_after=kept, keystore=keystore, warnings=check_keystore(keystore, now, url_domain)
    )


def _chain_upload(
    before: tuple[KeystoreRow, ...], row: KeystoreRow, contents: Contents, now: datetime
) -> UploadOutcome:
    for one in contents.certificates:
        _check_chain_certificate(one, now)
    served = _keystore(before)
    after = _with_row(before, row)
    keystore = _keystore(after)
    replaced = next((one for one in before if one.name == row.name), None)
    notes = []
    if served is not None and replaced is not None and _is_shorter(keystore, served):
        kept = replace(replaced, name=replaced.name[: _NAME_LENGTH - len(_KEPT)] + _KEPT)
        after = _with_row(after, kept)
        keystore = _keystore(after)
        notes.append(
            f"the certificate that was in {row.source} is still needed, and kept as '{kept.name}'"
            " until the new server certificate is uploaded"
        )
    notes += _waiting(after, row, contents, keystore)
    return UploadOutcome(rows_after=after, keystore=keystore, warnings=tuple(notes))


def _check_chain_certificate(one: FoundCertificate, now: datetime) -> None:
    if not is_authority(one.certificate):
        raise KeystoreInvalid(
            f"'{one.name}' in {one.source} is no authority's certificate (CA:TRUE, keyCertSign), so"
            " it is neither root nor intermediate: if it is the server's, send its private key too"
        )
    if not one.self_signed:
        # Of a root neither counts: browsers have their own copy of it.
        check_certificate_strength(one.certificate)
        check_dates(one.certificate, now)


def _waiting(
    rows: tuple[KeystoreRow, ...], row: KeystoreRow, contents: Contents, keystore: Keystore | None
) -> Iterator[str]:
    """What is to come before the new row is of use."""
    if keystore is None:
        try:
            keystore_from_rows(rows)
        except KeystoreInvalid as fault:
            yield f"not served yet: {fault}"
    elif not {*keystore.intermediates, *keystore.roots} & set(_certificates(contents)):
        yield (
            f"{row.source} is not of the chain that is served: it waits for the server certificate"
            " that it is for"
        )
    else:
        yield from (text for text in keystore.warnings if row.source in text)
    known = [other for one in rows if not one.is_server for other in _known(one)]
    for found in contents.certificates:
        if not any(issued(other, found.certificate) for other in known) and not found.self_signed:
            yield (
                f"the issuer of '{found.name}', '{name_text(found.certificate.issuer)}', is not"
                f" there yet: {upload_first(rows)(found)}"
            )


def _check_no_gap(keystore: Keystore, rows: tuple[KeystoreRow, ...]) -> None:
    """Without its root a chain can be whole.

    It is not if its numbers begin above 1, or with an authority there that nothing leads to.
    """
    chain = (keystore.certificate, *keystore.intermediates)
    if keystore.roots or chain[-1].subject == chain[-1].issuer:
        return
    top = next((row for row in rows if chain[-1] in _known(row)), None)
    numbered_higher = top is not None and (top.seq or 1) > 1
    others = [one for row in rows if not row.is_server for one in _known(row)]
    if numbered_higher or any(is_authority(one) and one not in chain for one in others):
        found = FoundCertificate(chain[-1], top.source if top else SERVER_CERTIFICATE_NAME)
        raise missing_issuer(chain[-1], upload_first(rows)(found))


def _check_suffix(certificate: x509.Certificate, suffix: str) -> None:
    """CloudStack's suffix has a ``*.`` in front or not, and means the names below it."""
    bare = suffix.strip().removeprefix("*.")
    if bare and not covers(certificate, bare) and not covers(certificate, f"*.{bare}"):
        raise KeystoreInvalid(
            f"the certificate is for {hosts_text(certificate)} and does not cover the domain"
            f" suffix {suffix}: give the domainsuffix that it is for, or have one issued for this"
        )


def _is_shorter(keystore: Keystore | None, before: Keystore) -> bool:
    if keystore is None:
        return True
    if bool(keystore.roots) != bool(before.roots):
        return bool(before.roots)
    return not before.roots and len(keystore.intermediates) < len(before.intermediates)


def _keystore(rows: tuple[KeystoreRow, ...]) -> Keystore | None:
    try:
        return keystore_from_rows(rows)
    except KeystoreInvalid:
        return None


def _with_row(rows: tuple[KeystoreRow, ...], row: KeystoreRow) -> tuple[KeystoreRow, ...]:
    if any(one.name == row.name for one in rows):
        return tuple(row if one.name == row.name else one for one in rows)
    return (*rows, row)


def _clean(row: KeystoreRow, contents: Contents) -> KeystoreRow:
    """The row with its texts as CloudStack wants them: plain PEM, nothing before or behind."""
    texts = [one.public_bytes(Encoding.PEM) for one in _certificates(contents)]
    keys = [
        found.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        for found in contents.keys[:1]
    ]
    return replace(
        row,
        certificate=b"".join(texts).decode().strip(),
        key=keys[0].decode().strip() if keys else None,
    )


def _repairs(row: KeystoreRow, contents: Contents) -> tuple[str, ...]:
    return (
        *contents.warnings,
        *(f"the certificate in {row.source} {one.value}" for one in tidied(row.certificate)),
        *(f"the private key in {row.source} {one.value}" for one in tidied(row.key or "")),
    )


def _certificates(contents: Contents) -> list[x509.Certificate]:
    return [one.certificate for one in contents.certificates]


def _known(row: KeystoreRow) -> list[x509.Certificate]:
    """The certificates of a row of the table; none where they cannot be read."""
    try:
        return _certificates(read_row(replace(row, key=None)))
    except KeystoreInvalid:
        return []
