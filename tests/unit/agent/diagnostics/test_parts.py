import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.agent.diagnostics.parts import end_of, parts_of_system, shortened


def test_the_default_list(tmp_path: Path) -> None:
    names = {part.name for part in parts_of_system(tmp_path, [Path("/var/log/cloud.log")])}
    assert names >= {
        *("iptables.txt", "nftables.txt", "ipaddr.txt", "iproute.txt", "journal.txt"),
        *("cloudstack-release", "agent.properties", "consoleproxy.properties", "logs/cloud.log"),
    }


def test_properties_without_secrets_and_comments(tmp_path: Path) -> None:
    (tmp_path / "agent.properties").write_text(
        "# vmpassword=old hush\nzone=1\nkeystore.passphrase=hu\\\n  sh;it\nvmpassword=\n"
    )
    (part,) = [part for part in parts_of_system(tmp_path) if part.name == "agent.properties"]
    assert part.read() == "zone=1\nkeystore.passphrase=***\nvmpassword=\n"


def test_a_file_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"one\ntwo\xff\n")
    assert end_of(tmp_path / "log") == "one\ntwo�\n"


def test_a_long_file(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("password=hush\nline 2\nline 3\n")
    text = end_of(tmp_path / "log", 19)
    assert text.startswith("[the first 9 bytes, ")
    assert text.endswith("left out]\nline 2\nline 3\n")
    assert "hush" not in text


def test_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", "missing", "."):
        with pytest.raises(OSError, match=r"no file|No such file|Is a directory"):
            end_of(tmp_path / name)


@given(st.text(), st.text())
def test_the_first_line_goes(first: str, rest: str) -> None:
    line = first.replace("\n", "")
    assert shortened(f"{line}\n{rest}", 7).partition("\n")[2] == rest
    assert shortened(line, 7).partition("\n")[2] == ""
