from pathlib import Path

import pytest

from consoleproxy.cli.sealing import sealer_of
from consoleproxy.errors import SettingsInvalid
from consoleproxy.management.storage.sealing_keys import SealingKey, key_of_secret, new_key
from consoleproxy.settings import Settings

SECRET = "shared"
OF_SECRET = key_of_secret(SECRET)


def key_file(folder: Path, *keys: SealingKey) -> str:
    path = folder / "key"
    path.write_text("".join(f"{key.line()}\n" for key in keys))
    path.chmod(0o600)
    return str(path)


def test_the_secret_gives_the_key_where_nothing_else_does() -> None:
    assert sealer_of(Settings(management_secret=SECRET)).ring.keys == (OF_SECRET,)


def test_keys_of_the_file_come_first(tmp_path: Path) -> None:
    keys: tuple[SealingKey, ...] = (new_key(), new_key())
    settings = Settings(
        management_secret=SECRET, manage_encryption_key_file=key_file(tmp_path, *keys)
    )
    ring = sealer_of(settings).ring
    assert ring.keys == (*keys, OF_SECRET)
    added = new_key()
    key_file(tmp_path, added, *keys)
    assert ring.find(added.id) == added
    assert list(ring.keys) == [added, *keys, OF_SECRET]


def test_keys_of_the_environment() -> None:
    keys = new_key(), new_key()
    text = ",".join(key.line() for key in keys)
    assert sealer_of(Settings(manage_encryption_key=text)).ring.keys == keys


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        (Settings(), "set consoleproxy.manage.encryption.key.file, "),
        (Settings(manage_encryption_key_file="a", manage_encryption_key="b"), "keep one"),
        (Settings(manage_encryption_key_file="/missing"), "key.file=/missing cannot be read"),
        (Settings(manage_encryption_key="short"), "consoleproxy.manage.encryption.key: each key"),
    ],
)
def test_what_cannot_be_used_is_refused(settings: Settings, fault: str) -> None:
    with pytest.raises(SettingsInvalid) as refused:
        sealer_of(settings)
    assert fault in str(refused.value)
