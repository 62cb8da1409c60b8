"""Rules that hold for all files, and that no linter knows."""

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from consoleproxy.keystore.port import HTTP_PORT, HTTPS_PORT

_ROOT = Path(__file__).parents[1]
_PACKAGE = _ROOT / "consoleproxy"
_UNIT = _ROOT / "tests" / "unit"
_BENCHMARKS = _ROOT / "benchmarks"
_VIEWER = "front/novnc"
_LONGEST_FILE = 300

# These wire real sockets, files and processes together: real components test them, in
# tests/integration and tests/browser. They may have unit tests as well.
# The observer needs libvirt, which unit tests do without.
_INTEGRATED = (
    "front/",
    "console/",
    "management/inventory/libvirt/observer.py",
    *(f"agent/{name}.py" for name in ("agent", "connection", "linked")),
)
_INTEGRATED_COMMANDS = {
    f"cli/{name}.py"
    for name in (
        *("agent", "agent_check", "agent_machine", "agent_proxy"),
        *("check", "cpvm", "demo", "diagnostics", "door", "entry"),
        *("manage", "management", "parts", "running", "serve"),
    )
}
_NOT_INTEGRATED = ("front/viewer.py", "front/page_policy.py", "console/exchange.py")

_PRIVATE_KEY = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/=\s]{40,}")


def _sources() -> list[str]:
    paths = (path.relative_to(_PACKAGE).as_posix() for path in _PACKAGE.rglob("*.py"))
    return sorted(path for path in paths if not path.startswith(_VIEWER))


def _mirror(source: str) -> Path:
    path = Path(source)
    return _UNIT / path.with_name(f"test_{path.name}")


def _needs_unit_test(source: str) -> bool:
    if Path(source).name in ("__init__.py", "__main__.py"):
        return False
    integrated = source.startswith(_INTEGRATED) or source in _INTEGRATED_COMMANDS
    return source in _NOT_INTEGRATED or not integrated


def _project() -> Any:
    return tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def _dependencies() -> list[str]:
    project = _project()
    extras = project["optional-dependencies"].values()
    return [*project["dependencies"], *(entry for extra in extras for entry in extra)]


@pytest.mark.parametrize("source", [source for source in _sources() if _needs_unit_test(source)])
def test_module_has_its_unit_test(source: str) -> None:
    assert _mirror(source).is_file()


def test_unit_tests_mirror_a_module() -> None:
    mirrored = {_mirror(source) for source in _sources()}
    mirrored |= {_mirror(str(path.relative_to(_ROOT))) for path in _BENCHMARKS.rglob("*.py")}
    assert set(_UNIT.rglob("test_*.py")) - mirrored == set()


def test_exempted_commands_exist() -> None:
    assert _INTEGRATED_COMMANDS - set(_sources()) == set()


def test_packages_say_what_they_hold() -> None:
    maps = [source for source in _sources() if Path(source).name == "__init__.py"]
    silent = [
        source
        for source in maps
        if not (_PACKAGE / source).read_text(encoding="utf-8").startswith('"""')
    ]
    assert silent == []


def test_no_file_is_too_long_to_read() -> None:
    lengths = {
        source: len((_PACKAGE / source).read_text(encoding="utf-8").splitlines())
        for source in _sources()
    }
    assert {name: length for name, length in lengths.items() if length > _LONGEST_FILE} == {}


@pytest.mark.parametrize("dependency", _dependencies())
def test_dependency_has_a_reason(dependency: str) -> None:
    lines = (_ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    assert any(re.match(rf'\s*"{re.escape(dependency)}",\s*# \w', line) for line in lines)


def test_management_peer_reads_the_protocol_for_itself() -> None:
    peer = _ROOT / "tests" / "integration" / "fixtures" / "cloudstack"
    importing = re.compile(r"^\s*(?:from|import) consoleproxy\b", re.MULTILINE)
    files = [*peer.glob("*.py"), _UNIT / "agent_vectors.py"]
    assert len(files) > 2
    assert [path.name for path in files if importing.search(path.read_text("utf-8"))] == []


def test_no_private_key_is_kept() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=_ROOT,
        check=True,
        capture_output=True,
    )
    files = [_ROOT / name.decode() for name in listed.stdout.split(b"\0") if name]
    assert [
        path for path in files if path.is_file() and _PRIVATE_KEY.search(path.read_bytes())
    ] == []


class TestDockerfile:
    """The image is in step with what it is made of."""

    text = (_ROOT / "Dockerfile").read_text(encoding="utf-8")

    def _only(self, pattern: str) -> str:
        (found,) = re.findall(pattern, self.text, re.MULTILINE)
        return str(found)

    def test_python_is_the_one_that_the_project_asks_for(self) -> None:
        assert f">={self._only(r'^ARG PYTHON_VERSION=(.+)$')}" == _project()["requires-python"]

    def test_ports_are_those_of_the_port_rule(self) -> None:
        ports = {HTTP_PORT, HTTPS_PORT}
        assert {int(port) for port in self._only(r"^EXPOSE (.+)$").split()} == ports
        health = self._only(r"^HEALTHCHECK (.+)$")
        assert {int(port) for port in re.findall(r"'127\.0\.0\.1', (\d+)", health)} == ports

    def test_wheel_is_built_as_by_make(self) -> None:
        command = re.compile(r"python -m pip wheel (.+?)(?: \\)?$", re.MULTILINE)
        made = command.findall((_ROOT / "Makefile").read_text(encoding="utf-8"))
        built = [options.replace("--no-cache-dir ", "") for options in command.findall(self.text)]
        assert made == built

    def test_program_is_the_project_s(self) -> None:
        (program,) = _project()["scripts"]
        assert self._only(r'^ENTRYPOINT \["(.+)"\]$') == program

    def test_labels_are_the_project_s(self) -> None:
        labels = dict(re.findall(r'org\.opencontainers\.image\.(\w+)="(.+)"', self.text))
        project = _project()
        assert labels == {
            "title": project["name"],
            "description": project["description"],
            "licenses": project["license"],
        }

    def test_nobody_is_root(self) -> None:
        assert int(self._only(r"^USER (\d+):\d+$")) > 0

    def test_everything_that_the_wheel_is_made_of_is_sent(self) -> None:
        sent = (_ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        made_of = {"pyproject.toml", "consoleproxy", "static"}
        made_of |= {_project()["readme"], *_project()["license-files"]}
        made_of |= {"deploy/debian/requirements.txt"}
        assert {line[1:] for line in sent if line.startswith("!")} == made_of
        copied = re.findall(r"^COPY (?!--)(.+) \S+$", self.text, re.MULTILINE)
        assert {name for names in copied for name in names.split()} == made_of
