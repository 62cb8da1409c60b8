import asyncio
import ssl
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from consoleproxy.agent.certificates import AgentCertificates
from consoleproxy.agent.requests import SetupCertificate
from consoleproxy.errors import SettingsInvalid
from tests.unit.keystore.authority import Issued, issue

CA = issue("ca", ca=True)


@pytest.fixture(scope="module")
def agent() -> Issued:
    return issue("v-2-VM", CA, key=rsa.generate_private_key(65537, 2048))


def certificates(folder: Path, *, anybody: bool = False) -> AgentCertificates:
    return AgentCertificates(folder, "v-2-VM", [ip_address("10.1.1.9")], anybody=anybody)


def given(issued: Issued, key: bytes | None = None) -> SetupCertificate:
    return SetupCertificate(
        certificate=issued.pem.decode(),
        private_key=(issued.key_pem if key is None else key).decode(),
        authorities=CA.pem.decode(),
    )


def test_nobody_is_trusted_without_the_cloud_s_ca(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match=r"cloud\.ca\.crt is missing"):
        certificates(tmp_path).trust()
    assert certificates(tmp_path, anybody=True).trust().authorities == ()


def test_a_certificate_that_the_server_made(tmp_path: Path, agent: Issued) -> None:
    mine = certificates(tmp_path)
    asyncio.run(mine.take(given(agent)))
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == dict.fromkeys(["cloud.crt", "cloud.key", "cloud.ca.crt"], 0o600)
    trust = mine.trust()
    assert trust.authorities == (CA.certificate,)
    assert trust.context.maximum_version == ssl.TLSVersion.TLSv1_2
    assert trust.clock().tzinfo is not None


def test_a_key_of_one_s_own(tmp_path: Path) -> None:
    mine = certificates(tmp_path)

    async def story() -> None:
        request = x509.load_pem_x509_csr((await mine.request()).encode())
        names = request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert names.get_values_for_type(x509.IPAddress) == [ip_address("10.1.1.9")]
        assert names.get_values_for_type(x509.DNSName) == ["v-2-VM"]
        public = request.public_key()
        assert isinstance(public, rsa.RSAPublicKey)
        signed = _signed(public)
        await mine.take(given(signed, b""))

    asyncio.run(story())
    key = load_pem_private_key((tmp_path / "cloud.key").read_bytes(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    mine.trust()


def _signed(public: rsa.RSAPublicKey) -> Issued:
    builder = (
        x509.CertificateBuilder()
        .subject_name(CA.certificate.subject)
        .issuer_name(CA.certificate.subject)
        .public_key(public)
        .serial_number(7)
        .not_valid_before(CA.certificate.not_valid_before_utc)
        .not_valid_after(CA.certificate.not_valid_after_utc)
    )
    return Issued(builder.sign(CA.key, SHA256()), CA.key)


def test_what_does_not_belong_together_is_not_written(tmp_path: Path, agent: Issued) -> None:
    mine = certificates(tmp_path)
    other = rsa.generate_private_key(65537, 2048).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    for wrong in (
        given(agent, other),
        given(agent, b""),
        given(agent, b"s3cret"),
        given(issue("ec"), other),
        given(agent, issue("ec").key_pem),
        SetupCertificate(certificate="x", private_key="s3cret", authorities="x"),
    ):
        with pytest.raises(ValueError) as caught:
            asyncio.run(mine.take(wrong))
        assert "s3cret" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_files_that_are_damaged(tmp_path: Path, agent: Issued) -> None:
    mine = certificates(tmp_path)
    asyncio.run(mine.take(given(agent)))
    (tmp_path / "cloud.key").write_text("nothing")
    with pytest.raises(SettingsInvalid, match="cannot be used"):
        mine.trust()


def test_a_disk_that_does_not_take_it(tmp_path: Path, agent: Issued) -> None:
    with pytest.raises(OSError):
        asyncio.run(certificates(tmp_path / "missing").take(given(agent)))
