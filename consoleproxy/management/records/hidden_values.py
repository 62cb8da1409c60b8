"""Hidden configuration values in the database: keys that only management servers use."""

import secrets

from sqlalchemy import Connection, select

from consoleproxy.management.storage.schema import configuration
from consoleproxy.management.storage.sealing import Purpose, Sealer
from consoleproxy.management.storage.upsert import insert_or_keep


def hidden_value(db: Connection, name: str, sealer: Sealer) -> str:
    """Return a hidden configuration value; 128 random bits in base64 on first use.

    Args:
        name: one of ``sealed_columns.HIDDEN_VALUES``.

    Raises:
        SecretUnreadable: it was sealed under a key that ``sealer`` has not got.
    """
    new = sealer.seal(secrets.token_urlsafe(16), Purpose.CONFIGURATION, name)
    insert_or_keep(db, configuration, {"name": name, "value": new})
    value = select(configuration.c.value).where(configuration.c.name == name)
    return sealer.unseal(str(db.execute(value).scalar_one()), Purpose.CONFIGURATION, name)
