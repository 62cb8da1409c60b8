from collections.abc import Sequence
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from consoleproxy.errors import KeystoreInvalid
from consoleproxy.keystore.model import Keystore
from consoleproxy.keystore.pem import parse_keystore
from consoleproxy.keystore.validity import (
    check_dates,
    check_keystore,
    covers,
    hosts_text,
    not_after,
)
from tests.unit.keystore.authority import NOW, Chain, Issued, issue, make_chain

DAY = timedelta(days=1)


def self_signed(
    hosts: Sequence[str] = ("a.test",), extensions: Sequence[x509.ExtensionType] = ()
) -> Keystore:
    server = issue("server", hosts=hosts, extensions=extensions)
    return Keystore(private_key=server.key, certificate=server.certificate)


def usage(*, digital_signature: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=False,
        key_encipherment=True,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def with_end(which: str, left: timedelta) -> Keystore:
    """A chain with one certificate that ends ``left`` after NOW."""
    ends = dict.fromkeys(("root", "lower", "server"), NOW + 300 * DAY) | {which: NOW + left}
    root = issue("Root", ca=True, not_after=ends["root"])
    lower = issue("Lower", root, ca=True, not_after=ends["lower"])
    server = issue("server", lower, hosts=["a.test"], not_after=ends["server"])
    return keystore_of(server, lower, root)


def keystore_of(server: Issued, *others: Issued) -> Keystore:
    pems = [server.key_pem, server.pem, *(one.pem for one in others)]
    return parse_keystore([("all.pem", b"".join(pems))])


def test_a_good_keystore_has_no_warnings() -> None:
    assert check_keystore(parse_keystore(make_chain().blobs), NOW, "*.console.test") == ()


def test_a_self_signed_certificate_is_legal_with_a_warning() -> None:
    (warning,) = check_keystore(self_signed(), NOW)
    assert "is self-signed" in warning


def test_warnings_of_the_keystore_come_along(chain: Chain) -> None:
    keystore = Keystore(
        private_key=chain.server.key,
        certificate=chain.server.certificate,
        intermediates=(chain.lower.certificate,),
        warnings=("odd",),
    )
    assert check_keystore(keystore, NOW) == ("odd",)


@pytest.mark.parametrize(
    ("hosts", "domain"),
    [
        (["*.a.test"], "*.a.test"),
        (["*.a.test"], "*.A.TEST "),
        (["*.A.test"], "1-2-3-4.a.test"),
        (["x.test", "b.a.test"], "b.a.test"),
        (["192.0.2.1"], "192.0.2.1"),
        (["2001:db8::1"], "2001:DB8:0::1"),
        (["a.test"], ""),
        (["a.test"], " "),
    ],
)
def test_names_that_cover_the_domain(hosts: list[str], domain: str) -> None:
    check_keystore(self_signed(hosts), NOW, domain)


@pytest.mark.parametrize(
    ("hosts", "domain", "hint"),
    [
        (["*.a.test"], "a.test", "does not stand for the bare domain"),
        (["*.a.test"], "c.b.a.test", "stands for one label only"),
        (["*.test"], "*.a.test", "that takes a wildcard"),
        (["a.test"], "*.a.test", "that takes a wildcard"),
        (["b*.a.test"], "b1.a.test", "is for b*.a.test and does not cover b1.a.test:"),
        (["*.a.test"], "xa.test", "does not cover xa.test:"),
        (["192.0.2.2"], "192.0.2.1", "is for 192.0.2.2 and does not cover 192.0.2.1:"),
        (["*.0.2.1"], "192.0.2.1", "does not cover 192.0.2.1 "),
    ],
)
def test_names_that_do_not_cover_the_domain(hosts: list[str], domain: str, hint: str) -> None:
    with pytest.raises(KeystoreInvalid) as fault:
        check_keystore(self_signed(hosts), NOW, domain)
    assert hint in str(fault.value)
    assert "have one issued for it" in str(fault.value)


def test_no_name_at_all() -> None:
    with pytest.raises(KeystoreInvalid, match=r"names no host.*issued again with one$"):
        check_keystore(self_signed(()), NOW)
    with pytest.raises(KeystoreInvalid, match=r"names no host.* with one for \*\.a\.test$"):
        check_keystore(self_signed(()), NOW, "*.a.test")


@pytest.mark.parametrize(
    ("extension", "lacking"),
    [
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), "serverAuth"),
        (usage(digital_signature=False), "digitalSignature"),
    ],
)
def test_a_certificate_for_other_purposes(extension: x509.ExtensionType, lacking: str) -> None:
    with pytest.raises(KeystoreInvalid, match=f"is not for TLS servers: .*{lacking}"):
        check_keystore(self_signed(extensions=[extension]), NOW)


