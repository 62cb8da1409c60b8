"""``serve``, ``manage`` and ``check`` as an operator runs them: processes of their own."""

import re
import secrets
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from cs import CloudStack

from tests.integration.fixtures.cloud import Machine
from tests.integration.fixtures.qemu import Qemu
from tests.integration.fixtures.viewer import Viewer
from tests.waiting import free_port, wait_for

_PROGRAM = [sys.executable, "-m", "consoleproxy"]
_SECRET = "0123456789abcdef"


@contextmanager
def _running(log: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as output:
        process = subprocess.Popen([*_PROGRAM, *arguments], stdout=output, stderr=output)
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(15) == 0, log.read_text()


def _config(folder: Path, machine: Machine) -> tuple[Path, dict[str, int]]:
    ports = {name: free_port() for name in ("console", "admin", "manage")}
    (folder / "inventory.toml").write_text(machine.toml(), encoding="utf-8")
    config = folder / "consoleproxy.toml"
    config.write_text(
        f"""
[consoleproxy]
name = "v-1-VM"
port = {ports["console"]}
cmd.port = {ports["admin"]}
listen.address = "127.0.0.1"
loadscan.interval = 2000
hypervisor.allowed = "127.0.0.1"
management.url = "http://127.0.0.1:{ports["manage"]}"
management.secret = "{_SECRET}"
manage.port = {ports["manage"]}
manage.database = "{folder / "consoleproxy.db"}"
manage.inventory = "{folder / "inventory.toml"}"
""",
        encoding="utf-8",
    )
    return config, ports


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).status_code == 200
    except requests.RequestException:
        return False


def _api(log: Path, port: int) -> Any:
    printed = wait_for(
        lambda: re.search(r"API key: +(\S+)\nSecret key: +(\S+)\n", log.read_text()), "the keys"
    )
    assert printed is not None
    return CloudStack(f"http://127.0.0.1:{port}/client/api", printed[1], printed[2])


def test_a_proxy_that_starts_before_its_management_server_and_outlives_it(
    tmp_path: Path, qemu_factory: Callable[..., Qemu]
) -> None:
    guest = qemu_factory(password="secret12")
    machine = Machine("web-1", str(uuid.uuid4()), guest.port, "secret12")
    config, ports = _config(tmp_path, machine)
    console = f"http://127.0.0.1:{ports['console']}"
    serve_log, manage_log = tmp_path / "serve.log", tmp_path / "manage.log"
    manage = ("manage", "--config", str(config), "--print-keys")
    with _running(serve_log, "serve", "--config", str(config)):
        wait_for(lambda: _answers(f"{console}/healthz"), "the proxy to serve")
        ready = requests.get(f"{console}/readyz", timeout=5)
        assert (ready.status_code, ready.text[:18]) == (503, "not yet registered")
        with _running(manage_log, *manage):
            wait_for(lambda: _answers(f"{console}/readyz"), "the proxy to register")
            api = _api(manage_log, ports["manage"])
            url = _console(api, machine)
            viewer = Viewer(url)
            viewer.log_in()
        with viewer:
            viewer.press(ord("x"))
            wait_for(lambda: len(guest.keys()) == 1, "the session to outlive the management")
            viewer.close()
        with _running(manage_log, *manage):
            wait_for(lambda: _removed(api) == 1, "the report that had to wait")
    log = serve_log.read_text()
    assert "load report not delivered" in log
    for secret in (url.partition("token=")[2], "secret12", _SECRET):
        assert secret not in log


def _console(api: Any, machine: Machine) -> str:
    answer = api.createConsoleEndpoint(virtualmachineid=machine.uuid, nonce=secrets.token_hex(8))
    return str(answer["consoleendpoint"]["url"])


def _removed(api: Any) -> int:
    try:
        rows = api.listConsoleSessions().get("consolesession", [])
    except requests.RequestException:
        return 0
    return sum("removed" in row for row in rows)


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*_PROGRAM, *arguments], capture_output=True, text=True, timeout=30, check=False
    )


def test_check_says_what_is_not_right_yet(tmp_path: Path) -> None:
    config, ports = _config(tmp_path, Machine("web-1", str(uuid.uuid4()), 5900))
    alone = _run("check", "--config", str(config))
    assert alone.returncode == 1
    assert "is consoleproxy manage running there?" in alone.stdout
    assert f"ok    port: 127.0.0.1 port {ports['console']} is free" in alone.stdout
    with _running(tmp_path / "manage.log", "manage", "--config", str(config)):
        wait_for(lambda: _answers(f"http://127.0.0.1:{ports['manage']}/"), "the page")
        good = _run("check", "--config", str(config))
        assert (good.returncode, "FAIL" in good.stdout) == (0, False), good.stdout
        log = (tmp_path / "manage.log").read_text(encoding="utf-8")
        assert f"management server at 127.0.0.1 port {ports['manage']}, database " in log
        assert "WARNING" not in log
        wrong = _run("check", "--config", str(config), "--set", "consoleproxy.management.secret=x")
        assert "does not accept the shared secret" in wrong.stdout
        other = f"consoleproxy.management.url=http://127.0.0.1:{ports['manage']}/elsewhere"
        elsewhere = _run("check", "--config", str(config), "--set", other)
        assert "FAIL  management: " in elsewhere.stdout
        assert "answered 404" in elsewhere.stdout
    assert "ok    hypervisors: may be at 127.0.0.1, encryption preferred" in alone.stdout
    key = tmp_path / "key"
    assert _run("secrets", "key", str(key)).returncode == 0
    key.chmod(0o644)
    key_file = f"consoleproxy.manage.encryption.key.file={key}"
    readable = _run("check", "--config", str(config), "--set", key_file)
    assert f"FAIL  secrets at rest: {key_file} may be read or written" in readable.stdout
    key.chmod(0o600)
    private = _run("check", "--config", str(config), "--set", key_file)
    assert "ok    secrets at rest: key " in private.stdout
    blind = _run("check", "--set", "consoleproxy.hypervisor.tls.ca.file=missing.pem")
    assert "FAIL  hypervisors: consoleproxy.hypervisor.tls.ca.file: missing.pem" in blind.stdout


def test_mistakes_in_settings_are_told_together() -> None:
    done = _run("serve", "--set", "consoleproxy.session.max=none", "--set", "consoleproxy.x=1")
    assert done.returncode == 2
    assert "consoleproxy.session.max" in done.stderr
    assert "consoleproxy.x (command line): there is no such setting" in done.stderr
    assert "Traceback" not in done.stderr


def test_settings_are_printed_with_their_source() -> None:
    done = _run("serve", "--print-settings", "--set", "consoleproxy.session.max=7")
    assert done.returncode == 0
    assert "consoleproxy.session.max = 7  (command line)\n" in done.stdout


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    config, ports = _config(tmp_path, Machine("web-1", str(uuid.uuid4()), 5900))
    with _running(tmp_path / "manage.log", "manage", "--config", str(config)):
        wait_for(lambda: _answers(f"http://127.0.0.1:{ports['manage']}/"), "the page")
        taken = _run(
            "serve", "--config", str(config), "--set", f"consoleproxy.port={ports['manage']}"
        )
    assert taken.returncode == 2
    assert "Address already in use" in taken.stderr
