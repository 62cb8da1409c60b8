"""A system VM as CloudStack makes it: its networks, its firewall, its files, and no more."""

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from consoleproxy.settings import Settings
from tests.integration.fixtures.agent_process import AgentProcess
from tests.integration.fixtures.cloudstack.authority import AgentFiles, Authority
from tests.integration.fixtures.cloudstack.cloud import Cloud, Machine, SystemVm
from tests.integration.fixtures.cloudstack.peer import ManagementPeer
from tests.integration.fixtures.qemu import Qemu, displays
from tests.integration.fixtures.two_networks import (
    BEHIND,
    GATEWAY,
    PRIVATE,
    PUBLIC,
    TwoNetworks,
    two_networks,
)
from tests.integration.fixtures.viewer import Entry, Viewer
from tests.waiting import wait_for

_WEB = "6c3e6e7e-1111-4222-8333-444444444444"
_BROWSER = "203.0.113.1"
_ENTRY = Entry(address=PUBLIC)
# The template's, of a boot at which vncport was wrong or not read.
_FIREWALL = """*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT
-A INPUT -i lo -j ACCEPT
-A INPUT -p icmp -j ACCEPT
-A INPUT -i eth1 -p tcp -m state --state NEW -m tcp --dport 8001 -j ACCEPT
COMMIT
"""


@pytest.fixture
def place() -> Iterator[TwoNetworks]:
    with two_networks() as one:
        one.cpvm.run("iptables-restore", text=_FIREWALL)
        yield one


@contextmanager
def _agent(folder: Path, place: TwoNetworks, kernel: str) -> Iterator[AgentProcess]:
    cmdline = folder / "cmdline"
    cmdline.write_text(kernel)
    command = [sys.executable, "-m", "consoleproxy", "agent", f"--boot-arguments={cmdline}"]
    settings = {"agent.folder": folder / "conf", "agent.state.file": folder / "agent.json"}
    chosen = [f"--set=consoleproxy.{name}={value}" for name, value in settings.items()]
    with place.cpvm.entered():
        agent = AgentProcess([*command, *chosen], folder / "agent.log", Settings())
    try:
        yield agent
    finally:
        agent.stop()


def test_a_console(
    place: TwoNetworks,
    tmp_path: Path,
    cloudstack_authority: Authority,
    qemu_factory: Callable[..., Qemu],
) -> None:
    files = cloudstack_authority.provision(tmp_path / "files", ["v-2-VM", PRIVATE])
    _configure(tmp_path / "conf", files)
    before = place.cpvm.run("iptables", "-S")
    cloud = Cloud(system_vms=[SystemVm(public_address=PUBLIC)])
    with place.behind.entered():
        guest = qemu_factory(vnc=displays("0.0.0.0"), password="vncpass8")
        peer = ManagementPeer(cloudstack_authority, cloud, address=BEHIND)
        peer.start()
    machine = Machine(_WEB, BEHIND, guest.port, "vncpass8")
    cloud.machines.append(machine)
    kernel = (
        f"template=domP type=consoleproxy host={BEHIND} port={peer.port} name=v-2-VM zone=1 pod=1 "
        "guid=Proxy.2 proxy_vm=2 disable_rp_filter=true authorized_key=QUJDREVG eth0ip=0.0.0.0 "
        f"eth0mask=0.0.0.0 eth1ip={PRIVATE} eth1mask=255.255.255.0 mgmtcidr=10.1.2.0/24 "
        f"localgw={GATEWAY} eth2ip={PUBLIC} eth2mask=255.255.255.0 gateway={_BROWSER} "
        "internaldns1=10.9.8.53 dns1=192.0.2.53 vncport=8080\n"
    )
    try:
        with _agent(tmp_path, place, kernel) as killed:
            peer.up()
            wait_for(lambda: place.internet.reaches(PUBLIC, 8080), "the firewall to open")
            killed.kill()
            assert place.cpvm.run("iptables", "-S") != before
        with _agent(tmp_path, place, kernel):
            peer.up()
            wait_for(lambda: place.internet.reaches(PUBLIC, 8080), "the firewall to open")
            assert place.internet.reaches(PUBLIC, 80)
            console = peer.create_console(machine, source=_BROWSER)
            with place.internet.entered(), Viewer(console.url, entry=_ENTRY) as viewer:
                viewer.log_in()
                viewer.press(ord("x"))
                wait_for(lambda: len(guest.keys()) == 1, "the key")
            assert place.routes(BEHIND) == [GATEWAY]
            assert place.routes("10.9.8.53") == [GATEWAY]
    finally:
        peer.stop()
    assert place.cpvm.run("iptables", "-S") == before


def _configure(folder: Path, files: AgentFiles) -> None:
    folder.mkdir()
    for file in (files.certificate, files.key, files.authorities):
        shutil.copy(file, folder)
    (folder / "agent.properties").write_text("keystore.passphrase=hush\n")
    (folder / "consoleproxy.properties").write_text(
        "consoleproxy.httpListenPort=80\nconsoleproxy.httpCmdListenPort=8001\n"
        "consoleproxy.agent.firewall=iptables\nconsoleproxy.workers=2\n"
    )
