import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.agent.masking import MASK, is_secret, masked

SECRETS = st.text("abcdefghijklmnop0123456789+/=", min_size=4, max_size=40)


@pytest.mark.parametrize(
    "name",
    [
        *("authorized_key", "vmpassword", "keystore_password", "keystore.passphrase", "privatekey"),
        *("certificate", "cacertificate", "consoleproxy.management.secret", "VMPassword"),
    ],
)
def test_secret_names(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize("name", ["host", "guid", "proxy_vm", "vncport", "eth2ip", "localgw"])
def test_others(name: str) -> None:
    assert not is_secret(name)


@given(st.text(max_size=80), SECRETS, st.text(max_size=80))
def test_a_known_secret_is_nowhere(before: str, secret: str, after: str) -> None:
    assert secret not in masked(f"{before}{secret}{after}", [secret])


def test_named_values_and_keys() -> None:
    label = "PRIVATE KEY"
    text = (
        "quiet authorized_key=QUJD vmpassword=hush1 host=10.1.1.1\n"
        "keystore.passphrase: hush2\n"
        '{"keystorePassword": "hush3", "other": 1}\n'
        f"-----BEGIN {label}-----\nQUJDREVG\n-----END {label}-----\n"
        f"kept\n-----BEGIN RSA {label}-----\nQUJDREVG"
    )
    shown = masked(text)
    for secret in ("QUJD", "hush1", "hush2", "hush3"):
        assert secret not in shown
    assert "host=10.1.1.1" in shown
    assert "kept" in shown
    assert shown.count(MASK) == 6


def test_a_key_whose_beginning_is_missing() -> None:
    shown = masked("QUJDREVG\nQUJD\n-----END PRIVATE KEY-----\nkept")
    assert shown == f"{MASK}\nkept"


def test_a_text_in_quotes_goes_as_a_whole() -> None:
    assert masked('{"vmpassword":"a b;c","x":"y"}') == f'{{"vmpassword":{MASK},"x":"y"}}'


def test_a_long_text_takes_no_time() -> None:
    text = "passwor" * 100_000
    assert masked(text) == text


def test_what_is_short_is_no_secret() -> None:
    assert masked("a b c", ["a", ""]) == "a b c"
