from dataclasses import replace
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from consoleproxy.keystore.links import (
    FoundCertificate,
    distinct,
    is_authority,
    issued,
    path_length,
    where_to_get_issuer,
)
from tests.unit.keystore.authority import NOW, Chain, issue, make_chain, version_1, with_old_digest


def test_issued_takes_names_and_signatures_both(chain: Chain) -> None:
    assert issued(chain.lower.certificate, chain.server.certificate)
    assert not issued(chain.upper.certificate, chain.server.certificate)
    assert not issued(make_chain().lower.certificate, chain.server.certificate)


def test_found_certificates_are_frozen(chain: Chain) -> None:
    found = FoundCertificate(chain.root.certificate, "a")
    assert found.self_signed
    assert found.name == "CN=Root"
    assert replace(found, source="b") != found
    assert replace(found, source="b").fingerprint == found.fingerprint


def test_self_signed_takes_name_and_signature_both(
    chain: Chain, rsa_key: rsa.RSAPrivateKey
) -> None:
    namesake = issue("Root", chain.root)
    assert not FoundCertificate(namesake.certificate, "a").self_signed
    assert not FoundCertificate(chain.upper.certificate, "a").self_signed
    old = with_old_digest(issue("Old", key=rsa_key), 4)
    assert FoundCertificate(old.certificate, "a").self_signed


def test_a_root_that_names_two_ways_of_signing_is_damaged(chain: Chain) -> None:
    der = chain.root.certificate.public_bytes(Encoding.DER)
    sha256 = bytes.fromhex("06082a8648ce3d040302")
    damaged = x509.load_der_x509_certificate(der.replace(sha256, sha256[:-1] + b"\3", 1))
    assert not FoundCertificate(damaged, "a").self_signed


def test_equal_certificates_count_once_the_longest_lasting_first(chain: Chain) -> None:
    later = issue("Later", not_after=NOW + timedelta(days=900))
    found = [
        FoundCertificate(chain.root.certificate, "a"),
        FoundCertificate(chain.root.certificate, "b"),
        FoundCertificate(later.certificate, "c"),
    ]
    assert [one.source for one in distinct(found)] == ["c", "a"]


def test_authorities_say_so_or_are_old_roots() -> None:
    assert is_authority(issue("a", ca=True).certificate)
    assert not is_authority(issue("a", ca=False).certificate)
    assert not is_authority(issue("a").certificate)
    assert is_authority(version_1(issue("a")).certificate)


def test_path_length_is_optional(chain: Chain) -> None:
    assert path_length(chain.lower.certificate) == 0
    assert path_length(chain.root.certificate) is None
    assert path_length(issue("a").certificate) is None


def test_where_the_issuer_is_to_be_had(chain: Chain) -> None:
    place = "http://ca.test/lower.crt"
    assert where_to_get_issuer(issue("a", ca_issuers=place).certificate) == f", from {place}"
    assert where_to_get_issuer(chain.server.certificate) == ""
    empty = x509.AuthorityInformationAccess([])
    assert where_to_get_issuer(issue("a", extensions=[empty]).certificate) == ""
