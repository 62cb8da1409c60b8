"""The management server of the tests behaves as CloudStack's does: connections and frames."""

import ssl
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from tests.integration.fixtures.cloudstack.authority import AgentFiles, Authority
from tests.integration.fixtures.cloudstack.client import STARTUP, MiniAgent
from tests.integration.fixtures.cloudstack.journal import Kind
from tests.integration.fixtures.cloudstack.manner import Manner
from tests.integration.fixtures.cloudstack.peer import ManagementPeer
from tests.waiting import wait_for


@pytest.fixture
def server(management_peer: ManagementPeer) -> ManagementPeer:
    return management_peer


def _agent(server: ManagementPeer, files: AgentFiles | None, **options: object) -> MiniAgent:
    return MiniAgent((server.address, server.port), files, **options)  # type: ignore[arg-type]


class TestHandshake:
    def test_server_shows_its_root_that_openssl_refuses(
        self, server: ManagementPeer, agent_files: AgentFiles, cloudstack_authority: Authority
    ) -> None:
        with _agent(server, agent_files) as agent:
            agent.shake_hands()
            shown = agent.tls.getpeercert(binary_form=True)
            assert shown is not None
            assert ssl.DER_cert_to_PEM_cert(shown).split() == cloudstack_authority.pem.split()
            assert agent.tls.version() == "TLSv1.2"
        context = ssl.create_default_context(cafile=agent_files.authorities)
        context.check_hostname = False
        with _agent(server, agent_files) as agent:
            agent.tls = context.wrap_bio(agent._in, agent.out)
            with pytest.raises(ssl.SSLCertVerificationError, match="unsuitable certificate"):
                agent.shake_hands()

    def test_strict_server_needs_a_certificate(self, server: ManagementPeer) -> None:
        with _agent(server, None) as agent, pytest.raises(ssl.SSLError, match="BAD_CERT"):
            agent.shake_hands()
        (refused,) = wait_for(lambda: server.journal.of(Kind.REFUSED), "the refusal")
        assert "none was sent" in refused.text

    def test_certificate_must_name_the_source_address(
        self, server: ManagementPeer, agent_files: AgentFiles
    ) -> None:
        agent = _agent(server, agent_files, source="127.0.0.9")
        with agent, pytest.raises(ssl.SSLError, match="CERTIFICATE_UNKNOWN"):
            agent.shake_hands()

    @pytest.mark.parametrize("allowed", [True, False])
    def test_expired_certificate_is_a_setting(
        self,
        server: ManagementPeer,
        cloudstack_authority: Authority,
        tmp_path: Path,
        allowed: bool,
    ) -> None:
        yesterday = datetime.now(UTC) - timedelta(days=1)
        names = ["v-2-VM", "127.0.0.1"]
        files = cloudstack_authority.provision(tmp_path, names, not_after=yesterday)
        server.manner = Manner(allows_expired=allowed)
        with _agent(server, files) as agent:
            if allowed:
                agent.shake_hands()
            else:
                with pytest.raises(ssl.SSLError, match="CERTIFICATE_UNKNOWN"):
                    agent.shake_hands()

    def test_revoked_and_foreign_certificates_are_refused(
        self,
        server: ManagementPeer,
        agent_files: AgentFiles,
        tmp_path: Path,
    ) -> None:
        pem = agent_files.certificate.read_bytes()
        serial = x509.load_pem_x509_certificate(pem).serial_number
        server.manner = Manner(revoked=frozenset({serial}))
        with _agent(server, agent_files) as agent:
            with pytest.raises(ssl.SSLError, match="CERTIFICATE_UNKNOWN"):
                agent.shake_hands()
        stranger = Authority(tmp_path, "stranger").provision(tmp_path / "cpvm", ["127.0.0.1"])
        with _agent(server, stranger) as agent, pytest.raises(ssl.SSLError, match="UNKNOWN_CA"):
            agent.shake_hands()

    def test_deaf_server_can_be_killed(
        self, server: ManagementPeer, agent_files: AgentFiles
    ) -> None:
        server.manner = Manner(deaf=True)
        with _agent(server, agent_files, limit=0.2) as agent:
            with pytest.raises(TimeoutError):
                agent.shake_hands()
            server.kill()
            with pytest.raises(ConnectionResetError):
                agent.sock.recv(1)
            server.start()

    def test_places_of_new_connections_are_few(
        self, server: ManagementPeer, agent_files: AgentFiles
    ) -> None:
        server.manner = Manner(most_new=1)
        with _agent(server, agent_files) as silent:
            silent.shake_hands()
            with _agent(server, agent_files) as late, pytest.raises(OSError):
                late.shake_hands()
            silent.start()
            silent.until("ReadyCommand")
            silent.until("ReadyCommand")
            server.up()
            with _agent(server, agent_files) as late:
                late.shake_hands()

    def test_lenient_server_wants_no_more_than_it_gets(self, server: ManagementPeer) -> None:
        server.manner = Manner(strict=False)
        with _agent(server, None) as agent:
            assert agent.join() == 5

    def test_tls_1_3_puts_tickets_outside_of_frames(
        self, server: ManagementPeer, agent_files: AgentFiles
    ) -> None:
        with _agent(server, agent_files, newest=ssl.TLSVersion.TLSv1_3) as agent:
            agent.shake_hands()
            assert agent.tls.version() == "TLSv1.3"
            assert agent.exactly(3) == b"\x17\x03\x03"

    def test_tls_1_3_loses_what_comes_with_the_end_of_the_handshake(
        self, server: ManagementPeer, agent_files: AgentFiles
    ) -> None:
        with _agent(server, agent_files, newest=ssl.TLSVersion.TLSv1_3) as agent:
            startup = agent.packet("StartupProxyCommand", STARTUP, 5)
            agent.shake_hands(with_it=startup)
            wait_for(lambda: server.journal.of(Kind.SECURED), "the end of the handshake")
            agent.message(startup)
            (ended,) = wait_for(lambda: server.journal.of(Kind.DISCONNECTED), "the end")
        # The record that is lost has been counted by one side only.
        assert ended.text.startswith("TLS: ")
        assert server.journal.of(Kind.RECEIVED) == []

    def test_server_in_maintenance_closes_before_tls(
        self, server: ManagementPeer, agent_files: AgentFiles
    ) -> None:
        server.manner = Manner(closes_after_accept=True)
        with _agent(server, agent_files) as agent, pytest.raises(OSError):
            agent.shake_hands()
        assert server.journal.of(Kind.REFUSED)


