import os
import stat
from contextlib import nullcontext
from pathlib import Path

import pytest

from consoleproxy.errors import SettingsInvalid
from consoleproxy.management.storage.key_file import (
    add_key,
    create_key_file,
    read_key_file,
    replace_text,
)
from consoleproxy.management.storage.sealing_keys import SealingKey, new_key

KEY = SealingKey(bytes(32))
ONE = KEY.line()


def test_a_file_of_ones_own_is_read(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(f"{ONE}\n")
    path.chmod(0o600)
    assert read_key_file(path, "file") == (SealingKey(bytes(32)),)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o644])
def test_a_file_of_others_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "key"
    path.write_text(ONE)
    path.chmod(mode)
    with pytest.raises(SettingsInvalid, match="chmod 600"):
        read_key_file(path, "file")


@pytest.mark.parametrize(("mode", "refused"), [(0o440, False), (0o460, True), (0o444, True)])
def test_a_file_of_root_may_be_read_by_the_services_group(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int, refused: bool
) -> None:
    path = tmp_path / "key"
    path.write_text(ONE)
    path.chmod(mode)
    real = os.fstat

    def of_root(descriptor: int) -> os.stat_result:
        return os.stat_result((*real(descriptor)[:4], 0, *real(descriptor)[5:]))

    monkeypatch.setattr(os, "fstat", of_root)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(SettingsInvalid) if refused else nullcontext():
        assert read_key_file(path, "file") == (KEY,)


def test_a_file_that_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match="the setting cannot be read"):
        read_key_file(tmp_path / "key", "the setting")


def test_a_file_of_bytes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    os.write(descriptor, b"\xff" * 32)
    os.close(descriptor)
    with pytest.raises(SettingsInvalid, match="is not text"):
        read_key_file(path, "file")


def test_a_new_file_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "key"
    before = os.umask(0)
    try:
        create_key_file(path, KEY)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_key_file(path, "file") == (KEY,)


def test_no_file_is_written_over(tmp_path: Path) -> None:
    path = tmp_path / "key"
    create_key_file(path, KEY)
    with pytest.raises(SettingsInvalid, match="is there already"):
        create_key_file(path, new_key())
    assert read_key_file(path, "file") == (KEY,)
    with pytest.raises(SettingsInvalid, match="cannot be written: No such file"):
        create_key_file(tmp_path / "missing" / "key", KEY)


def test_a_key_that_is_added_comes_first(tmp_path: Path) -> None:
    path, link = tmp_path / "key", tmp_path / "link"
    create_key_file(path, KEY)
    path.write_text(f"# the first\n{ONE}\n")
    link.symlink_to(path)
    added = new_key()
    add_key(link, added)
    assert read_key_file(path, "file") == (added, KEY)
    assert "# the first" in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert link.is_symlink()
    assert len(list(tmp_path.iterdir())) == 2


def test_no_key_is_added_to_something_else(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("no key")
    path.chmod(0o600)
    with pytest.raises(SettingsInvalid, match="each key must be"):
        add_key(path, KEY)
    assert path.read_text() == "no key"


def test_a_text_that_cannot_be_written_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.write_text("before")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SettingsInvalid, match="cannot be written: No space left"):
        replace_text(path, "after")
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]
