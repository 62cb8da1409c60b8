from datetime import timedelta
from itertools import permutations

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID

from consoleproxy.errors import KeystoreInvalid
from consoleproxy.keystore.chain import link_up, missing_issuer, order_warnings
from consoleproxy.keystore.links import FoundCertificate
from consoleproxy.keystore.model import Keystore
from tests.unit.keystore.authority import (
    NOW,
    Chain,
    Issued,
    issue,
    make_chain,
    version_1,
    with_old_digest,
)


def link(server: Issued, *others: Issued) -> Keystore:
    """Link up in every order, which must make no difference."""
    results = []
    for order in permutations((server, *others)):
        certificates = [
            FoundCertificate(one.certificate, f"{one.certificate.subject.rfc4514_string()}.pem")
            for one in order
        ]
        results.append(link_up(server.key, certificates))
    assert all(result == results[0] for result in results)
    return results[0]


def fault(server: Issued, *others: Issued) -> str:
    with pytest.raises(KeystoreInvalid) as info:
        link(server, *others)
    return str(info.value)


def key_usage(*, sign: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=sign,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def test_a_chain_without_its_root(chain: Chain) -> None:
    keystore = link(chain.server, chain.lower, chain.upper)
    assert keystore.intermediates == (chain.lower.certificate, chain.upper.certificate)
    assert keystore.roots == ()
    assert keystore.warnings == ()


def test_a_server_certificate_right_under_its_root() -> None:
    root = issue("Root", ca=True)
    keystore = link(issue("server", root), root)
    assert keystore.intermediates == ()
    assert keystore.roots == (root.certificate,)


@pytest.mark.parametrize("ca", [None, False, True])
def test_a_self_signed_server_certificate(ca: bool | None) -> None:
    server = issue("server", ca=ca)
    assert link(server) == Keystore(private_key=server.key, certificate=server.certificate)


def test_equal_names_do_not_mislead(chain: Chain) -> None:
    """Two authorities of one name: only the one whose key signed is an issuer."""
    namesake = make_chain().lower
    text = fault(chain.server, chain.lower, chain.upper, chain.root, namesake)
    assert "'CN=Lower' in CN=Lower.pem does not belong to the chain" in text
    text = fault(chain.server, namesake)
    assert "has the name of the issuer of 'CN=server', but another key signed that" in text


def test_a_missing_first_intermediate(chain: Chain) -> None:
    text = fault(chain.server)
    assert "the certificate of 'CN=Lower', which issued 'CN=server', is missing; add it" in text
    assert "'CN=Lower', which issued 'CN=server', is missing" in fault(chain.server, chain.root)


def test_a_missing_intermediate_in_the_middle(chain: Chain) -> None:
    text = fault(chain.server, chain.lower, chain.root)
    assert "the certificate of 'CN=Upper', which issued 'CN=Lower', is missing" in text


def test_a_damaged_root(chain: Chain) -> None:
    der = bytearray(chain.root.certificate.public_bytes(Encoding.DER))
    der[-1] ^= 1
    damaged = Issued(x509.load_der_x509_certificate(bytes(der)), chain.root.key)
    text = fault(chain.server, chain.lower, chain.upper, damaged)
    assert "'CN=Root' in CN=Root.pem names itself as its issuer, but its own key did not" in text


def test_a_missing_intermediate_comes_with_its_address() -> None:
    lower = issue("Lower", issue("Upper"), ca=True)
    server = issue("server", lower, ca_issuers="http://ca.test/lower.crt")
    assert fault(server).endswith("is missing; add it, from http://ca.test/lower.crt")

    place = x509.UniformResourceIdentifier("http://ca.test/ocsp")
    status = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, place)
    server = issue("server", lower, extensions=[x509.AuthorityInformationAccess([status])])
    assert fault(server).endswith("is missing; add it")


