from ipaddress import ip_address

from cryptography.hazmat.primitives.serialization import load_pem_private_key

from consoleproxy.keystore.model import (
    Keystore,
    certificate_name,
    dns_names,
    ip_addresses,
    name_text,
)
from tests.unit.keystore.authority import Chain, issue, name


def test_chain_and_key_as_pem(chain: Chain) -> None:
    keystore = Keystore(
        private_key=chain.server.key,
        certificate=chain.server.certificate,
        intermediates=(chain.lower.certificate, chain.upper.certificate),
        roots=(chain.root.certificate,),
    )
    assert keystore.chain_pem() == chain.server.pem + chain.lower.pem + chain.upper.pem
    assert keystore.key_pem().startswith(b"-----BEGIN PRIVATE KEY-----")
    key = load_pem_private_key(keystore.key_pem(), password=None)
    assert key.public_key() == chain.server.key.public_key()
    assert "private_key" not in repr(keystore)


def test_names_of_a_certificate(chain: Chain) -> None:
    assert dns_names(chain.server.certificate) == ["*.console.test", "console.test"]
    assert ip_addresses(chain.server.certificate) == [ip_address("192.0.2.1")]
    assert dns_names(chain.root.certificate) == []
    assert ip_addresses(chain.root.certificate) == []
    assert dns_names(issue("a", hosts=["CONSOLE.test"]).certificate) == ["console.test"]


def test_what_messages_call_a_certificate(chain: Chain) -> None:
    assert certificate_name(chain.server.certificate) == "CN=server"
    assert certificate_name(issue("", hosts=["a.test"]).certificate) == "a.test"
    nameless = issue("").certificate
    assert certificate_name(nameless) == f"serial number {nameless.serial_number:x}"
    assert name_text(name("a\x1b[2J\nb")) == "CN=a?[2J?b"
