"""The console port opens with the management server's keystore, and only then; renewals."""

import socket
import ssl
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509

from tests.integration.fixtures.cloudstack import commands
from tests.integration.fixtures.cloudstack.authority import AgentFiles, Authority
from tests.integration.fixtures.cloudstack.cloud import Machine
from tests.integration.fixtures.cloudstack.journal import Kind
from tests.integration.fixtures.cloudstack.manner import Manner
from tests.integration.fixtures.cloudstack.peer import ManagementPeer
from tests.integration.fixtures.cloudstack.wire import encode
from tests.integration.fixtures.qemu import Qemu
from tests.integration.fixtures.system_vm import SystemVm, kernel_line, running_system_vm
from tests.integration.fixtures.viewer import Viewer
from tests.unit.keystore.authority import Chain, issue, make_chain
from tests.waiting import wait_for

_WEB = "6c3e6e7e-1111-4222-8333-444444444444"
_RECORD_BYTES = 16_384


@pytest.fixture(scope="module")
def chains() -> tuple[Chain, Chain]:
    """The first certificate, and its renewal."""
    return make_chain(), make_chain()


@pytest.fixture
def chain(cloudstack: ManagementPeer, chains: tuple[Chain, Chain]) -> Chain:
    """The certificate of the cloud; so many old ones come with it that it needs several frames."""
    cloud = cloudstack.cloud
    cloud.ssl_enabled, cloud.domain, cloud.chain = True, "*.console.test", chains[0]
    cloud.stale = [issue(f"Old {number}", ca=True) for number in range(40)]
    return chains[0]


def _context(chain: Chain) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=chain.root.pem.decode())


def _shown(port: int, chain: Chain) -> bytes:
    """Return the certificate (DER) of a console port, which must be good for the chain's root."""
    with socket.create_connection(("127.0.0.1", port), 5) as plain:
        name = "127-0-0-1.console.test"
        with _context(chain).wrap_socket(plain, server_hostname=name) as tls:
            return tls.getpeercert(binary_form=True) or b""


