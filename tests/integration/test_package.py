"""The Debian package: built, installed, run as a system VM runs it, and removed again."""

import re
import shutil
import socket
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from consoleproxy import __version__
from tests.integration.fixtures.cloudstack.authority import AgentFiles, Authority
from tests.integration.fixtures.cloudstack.cloud import Cloud
from tests.integration.fixtures.cloudstack.cloud import Machine as CloudMachine
from tests.integration.fixtures.cloudstack.journal import Event
from tests.integration.fixtures.cloudstack.peer import ManagementPeer
from tests.integration.fixtures.packaged import (
    DEBIAN,
    Machine,
    booted_machine,
    built_package,
    built_wheel,
    machine,
)
from tests.integration.fixtures.qemu import Qemu, required
from tests.integration.fixtures.system_vm import kernel_line
from tests.integration.fixtures.viewer import Viewer
from tests.integration.test_systemd import UNITS, exposure
from tests.waiting import free_port, wait_for

pytestmark = pytest.mark.timeout(240)
_ROOT = DEBIAN.parents[1]
# websockify's engine does without; see requirements.txt.
_LEFT_OUT = {"numpy", "requests", "jwcrypto", "redis"}
_CONF = "/usr/local/cloud/systemvm/conf"
_JAVA = """[Unit]
Description=CloudStack's own agent
[Service]
ExecStart=/bin/sleep infinity
Restart=always
"""
_WEB = "6c3e6e7e-1111-4222-8333-444444444444"


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package, built once."""
    if shutil.which("dpkg-deb") is None:
        pytest.skip("this is no Debian")
    folder = tmp_path_factory.mktemp("package")
    return built_package(built_wheel(folder), folder / "built")


@pytest.fixture(scope="module")
def unpacked(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package's files, in a folder that could be a template's root."""
    folder = tmp_path_factory.mktemp("unpacked")
    subprocess.run(["dpkg-deb", "--extract", package, folder], check=True)
    return folder


