"""Real handshakes in memory: a client that trusts the root alone, and the server's context."""

import os
import ssl
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from consoleproxy.errors import KeystoreInvalid
from consoleproxy.keystore.context import TlsPolicy, server_context
from consoleproxy.keystore.model import Keystore
from consoleproxy.keystore.pem import parse_keystore
from tests.unit.keystore.authority import Chain, Issued, issue, make_chain

HOST = "192-0-2-1.console.test"


class Connection:
    """Both ends of a TLS connection, joined by memory."""

    def __init__(
        self, server: ssl.SSLContext, client: ssl.SSLContext, session: ssl.SSLSession | None = None
    ) -> None:
        down, up = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.server = server.wrap_bio(up, down, server_side=True)
        self.client = client.wrap_bio(down, up, server_hostname=HOST, session=session)

    def handshake(self) -> "Connection":
        steps: list[Callable[[], None]] = [self.client.do_handshake, self.server.do_handshake]
        for _ in range(10):
            steps = [step for step in steps if wants_more(step)]
        assert not steps
        return self

    def talk(self) -> None:
        """One byte each way; session tickets of TLS 1.3 come with the first."""
        self.server.write(b"s")
        assert self.client.read(1) == b"s"
        self.client.write(b"c")
        assert self.server.read(1) == b"c"


def wants_more(step: Callable[[], None]) -> bool:
    try:
        step()
    except ssl.SSLWantReadError:
        return True
    return False


def trusting(root: Issued, *, version: ssl.TLSVersion | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=root.pem.decode())
    context.set_alpn_protocols(["h2", "http/1.1"])
    if version:
        context.minimum_version = context.maximum_version = version
    return context


@pytest.fixture(params=["RSA", "P-256", "P-384", "Ed25519"])
def any_chain(request: pytest.FixtureRequest, rsa_key: rsa.RSAPrivateKey) -> Chain:
    match request.param:
        case "RSA":
            return make_chain(rsa_key)
        case "P-384":
            return make_chain(ec.generate_private_key(ec.SECP384R1()))
        case "Ed25519":
            return make_chain(ed25519.Ed25519PrivateKey.generate())
    return make_chain()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_client_that_trusts_the_root_alone(any_chain: Chain, version: ssl.TLSVersion) -> None:
    server = server_context(parse_keystore(any_chain.blobs))
    connection = Connection(server, trusting(any_chain.root, version=version)).handshake()
    connection.talk()
    assert connection.client.version() == version.name.replace("v1_", "v1.")
    assert connection.client.selected_alpn_protocol() == "http/1.1"
    cipher = connection.client.cipher()
    assert cipher is not None
    assert "GCM" in cipher[0] or "CHACHA20" in cipher[0]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_sessions_resume_by_ticket(chain: Chain, version: ssl.TLSVersion) -> None:
    server = server_context(parse_keystore(chain.blobs))
    client = trusting(chain.root, version=version)
    first = Connection(server, client).handshake()
    first.talk()
    session = first.client.session
    assert session is not None
    assert session.has_ticket
    second = Connection(server, client, session).handshake()
    assert second.client.session_reused


def test_older_tls_is_refused(chain: Chain) -> None:
    client = trusting(chain.root)
    with pytest.warns(DeprecationWarning):
        client.minimum_version = client.maximum_version = ssl.TLSVersion.TLSv1_1
    client.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.raises(ssl.SSLError):
        Connection(server_context(parse_keystore(chain.blobs)), client).handshake()


def test_ciphers_without_forward_secrecy_are_refused(chain: Chain) -> None:
    client = trusting(chain.root, version=ssl.TLSVersion.TLSv1_2)
    client.set_ciphers("AES128-GCM-SHA256:ECDHE-ECDSA-AES128-SHA")
    with pytest.raises(ssl.SSLError):
        Connection(server_context(parse_keystore(chain.blobs)), client).handshake()


def test_a_client_that_trusts_another_root_refuses(chain: Chain) -> None:
    server = server_context(parse_keystore(chain.blobs))
    with pytest.raises(ssl.SSLCertVerificationError):
        Connection(server, trusting(make_chain().root)).handshake()


def test_nothing_is_left_behind(
    chain: Chain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    keystore = parse_keystore(chain.blobs)
    before = os.listdir("/proc/self/fd")
    server_context(keystore)
    assert os.listdir("/proc/self/fd") == before
    assert list(tmp_path.iterdir()) == []


def test_what_openssl_refuses_is_told(chain: Chain) -> None:
    keystore = Keystore(private_key=issue("a").key, certificate=chain.server.certificate)
    before = os.listdir("/proc/self/fd")
    with pytest.raises(KeystoreInvalid, match=r"OpenSSL does not take .*KEY_VALUES_MISMATCH"):
        server_context(keystore)
    assert os.listdir("/proc/self/fd") == before


def test_policies_differ_in_tls_1_2_only(chain: Chain) -> None:
    keystore = parse_keystore(chain.blobs)
    names = {
        policy: {cipher["name"] for cipher in server_context(keystore, policy).get_ciphers()}
        for policy in TlsPolicy
    }
    modern, intermediate = names[TlsPolicy.MODERN], names[TlsPolicy.INTERMEDIATE]
    assert modern < intermediate
    assert all(name.startswith(("TLS_", "ECDHE-")) for name in intermediate), "forward secrecy"
    added = intermediate - modern
    assert "ECDHE-RSA-AES128-SHA256" in added
    assert not any(name.endswith("-SHA") for name in added), "no SHA-1"
