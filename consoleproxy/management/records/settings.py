"""Settings that administrators changed over the API, in CloudStack's table ``configuration``.

The table has hidden values, too: token keys, and rows that are only there to be locked. Only what
is declared as a setting that may be set over the API is read or written here, what is secret of it
sealed, and only for the management server itself.
"""

import hashlib
import json
from collections.abc import Mapping

from sqlalchemy import Connection, delete, select

from consoleproxy.management.storage.schema import configuration
from consoleproxy.management.storage.sealed_columns import SECRET_SETTINGS
from consoleproxy.management.storage.sealing import Purpose, Sealer
from consoleproxy.management.storage.upsert import insert_or_update
from consoleproxy.settings import declared_settings

_storable = frozenset(
    declared.setting.name
    for declared in declared_settings()
    if declared.setting.changeable and not declared.setting.secret
)


def stored_settings(db: Connection) -> Mapping[str, str]:
    """Return the settings that were changed, each with its value as it was written, by name."""
    stored = select(configuration.c.name, configuration.c.value)
    rows = db.execute(stored.where(configuration.c.name.in_(_storable)))
    return dict(sorted((str(name), str(value)) for name, value in rows))


def secret_settings(db: Connection, sealer: Sealer) -> Mapping[str, str]:
    """Return the changed settings that are secret, which no CPVM is told.

    Raises:
        SecretUnreadable: one was sealed under a key that is not there.
    """
    stored = select(configuration.c.name, configuration.c.value)
    rows = db.execute(stored.where(configuration.c.name.in_(SECRET_SETTINGS)))
    return {name: sealer.unseal(str(value), Purpose.CONFIGURATION, name) for name, value in rows}


def settings_version(db: Connection) -> str:
    """Return what differs whenever ``stored_settings`` does, whichever server changed them."""
    return version_of(stored_settings(db))


def version_of(stored: Mapping[str, str]) -> str:
    """Return the version of these settings; empty where none was changed."""
    if not stored:
        return ""
    return hashlib.sha256(json.dumps(sorted(stored.items())).encode()).hexdigest()[:32]


def store_setting(db: Connection, name: str, value: str, sealer: Sealer) -> None:
    """Let a setting have this value from now on, everywhere.

    Raises:
        ValueError: there is no such setting, or it is not set over the API.
    """
    _refuse_others(name)
    if name in SECRET_SETTINGS:
        value = sealer.seal(value, Purpose.CONFIGURATION, name)
    insert_or_update(db, configuration, "name", {"name": name, "value": value})


def forget_setting(db: Connection, name: str) -> None:
    """Let each process go by its own sources again.

    Raises:
        ValueError: there is no such setting, or it is not set over the API.
    """
    _refuse_others(name)
    db.execute(delete(configuration).where(configuration.c.name == name))


def _refuse_others(name: str) -> None:
    if name not in _storable and name not in SECRET_SETTINGS:
        raise ValueError(f"{name} is no setting that is stored")
