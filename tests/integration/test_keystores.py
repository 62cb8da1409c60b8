"""Keystores made with real tools, and what each fault is told as; writes docs/KEYSTORE.md's table.

Messages with dates come from certificates of fixed dates, so that the table stays the same.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeAlias
from urllib.parse import parse_qs, quote, urlencode

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from consoleproxy.errors import KeystoreInvalid
from consoleproxy.keystore.context import server_context
from consoleproxy.keystore.model import Keystore
from consoleproxy.keystore.pem import load_keystore
from consoleproxy.keystore.rows import KeystoreRow, keystore_from_rows
from consoleproxy.keystore.upload import check_upload
from consoleproxy.keystore.validity import check_keystore
from tests.integration.fixtures.keystores import DOMAIN, PASSWORD, Workshop, shake_hands
from tests.integration.fixtures.store_faults import FILE_FAULTS
from tests.integration.fixtures.upload_faults import UPLOAD_FAULTS

Told: TypeAlias = Callable[[str, str], None]

_FAULTS = FILE_FAULTS | UPLOAD_FAULTS
_CHAIN = ("root.crt", "intermediate.crt", "yourcertificate.crt")


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    return Workshop(tmp_path_factory.mktemp("keystores"))


def serves(keystore: Keystore, workshop: Workshop) -> None:
    """A browser that trusts the root alone takes it for a name of the domain."""
    assert check_keystore(keystore, datetime.now(UTC), f"*.{DOMAIN}") == ()
    sent = shake_hands(server_context(keystore), workshop.path("root.crt"), f"192-0-2-1.{DOMAIN}")
    assert sent == keystore.certificate.public_bytes(Encoding.DER)
    assert len(keystore.intermediates) == len(keystore.roots) == 1


def test_files_of_cloudstack_s_guide(workshop: Workshop) -> None:
    names = ("yourprivate.pkcs8.key", *_CHAIN)
    serves(load_keystore([workshop.path(name) for name in names]), workshop)


def test_the_command_of_the_message_converts_the_guide_s_first_key(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(workshop.folder)
    chain = [Path(name) for name in _CHAIN]
    with pytest.raises(KeystoreInvalid) as fault:
        load_keystore([Path("yourprivate.key"), *chain])
    _, _, command = str(fault.value).partition("convert it with: ")
    workshop.run(command, "key-secret")
    serves(load_keystore([Path("server-pkcs8.key"), *chain]), workshop)


@pytest.mark.parametrize("form", ["JKS", "PKCS12"])
def test_java_keystores_in_cloudstack_s_layout(workshop: Workshop, form: str) -> None:
    file = workshop.java_keystore(f"layout.{form}", form)
    serves(load_keystore([file], PASSWORD), workshop)


def test_a_java_keystore_with_stale_certificates(workshop: Workshop) -> None:
    file = workshop.java_keystore("stale.jks")
    workshop.trust(file.name, "formerroot", "old.crt")
    keystore = load_keystore([file], PASSWORD)
    (warning,) = keystore.warnings
    assert "'CN=Test old' in " in warning
    assert "entry 'formerroot' is stale" in warning


def test_pkcs12_by_openssl(workshop: Workshop) -> None:
    serves(load_keystore([workshop.path("server.p12")], PASSWORD), workshop)


def test_of_several_keys_cloudstack_s_is_used(workshop: Workshop) -> None:
    workshop.new_key("several.jks", "first", "JKS")
    file = workshop.java_keystore("several.jks")
    keystore = load_keystore([file], PASSWORD)
    (warning,) = keystore.warnings
    assert warning.startswith("the private key 'first' in ")


def test_rows_of_the_guide_s_files(workshop: Workshop) -> None:
    serves(keystore_from_rows(_uploaded(workshop, lambda text: text)), workshop)


@pytest.mark.parametrize(
    "sent",
    [
        lambda text: text,
        lambda text: text.replace("+", " "),
        lambda text: quote(text, safe=""),
        lambda text: text.replace("\n", " "),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: parse_qs(f"certificate={text}")["certificate"][0],
        lambda text: parse_qs(urlencode({"certificate": quote(text)}))["certificate"][0],
    ],
)
def test_uploads_with_encoding_damage_are_repaired(
    workshop: Workshop, sent: Callable[[str], str]
) -> None:
    rows = _uploaded(workshop, sent)
    assert rows == _uploaded(workshop, lambda text: text)
    serves(keystore_from_rows(rows), workshop)


def _uploaded(workshop: Workshop, sent: Callable[[str], str]) -> tuple[KeystoreRow, ...]:
    """The table after root, intermediate and server certificate have come, in this order."""
    rows: tuple[KeystoreRow, ...] = ()
    server = {"key": sent(workshop.text("yourprivate.pkcs8.key")), "domain_suffix": f"*.{DOMAIN}"}
    for name, file, seq, more in (
        ("root1", "root.crt", 1, {}),
        ("intermed1", "intermediate.crt", 2, {}),
        ("CPVMCertificate", "yourcertificate.crt", None, server),
    ):
        row = KeystoreRow(name=name, certificate=sent(workshop.text(file)), seq=seq, **more)
        rows = check_upload(rows, row, datetime.now(UTC), f"*.{DOMAIN}").rows_after
    return rows


@pytest.mark.parametrize("fault", _FAULTS)
def test_every_fault_has_its_own_message(
    fault: str, workshop: Workshop, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Messages name files as they are given, here without their folder."""
    monkeypatch.chdir(workshop.folder)
    expected, provoke = _FAULTS[fault]
    message = provoke(workshop)
    assert expected in message
    ticks = "``" if "`" in message else "`"
    told(fault, f"{ticks}{message}{ticks}".replace("|", r"\|"))


def test_no_two_faults_share_what_tells_them_apart() -> None:
    parts = [expected for expected, _ in _FAULTS.values()]
    assert len(set(parts)) == len(parts)


def test_warnings_begin_thirty_days_before(workshop: Workshop) -> None:
    keystore = load_keystore([workshop.path("server.p12")], PASSWORD)
    end = keystore.certificate.not_valid_after_utc
    assert check_keystore(keystore, end - timedelta(days=30, minutes=1)) == ()
    assert "expires in 29 days" in check_keystore(keystore, end - timedelta(days=29, hours=1))[0]
