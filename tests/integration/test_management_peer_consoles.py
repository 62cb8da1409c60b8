"""The management server of the tests behaves as CloudStack's does: URLs and keystores."""

import hashlib
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from tests.integration.fixtures.cloudstack.authority import rsa_key
from tests.integration.fixtures.cloudstack.client import MiniAgent
from tests.integration.fixtures.cloudstack.cloud import Cloud, Machine, SystemVm
from tests.integration.fixtures.cloudstack.journal import Kind
from tests.integration.fixtures.cloudstack.peer import ManagementPeer
from tests.integration.fixtures.cloudstack.tokens import (
    host_name,
    page_url,
    sealed,
    ticket,
    token_text,
)
from tests.unit.keystore.authority import issue, make_chain
from tests.waiting import wait_for


@pytest.fixture
def server(management_peer: ManagementPeer) -> ManagementPeer:
    return management_peer


class TestUrls:
    cloud = Cloud(
        key=bytes(range(16)),
        iv=bytes(range(16, 32)),
        hash_key="ICEiIyQlJicoKSorLC0uLw",
        now=lambda: datetime(2026, 1, 1, tzinfo=UTC),
    )
    machine = Machine(
        "d59c31a5-e4c8-454f-a9ff-432bc8910fcb", "192.168.122.10", 5901, "Rm4wQ2x1dTEyMzQ1Njc4OQ"
    )
    session = "870ed27a-4852-4fb3-a37d-c4c10a1d202f"

    def test_worked_example(self) -> None:
        text = token_text(self.cloud, self.machine, self.session, "203.0.113.7", extra="s3cret")
        token = sealed(self.cloud, text, bytes(range(12)))
        start = "AAECAwQFBgcICQoLAPTnbTJDG0nZdxr+H4MW/FowT8N6"
        assert token.startswith(start)
        assert token.endswith("ESLem3qK5VNddD0=")
        assert len(token) == 620
        proxy = SystemVm(public_address="192.0.2.10")
        assert page_url(self.cloud, proxy, self.machine, token, extra="s3cret") == (
            "http://192.0.2.10/resource/noVNC/vnc.html?autoconnect=true&show_dot=true"
            f"&port=8080&token={token}&extra=s3cret"
        )

    def test_old_scheme(self) -> None:
        cloud = Cloud(key=self.cloud.key, iv=self.cloud.iv, uses_cbc=True)
        text = token_text(self.cloud, self.machine, self.session, "203.0.113.7", extra="s3cret")
        token = sealed(cloud, text)
        assert token.startswith("sQ0_zi1jBjbcI0QUNuWfVFlFHiJu7VBxGwOf8Q5u")
        assert len(token) == 598

    def test_ticket_of_no_session_says_null(self) -> None:
        target = ("h", "1", "s", "t", None)
        spelt = ("h", "1", "s", "t", "null")
        when = self.cloud.now()
        assert ticket("k", target, when) == ticket("k", spelt, when)

    @pytest.mark.parametrize(
        ("domain", "expected"),
        [
            ("", "192.0.2.10"),
            ("*.console.test", "192-0-2-10.console.test"),
            ("console.test", "console.test"),
        ],
    )
    def test_names_of_a_proxy(self, domain: str, expected: str) -> None:
        assert host_name(domain, "192.0.2.10") == expected

    def test_with_tls(self) -> None:
        cloud = Cloud(ssl_enabled=True, domain="*.console.test", chain=make_chain(rsa_key(2)))
        proxy = SystemVm(public_address="192.0.2.10")
        machine = Machine("u", "h", 1, "p", windows=True)
        url = page_url(cloud, proxy, machine, "T")
        assert urlsplit(url).netloc == "192-0-2-10.console.test"
        assert url.endswith("&port=8443&token=T&guest=windows")
        cloud.page_port = 10443
        assert urlsplit(page_url(cloud, proxy, machine, "T")).port == 10443


class TestKeystore:
    def test_keystore_comes_compressed_as_signed_bytes(
        self, server: ManagementPeer, mini_agent: MiniAgent
    ) -> None:
        server.cloud.ssl_enabled, server.cloud.domain = True, "console.test"
        server.cloud.chain = make_chain(rsa_key(2))
        with mini_agent as agent:
            agent.shake_hands()
            agent.start()
            agent.read()
            head, _, fields = agent.read()
            assert head[2] == 0xA7
            store = bytes(number & 0xFF for number in fields["keystoreBits"])
            assert min(fields["keystoreBits"]) < 0
            assert store[:8].hex() == "feedfeed00000002"
            secret = fields["keystorePassword"].encode("utf-16-be")
            sealed_by = hashlib.sha1(secret + b"Mighty Aphrodite" + store[:-20]).digest()
            assert store[-20:] == sealed_by

    def test_stale_rows_make_it_longer_than_one_frame(
        self, server: ManagementPeer, mini_agent: MiniAgent
    ) -> None:
        server.cloud.ssl_enabled, server.cloud.domain = True, "console.test"
        server.cloud.chain = make_chain(rsa_key(2))
        server.cloud.stale = [issue(f"old {number}") for number in range(60)]
        mini_agent.shake_hands()
        mini_agent.start()
        fields = mini_agent.until("StartConsoleProxyAgentHttpHandlerCommand")
        assert mini_agent.frames > 2
        assert len(fields["keystoreBits"]) > 20_000

    def test_tls_without_a_certificate_means_no_handler(
        self, server: ManagementPeer, mini_agent: MiniAgent
    ) -> None:
        server.cloud.ssl_enabled, server.cloud.domain = True, "console.test"
        mini_agent.join()
        server.up()
        assert not server.journal.packets("StartConsoleProxyAgentHttpHandlerCommand", Kind.SENT)
        assert "CPVMCertificate" in wait_for(lambda: server.journal.oddities, "a note")[0]