def test_a_certificate_that_does_not_belong(chain: Chain) -> None:
    text = fault(chain.server, chain.lower, chain.upper, chain.root, issue("stranger"))
    assert text.startswith("the certificate 'CN=stranger' in CN=stranger.pem does not belong")
    text = fault(chain.server, chain.lower, chain.upper, issue("sibling", chain.lower))
    assert "'CN=sibling'" in text


def test_a_key_without_its_certificate(chain: Chain) -> None:
    stranger = issue("stranger")
    with pytest.raises(KeystoreInvalid) as info:
        link_up(stranger.key, [FoundCertificate(chain.server.certificate, "server.pem")])
    assert "belongs to none of the certificates given ('CN=server')" in str(info.value)


def test_two_certificates_of_one_key(chain: Chain) -> None:
    renewed = issue(
        "server", chain.lower, key=chain.server.key, not_after=NOW + timedelta(days=600)
    )
    text = fault(chain.server, renewed, chain.lower, chain.upper)
    assert "2 certificates belong to the private key" in text
    assert f"(until {NOW + timedelta(days=600):%Y-%m-%d})" in text


def test_the_key_of_an_authority(chain: Chain) -> None:
    text = fault(chain.lower, chain.server, chain.upper)
    assert "the private key is that of the authority 'CN=Lower', which issued 'CN=server'" in text


def test_an_issuer_that_is_no_authority(chain: Chain) -> None:
    for middle in (
        issue("Middle", chain.root),
        issue("Middle", chain.root, ca=False),
        issue("Middle", chain.root, ca=True, extensions=[key_usage(sign=False)]),
    ):
        text = fault(issue("server", middle), middle, chain.root)
        assert "'CN=Middle' in CN=Middle.pem issued a certificate of this chain, but is" in text


def test_an_issuer_whose_key_usage_allows_it(chain: Chain) -> None:
    middle = issue("Middle", chain.root, ca=True, extensions=[key_usage(sign=True)])
    assert link(issue("server", middle), middle).intermediates == (middle.certificate,)


def test_a_chain_longer_than_an_authority_allows() -> None:
    root = issue("Root", ca=True, path_length=0)
    lower = issue("Lower", root, ca=True)
    text = fault(issue("server", lower), lower, root)
    assert "'CN=Root' in CN=Root.pem allows 0 intermediate certificates below it" in text
    assert "the chain has 1" in text


def test_a_weak_key_in_the_chain(chain: Chain, weak_rsa_key: rsa.RSAPrivateKey) -> None:
    lower = issue("Lower", chain.root, key=weak_rsa_key, ca=True)
    text = fault(issue("server", lower), lower, chain.root)
    assert "the certificate 'CN=Lower' has an RSA key of 1024 bits" in text


def test_a_weak_signature_is_not_taken_for_a_missing_link(rsa_key: rsa.RSAPrivateKey) -> None:
    root = issue("Root", key=rsa_key, ca=True)
    server = with_old_digest(issue("server", root), 5)
    assert "the certificate 'CN=server' is signed with SHA1" in fault(server, root)


def test_an_old_root_may_have_an_old_signature(rsa_key: rsa.RSAPrivateKey) -> None:
    root = with_old_digest(issue("Root", key=rsa_key, ca=True), 5)
    keystore = link(issue("server", root), root)
    assert keystore.roots == (root.certificate,)


def test_a_root_that_does_not_say_so() -> None:
    root = issue("Root")
    assert "is not marked as an authority" in fault(issue("server", root), root)


def test_a_root_of_version_1_cannot_say_so() -> None:
    root = version_1(issue("Root"))
    assert root.certificate.version is x509.Version.v1
    assert link(issue("server", root), root).roots == (root.certificate,)


