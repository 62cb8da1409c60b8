"""``consoleproxy diagnostics`` as an operator runs it."""

import base64
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

_KEY = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQ root@management"
_SECRETS = {
    "authorized_key": base64.b64encode(_KEY.encode()).decode(),
    "vmpassword": "hush;pass&word",
    "keystore.passphrase": "hush-passphrase",
    "keystore_password": "aHVzaHN0b3Jl",
    "management": "hush-management-secret",
}


@pytest.fixture
def system_vm(tmp_path: Path) -> list[str]:
    """Arguments that make this machine a system VM that has not kept its secrets well."""
    conf = tmp_path / "conf"
    conf.mkdir()
    (conf / "agent.properties").write_text(
        f"zone=1\nkeystore.passphrase={_SECRETS['keystore.passphrase']}\n"
        f"keystore_password={_SECRETS['keystore_password']}\n"
    )
    (conf / "consoleproxy.properties").write_text("consoleproxy.session.max=20\n")
    (tmp_path / "cmdline").write_text(
        f"type=consoleproxy name=v-2-VM authorized_key={_SECRETS['authorized_key']} "
        f"vmpassword={_SECRETS['vmpassword']} eth2ip=203.0.113.9\n"
    )
    label = "PRIVATE KEY"
    pem = f"-----BEGIN {label}-----\nhush-pem\n-----END {label}-----"
    said = "\n".join([*_SECRETS.values(), _KEY, pem, "GET /websockify?token=hush-token", "kept"])
    (tmp_path / "cloud.log").write_text(said)
    return [
        f"--boot-arguments={tmp_path / 'cmdline'}",
        f"--set=consoleproxy.agent.folder={conf}",
        f"--set=consoleproxy.management.secret={_SECRETS['management']}",
        f"--log={tmp_path / 'cloud.log'}",
        f"--log={tmp_path / 'missing.log'}",
    ]


def _collected(folder: Path, *arguments: str) -> tuple[str, dict[str, str]]:
    path = folder / "diagnostics.tar.gz"
    done = subprocess.run(
        [sys.executable, "-m", "consoleproxy", "diagnostics", f"--output={path}", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    with tarfile.open(path) as archive:
        files = {member.name.partition("/")[2]: archive.extractfile(member) for member in archive}
        return done.stdout, {name: file.read().decode() for name, file in files.items() if file}


def test_what_is_collected(tmp_path: Path, system_vm: list[str]) -> None:
    printed, content = _collected(tmp_path, *system_vm)
    assert "127.0.0.1/8" in content["ipaddr.txt"]
    assert "local 127.0.0.1" in content["iproute.txt"]
    assert {"iptables.txt", "nftables.txt"} <= set(content)
    assert content["agent.properties"].startswith("zone=1\nkeystore.passphrase=***\n")
    assert "consoleproxy.session.max = 20  (boot arguments)" in content["settings.txt"]
    assert "vmpassword = ***  (boot arguments)" in content["boot.txt"]
    assert content["logs/1-cloud.log"].endswith("kept")
    assert "logs/2-missing.log: " in content["manifest.txt"]
    assert content["manifest.txt"] in printed


def test_no_secret_is_in_it(tmp_path: Path, system_vm: list[str]) -> None:
    printed, content = _collected(tmp_path, *system_vm)
    text = printed + "\n".join(content.values())
    for secret in (*_SECRETS.values(), _KEY, "hush"):
        assert secret not in text


def test_settings_that_cannot_be_used_do_not_stop_it(tmp_path: Path) -> None:
    _, content = _collected(tmp_path, "--set=consoleproxy.session.max=none")
    assert "settings.txt: consoleproxy.session.max (command line)" in content["manifest.txt"]
    assert "ipaddr.txt" in content


def test_an_archive_that_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / "mine.tar.gz").write_text("mine")
    done = subprocess.run(
        [sys.executable, "-m", "consoleproxy", "diagnostics", "--output=mine.tar.gz"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert "mine.tar.gz" in done.stderr
    assert (tmp_path / "mine.tar.gz").read_text() == "mine"
