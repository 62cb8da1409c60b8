import stat
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store

from consoleproxy.errors import KeystoreInvalid
from consoleproxy.keystore.development import (
    LIFETIME,
    DevelopmentPki,
    development_keystore,
    make_development_pki,
)
from consoleproxy.keystore.model import dns_names, ip_addresses
from consoleproxy.keystore.pem import load_keystore
from consoleproxy.keystore.validity import check_keystore
from tests.unit.keystore.authority import NOW

DOMAIN = "console.test"


@pytest.fixture
def pki(tmp_path: Path) -> DevelopmentPki:
    return make_development_pki(DOMAIN, tmp_path / "new" / "certs", NOW)


def test_the_folder_is_a_good_keystore(pki: DevelopmentPki) -> None:
    keystore = load_keystore([pki.root.parent])
    for domain in (f"*.{DOMAIN}", DOMAIN, f"127-0-0-1.{DOMAIN}", "localhost", "127.0.0.1", "::1"):
        assert check_keystore(keystore, NOW, domain) == ()
    assert len(keystore.intermediates) == len(keystore.roots) == 1
    assert dns_names(keystore.certificate) == [f"*.{DOMAIN}", DOMAIN, "localhost"]
    assert [*map(str, ip_addresses(keystore.certificate))] == ["127.0.0.1", "::1"]


def test_only_the_servers_key_is_written_and_only_its_owner_reads_it(pki: DevelopmentPki) -> None:
    files = {path.name: path for path in pki.root.parent.iterdir()}
    assert set(files) == {"root.pem", "intermediate.pem", "server.pem", "server.key"}
    assert stat.S_IMODE(pki.private_key.stat().st_mode) == 0o600
    assert [name for name, path in files.items() if b"PRIVATE" in path.read_bytes()] == [
        "server.key"
    ]
    assert pki.private_key.read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----")


def test_authorities_and_server_are_marked_as_what_they_are() -> None:
    keystore = development_keystore(DOMAIN, NOW)
    for certificate, expected in (
        (keystore.roots[0], x509.BasicConstraints(ca=True, path_length=1)),
        (keystore.intermediates[0], x509.BasicConstraints(ca=True, path_length=0)),
        (keystore.certificate, x509.BasicConstraints(ca=False, path_length=None)),
    ):
        found = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
        assert (found.value, found.critical) == (expected, True)


def test_a_strict_verifier_takes_the_chain() -> None:
    keystore = development_keystore(DOMAIN, NOW)
    verifier = (
        PolicyBuilder()
        .store(Store(list(keystore.roots)))
        .time(NOW)
        .build_server_verifier(x509.DNSName(f"127-0-0-1.{DOMAIN}"))
    )
    found = verifier.verify(keystore.certificate, list(keystore.intermediates))
    assert found == [keystore.certificate, *keystore.intermediates, *keystore.roots]


def test_it_lasts_as_long_as_browsers_allow() -> None:
    certificate = development_keystore(DOMAIN, NOW).certificate
    assert certificate.not_valid_before_utc < NOW
    assert certificate.not_valid_after_utc - certificate.not_valid_before_utc == LIFETIME


def test_every_root_has_its_own_name() -> None:
    first, second = development_keystore(DOMAIN, NOW), development_keystore(DOMAIN, NOW)
    assert first.roots[0].subject != second.roots[0].subject


def test_a_domain_that_is_localhost_or_long() -> None:
    assert dns_names(development_keystore("localhost", NOW).certificate) == [
        "*.localhost",
        "localhost",
    ]
    long = ".".join(["a" * 60] * 4)
    assert long in dns_names(development_keystore(long, NOW).certificate)


def test_nothing_is_overwritten_unless_asked(tmp_path: Path) -> None:
    (tmp_path / "root.pem").write_text("mine")
    with pytest.raises(KeystoreInvalid, match=r"has root\.pem already: .* --force"):
        make_development_pki(DOMAIN, tmp_path, NOW)
    assert [path.name for path in tmp_path.iterdir()] == ["root.pem"]
    assert (tmp_path / "root.pem").read_text() == "mine"

    (tmp_path / "server.key").touch(mode=0o644)
    pki = make_development_pki(DOMAIN, tmp_path, NOW, overwrite=True)
    assert stat.S_IMODE(pki.private_key.stat().st_mode) == 0o600
    assert len(list(tmp_path.iterdir())) == 4
    load_keystore([tmp_path])


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(KeystoreInvalid, match="cannot be written: Not a directory"):
        make_development_pki(DOMAIN, tmp_path / "file" / "certs", NOW)


def test_a_failed_write_leaves_no_half_key(tmp_path: Path) -> None:
    (tmp_path / "server.key").mkdir()
    with pytest.raises(KeystoreInvalid, match="cannot be written: Is a directory"):
        make_development_pki(DOMAIN, tmp_path, NOW, overwrite=True)
    assert [path.name for path in tmp_path.iterdir()] == ["server.key"]
