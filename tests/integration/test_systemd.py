"""The units of ``deploy/systemd``, as systemd's own tools and the program see them."""

import configparser
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.fixtures.deployed import DEPLOY, deployed

PROXY, MANAGEMENT = "consoleproxy.service", "consoleproxy-management.service"
DNS, SYSUSERS = "consoleproxy-dns.service", "consoleproxy-sysusers.conf"
AGENT = "consoleproxy-agent.service"
UNITS = (PROXY, MANAGEMENT, DNS, AGENT)
UNIT_FILES = (*UNITS, SYSUSERS)
_UNITS = pytest.mark.parametrize("name", UNITS)
_INSTALLED = "/opt/consoleproxy/bin/consoleproxy"
_SYSTEM_VM = "/usr/lib/consoleproxy/system-vm"
_PROGRAM = Path(sys.executable).with_name("consoleproxy")


def exposure(name: str) -> int:
    """Return what systemd may say at most: ten times its exposure, which is from 0 to 10.

    The agent sets routes.
    """
    return 20 if name == AGENT else 17


def _text(name: str) -> str:
    changes = {_INSTALLED: str(_PROGRAM)}
    if name == AGENT:
        changes[_SYSTEM_VM] = str(DEPLOY / "debian" / "system-vm")
    return deployed(f"systemd/{name}", changes)


def _service(name: str) -> configparser.SectionProxy:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read_string(_text(name).replace("\\\n", " "))
    return unit["Service"]


@pytest.fixture
def unit(name: str, tmp_path: Path) -> Path:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd here")
    path = tmp_path / name
    path.write_text(_text(name), encoding="utf-8")
    return path


@_UNITS
def test_it_is_understood(unit: Path) -> None:
    found = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True
    )
    assert (found.returncode, found.stderr) == (0, "")


@_UNITS
def test_it_is_hardened(unit: Path) -> None:
    subprocess.run(
        [
            "systemd-analyze",
            "security",
            "--offline=true",
            f"--threshold={exposure(unit.name)}",
            unit,
        ],
        stdout=subprocess.DEVNULL,
        check=True,
    )


@_UNITS
def test_its_command_is_the_program_s(name: str) -> None:
    command = shlex.split(_service(name)["ExecStart"])
    found = subprocess.run([*command, "--help"], capture_output=True, text=True, check=True)
    assert found.stdout.startswith(f"usage: {' '.join(['consoleproxy', command[1]])}")


def test_the_management_server_runs_as_its_unit_starts_it(tmp_path: Path) -> None:
    """With the folders that systemd makes, and settings as the unit's head tells them."""
    service = _service(MANAGEMENT)
    assert service["LoadCredential"] == "management.toml:/etc/consoleproxy/management.toml"
    (tmp_path / "management.toml").write_text(
        "consoleproxy.management.secret = 'a secret'\n"
        "consoleproxy.manage.database = 'no folder/consoleproxy.db'\n",
        encoding="utf-8",
    )
    inventory = tmp_path / "inventory.toml"
    inventory.write_text(
        "[[vm]]\nname = 'web-1'\nuuid = '8a1f6c1e-0b1e-4c54-9a53-3c5d2f1f7c01'\n"
        "address = '192.0.2.20:5901'\n",
        encoding="utf-8",
    )
    command = service["ExecStart"].replace("/etc/consoleproxy/inventory.toml", str(inventory))
    command = command.replace("${CREDENTIALS_DIRECTORY}", str(tmp_path))
    found = subprocess.run(
        shlex.split(command),
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PATH": os.defpath, "PYTHONPATH": os.environ.get("PYTHONPATH", "")},
    )
    # It got as far as the database, which this one cannot have.
    assert found.returncode == 2
    assert "consoleproxy.manage.database=no folder/consoleproxy.db cannot be used" in found.stderr


def test_the_management_server_s_user_is_made(tmp_path: Path) -> None:
    if shutil.which("systemd-sysusers") is None:
        pytest.skip("there is no systemd here")
    (tmp_path / "etc").mkdir()
    subprocess.run(
        ["systemd-sysusers", f"--root={tmp_path}", "-"],
        input=deployed(f"systemd/{SYSUSERS}", {}),
        text=True,
        check=True,
        capture_output=True,
    )
    users = (tmp_path / "etc" / "passwd").read_text(encoding="utf-8")
    user = _service(MANAGEMENT)["User"]
    assert users.startswith(f"{user}:")
    assert f":/var/lib/{_service(MANAGEMENT)['StateDirectory']}:" in users
