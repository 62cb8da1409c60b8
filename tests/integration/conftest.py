"""Real components for integration tests; all are stopped at the end of the test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.integration.fixtures.cloudstack.authority import AgentFiles, Authority
from tests.integration.fixtures.cloudstack.client import MiniAgent
from tests.integration.fixtures.cloudstack.cloud import Cloud
from tests.integration.fixtures.cloudstack.peer import ManagementPeer
from tests.integration.fixtures.pki import Pki
from tests.integration.fixtures.qemu import Qemu, assemble
from tests.integration.fixtures.reports import ReportTable
from tests.integration.fixtures.standalone import Standalone, running_standalone
from tests.integration.fixtures.system_vm import SystemVm, kernel_line, running_system_vm
from tests.integration.fixtures.websockify import Websockify
from tests.integration.fixtures.xvnc import Xvnc
from tests.waiting import free_port

_HERE = Path(__file__).parent
_DOCUMENTS = _HERE.parents[1] / "docs"
_PROOFS = ReportTable(
    _DOCUMENTS / "HYPERVISORS.md",
    sorted(_HERE.glob("test_hypervisor*.py")),
    ("server", "security", "transport", "tested by"),
)
_FAULTS = ReportTable(
    _DOCUMENTS / "KEYSTORE.md", [_HERE / "test_keystores.py"], ("fault", "message")
)


def pytest_configure(config: pytest.Config) -> None:
    """Let tests write their tables."""
    for table in (_PROOFS, _FAULTS):
        config.pluginmanager.register(table, table.name)


@pytest.fixture(scope="session")
def echo_image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A boot sector that echoes keys."""
    return assemble("echo", tmp_path_factory.mktemp("boot"))


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    """Certificates of hypervisors, good ones and bad ones."""
    return Pki(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="session")
def cloudstack_authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The CA of a CloudStack installation."""
    return Authority(tmp_path_factory.mktemp("cloudstack"))


@pytest.fixture(scope="session")
def agent_files(
    tmp_path_factory: pytest.TempPathFactory, cloudstack_authority: Authority
) -> AgentFiles:
    """Certificate, key and CA of a CPVM at 127.0.0.1."""
    names = ["v-2-VM", "127.0.0.1"]
    return cloudstack_authority.provision(tmp_path_factory.mktemp("cpvm"), names)


@pytest.fixture
def management_peer(cloudstack_authority: Authority) -> Iterator[ManagementPeer]:
    """A CloudStack management server that agents can connect to."""
    with ManagementPeer(cloudstack_authority) as server:
        yield server


@pytest.fixture
def cloudstack(cloudstack_authority: Authority) -> Iterator[ManagementPeer]:
    """A CloudStack management server at which an agent must do nothing wrong."""
    with ManagementPeer(cloudstack_authority, Cloud()) as server:
        yield server
        assert server.journal.errors == [], str(server.journal)
        assert server.journal.oddities == [], str(server.journal)


@pytest.fixture
def system_vm(
    tmp_path: Path, cloudstack: ManagementPeer, agent_files: AgentFiles
) -> Iterator[SystemVm]:
    """A CPVM of that management server."""
    with running_system_vm(tmp_path, agent_files, kernel_line(cloudstack)) as vm:
        cloudstack.cloud.vnc_port, cloudstack.cloud.page_port = vm.console_port, vm.page_port
        yield vm


@pytest.fixture
def mini_agent(management_peer: ManagementPeer, agent_files: AgentFiles) -> Iterator[MiniAgent]:
    """The connection of an agent that has not said anything."""
    with MiniAgent((management_peer.address, management_peer.port), agent_files) as agent:
        yield agent


@pytest.fixture
def qemu_factory(echo_image: Path) -> Iterator[Callable[..., Qemu]]:
    """Starts guests; takes the arguments of ``Qemu``, and echoes keys without another image."""
    guests: list[Qemu] = []

    def start(image: Path = echo_image, **options: Any) -> Qemu:
        guests.append(Qemu(image, **options))
        return guests[-1]

    yield start
    for guest in guests:
        guest.stop()


@pytest.fixture
def xvnc_factory() -> Iterator[Callable[..., Xvnc]]:
    """Starts X servers; takes the arguments of ``Xvnc``."""
    servers: list[Xvnc] = []

    def start(security: str, **options: Any) -> Xvnc:
        servers.append(Xvnc(security, **options))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def websockify_factory(tmp_path: Path) -> Iterator[Callable[..., Websockify]]:
    """Starts websockify; takes the arguments of ``Websockify`` but the folder."""
    servers: list[Websockify] = []

    def start(*arguments: Any) -> Websockify:
        servers.append(Websockify(tmp_path, *arguments))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def proxy_factory(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> Iterator[Callable[..., Standalone]]:
    """Starts proxies without a management server; takes settings."""
    with ExitStack() as running:

        def start(**settings: Any) -> Standalone:
            return running.enter_context(running_standalone(tmp_path, caplog, **settings))

        yield start


@pytest.fixture
def proven(request: pytest.FixtureRequest) -> Callable[[str, str, str], None]:
    """Takes server, security and transport of a way that the test has gone, for the table.

    Take the security from what was agreed on, not from what was asked for.
    """
    test: Any = request.node
    name = f"{test.path.name}::{test.originalname}"

    def add(server: str, security: str, transport: str) -> None:
        _PROOFS.add(server, security, transport, name)

    return add


@pytest.fixture
def told() -> Callable[[str, str], None]:
    """Takes a fault of a keystore and the message of it, for the table."""
    return _FAULTS.add


@pytest.fixture
def unused_port() -> int:
    """A port on loopback where nobody listens."""
    return free_port()


@pytest.fixture(autouse=True)
def _leaves_nothing(nothing_left: None) -> None:
    """Watch every integration test; set up first, so that it looks when all else is torn down."""
