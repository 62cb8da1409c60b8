"""Three files, exchanged in one step: whenever the process is killed."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from consoleproxy.agent.certificate_files import CertificateFiles, CertificatePems

OLD, NEW = (CertificatePems(f"{age} crt", f"{age} key", f"{age} ca") for age in ("old", "new"))


class Killed(BaseException):
    """Stands for kill -9: nothing more is done."""


def contents(folder: Path) -> CertificatePems:
    files = CertificateFiles(folder)
    files.settle()
    return CertificatePems(
        files.certificate.read_text(), files.key.read_text(), files.authorities.read_text()
    )


def test_all_three(tmp_path: Path) -> None:
    CertificateFiles(tmp_path).replace(OLD)
    CertificateFiles(tmp_path).replace(NEW)
    assert contents(tmp_path) == NEW
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == dict.fromkeys(["cloud.crt", "cloud.key", "cloud.ca.crt"], 0o600)


@pytest.mark.parametrize("step", range(1, 5))
def test_killed_in_between(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    CertificateFiles(tmp_path).replace(OLD)
    left = step
    replace: Callable[[str, Path], None] = os.replace

    def deadly(source: str, target: Path) -> None:
        nonlocal left
        left -= 1
        if not left:
            raise Killed
        replace(source, target)

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", deadly)
        with pytest.raises(Killed):
            CertificateFiles(tmp_path).replace(NEW)
    assert contents(tmp_path) == (OLD if step == 1 else NEW)
    assert not (tmp_path / "cloud.renewal").exists()


def test_keys_are_not_in_a_log() -> None:
    assert "s3cret" not in repr(CertificatePems("crt", "s3cret", "ca"))
