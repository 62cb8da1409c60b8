"""Sealed passwords in the inventory file: found, opened, and sealed anew under another key.

``password_sealed`` stands in place of ``password``, ``tunnel_session_sealed`` in place of
``tunnel_session``. Each is bound to its machine's uuid, so it is of no use to another machine.
"""

import tomllib
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from consoleproxy.errors import SecretUnreadable, SettingsInvalid
from consoleproxy.management.storage.key_file import replace_text
from consoleproxy.management.storage.sealing import Purpose, Sealer, key_id

PURPOSES = {
    "password_sealed": Purpose.VNC_PASSWORD,
    "tunnel_session_sealed": Purpose.TUNNEL_SESSION,
}
_SUFFIX = "_sealed"


@dataclass(frozen=True, slots=True)
class InventorySecret:
    """A secret as it stands in the file; ``text`` is sealed, or in the clear."""

    vm_uuid: str
    purpose: Purpose
    text: str = field(repr=False)

    @property
    def key_id(self) -> str:
        """The id of the key that it is sealed under; empty if it is in the clear."""
        return key_id(self.text)


def inventory_secrets(path: Path) -> tuple[InventorySecret, ...]:
    """Return all secrets of an inventory file, which need not be without fault otherwise.

    Raises:
        SettingsInvalid: it cannot be read, or is not TOML.
    """
    return _secrets(_read(path), path)


def opened(
    table: Mapping[str, object], sealer: Sealer | None
) -> tuple[dict[str, object], list[str]]:
    """Return a ``[[vm]]`` table with its sealed secrets in the clear, and what is wrong with them.

    Args:
        sealer: ``None`` where there is no key.
    """
    result, problems = dict(table), []
    for key, purpose in PURPOSES.items():
        if key not in result:
            continue
        text, plain = result.pop(key), key.removesuffix(_SUFFIX)
        result.setdefault(plain, "")
        if plain in table:
            problems.append(f"{plain} and {key} are both given: keep one")
        elif not isinstance(text, str) or sealer is None:
            problems.append(f"{key} cannot be opened: write what consoleproxy secrets seal prints")
        else:
            try:
                result[plain] = sealer.unseal(text, purpose, _uuid(table.get("uuid")))
            except SecretUnreadable as fault:
                problems.append(f"{key}: {fault.cause}")
    return result, problems


def reseal_inventory(path: Path, sealer: Sealer) -> Mapping[Purpose, int]:
    """Seal the sealed ones under the first key of ``sealer``; all else in the file stays.

    Returns:
        how many were under another key.

    Raises:
        SettingsInvalid: the file cannot be read or written. It is as it was.
        SecretUnreadable: one does not open. The file is as it was.
    """
    before = text = _read(path)
    done: Counter[Purpose] = Counter()
    for secret in _secrets(before, path):
        if secret.key_id in ("", sealer.ring.keys[0].id):
            continue
        try:
            plain = sealer.unseal(secret.text, secret.purpose, secret.vm_uuid)
        except SecretUnreadable as fault:
            raise SecretUnreadable(f"{path}: vm {secret.vm_uuid}: {fault.cause}") from None
        if secret.text not in text:
            raise SettingsInvalid(
                [f"{path}: vm {secret.vm_uuid}: write what is sealed on one line, without \\u…"]
            )
        text = text.replace(secret.text, sealer.seal(plain, secret.purpose, secret.vm_uuid))
        done[secret.purpose] += 1
    if text != before:
        replace_text(path, text)
    return done


def _read(path: Path) -> str:
    try:
        # As it is: its line ends stay, too.
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise SettingsInvalid([f"{path}: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        raise SettingsInvalid([f"{path}: not TOML: {error}"]) from None


def _secrets(text: str, path: Path) -> tuple[InventorySecret, ...]:
    try:
        tables = tomllib.loads(text).get("vm", [])
    except tomllib.TOMLDecodeError as error:
        raise SettingsInvalid([f"{path}: not TOML: {error}"]) from None
    return tuple(
        InventorySecret(_uuid(table.get("uuid")), purpose, value)
        for table in (tables if isinstance(tables, list) else [])
        if isinstance(table, dict)
        for key, purpose in PURPOSES.items()
        for value in (table.get(key), table.get(key.removesuffix(_SUFFIX)))
        if isinstance(value, str) and value
    )


def _uuid(value: object) -> str:
    try:
        return str(uuid.UUID(str(value)))
    except ValueError:
        return str(value)