@pytest.mark.parametrize(
    "extension",
    [
        x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]),
        x509.ExtendedKeyUsage([ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE]),
        usage(digital_signature=True),
    ],
)
def test_a_certificate_for_servers(extension: x509.ExtensionType) -> None:
    check_keystore(self_signed(extensions=[extension]), NOW)


@pytest.mark.parametrize("which", ["server", "lower"])
def test_an_expired_certificate(which: str) -> None:
    keystore = with_end(which, -DAY)
    name = {"server": "CN=server", "lower": "CN=Lower"}[which]
    with pytest.raises(KeystoreInvalid) as fault:
        check_keystore(keystore, NOW)
    assert f"'{name}' expired on {NOW - DAY:%Y-%m-%d %H:%M} UTC: renew it" in str(fault.value)


def test_an_expired_root_is_a_warning() -> None:
    (warning,) = check_keystore(with_end("root", -DAY), NOW)
    assert warning.startswith("the root 'CN=Root' has expired")


def test_a_certificate_of_the_future() -> None:
    server = issue("server", hosts=["a.test"], not_before=NOW + DAY)
    with pytest.raises(KeystoreInvalid) as fault:
        check_keystore(keystore_of(server), NOW)
    assert f"is not valid before {NOW + DAY:%Y-%m-%d %H:%M} UTC" in str(fault.value)


@pytest.mark.parametrize("which", ["server", "lower", "root"])
@pytest.mark.parametrize(("left", "warned"), [(30 * DAY, False), (29.5 * DAY, True)])
def test_the_warning_before_expiry(which: str, left: timedelta, warned: bool) -> None:
    warnings = check_keystore(with_end(which, left), NOW)
    assert len(warnings) == warned
    assert all("expires in 29 days, on" in warning for warning in warnings)


def test_the_very_last_moment_is_still_good() -> None:
    keystore = with_end("server", DAY)
    check_keystore(keystore, NOW + DAY)
    with pytest.raises(KeystoreInvalid, match="expired"):
        check_keystore(keystore, NOW + DAY + timedelta(seconds=1))


def test_the_first_certificate_that_is_sent_to_expire_counts() -> None:
    assert not_after(with_end("server", 20.5 * DAY)) == NOW + 20.5 * DAY
    assert not_after(with_end("lower", 3 * DAY)) == NOW + 3 * DAY
    assert not_after(with_end("root", 3 * DAY)) == NOW + 300 * DAY
    assert not_after(with_end("server", -DAY)) == NOW - DAY


def test_a_wildcard_covers_one_label() -> None:
    certificate = issue("a", hosts=["*.console.test", "192.0.2.1"]).certificate
    assert covers(certificate, " 1-2-3-4.Console.test ")
    assert covers(certificate, "*.console.test")
    assert covers(certificate, "192.0.2.1")
    for other in ("console.test", "a.b.console.test", "*.b.console.test", "192.0.2.2"):
        assert not covers(certificate, other)
    assert hosts_text(certificate) == "*.console.test, 192.0.2.1"


def test_dates_of_one_certificate() -> None:
    certificate = issue("a").certificate
    check_dates(certificate, NOW)
    for moment in (NOW - 20 * DAY, NOW + 400 * DAY):
        with pytest.raises(KeystoreInvalid):
            check_dates(certificate, moment)
