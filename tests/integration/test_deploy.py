"""The files of ``deploy/`` that are no load balancer's, and what all of them tell their readers."""

import re
import subprocess
from pathlib import Path

import pytest

from consoleproxy.settings import declared_settings
from tests.integration.fixtures import haproxy, http_balancer, nginx
from tests.integration.fixtures.deployed import DEPLOY
from tests.integration.fixtures.qemu import required
from tests.integration.test_systemd import UNIT_FILES

_ROUTE = "ensure-route.sh"
# In a browser, by tests/browser/test_embedding.py.
_PORTAL = "portal.html"
_UNITS = {f"systemd/{name}" for name in UNIT_FILES}
_RUN_BY_TESTS = {
    haproxy.PASSTHROUGH,
    haproxy.OFFLOAD,
    http_balancer.MANAGEMENT,
    nginx.PASSTHROUGH,
    nginx.OFFLOAD,
    nginx.REDIRECT,
    _PORTAL,
    _ROUTE,
    *_UNITS,
}
_SETTING = re.compile(r"\b(?:consoleproxy|novnc)(?:\.[a-z]\w*)+\b", re.ASCII)
_NO_SETTING = {"consoleproxy.service", "consoleproxy.toml", "consoleproxy.db"}
# Rendered or built first, then looked at: test_kubernetes, test_package.
_ELSEWHERE = {DEPLOY / "kubernetes", DEPLOY / "debian"}
# A network of its own with the management network on eth1, as a CPVM has it.
_CPVM = """
ip link set lo up
ip link add eth1 type veth peer name switch
ip link set switch up
ip address add 10.1.2.11/24 dev eth1
ip link set eth1 up
"""


def _files() -> list[Path]:
    return sorted(
        path for path in DEPLOY.rglob("*") if path.is_file() and not _ELSEWHERE & set(path.parents)
    )


def test_every_file_is_run_by_a_test() -> None:
    assert {str(path.relative_to(DEPLOY)) for path in _files()} - {"README.md"} == _RUN_BY_TESTS


@pytest.mark.parametrize("path", _files(), ids=lambda path: str(path.name))
def test_settings_that_are_told_exist(path: Path) -> None:
    known = {declared.setting.name for declared in declared_settings()}
    assert set(_SETTING.findall(path.read_text(encoding="utf-8"))) - _NO_SETTING <= known


def test_readme_names_every_file() -> None:
    readme = (DEPLOY / "README.md").read_text(encoding="utf-8")
    assert [name for name in sorted(_RUN_BY_TESTS) if f"({name})" not in readme] == []


class TestRoute:
    """The route check, on a real network stack."""

    def _in_cpvm(self, *commands: str) -> str:
        """Run commands of a shell; ``$route`` is the script. Return what they print."""
        script = f"set -e\nroute={DEPLOY / _ROUTE}\n{_CPVM}" + "\n".join(commands)
        unshare = [required("unshare"), "--map-root-user", "--net"]
        if subprocess.run([*unshare, "true"], stderr=subprocess.DEVNULL).returncode:
            pytest.skip("this system lets nobody make a network namespace")
        required("ip")
        found = subprocess.run([*unshare, "sh", "-c", script], capture_output=True, text=True)
        assert (found.returncode, found.stderr) == (0, "")
        return found.stdout

    def test_a_host_elsewhere_gets_a_route(self) -> None:
        twice = ["$route 10.9.8.7", "$route 10.9.8.7", "ip -4 route show 10.9.8.7"]
        assert self._in_cpvm(*twice).split() == ["10.9.8.7", "via", "10.1.2.1", "dev", "eth1"]

    def test_beside_a_default_route_elsewhere(self) -> None:
        routes = self._in_cpvm(
            "ip link add eth2 type veth peer name outside",
            "ip address add 203.0.113.11/24 dev eth2",
            "ip link set eth2 up",
            "ip route add default via 203.0.113.1",
            "$route 10.9.8.7",
            "ip -4 route get 10.9.8.7",
        )
        assert "via 10.1.2.1 dev eth1" in routes

    @pytest.mark.parametrize("address", ["10.1.2.7", "10.1.2.11", "fd00::7", "2001:db8::1"])
    def test_others_need_none(self, address: str) -> None:
        routes = self._in_cpvm(f"$route {address}", "ip -4 route", "ip -6 route")
        assert "via" not in routes

    @pytest.mark.parametrize(
        "arguments",
        [
            (),
            ("",),
            ("10.9.8.7", "10.9.8.6"),
            ("10.9.8",),
            ("10.9.8.7.6",),
            ("10.9.8.7/24",),
            ("10.9..7",),
            (".10.9.8",),
            ("10.9.8.",),
            ("10.9.8.256",),
            ("10.9.8.07",),
            ("host.example.test",),
            ("10.9.8.7 dev lo",),
            ("10.9.8.7;id",),
            ("10.9.8.7\n",),
            ("default",),
            ("-4",),
            ("*.*.*.*",),
        ],
    )
    def test_nothing_is_done_for_what_is_no_address(self, arguments: tuple[str, ...]) -> None:
        found = subprocess.run(
            [DEPLOY / _ROUTE, *arguments], capture_output=True, text=True, env={"PATH": ""}
        )
        assert (found.returncode, found.stdout) == (1, "")
        assert "not an IPv4 address" in found.stderr or "usage: " in found.stderr