@pytest.fixture(scope="module")
def installed(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A machine with the package."""
    with machine(tmp_path_factory.mktemp("installed") / "machine") as one:
        one.install(package)
        yield one


def test_dependencies_are_pinned_within_the_project_s_limits() -> None:
    lines = (DEBIAN / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pins = dict(line.split("==") for line in lines if not line.startswith("#"))
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for text in project["dependencies"]:
        wanted = Requirement(text)
        assert pins[wanted.name] in wanted.specifier
    assert _LEFT_OUT & set(pins) == set()


def test_debian_s_own_check_finds_nothing(package: Path) -> None:
    found = subprocess.run(
        [required("lintian"), "--allow-root", "--fail-on=error,warning", package],
        capture_output=True,
        text=True,
    )
    assert (found.returncode, found.stdout) == (0, "")


def test_settings_are_the_operator_s_to_keep(package: Path) -> None:
    """A file that was changed is kept by an upgrade."""
    kept = subprocess.run(
        ["dpkg-deb", "--info", package, "conffiles"], capture_output=True, text=True, check=True
    ).stdout.split()
    names = ("agent", "consoleproxy", "dns", "management")
    assert kept == [f"/etc/consoleproxy/{name}.toml" for name in names]


class TestInstalled:
    """What the installation makes."""

    def test_it_runs(self, installed: Machine) -> None:
        found = installed.run("consoleproxy", "--version")
        assert (found.stdout, found.stderr) == (f"consoleproxy {__version__}\n", "")

    @pytest.mark.parametrize("command", ["serve", "agent", "manage", "keystore", "dns", "secrets"])
    def test_its_commands_have_what_they_need(self, installed: Machine, command: str) -> None:
        found = installed.run("consoleproxy", command, "--help")
        assert found.stdout.startswith(f"usage: consoleproxy {command}")
        assert found.stderr == ""

    def test_the_viewer_is_inside(self, installed: Machine) -> None:
        viewer = "/usr/lib/consoleproxy/site-packages/consoleproxy/front/novnc"
        assert installed.path(f"{viewer}/vnc.html").is_file()

    def test_the_documents_come_along(self, installed: Machine) -> None:
        folder = _ROOT / "docs"
        for document in (*folder.glob("*.md"), *folder.glob("viewer/*.md")):
            name = document.relative_to(folder)
            text = installed.path(f"/usr/share/doc/consoleproxy/{name}").read_text("utf-8")
            assert text == document.read_text("utf-8"), name

    def test_settings_files_are_read(self, installed: Machine) -> None:
        for name in ("consoleproxy", "agent"):
            config = f"/etc/consoleproxy/{name}.toml"
            installed.run("consoleproxy", "serve", "--config", config, "--print-settings")
        assert installed.path("/etc/consoleproxy/management.toml").stat().st_mode & 0o777 == 0o600

    def test_settings_that_are_told_exist(self, installed: Machine) -> None:
        listed = installed.run("consoleproxy", "settings").stdout
        for file in DEBIAN.glob("*.toml"):
            for name in re.findall(r"^#?(consoleproxy[.\w]+) =", file.read_text("utf-8"), re.M):
                assert f"`{name}`" in listed

    @pytest.mark.parametrize("unit", UNITS)
    def test_units_are_understood_and_hardened(self, installed: Machine, unit: str) -> None:
        path = f"/usr/lib/systemd/system/{unit}"
        found = installed.run("systemd-analyze", "verify", "--man=no", path)
        assert found.stderr == ""
        threshold = f"--threshold={exposure(unit)}"
        installed.run("systemd-analyze", "security", "--offline=true", threshold, path)

    def test_pages_of_the_manual(self, installed: Machine) -> None:
        for page in ("1/consoleproxy.1", "8/consoleproxy-cloudstack.8"):
            assert installed.path(f"/usr/share/man/man{page}.gz").is_file()

    def test_nothing_is_enabled(self, installed: Machine) -> None:
        assert installed.run("consoleproxy-cloudstack", "status").stdout == "disabled\n"
        units = installed.path("/etc/systemd/system")
        assert list(units.rglob("*consoleproxy*")) == []


def test_purge_leaves_nothing(package: Path, tmp_path: Path) -> None:
    with machine(tmp_path / "machine") as one:
        one.install(package)
        one.run("consoleproxy-cloudstack", "enable", "--template")
        one.write("/etc/consoleproxy/environment", "CONSOLEPROXY_MANAGEMENT_SECRET=secret\n")
        one.write("/var/lib/consoleproxy-agent/agent.json", "{}")
        one.run("dpkg", "--purge", "consoleproxy")
        layer = one.folder / "upper"
        find = ["nsenter", f"--target={one.process}", "--mount", "find", str(layer), "-type", "f"]
        left = subprocess.run(find, capture_output=True, text=True, check=True).stdout.split()
        names = {file.removeprefix(str(layer)) for file in left}
        assert {name for name in names if "consoleproxy" in name} == set()
        # What dpkg and the manual's index write for any package, and the files of users.
        others = re.compile(
            r"/var/(lib/dpkg|log/dpkg|cache/man)|/etc/(passwd|shadow|group|gshadow|subuid|subgid)-?$"
            r"|/etc/\.pwd\.lock$"
        )
        assert {name for name in names if not others.match(name)} == set()
        assert "consoleproxy" not in one.run("getent", "passwd").stdout
        assert "consoleproxy" not in one.run("getent", "group").stdout


class TestSwitch:
    """``consoleproxy-cloudstack`` in a template that is mounted somewhere."""

    _SWITCH = "etc/systemd/system/cloud.service.d/consoleproxy.conf"
    _KERNEL = "etc/systemd/system/consoleproxy-agent.service.d/kernel.conf"

    def _switch(self, *arguments: str | Path) -> str:
        done = subprocess.run(
            [DEBIAN / "consoleproxy-cloudstack", *arguments], capture_output=True, text=True
        )
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    @pytest.fixture
    def template(self, unpacked: Path) -> Iterator[Path]:
        yield unpacked
        shutil.rmtree(unpacked / "etc" / "systemd", ignore_errors=True)

    def test_there_and_back(self, template: Path) -> None:
        def files() -> set[Path]:
            return {path for path in template.rglob("*") if path.is_file()}

        before = files()
        for _ in range(2):
            assert self._switch("enable", "--root", template) == "enabled\n"
            assert files() - before == {template / self._SWITCH}
            assert self._switch("status", "--root", template) == "enabled\n"
        for _ in range(2):
            assert self._switch("disable", "--root", template).startswith("disabled")
            assert files() == before

    def test_kernel_settings_are_the_agent_s_only_where_it_is_to_change_them(
        self, template: Path
    ) -> None:
        settings = template / "etc/consoleproxy/agent.toml"
        before = settings.read_text(encoding="utf-8")
        self._switch("enable", "--root", template)
        assert not (template / self._KERNEL).exists()
        settings.write_text("consoleproxy.agent.disable.rpfilter = true\n", encoding="utf-8")
        self._switch("enable", "--root", template)
        assert "ProtectKernelTunables=no" in (template / self._KERNEL).read_text("utf-8")
        settings.write_text(before, encoding="utf-8")
        self._switch("enable", "--root", template)
        assert not (template / self._KERNEL).exists()

    def test_without_the_package(self, tmp_path: Path) -> None:
        done = subprocess.run(
            [DEBIAN / "consoleproxy-cloudstack", "enable", "--root", tmp_path],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 1
        assert "install the Debian package there first" in done.stderr

    @pytest.mark.parametrize(
        "arguments", [(), ("on",), ("enable", "--force"), ("enable", "--root")]
    )
    def test_a_wrong_option_changes_nothing(self, arguments: tuple[str, ...]) -> None:
        done = subprocess.run(
            [DEBIAN / "consoleproxy-cloudstack", *arguments], capture_output=True, text=True
        )
        assert (done.returncode, done.stdout) == (2, "")
        assert "usage: " in done.stderr


class TestSystemVm:
    """A console proxy VM that systemd has booted, with something in Java's place."""

    @pytest.fixture
    def server(self, cloudstack_authority: Authority) -> Iterator[ManagementPeer]:
        with ManagementPeer(cloudstack_authority, Cloud()) as one:
            yield one
            # This machine has no eth1.
            errors = [text for text in one.journal.errors if "privateMacAddress" not in text]
            assert errors == [], str(one.journal)

    @pytest.fixture
    def vm(self, package: Path, tmp_path: Path, server: ManagementPeer) -> Iterator[Machine]:
        with booted_machine(tmp_path / "machine") as one:
            one.install(package)
            one.write("/etc/systemd/system/cloud.service", _JAVA)
            one.write("/var/cache/cloud/cmdline", kernel_line(server) + "\n", 0o600)
            server.cloud.vnc_port, server.cloud.page_port = free_port(), _privileged_port()
            one.write(
                "/etc/consoleproxy/agent.toml",
                "consoleproxy.listen.address = '127.0.0.1'\n"
                f"consoleproxy.port = {server.cloud.vnc_port}\n"
                f"consoleproxy.httpListenPort = {server.cloud.page_port}\n"
                f"consoleproxy.cmd.port = {free_port()}\n"
                "consoleproxy.hypervisor.allowed = '127.0.0.0/8'\n"
                "consoleproxy.agent.backoff = 100\n",
            )
            one.run("systemctl", "daemon-reload")
            one.run("systemctl", "start", "cloud.service")
            yield one

    def _provision(self, vm: Machine, files: AgentFiles) -> None:
        for file in (files.key, files.authorities, files.certificate):
            vm.write(f"{_CONF}/{file.name}", file.read_text(encoding="ascii"), 0o600)

    def _settles(self, vm: Machine, java: str, ours: str) -> None:
        units = ("cloud.service", "consoleproxy-agent.service")

        def state() -> list[str]:
            return vm.run("systemctl", "is-active", *units, check=False).stdout.split()

        wait_for(lambda: state() == [java, ours], f"Java's agent {java}, and ours {ours}")

    def _comes_again(self, server: ManagementPeer, before: int) -> None:
        """Wait until an agent that was started anew is up: its startup comes after so many."""
        wait_for(lambda: len(_startups(server)) > before, "another agent")
        server.up()

    def _main(self, vm: Machine) -> str:
        show = ("systemctl", "show", "--value", "--property=MainPID", "consoleproxy-agent")
        return vm.run(*show).stdout.strip()

    def test_there_and_back(
        self,
        vm: Machine,
        server: ManagementPeer,
        agent_files: AgentFiles,
        qemu_factory: Callable[..., Qemu],
    ) -> None:
        self._settles(vm, "active", "inactive")
        refused = vm.run("consoleproxy-cloudstack", "enable", check=False)
        assert (refused.returncode, "cloud.crt is missing" in refused.stderr) == (1, True)
        self._settles(vm, "active", "inactive")

        self._provision(vm, agent_files)
        vm.run("consoleproxy-cloudstack", "enable")
        first = self._main(vm)
        server.up()
        self._settles(vm, "inactive", "active")
        owner = vm.run("ps", "-o", "user:32=", first).stdout.strip()
        assert owner == "consoleproxy-agent"

        guest = qemu_factory(password="vncpass8")
        screen = CloudMachine(_WEB, "127.0.0.1", guest.port, "vncpass8")
        server.cloud.machines.append(screen)
        with Viewer(server.create_console(screen).url) as viewer:
            viewer.log_in()
            viewer.press(ord("x"))
            wait_for(lambda: len(guest.keys()) == 1, "the key")

        # Once more changes nothing, and what CloudStack does after a new certificate is heard.
        vm.run("consoleproxy-cloudstack", "enable")
        assert self._main(vm) == first
        before = len(_startups(server))
        vm.run("systemctl", "restart", "cloud.service")
        wait_for(lambda: self._main(vm) not in ("0", first), "another agent")
        self._comes_again(server, before)
        self._settles(vm, "inactive", "active")

        vm.run("consoleproxy-cloudstack", "disable")
        self._settles(vm, "active", "inactive")

    def test_another_system_vm_of_the_template_runs_what_it_always_did(
        self, vm: Machine, server: ManagementPeer
    ) -> None:
        line = kernel_line(server, type="secstorage")
        vm.write("/var/cache/cloud/cmdline", line + "\n", 0o600)
        vm.run("consoleproxy-cloudstack", "enable", "--template")
        vm.run("systemctl", "daemon-reload")
        vm.run("systemctl", "restart", "cloud.service")
        self._settles(vm, "active", "inactive")
        refused = vm.run("consoleproxy-cloudstack", "enable", check=False)
        assert (refused.returncode, "no console proxy VM" in refused.stderr) == (1, True)

    def test_the_first_boot_of_a_template_and_the_package_s_end(
        self, vm: Machine, server: ManagementPeer, agent_files: AgentFiles
    ) -> None:
        vm.run("systemctl", "stop", "cloud.service")
        vm.run("consoleproxy-cloudstack", "enable", "--template")
        vm.run("systemctl", "daemon-reload")
        self._provision(vm, agent_files)
        vm.run("systemctl", "start", "cloud.service")
        server.up()
        self._settles(vm, "inactive", "active")
        vm.run("dpkg", "--purge", "consoleproxy")
        self._settles(vm, "active", "inactive")

    def test_a_renewed_certificate_is_kept(
        self, vm: Machine, server: ManagementPeer, agent_files: AgentFiles
    ) -> None:
        self._provision(vm, agent_files)
        vm.run("consoleproxy-cloudstack", "enable")
        server.up()
        mine = vm.path("/var/lib/consoleproxy-agent/cloud.crt")
        given = mine.read_text(encoding="ascii")
        server.renew_certificate(["v-2-VM", "127.0.0.1"])
        wait_for(lambda: mine.read_text(encoding="ascii") != given, "the new certificate")
        renewed = mine.read_text(encoding="ascii")
        before = len(_startups(server))
        vm.run("systemctl", "restart", "cloud.service")
        self._comes_again(server, before)
        assert mine.read_text(encoding="ascii") == renewed
        # CloudStack gives another one with the VM's next start.
        self._provision(vm, agent_files)
        before = len(_startups(server))
        vm.run("systemctl", "restart", "cloud.service")
        self._comes_again(server, before)
        assert mine.read_text(encoding="ascii") == given, "CloudStack's certificate"


def _startups(server: ManagementPeer) -> list[Event]:
    return server.journal.packets("StartupProxyCommand")


def _privileged_port() -> int:
    for port in range(600, 1024):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port below 1024 is free")
