"""The URL that CloudStack's manager makes, unchanged, opens the console in Chromium."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains

from tests.browser.page_server import page_server
from tests.browser.viewer_page import reached
from tests.integration.fixtures.cloudstack.authority import AgentFiles, Authority
from tests.integration.fixtures.cloudstack.cloud import Machine
from tests.integration.fixtures.cloudstack.peer import ManagementPeer
from tests.integration.fixtures.processes import has_connections
from tests.integration.fixtures.qemu import Qemu
from tests.integration.fixtures.system_vm import SystemVm, kernel_line, running_system_vm
from tests.unit.keystore.authority import issue, make_chain
from tests.waiting import free_port, wait_for

_PASSWORD = "vncpass8"
_WEB = "6c3e6e7e-1111-4222-8333-444444444444"

Screenshot = Callable[[Chrome, str], Path]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ManagementPeer]:
    with ManagementPeer(Authority(tmp_path)) as one:
        yield one
        assert one.journal.errors == [], str(one.journal)


@pytest.fixture
def files(tmp_path: Path, server: ManagementPeer) -> AgentFiles:
    return server.authority.provision(tmp_path / "given", ["v-2-VM", "127.0.0.1"])


@pytest.fixture
def guest(qemu_factory: Callable[..., Qemu]) -> Qemu:
    return qemu_factory(password=_PASSWORD)


def _certify(server: ManagementPeer, folder: Path) -> Path:
    """Give the cloud a certificate of its CPVMs, and return its root as PEM."""
    chain, domain = make_chain(), "*.console.example.test"
    leaf = issue("server", chain.lower, ca=False, hosts=[domain])
    cloud = server.cloud
    cloud.ssl_enabled, cloud.domain = True, domain
    cloud.chain = replace(chain, server=leaf)
    root = folder / "root.pem"
    root.write_bytes(chain.root.pem)
    return root


@pytest.mark.parametrize("ports", ["two", "one"])
@pytest.mark.parametrize("tls", [False, True])
def test_a_console_of_cloudstack(
    tmp_path: Path,
    server: ManagementPeer,
    files: AgentFiles,
    guest: Qemu,
    open_browser: Callable[..., Chrome],
    screenshot: Screenshot,
    ports: str,
    tls: bool,
) -> None:
    root = _certify(server, tmp_path) if tls else None
    machine = Machine(_WEB, "127.0.0.1", guest.port, _PASSWORD, display_name="büro 1")
    server.cloud.machines.append(machine)
    console, page = (free_port(),) * 2 if ports == "one" else (free_port(), free_port())
    line = kernel_line(server)
    with running_system_vm(tmp_path, files, line, port=console, page_port=page) as vm:
        driver = open_browser(trusted_root=root)
        _opens(server, vm, machine, driver, guest)
        screenshot(driver, f"agent-{ports}-{'tls' if tls else 'plain'}")


def test_the_websocket_goes_to_vncport_where_the_page_s_port_has_none(
    tmp_path: Path,
    server: ManagementPeer,
    files: AgentFiles,
    guest: Qemu,
    open_browser: Callable[..., Chrome],
) -> None:
    machine = Machine(_WEB, "127.0.0.1", guest.port, _PASSWORD)
    server.cloud.machines.append(machine)
    with (
        running_system_vm(tmp_path, files, kernel_line(server)) as vm,
        page_server() as page,
    ):
        _opens(server, vm, machine, open_browser(), guest, page)


def _opens(
    server: ManagementPeer,
    vm: SystemVm,
    machine: Machine,
    driver: Chrome,
    guest: Qemu,
    page: int = 0,
) -> None:
    server.cloud.vnc_port, server.cloud.page_port = vm.console_port, page or vm.page_port
    server.up()
    console = server.create_console(machine)
    assert urlsplit(console.url).port == server.cloud.page_port
    driver.get(console.url)
    reached(driver, "connected")
    # Where the page came from, unless consoles are not there.
    assert has_connections(vm.console_port if page else vm.page_port)
    ActionChains(driver).send_keys("x").perform()
    wait_for(lambda: len(guest.keys()) == 1, "the key")
    assert chr(int(guest.keys()[0][:2], 16)) == "x"
    wait_for(lambda: server.database.active_sessions.get(2) == 1, "the session in a load report")
    assert server.database.sessions[console.session].acquired
