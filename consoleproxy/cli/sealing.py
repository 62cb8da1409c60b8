"""Assembly of what seals secrets at rest."""

from pathlib import Path

from consoleproxy.errors import SettingsInvalid
from consoleproxy.management.storage.key_file import read_key_file
from consoleproxy.management.storage.sealing import Sealer
from consoleproxy.management.storage.sealing_keys import (
    KeyRing,
    SealingKey,
    key_of_secret,
    parse_keys,
)
from consoleproxy.settings import Settings

_FILE = "consoleproxy.manage.encryption.key.file"
_KEY = "consoleproxy.manage.encryption.key"


def sealer_of(settings: Settings) -> Sealer:
    """Return what seals and opens; a key file is read again when a secret needs another key.

    Raises:
        SettingsInvalid: there is no key that can be used.
    """
    return Sealer(KeyRing(lambda: _keys(settings)))


def _keys(settings: Settings) -> tuple[SealingKey, ...]:
    path, text = settings.manage_encryption_key_file, settings.manage_encryption_key
    if path and text:
        raise SettingsInvalid([f"{_FILE} and {_KEY} are both set: keep one"])
    given: tuple[SealingKey, ...] = ()
    if path:
        given = read_key_file(Path(path), f"{_FILE}={path}")
    elif text:
        given = parse_keys(text, _KEY)
    if not settings.management_secret:
        return given or _nothing()
    # Always: it opens what was sealed before there was another key.
    return (*given, key_of_secret(settings.management_secret))


def _nothing() -> tuple[SealingKey, ...]:
    raise SettingsInvalid([f"set {_FILE}, {_KEY} or consoleproxy.management.secret"])
