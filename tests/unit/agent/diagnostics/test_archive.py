import stat
import tarfile
from pathlib import Path

import pytest

from consoleproxy.agent.diagnostics.archive import write_archive
from consoleproxy.agent.diagnostics.parts import LONGEST_PART, Part
from consoleproxy.errors import ProgramFailed


def _failing(error: Exception) -> Part:
    def read() -> str:
        raise error

    return Part(f"{type(error).__name__}.txt", read)


def _content(path: Path) -> dict[str, str]:
    with tarfile.open(path) as archive:
        members = [(member, archive.extractfile(member)) for member in archive]
        assert all(member.mode == 0o600 for member, _ in members)
        return {member.name: file.read().decode() for member, file in members if file}


def test_what_is_in_it(tmp_path: Path) -> None:
    path = tmp_path / "x.tar.gz"
    parts = [
        Part("one.txt", lambda: "1: s3cret vmpassword=hush\n"),
        Part("list.txt", lambda: "token.file = /x, s3cret\n", listed=True),
        _failing(ProgramFailed("nft is not installed")),
        _failing(OSError("s3cret file")),
    ]
    collected = write_archive(path, "d", parts, ["s3cret"])
    content = _content(path)
    assert content["d/one.txt"] == "1: *** vmpassword=***\n"
    assert content["d/list.txt"] == "token.file = /x, ***\n"
    assert set(content) == {"d/one.txt", "d/list.txt", "d/manifest.txt"}
    manifest = content["d/manifest.txt"].splitlines()
    assert manifest == [str(one) for one in collected]
    assert "ProgramFailed.txt: nft is not installed" in manifest
    assert "OSError.txt: *** file" in manifest
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_part_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "x.tar.gz"
    write_archive(path, "d", [Part("long.txt", lambda: "line\n" * LONGEST_PART)], [])
    text = _content(path)["d/long.txt"]
    assert len(text) < LONGEST_PART + 200
    assert text.startswith("[the first ")


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "x.tar.gz"
    path.write_text("mine")
    with pytest.raises(FileExistsError):
        write_archive(path, "d", [], [])
    assert path.read_text() == "mine"


def test_half_an_archive_is_none(tmp_path: Path) -> None:
    path = tmp_path / "x.tar.gz"
    with pytest.raises(KeyError):
        write_archive(path, "d", [_failing(KeyError("a mistake"))], [])
    assert not path.exists()