def _open(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


def _der(chain: Chain) -> bytes:
    return ssl.PEM_cert_to_DER_cert(chain.server.pem.decode())


def test_the_ports_open_once_the_keystore_is_there(
    cloudstack: ManagementPeer, chain: Chain, system_vm: SystemVm
) -> None:
    cloudstack.up()
    (sent,) = cloudstack.journal.packets("StartConsoleProxyAgentHttpHandlerCommand", Kind.SENT)
    assert sent.packet is not None
    assert len(encode(sent.packet)) > _RECORD_BYTES
    for port in (system_vm.console_port, system_vm.page_port):
        assert _shown(port, chain) == _der(chain)


def test_up_without_a_keystore(
    tmp_path: Path,
    cloudstack_authority: Authority,
    agent_files: AgentFiles,
    chains: tuple[Chain, Chain],
) -> None:
    with ManagementPeer(cloudstack_authority) as server:
        server.cloud.ssl_enabled, server.cloud.domain = True, "*.console.test"
        with running_system_vm(tmp_path, agent_files, kernel_line(server)) as vm:
            server.up()
            assert not _open(vm.console_port)
            assert not _open(vm.page_port)
            server.cloud.chain = chains[0]
            assert server.start_handler().result is True
            assert _shown(vm.console_port, chains[0]) == _der(chains[0])
        assert server.journal.errors == []


def test_a_keystore_that_cannot_be_used_opens_nothing(
    cloudstack_authority: Authority,
    tmp_path: Path,
    agent_files: AgentFiles,
    chains: tuple[Chain, Chain],
) -> None:
    with ManagementPeer(cloudstack_authority) as server:
        server.cloud.ssl_enabled, server.cloud.domain = True, "*.console.test"
        server.cloud.chain = replace(
            chains[0], server=replace(chains[0].server, key=chains[1].server.key)
        )
        with running_system_vm(tmp_path, agent_files, kernel_line(server)) as vm:
            server.up()
            assert not _open(vm.console_port)
            answer = server.start_handler()
            assert answer.result is False
            server.cloud.chain = chains[0]
            assert server.start_handler().result is True
            assert _open(vm.console_port)
        assert server.journal.errors == []


def test_a_certificate_without_its_issuers_is_served(
    cloudstack: ManagementPeer, chains: tuple[Chain, Chain], tmp_path: Path, agent_files: AgentFiles
) -> None:
    root = chains[0].root
    leaf = issue("server", root, ca=False, hosts=["*.console.test"])
    other = chains[1].root
    cloud = cloudstack.cloud
    cloud.ssl_enabled, cloud.domain = True, "*.console.test"
    # The rows of the chain are another authority's.
    cloud.chain = Chain(other, other, other, leaf)
    with running_system_vm(tmp_path, agent_files, kernel_line(cloudstack)) as vm:
        cloudstack.up()
        browsers = replace(chains[0], server=leaf)
        assert _shown(vm.console_port, browsers) == _der(browsers)


def test_a_new_keystore_is_served_and_sessions_go_on(
    cloudstack: ManagementPeer,
    chain: Chain,
    chains: tuple[Chain, Chain],
    system_vm: SystemVm,
    qemu_factory: Callable[..., Qemu],
) -> None:
    guest = qemu_factory()
    machine = Machine(_WEB, "127.0.0.1", guest.port, "")
    cloudstack.cloud.machines.append(machine)
    cloudstack.up()
    with Viewer(cloudstack.create_console(machine).url, tls=_context(chain)) as viewer:
        viewer.log_in()
        cloudstack.cloud.chain = chains[1]
        before = len(cloudstack.journal.packets("StartupProxyCommand"))
        cloudstack.disconnect()
        wait_for(
            lambda: len(cloudstack.journal.packets("StartupProxyCommand")) > before, "the agent"
        )
        cloudstack.up()
        assert _shown(system_vm.console_port, chains[1]) == _der(chains[1])
        viewer.press(ord("x"))
        wait_for(lambda: len(guest.keys()) == 1, "the key")


def test_the_agent_s_certificate_is_renewed_and_used_at_the_next_connect(
    cloudstack: ManagementPeer, system_vm: SystemVm
) -> None:
    cloudstack.up()
    former = (system_vm.folder / "cloud.crt").read_bytes()
    assert cloudstack.renew_certificate(["v-2-VM", "127.0.0.1"]).result is True
    _used_from_now_on(cloudstack, system_vm, former)


def test_an_own_key_gets_its_certificate(
    cloudstack: ManagementPeer, cloudstack_authority: Authority, system_vm: SystemVm
) -> None:
    cloudstack.up()
    former = (system_vm.folder / "cloud.crt").read_bytes()
    answer = cloudstack.send(commands.set_up_keystore("s3cret"))
    names = ["v-2-VM", "127.0.0.1"]
    signed = cloudstack_authority.sign_request(str(answer.fields["csr"]), names)
    command = commands.set_up_certificate(signed, cloudstack_authority.pem)
    assert cloudstack.send(command).result is True
    _used_from_now_on(cloudstack, system_vm, former)


def _used_from_now_on(cloudstack: ManagementPeer, vm: SystemVm, former: bytes) -> None:
    """The server refuses the former certificate, and the agent comes back all the same."""
    assert {path.stat().st_mode & 0o777 for path in vm.folder.glob("cloud.*")} == {0o600}
    revoked = x509.load_pem_x509_certificate(former).serial_number
    cloudstack.manner = Manner(revoked=frozenset({revoked}))
    before = len(cloudstack.journal.of(Kind.SECURED))
    cloudstack.disconnect()
    wait_for(lambda: len(cloudstack.journal.of(Kind.SECURED)) > before, "another handshake")
    cloudstack.up()
    assert cloudstack.journal.of(Kind.REFUSED) == []
