"""The certificates of the console ports: what is uploaded, and what CPVMs serve of it.

An upload is proven before it counts: table and served keystore change together or not at all, so
the old certificate serves until then.
"""

import datetime
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import Connection

from consoleproxy.errors import KeystoreInvalid
from consoleproxy.keystore import SERVER_CERTIFICATE_NAME
from consoleproxy.keystore.model import Keystore
from consoleproxy.keystore.rows import KeystoreRow, keystore_from_rows
from consoleproxy.keystore.upload import UploadOutcome, check_upload
from consoleproxy.management.channel.hand_over import HandedKeystore
from consoleproxy.management.configuration.live import Live
from consoleproxy.management.records.keystores import (
    keystore_rows,
    lock_keystore,
    put_keystore_rows,
    serve,
    served,
    served_version,
)
from consoleproxy.management.storage.database import Database
from consoleproxy.management.storage.sealing import Sealer

_log = logging.getLogger(__name__)

_CHAIN, _ROOT, _INTERMEDIATE = "chain", "root", "intermediate"

_Prove: TypeAlias = Callable[[tuple[KeystoreRow, ...]], UploadOutcome]


@dataclass(frozen=True, slots=True)
class Uploaded:
    """What an upload led to.

    Attributes:
        warnings: what still works, but needs a look, and what is still missing.
        repairs: what was wrong with the texts that were sent, and was put right.
        serving: whether there is a certificate that CPVMs serve.
        changed: whether they serve another keystore than before.
    """

    warnings: tuple[str, ...]
    repairs: tuple[str, ...]
    serving: bool
    changed: bool


@dataclass(frozen=True, slots=True)
class Certificates:
    """Takes uploads, and gives the served keystore.

    Args:
        sealer: private keys are sealed by it.
        live: has ``consoleproxy.url.domain``.
        clock: seconds since 1970.
    """

    database: Database
    sealer: Sealer
    live: Live
    clock: Callable[[], float]

    @property
    def url_domain(self) -> str:
        """``consoleproxy.url.domain`` as it is for proxies that start from now on."""
        return self.live.settings.url_domain

    async def upload(self, row: KeystoreRow) -> Uploaded:
        """Prove a row and store it, in place of the one of its name if there is one.

        Raises:
            KeystoreInvalid: why it is refused; nothing has changed.
        """

        def prove(before: tuple[KeystoreRow, ...]) -> UploadOutcome:
            return check_upload(before, row, self.now(), self.url_domain)

        return await self._take(prove, row.name)

    async def upload_all(self, certificate: str, key: str, chain: str) -> Uploaded:
        """Prove a server certificate and all that belongs to it, and let the table have no more.

        Args:
            chain: intermediates and root in any order; blank: those of the table.

        Raises:
            KeystoreInvalid: why it is refused; nothing has changed.
        """
        suffix = self.url_domain.removeprefix("*.")
        server = KeystoreRow(
            name=SERVER_CERTIFICATE_NAME, certificate=certificate, key=key, domain_suffix=suffix
        )
        others = KeystoreRow(name=_CHAIN, certificate=chain, domain_suffix=suffix, seq=1)

        def prove(before: tuple[KeystoreRow, ...]) -> UploadOutcome:
            rows = tuple(row for row in before if not row.is_server)
            repairs: tuple[str, ...] = ()
            if chain.strip():
                given = check_upload((), others, self.now())
                rows, repairs = given.rows_after, given.repairs
            outcome = check_upload(rows, server, self.now(), self.url_domain)
            if outcome.keystore is not None:
                # Once more as it is stored: the order that they came in is no matter any longer.
                *rows_above, own = _rows_of(outcome.keystore, suffix)
                stored = check_upload(rows_above, own, self.now(), self.url_domain)
                outcome = replace(stored, repairs=outcome.repairs)
            return replace(outcome, repairs=repairs + outcome.repairs)

        return await self._take(prove, server.name)

    async def served(self) -> HandedKeystore:
        """Return what CPVMs serve.

        Raises:
            KeystoreInvalid: it was sealed under another key.
        """
        return await self.database.run(lambda db: served(db, self.sealer))

    async def look_again(self) -> None:
        """Have CPVMs serve what the table holds, if somebody changed it by other means.

        What cannot be used is logged, and changes nothing.
        """
        try:
            await self.database.run(self._look_again)
        except KeystoreInvalid as fault:
            _log.warning("keystore in the database: %s", fault)

    def now(self) -> datetime.datetime:
        """Return the time, by which dates in certificates are judged."""
        return datetime.datetime.fromtimestamp(self.clock(), datetime.UTC)

    async def _take(self, prove: _Prove, name: str) -> Uploaded:
        uploaded = await self.database.run(lambda db: self._store(db, prove, name))
        for warning in uploaded.warnings:
            _log.warning("keystore: %s", warning)
        _log.info(
            "certificate %s was uploaded; console proxies serve %s",
            name,
            "another keystore from now on" if uploaded.changed else "what they served before",
        )
        return uploaded

    def _store(self, db: Connection, prove: _Prove, name: str) -> Uploaded:
        lock_keystore(db)
        outcome = prove(self._rows(db, name))
        put_keystore_rows(db, outcome.rows_after, self.sealer)
        before = after = served_version(db)
        if outcome.keystore is not None:
            after = serve(db, outcome.keystore.pem(), self.sealer)
        return Uploaded(
            outcome.warnings, outcome.repairs, serving=bool(after), changed=before != after
        )

    def _rows(self, db: Connection, replaced: str) -> tuple[KeystoreRow, ...]:
        try:
            return keystore_rows(db, self.sealer)
        except KeystoreInvalid:
            # A key that no longer opens is no reason to refuse the one that takes its place.
            return keystore_rows(db, self.sealer, without=replaced)

    def _look_again(self, db: Connection) -> None:
        lock_keystore(db)
        rows = keystore_rows(db, self.sealer)
        if rows:
            serve(db, keystore_from_rows(rows).pem(), self.sealer)


def _rows_of(keystore: Keystore, suffix: str) -> tuple[KeystoreRow, ...]:
    """Return the rows as CloudStack's guide numbers them: from the root, which is 1, down."""
    chain = (*reversed(keystore.roots), *reversed(keystore.intermediates))
    return (
        *(
            KeystoreRow(
                name=f"{_ROOT if one in keystore.roots else _INTERMEDIATE}{number}",
                certificate=_pem(one),
                domain_suffix=suffix,
                seq=number,
            )
            for number, one in enumerate(chain, start=1)
        ),
        KeystoreRow(
            name=SERVER_CERTIFICATE_NAME,
            certificate=_pem(keystore.certificate),
            key=keystore.key_pem().decode(),
            domain_suffix=suffix,
        ),
    )


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode().strip()