class TestFrames:
    def test_18000_bytes_pass_and_18001_end_the_connection(
        self, server: ManagementPeer, agent_files: AgentFiles
    ) -> None:
        with _agent(server, agent_files) as agent:
            agent.shake_hands()
            agent.tls.write(bytes(16384))
            records = agent.out.read()
            around = len(records) - 16384
            agent.tls.write(bytes(18000 - len(records) - around))  # A second one, to the byte.
            records += agent.out.read()
            assert len(records) == 18000
            agent.sock.sendall(struct.pack(">I", len(records)) + records)
            wait_for(lambda: server.journal.errors, "the message to be looked at")
            agent.sock.sendall(struct.pack(">I", 18001))
            with pytest.raises((EOFError, ConnectionResetError)):
                agent.read()
        (ended,) = wait_for(lambda: server.journal.of(Kind.DISCONNECTED), "the end")
        assert "18001" in ended.text

    def test_message_goes_over_many_frames_byte_by_byte(
        self, server: ManagementPeer, agent_files: AgentFiles
    ) -> None:
        with _agent(server, agent_files) as agent:
            agent.shake_hands()
            data = agent.packet("StartupProxyCommand", STARTUP, 5)
            for start in range(0, len(data), 50):
                frame = agent.frame(data[start : start + 50], int(start + 50 < len(data)))
                for byte in frame:
                    agent.sock.sendall(bytes([byte]))
            assert agent.until("StartupAnswer")["pingInterval"] == 60

    def test_record_across_frames_ends_the_connection(
        self, server: ManagementPeer, agent_files: AgentFiles
    ) -> None:
        with _agent(server, agent_files) as agent:
            agent.shake_hands()
            frame = agent.frame(b"x" * 100)[4:]
            agent.sock.sendall(struct.pack(">I", 0x10000 | 20) + frame[:20])
            with pytest.raises((EOFError, ConnectionResetError)):
                agent.read()


class TestHeader:
    def test_other_versions_are_lost(self, server: ManagementPeer, agent_files: AgentFiles) -> None:
        with _agent(server, agent_files) as agent:
            agent.shake_hands()
            agent.send("StartupProxyCommand", {}, 5, version=1)
            wait_for(lambda: server.journal.errors, "an error")
            assert "no longer supported" in server.journal.errors[0]

    def test_length_that_is_too_small_loses_a_compressed_message(
        self, server: ManagementPeer, agent_files: AgentFiles
    ) -> None:
        with _agent(server, agent_files) as agent:
            host = agent.join()
            ping = {"hostType": "ConsoleProxy", "hostId": host, "outOfBand": False}
            agent.send("PingCommand", ping, 0x83, agent=host, shrink=1)
            lost = agent.send("PingCommand", ping, 3, agent=host, shrink=1)
            head, name, _ = agent.read()
            assert (head[3], name) == (lost, "com.cloud.agent.api.PingAnswer")
            assert any("has more than" in error for error in server.journal.errors)
            assert "PingCommand: the header says" in server.journal.oddities[-1]

    def test_what_the_server_overlooks_is_noted(
        self, server: ManagementPeer, agent_files: AgentFiles
    ) -> None:
        with _agent(server, agent_files) as agent:
            host = agent.join()
            ping = {"hostType": "ConsoleProxy", "hostId": host, "outOfBand": False}
            agent.send("PingCommand", ping, 0xC3, agent=host, sequence=0)
            agent.until("PingAnswer")
            agent.send("PingCommand", ping | {"x": "y" * 9000}, agent=host, server=0)
            agent.until("PingAnswer")
        zipped, flags, again, plain, other = server.journal.oddities
        assert "gzip begins at 8192" in zipped
        assert "flags 0x40" in flags
        assert "sequence 0 again" in again
        assert "gzip begins at 8192" in plain
        assert "management id 0" in other

    def test_from_server_is_taken_for_a_server_s(
        self, server: ManagementPeer, agent_files: AgentFiles
    ) -> None:
        with _agent(server, agent_files) as agent:
            agent.shake_hands()
            agent.send("StartupProxyCommand", {}, 0x25)
            wait_for(lambda: server.journal.errors, "an error")
            assert "FROM_SERVER" in server.journal.errors[0]

    def test_what_comes_before_startup_is_dropped(
        self, server: ManagementPeer, agent_files: AgentFiles
    ) -> None:
        with _agent(server, agent_files) as agent:
            agent.shake_hands()
            agent.send("PingCommand", {"hostType": "ConsoleProxy", "hostId": 5})
            agent.start()
            assert agent.until("StartupAnswer")["result"] is True
            (dropped,) = server.journal.of(Kind.DROPPED)
            assert dropped.text == "PingCommand before startup"
