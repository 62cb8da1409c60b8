"""An agent's ports in a real firewall that drops everything else, seen from another machine."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from consoleproxy.agent.firewall.iptables import Iptables
from consoleproxy.agent.firewall.nftables import Nftables
from consoleproxy.agent.firewall.opening import Firewall, Opening
from consoleproxy.agent.rp_filter import turn_off
from consoleproxy.errors import ProgramFailed
from tests.integration.fixtures.cloudstack.authority import AgentFiles, Authority, rsa_key
from tests.integration.fixtures.cloudstack.cloud import Cloud
from tests.integration.fixtures.cloudstack.peer import ManagementPeer
from tests.integration.fixtures.listening import listening
from tests.integration.fixtures.namespaces import Network, NetworkMachine, network
from tests.integration.fixtures.system_vm import kernel_line, running_system_vm
from tests.unit.keystore.authority import make_chain
from tests.waiting import free_port, wait_for

CPVM, BROWSER = "203.0.113.9", "203.0.113.77"
MANAGED, SERVER = "10.1.2.11", "10.1.2.1"
_NFTABLES = """
table inet filter {
  chain input {
    type filter hook input priority filter; policy drop;
    iifname "lo" accept
    ct state established,related accept
  }
}
"""
_IPTABLES = """*filter
:INPUT DROP [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m state --state ESTABLISHED,RELATED -j ACCEPT
COMMIT
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A system VM with a firewall, and machines on its two networks."""

    cpvm: NetworkMachine
    browser: NetworkMachine
    server: NetworkMachine
    firewall: Firewall
    setting: str

    def rules(self) -> str:
        """What the firewall lists, without what changes by itself."""
        if self.setting == "nftables":
            return self.cpvm.run("nft", "list", "ruleset")
        return self.cpvm.run("iptables", "-S")

    def open(self, *openings: Opening) -> None:
        self.cpvm.do(lambda: self.firewall.open(openings))

    def close(self) -> None:
        self.cpvm.do(self.firewall.close)


@pytest.fixture
def net() -> Iterator[Network]:
    with network() as one:
        yield one


@pytest.fixture(params=["nftables", "iptables"])
def place(net: Network, request: pytest.FixtureRequest) -> Place:
    cpvm, browser, server = (net.machine(name) for name in ("cpvm", "browser", "server"))
    net.cable((cpvm, "eth2", f"{CPVM}/24"), (browser, "eth0", f"{BROWSER}/24"))
    net.cable((cpvm, "eth1", f"{MANAGED}/24"), (server, "eth0", f"{SERVER}/24"))
    if request.param == "nftables":
        cpvm.run("nft", "-f", "-", text=_NFTABLES)
        return Place(cpvm, browser, server, Nftables.parse("inet filter input"), request.param)
    cpvm.run("iptables-restore", text=_IPTABLES)
    return Place(cpvm, browser, server, Iptables(), request.param)


def test_a_port_is_reached_only_while_it_is_open(place: Place) -> None:
    before = place.rules()
    with listening(place.cpvm, 443, 8443, 8001):
        assert not place.browser.reaches(CPVM, 8443)
        place.open(Opening("eth2", (443, 8443)), Opening("eth1", (8001,)))
        assert place.browser.reaches(CPVM, 8443)
        assert place.browser.reaches(CPVM, 443)
        assert place.server.reaches(MANAGED, 8001)
        # Each on its own network only.
        assert not place.browser.reaches(CPVM, 8001)
        assert not place.server.reaches(MANAGED, 8443)
        place.close()
        assert not place.browser.reaches(CPVM, 8443)
    assert place.rules() == before


def test_other_ports_take_the_place_of_the_former_ones(place: Place) -> None:
    with listening(place.cpvm, 80, 443):
        place.open(Opening("eth2", (80,)))
        assert place.browser.reaches(CPVM, 80)
        place.open(Opening("eth2", (443,)))
        assert place.browser.reaches(CPVM, 443)
        assert not place.browser.reaches(CPVM, 80)


def test_what_a_killed_agent_left_is_found_again(place: Place) -> None:
    before = place.rules()
    place.open(Opening("eth2", (443,)))
    once = place.rules()
    place.open(Opening("eth2", (443,)))
    assert place.rules() == once
    place.close()
    place.close()
    assert place.rules() == before


def test_a_firewall_that_was_loaded_anew(place: Place) -> None:
    with listening(place.cpvm, 443):
        place.open(Opening("eth2", (443,)))
        if place.setting == "nftables":
            place.cpvm.run("nft", "-f", "-", text=f"flush ruleset\n{_NFTABLES}")
        else:
            place.cpvm.run("iptables-restore", text=_IPTABLES)
        assert not place.browser.reaches(CPVM, 443)
        place.open(Opening("eth2", (443,)))
        assert place.browser.reaches(CPVM, 443)


def test_cap_net_admin_is_enough(place: Place, tmp_path: Path) -> None:
    """As a service has it that is not root's."""
    capabilities = ("--inh-caps", "--ambient-caps", "--bounding-set")
    place.cpvm.run(
        *("setpriv", "--reuid=65534", "--clear-groups"),
        *(f"{name}=-all,+net_admin" for name in capabilities),
        *(sys.executable, "-B", "-c"),
        f"""
import os
from consoleproxy.agent.firewall.iptables import Iptables
from consoleproxy.agent.firewall.nftables import Nftables
from consoleproxy.agent.firewall.opening import Opening
from consoleproxy.agent.rp_filter import turn_off
assert os.getuid() == 65534
{place.firewall!r}.open([Opening("eth2", (443,))])
turn_off()
""",
    )
    with listening(place.cpvm, 443):
        assert place.browser.reaches(CPVM, 443)


def test_the_chain_of_the_system_is_missing(net: Network) -> None:
    cpvm = net.machine("cpvm")
    firewall = Nftables.parse("inet filter input")
    with pytest.raises(ProgramFailed, match=r"no chain inet filter input: set consoleproxy\.agent"):
        cpvm.do(lambda: firewall.open([Opening("eth2", (443,))]))
    cpvm.do(firewall.close)


def test_what_iptables_has_made_is_nftables_too(net: Network) -> None:
    """Debian's iptables: its tables are nftables', INPUT of ``ip filter`` among them."""
    cpvm, browser = net.machine("cpvm"), net.machine("browser")
    net.cable((cpvm, "eth2", f"{CPVM}/24"), (browser, "eth0", f"{BROWSER}/24"))
    cpvm.run("iptables-nft-restore", text=_IPTABLES)
    firewall = Nftables.parse("ip filter INPUT")
    with listening(cpvm, 443):
        cpvm.do(lambda: firewall.open([Opening("eth2", (443,))]))
        assert browser.reaches(CPVM, 443)
        cpvm.do(firewall.close)
        assert not browser.reaches(CPVM, 443)


def test_an_agent(
    place: Place, tmp_path: Path, cloudstack_authority: Authority, agent_files: AgentFiles
) -> None:
    before = place.rules()
    with place.cpvm.entered(), ManagementPeer(cloudstack_authority, Cloud()) as peer:
        kernel = kernel_line(peer, disable_rp_filter="true")
        settings = {"agent_firewall": place.setting, "agent_rp_filter": True}
        with running_system_vm(
            tmp_path, agent_files, kernel, listen_address=CPVM, **settings
        ) as vm:
            peer.up()
            for port in (vm.console_port, vm.page_port):
                wait_for(partial(place.browser.reaches, CPVM, port), "an open port")
            with listening(place.cpvm, other := free_port()):
                assert not place.browser.reaches(CPVM, other)
            assert place.cpvm.run("cat", "/proc/sys/net/ipv4/conf/eth2/rp_filter") == "0\n"
    with listening(place.cpvm, vm.console_port):
        assert not place.browser.reaches(CPVM, vm.console_port)
    assert place.rules() == before


def test_the_ports_of_a_keystore_that_comes_later(
    place: Place,
    tmp_path: Path,
    cloudstack_authority: Authority,
    agent_files: AgentFiles,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with place.cpvm.entered(), ManagementPeer(cloudstack_authority, Cloud()) as peer:
        with running_system_vm(
            tmp_path,
            agent_files,
            kernel_line(peer, vncport="8080"),
            listen_address=CPVM,
            port=0,
            page_port=0,
            agent_firewall=place.setting,
        ):
            peer.up()
            for port in (8080, 80):
                wait_for(partial(place.browser.reaches, CPVM, port), "an open port")
            assert "vncport" not in caplog.text
            peer.cloud.ssl_enabled, peer.cloud.domain = True, "console.test"
            peer.cloud.chain = make_chain(rsa_key(2))
            peer.start_handler()
            for port in (8443, 443):
                wait_for(partial(place.browser.reaches, CPVM, port), "the other ports")
            # Links to the former one are out.
            assert place.browser.reaches(CPVM, 8080)
        assert "boot argument vncport=8080, but the management server sent a key" in caplog.text


def test_an_agent_that_may_not_serves_all_the_same(
    net: Network,
    tmp_path: Path,
    cloudstack_authority: Authority,
    agent_files: AgentFiles,
    caplog: pytest.LogCaptureFixture,
) -> None:
    cpvm = net.machine("cpvm")
    with cpvm.entered(), ManagementPeer(cloudstack_authority, Cloud()) as peer:
        with running_system_vm(
            tmp_path, agent_files, kernel_line(peer), agent_firewall="nftables"
        ) as vm:
            peer.up()
            wait_for(lambda: cpvm.reaches("127.0.0.1", vm.console_port), "the console port")
            wait_for(lambda: "the firewall could not be changed" in caplog.text, "the log's word")
    assert "nftables has no chain inet filter input" in caplog.text


def test_the_reverse_path_filter(net: Network) -> None:
    cpvm, outside = net.machine("cpvm"), net.machine("outside")
    net.cable((cpvm, "eth2", f"{CPVM}/24"), (outside, "eth0", f"{BROWSER}/24"))
    for name in ("all", "eth2"):
        cpvm.run("sysctl", "-q", "-w", f"net.ipv4.conf.{name}.rp_filter=1")
    cpvm.do(turn_off)
    for name in ("all", "eth2", "lo"):
        assert cpvm.run("cat", f"/proc/sys/net/ipv4/conf/{name}/rp_filter") == "0\n"
