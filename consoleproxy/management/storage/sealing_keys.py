"""The keys that secrets at rest are sealed under."""

import base64
import logging
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from consoleproxy.errors import SettingsInvalid

_log = logging.getLogger(__name__)

_KEY_BYTES = 32
_ID_BYTES = 8
REMEDY = "consoleproxy secrets key FILE makes one"


@dataclass(frozen=True, slots=True)
class SealingKey:
    """A key.

    Args:
        material: 32 random bytes.

    Attributes:
        id: names the key without telling it, in 16 hexadecimal digits.
    """

    material: bytes = field(repr=False)
    id: str = field(init=False)

    def __post_init__(self) -> None:
        name = derived_key(self.material, b"consoleproxy key id")[:_ID_BYTES].hex()
        object.__setattr__(self, "id", name)

    def line(self) -> str:
        """Return its line in a key file: the key itself."""
        return base64.b64encode(self.material).decode()


class KeyRing:
    """The keys in use.

    Args:
        read: gives them, and is asked again when a secret is found that none of them opens; raises
            ``SettingsInvalid``.

    Attributes:
        keys: the first one seals, all of them open; never empty.

    Raises:
        SettingsInvalid: there are none.
    """

    def __init__(self, read: Callable[[], tuple[SealingKey, ...]]) -> None:
        self._read = read
        self.keys = read()

    def find(self, name: str) -> SealingKey | None:
        """Return the key of this id; one that has been added since is found, too."""
        found = self._named(name)
        if found is None:
            self.look_again()
            found = self._named(name)
        return found

    def look_again(self) -> None:
        """Take the keys that there are now; where they cannot be read, those before stay."""
        try:
            now = self._read()
        except SettingsInvalid as fault:
            _log.error("the keys for secrets at rest stay what they were: %s", fault)
            return
        if now != self.keys:
            self.keys = now
            _log.info("secrets at rest are sealed under key %s from now on", now[0].id)

    def _named(self, name: str) -> SealingKey | None:
        return next((key for key in self.keys if key.id == name), None)


def new_key() -> SealingKey:
    """Return a random key."""
    return SealingKey(os.urandom(_KEY_BYTES))


def key_of_secret(secret: str) -> SealingKey:
    """Return the key that counts where no other is given.

    Args:
        secret: ``consoleproxy.management.secret``. Every CPVM has it.
    """
    return SealingKey(derived_key(secret.encode(), b"consoleproxy encryption key"))


def derived_key(material: bytes, info: bytes) -> bytes:
    """Return the key for one purpose: HKDF-SHA256, 32 bytes, without salt."""
    return HKDF(SHA256(), _KEY_BYTES, salt=None, info=info).derive(material)


def parse_keys(text: str, where: str) -> tuple[SealingKey, ...]:
    """Read keys: each 32 bytes in base64, with white space or commas between them.

    Args:
        text: lines that begin with ``#`` are comments.
        where: what the text is called in faults.

    Raises:
        SettingsInvalid: it is something else, or holds none.
    """
    lines = (line for line in text.splitlines() if not line.lstrip().startswith("#"))
    words = [word for word in re.split(r"[\s,]+", "\n".join(lines)) if word]
    if not words:
        raise SettingsInvalid([f"{where} holds no key: {REMEDY}"])
    # Of one that stands there twice the second is left out.
    return tuple({key.id: key for key in (_key(word, where) for word in words)}.values())


def _key(word: str, where: str) -> SealingKey:
    try:
        material = base64.b64decode(word, validate=True)
    except ValueError:
        material = b""
    if len(material) != _KEY_BYTES:
        raise SettingsInvalid([f"{where}: each key must be {_KEY_BYTES} bytes in base64: {REMEDY}"])
    return SealingKey(material)
