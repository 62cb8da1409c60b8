import hashlib
import struct
from collections.abc import Sequence

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.errors import KeystoreInvalid
from consoleproxy.keystore.jks import is_java_keystore, read_jks
from tests.unit.keystore.authority import Chain, issue, make_chain
from tests.unit.keystore.stores import PASSWORD, Entry, jks, jks_of

_CHAIN = make_chain()
_FILE = jks_of(_CHAIN)


def fault(data: bytes, password: str = PASSWORD) -> str:
    with pytest.raises(KeystoreInvalid) as info:
        read_jks("my file", data, password)
    return str(info.value)


def entries(*aliases: str) -> Sequence[Entry]:
    return [Entry(alias, [one], one) for alias in aliases for one in [issue(alias)]]


@pytest.mark.parametrize("version", [1, 2])
def test_key_and_certificate_are_read_the_others_are_spare(version: int) -> None:
    alone = issue("alone")
    other = issue("other")
    data = jks([Entry("b", [other]), Entry("a", [alone, other], alone)], version=version)
    contents = read_jks("f", data, PASSWORD)
    assert [one.key.public_key() for one in contents.keys] == [alone.key.public_key()]
    assert [one.certificate for one in contents.certificates] == [alone.certificate]
    assert [one.source for one in contents.spare] == ["f, entry 'a'", "f, entry 'b'"]
    assert {one.certificate for one in contents.spare} == {other.certificate}
    assert contents.warnings == ()


@pytest.mark.parametrize("password", ["geheim", "päßwörd", "密码"])
def test_passwords_of_any_letters(password: str) -> None:
    alone = issue("alone")
    data = jks([Entry("a", [alone], alone, password)], password)
    assert len(read_jks("f", data, password).keys) == 1


def test_a_long_key(rsa_key: rsa.RSAPrivateKey) -> None:
    alone = issue("alone", key=rsa_key)
    (found,) = read_jks("f", jks([Entry("a", [alone], alone)]), PASSWORD).keys
    assert found.key.public_key() == rsa_key.public_key()


def test_the_password_is_missing_or_wrong() -> None:
    assert fault(_FILE, "").startswith("my file has a password")
    text = fault(_FILE, "OpenSesame")
    assert text.startswith("the password is not that of my file, or the file is damaged")
    assert "keytool -list -keystore 'my file'" in text


def test_a_key_with_a_password_of_its_own() -> None:
    alone = issue("alone")
    text = fault(jks([Entry("a", [alone], alone, "another")]))
    assert text.startswith("the private key in my file, entry 'a' has another password than")


def test_no_key() -> None:
    text = fault(jks([Entry("root", [issue("Root")]), Entry("a\x1b", [issue("a")])]))
    assert text.startswith("my file has no private key, only certificates ('root', 'a?')")
    assert "only certificates (none)" in fault(jks([]))


def test_of_several_keys_cloudstack_s_name_is_used() -> None:
    contents = read_jks("f", jks(entries("last", "cpvmcertificate", "first")), PASSWORD)
    assert [one.source for one in contents.keys] == ["f, entry 'cpvmcertificate'"]
    assert contents.warnings == (
        "the private key 'first' in f is left out: 'cpvmcertificate' is used",
        "the private key 'last' in f is left out: 'cpvmcertificate' is used",
    )
    text = fault(jks(entries("last", "first")))
    assert "has 2 private keys ('first', 'last') and none of them is named CPVMCertificate" in text
    assert "keytool -changealias -keystore 'my file' -alias NAME -destalias CPVM" in text


def test_a_file_that_is_cut_off() -> None:
    text = fault(_FILE[:-1])
    assert "my file is a Java keystore that is cut off or damaged (it ends at byte" in text
    assert fault(_FILE[:100]).endswith("copy the file again as a whole")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (_FILE + b"x", "its entries end at byte"),
        (_FILE[:4] + struct.pack(">I", 3) + _FILE[8:], "version 3"),
        (_FILE[:12] + struct.pack(">I", 3) + _FILE[16:], "entry of kind 3"),
        (_FILE.replace(b"X.509", b"X\x1b509", 1), "certificate of kind X?509"),
    ],
)
def test_damage_is_named(data: bytes, expected: str) -> None:
    assert expected in fault(data)


def test_a_key_sealed_in_an_unknown_way() -> None:
    alone = issue("alone")
    data = jks([Entry("a", [alone], alone)])
    protector = bytes.fromhex("2b060104012a02110101")
    body = data[:-20].replace(protector, protector[:-1] + b"\x09")
    text = fault(_signed(body))
    assert "the private key in my file, entry 'a' is damaged or encrypted in an unknown way" in text
    assert "an unknown way" in fault(_signed(data[:-20].replace(b"\x30\x0e", b"\x31\x0e", 1)))


def test_the_older_form_comes_with_the_command_that_converts_it() -> None:
    text = fault(b"\xce\xce\xce\xce" + _FILE[4:])
    assert "of the older form JCEKS" in text
    assert "-srckeystore 'my file' -srcstoretype jceks -destkeystore server.p12" in text


def test_java_keystores_show_by_their_first_bytes() -> None:
    assert is_java_keystore(_FILE)
    assert is_java_keystore(b"\xce\xce\xce\xce")
    assert not is_java_keystore(b"-----BEGIN")


def test_secrets_are_not_in_any_text(chain: Chain) -> None:
    contents = read_jks("f", jks_of(chain), PASSWORD)
    assert PASSWORD not in repr(contents)
    assert PASSWORD not in fault(_FILE[:-1]) + fault(_FILE, "OpenSesame")


@given(st.floats(0, 1, exclude_max=True), st.binary(max_size=8), st.integers(0, 8))
def test_damaged_files_give_the_documented_error(place: float, change: bytes, cut: int) -> None:
    start = int(place * len(_FILE))
    damaged = _FILE[:start] + change + _FILE[start + cut :]
    if damaged == _FILE or not is_java_keystore(damaged):
        return
    assert fault(damaged).isprintable()


def _signed(body: bytes) -> bytes:
    """A file with this body that has the right checksum."""
    return body + hashlib.sha1(PASSWORD.encode("utf-16-be") + b"Mighty Aphrodite" + body).digest()
