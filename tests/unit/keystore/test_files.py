"""A folder or a file that may change, or not be there."""

import os
from pathlib import Path

import pytest

from consoleproxy.errors import KeystoreInvalid
from consoleproxy.keystore.files import KeystoreFiles
from tests.unit.keystore.authority import Chain


def _write(folder: Path, chain: Chain) -> None:
    for number, (_, data) in enumerate(chain.blobs):
        (folder / f"{number}.pem").write_bytes(data)


def test_a_folder_with_a_keystore(chain: Chain, tmp_path: Path) -> None:
    _write(tmp_path, chain)
    keystore = KeystoreFiles(tmp_path).load()
    assert keystore is not None
    assert keystore.certificate == chain.server.certificate


@pytest.mark.parametrize("name", ["missing", "."])
def test_nothing_there_is_no_fault(tmp_path: Path, name: str) -> None:
    files = KeystoreFiles(tmp_path / name)
    assert files.load() is None
    assert files.stamp() == ()


def test_what_cannot_be_used_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "server.pem").write_text("nonsense")
    with pytest.raises(KeystoreInvalid):
        KeystoreFiles(tmp_path).load()


def test_stamp_changes_with_every_change(tmp_path: Path) -> None:
    file = tmp_path / "server.pem"
    for files in (KeystoreFiles(tmp_path), KeystoreFiles(file)):
        file.write_text("one")
        first = files.stamp()
        assert files.stamp() == first
        (tmp_path / "new").write_text("two")
        os.replace(tmp_path / "new", file)
        assert files.stamp() != first
        file.unlink()
        assert files.stamp() == ()


def test_password_is_not_shown(tmp_path: Path) -> None:
    assert "secret" not in repr(KeystoreFiles(tmp_path, "secret"))
