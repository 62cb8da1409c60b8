"""``consoleproxy agent`` as an operator runs it in a system VM."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.fixtures.cloudstack.authority import AgentFiles
from tests.waiting import free_port, wait_for

_SECRETS = ("QUJDREVGR0g=", "hush-password", "hush-passphrase")
_TOLD = (
    "template=domP type=consoleproxy host=127.0.0.1 name=v-2-VM zone=1 pod=1 guid=Proxy.2 "
    f"proxy_vm=2 eth1ip=127.0.0.1 eth2ip=127.0.0.1 authorized_key={_SECRETS[0]} "
    f"vmpassword={_SECRETS[1]} vncport=8080"
)


@pytest.fixture
def system_vm(tmp_path: Path, agent_files: AgentFiles) -> list[str]:
    """Arguments that make this machine a system VM."""
    conf = tmp_path / "conf"
    conf.mkdir()
    for file in (agent_files.certificate, agent_files.key, agent_files.authorities):
        shutil.copy(file, conf)
    (conf / "agent.properties").write_text(f"keystore.passphrase={_SECRETS[2]}\n")
    (conf / "consoleproxy.properties").write_text("consoleproxy.httpListenPort=80\n")
    kernel = tmp_path / "cmdline"
    kernel.write_text(f"{_TOLD} port={free_port()}\n")
    settings = {
        "agent.folder": conf,
        "agent.state.file": tmp_path / "agent.json",
        "port": free_port(),
        "httpListenPort": free_port(),
        "cmd.port": free_port(),
    }
    chosen = [f"--set=consoleproxy.{name}={value}" for name, value in settings.items()]
    return [f"--boot-arguments={kernel}", *chosen]


def _agent(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "consoleproxy", "agent", *arguments],
        capture_output=True,
        text=True,
        timeout=30,
    )


def test_what_it_was_told_is_printed_without_secrets(system_vm: list[str]) -> None:
    done = _agent("--print-settings", *system_vm)
    assert done.returncode == 0, done.stderr
    assert "guid = Proxy.2  (boot arguments)\n" in done.stdout
    assert "authorized_key = ***  (boot arguments)\n" in done.stdout
    assert "keystore.passphrase = ***  (agent.properties)\n" in done.stdout
    assert "consoleproxy.public.address = 127.0.0.1  (boot arguments)\n" in done.stdout
    assert not [secret for secret in _SECRETS if secret in done.stdout + done.stderr]


def test_what_it_was_told_is_in_the_log_without_secrets(
    tmp_path: Path, system_vm: list[str]
) -> None:
    log = tmp_path / "log"
    with log.open("wb") as output:
        command = [sys.executable, "-m", "consoleproxy", "agent", *system_vm]
        process = subprocess.Popen(command, stdout=output, stderr=output)
        try:
            wait_for(lambda: "management server 127.0.0.1: " in log.read_text(), "an attempt")
        finally:
            process.terminate()
            process.wait(15)
    text = log.read_text()
    assert "guid = Proxy.2  (boot arguments); " in text
    assert "authorized_key = ***  (boot arguments)" in text
    assert not [secret for secret in _SECRETS if secret in text]


def test_what_is_missing_for_a_start_is_told(system_vm: list[str]) -> None:
    done = _agent("--check", *system_vm)
    assert done.returncode == 1, done.stderr
    assert "ok    boot arguments: v-2-VM, Proxy.2\n" in done.stdout
    assert "ok    addresses: 127.0.0.1 is this machine's\n" in done.stdout
    assert "ok    certificate: " in done.stdout
    assert "FAIL  name: this machine is " in done.stdout
    assert "FAIL  management server: 127.0.0.1 port " in done.stdout


def test_what_the_machine_needs_is_told(system_vm: list[str]) -> None:
    done = _agent(
        "--check",
        *system_vm,
        "--set=consoleproxy.agent.firewall=nftables",
        "--set=consoleproxy.agent.firewall.chain=filter input",
        "--set=consoleproxy.hypervisor.route.gateway=10.1.1.1",
    )
    assert "FAIL  firewall: consoleproxy.agent.firewall.chain: filter input must" in done.stdout
    assert "routes: ip can be used\n" in done.stdout or "CAP_NET_ADMIN, for ip\n" in done.stdout


def test_a_boot_that_is_no_console_proxys(tmp_path: Path) -> None:
    kernel = tmp_path / "cmdline"
    kernel.write_text("type=secstorage vncport=none\n")
    done = _agent("--check", f"--boot-arguments={kernel}")
    assert done.returncode == 1
    for text in ("type=secstorage", "argument host is missing", "vncport=none must be"):
        assert text in done.stdout