def test_a_cross_signed_root_takes_the_shorter_way() -> None:
    old = issue("Old root", ca=True)
    new = issue("New root", ca=True)
    cross = issue("New root", old, key=new.key, ca=True)
    lower = issue("Lower", new, ca=True)
    server = issue("server", lower)

    keystore = link(server, lower, new, cross, old)
    assert keystore.intermediates == (lower.certificate,)
    assert set(keystore.roots) == {new.certificate, old.certificate}
    assert len(keystore.warnings) == 1
    assert "'CN=New root' in CN=New root.pem is not needed" in keystore.warnings[0]

    without_roots = link(server, lower, cross)
    assert without_roots.intermediates == (lower.certificate, cross.certificate)
    assert without_roots.warnings == ()


def test_of_two_certificates_of_an_issuer_the_longer_lasting_is_sent(chain: Chain) -> None:
    later = issue(
        "Lower", chain.upper, key=chain.lower.key, ca=True, not_after=NOW + timedelta(days=900)
    )
    keystore = link(chain.server, chain.lower, later, chain.upper)
    assert keystore.intermediates == (later.certificate, chain.upper.certificate)
    assert len(keystore.warnings) == 1


def test_authorities_that_signed_each_other_end() -> None:
    first_root, second_root = issue("First", ca=True), issue("Second", ca=True)
    first = issue("First", second_root, key=first_root.key, ca=True)
    second = issue("Second", first_root, key=second_root.key, ca=True)
    keystore = link(issue("server", first), first, second)
    assert keystore.intermediates == (first.certificate, second.certificate)


def found(source: str, *certificates: Issued) -> list[FoundCertificate]:
    return [FoundCertificate(one.certificate, source) for one in certificates]


def test_spare_certificates_are_used_or_left_out(chain: Chain) -> None:
    stale = issue("Old root", ca=True)
    spare = found("a store", chain.root, stale, chain.lower, issue("other"), chain.upper)
    keystore = link_up(chain.server.key, found("a store", chain.server), spare)
    assert keystore.intermediates == (chain.lower.certificate, chain.upper.certificate)
    assert keystore.roots == (chain.root.certificate,)
    assert len(keystore.warnings) == 2
    assert any(
        text.startswith("the certificate 'CN=Old root' in a store is stale or of another chain")
        for text in keystore.warnings
    )


def test_spare_certificates_never_are_the_server_s(chain: Chain) -> None:
    with pytest.raises(KeystoreInvalid, match="belongs to none of the certificates given"):
        link_up(chain.server.key, found("a", chain.lower), found("a", chain.server))


def test_a_gap_among_spare_certificates(chain: Chain) -> None:
    """Right above the server it is a fault; further up it may be a root that was not given."""
    own, key = found("a", chain.server), chain.server.key
    with pytest.raises(
        KeystoreInvalid, match="which issued 'CN=server', is missing; get CN=server"
    ):
        link_up(key, own, found("a", chain.root), add_it=lambda below: f"get {below.name}")
    with pytest.raises(KeystoreInvalid, match="has the name of the issuer of 'CN=server'"):
        link_up(key, own, found("a", issue("Lower", ca=True)))

    keystore = link_up(key, own, found("a", chain.lower, chain.root))
    assert keystore.intermediates == (chain.lower.certificate,)
    assert keystore.warnings[0].startswith(
        "the chain ends at 'CN=Lower': the certificate of its issuer 'CN=Upper' is not here"
    )


def test_another_order_than_the_chain_s_is_said_once_for_each_source(chain: Chain) -> None:
    keystore = link(chain.server, chain.lower, chain.upper, chain.root)
    right = found("a", chain.server, chain.lower, chain.upper, chain.root)
    assert list(order_warnings(keystore, right)) == []
    assert list(order_warnings(keystore, [*right, *found("b", chain.server)])) == []
    (warning,) = order_warnings(keystore, reversed(right))
    assert warning.startswith("the certificates in a were not in the order of the chain")


def test_a_missing_issuer_in_words(chain: Chain) -> None:
    text = str(missing_issuer(chain.lower.certificate, "fetch it"))
    assert text.endswith(
        "the certificate of 'CN=Upper', which issued 'CN=Lower', is missing; fetch it"
    )
