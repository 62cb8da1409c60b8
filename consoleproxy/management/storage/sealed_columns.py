"""Which columns hold secrets, and how each is sealed: what start, rotation and check go through."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import Column, ColumnElement, Connection, select, update
from sqlalchemy.engine import CursorResult

from consoleproxy.management.storage.schema import (
    configuration,
    keystore,
    served_keystore,
    user,
)
from consoleproxy.management.storage.sealing import Purpose, key_id
from consoleproxy.settings import declared_settings

# CloudStack's names; what is stored under others is no secret.
HIDDEN_VALUES = ("security.encryption.key", "security.encryption.iv", "security.hash.key")
SECRET_SETTINGS = tuple(
    declared.setting.name
    for declared in declared_settings()
    if declared.setting.changeable and declared.setting.secret
)


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column whose texts are secrets.

    Args:
        bound_to: the unique column of the same table whose text a secret is sealed with.
        where: the rows that have a secret.
    """

    column: Column[object]
    bound_to: Column[object]
    purpose: Purpose
    where: ColumnElement[bool]


SEALED_COLUMNS = (
    SealedColumn(
        configuration.c.value,
        configuration.c.name,
        Purpose.CONFIGURATION,
        configuration.c.name.in_(HIDDEN_VALUES + SECRET_SETTINGS),
    ),
    SealedColumn(
        keystore.c.key,
        keystore.c.name,
        Purpose.PRIVATE_KEY,
        keystore.c.key.is_not(None) & (keystore.c.key != ""),
    ),
    SealedColumn(
        served_keystore.c.pem,
        served_keystore.c.version,
        Purpose.SERVED_KEYSTORE,
        served_keystore.c.version != "",
    ),
    SealedColumn(
        user.c.secret_key, user.c.uuid, Purpose.SECRET_KEY, user.c.secret_key.is_not(None)
    ),
)


@dataclass(frozen=True, slots=True)
class StoredSecret:
    """A secret as it is stored.

    Args:
        text: the sealed text, or a secret in the clear.
    """

    column: SealedColumn
    bound_to: str
    text: str = field(repr=False)

    @property
    def key_id(self) -> str:
        """The name of the key that it is sealed under; empty if it is in the clear."""
        return key_id(self.text)

    def replace(self, db: Connection, text: str) -> bool:
        """Store another text; return whether what is stored was still this one."""
        column, bound_to = self.column.column, self.column.bound_to
        changed = db.execute(
            update(column.table)
            .where(bound_to == self.bound_to, column == self.text)
            .values({column: text})
        )
        return isinstance(changed, CursorResult) and changed.rowcount == 1


def stored_secrets(db: Connection) -> Iterator[StoredSecret]:
    """Yield all secrets of the database."""
    for column in SEALED_COLUMNS:
        query = select(column.bound_to, column.column).where(column.where)
        for bound_to, text in db.execute(query).all():
            yield StoredSecret(column, str(bound_to), str(text))
