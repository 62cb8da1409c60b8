from dataclasses import replace
from typing import Any

import pytest

from consoleproxy.errors import KeystoreInvalid
from consoleproxy.keystore.rows import KeystoreRow, keystore_from_rows, read_row, upload_first
from tests.unit.keystore.authority import Chain, Issued, issue, make_chain
from tests.unit.keystore.rows import chain_row, rows_of, server_row


def fault(*rows: KeystoreRow) -> str:
    with pytest.raises(KeystoreInvalid) as info:
        keystore_from_rows(rows)
    return str(info.value)


def test_rows_make_a_keystore(chain: Chain) -> None:
    keystore = keystore_from_rows(rows_of(chain))
    assert keystore.key_pem() == chain.server.key_pem
    assert keystore.chain_pem() == chain.server.pem + chain.lower.pem + chain.upper.pem
    assert keystore.roots == (chain.root.certificate,)
    assert keystore.warnings == ()


def test_the_order_of_the_table_does_not_count_that_of_seq_is_said(chain: Chain) -> None:
    rows = rows_of(chain)
    backwards = keystore_from_rows(reversed(rows))
    assert backwards.chain_pem() == keystore_from_rows(rows).chain_pem()
    assert backwards.warnings == ()
    root, upper, lower, server = rows
    keystore = keystore_from_rows([replace(root, seq=3), upper, replace(lower, seq=1), server])
    assert keystore.chain_pem() == keystore_from_rows(rows).chain_pem()
    (warning,) = keystore.warnings
    assert warning.startswith("the certificates in the chain's rows were not in the order")


def test_the_server_s_row_may_hold_its_intermediates(chain: Chain) -> None:
    bundle = chain.server.pem + chain.lower.pem + chain.upper.pem
    row = replace(server_row(chain.server), certificate=bundle.decode())
    assert len(keystore_from_rows([row]).intermediates) == 2


def test_stale_and_duplicate_rows_are_left_out_and_named(chain: Chain) -> None:
    stale = chain_row("old", issue("Old root", ca=True), 1)
    duplicate = chain_row("again", chain.root, 4)
    keystore = keystore_from_rows([*rows_of(chain), stale, duplicate])
    assert keystore.roots == (chain.root.certificate,)
    assert keystore.warnings == (
        "row 'again' (seq 4) holds the same certificate as row 'root1' (seq 1): remove it",
        "the certificate 'CN=Old root' in row 'old' (seq 1) is stale or of another chain, and left"
        " out: remove it, or put the authority's present one in its place",
    )


def test_rows_that_cannot_be_read_are_left_out_where_they_are_not_needed(chain: Chain) -> None:
    damaged = KeystoreRow(name="x", certificate="nonsense", seq=7)
    keystore = keystore_from_rows([*rows_of(chain), damaged])
    (warning,) = keystore.warnings
    assert warning.startswith("left out: row 'x' (seq 7) is not PEM")
    root, upper, _, server = rows_of(chain)
    assert fault(root, upper, damaged, server).startswith("row 'x' (seq 7) is not PEM")


def test_a_key_under_another_name_is_not_looked_at(chain: Chain) -> None:
    other = replace(chain_row("other", issue("other"), 9), key="nonsense")
    (warning,) = keystore_from_rows([*rows_of(chain), other]).warnings
    assert "'CN=other' in row 'other' (seq 9) is stale" in warning


def test_the_server_s_row_is_missing_or_has_no_key(chain: Chain) -> None:
    root, upper, lower, server = rows_of(chain)
    expected = "there is no row CPVMCertificate with a private key"
    assert fault().startswith(expected)
    assert fault(root, upper, lower).startswith(expected)
    assert fault(root, upper, lower, replace(server, key=None)).startswith(expected)
    text = fault(replace(server, key=" "))
    assert text.startswith(expected)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"certificate": "x"}, "row 'CPVMCertificate' is not PEM"),
        ({"certificate": ""}, "row 'CPVMCertificate' is empty"),
        ({"key": "x"}, "row 'CPVMCertificate' (key) is not PEM"),
        ({"key": issue("x").pem.decode()}, "row 'CPVMCertificate' (key) has no private key"),
        ({"certificate": issue("x").key_pem.decode()}, "row 'CPVMCertificate' has no certificate"),
        (
            {"certificate": (issue("x").pem + issue("x").key_pem).decode()},
            "row 'CPVMCertificate' has a private key in its certificate",
        ),
        ({"key": issue("x").key_pem.decode()}, "belongs to none of the certificates given ('CN=se"),
        (
            {"key": "-----BEGIN EC PRIVATE KEY-----\n-----END EC PRIVATE KEY-----"},
            "openssl pkcs8 -topk8 -nocrypt -in server.key -out server-pkcs8.key",
        ),
    ],
)
def test_faults_of_the_server_s_row(chain: Chain, change: dict[str, Any], expected: str) -> None:
    *others, server = rows_of(chain)
    assert expected in fault(*others, replace(server, **change))


def test_a_missing_issuer_comes_with_its_place(chain: Chain) -> None:
    root, upper, lower, server = rows_of(chain)
    expected = "'CN=Lower', which issued 'CN=server', is missing; upload it first, with a name and"
    assert expected in fault(server)
    assert fault(server).endswith("id=1 if it is the root, else 2 (and the root with id=1)")
    assert fault(root, upper, server).endswith("id=3")
    assert keystore_from_rows([lower, server]).intermediates == (chain.lower.certificate,)


def test_a_stale_intermediate_of_the_same_name(chain: Chain) -> None:
    root, upper, _, server = rows_of(chain)
    text = fault(root, upper, chain_row("intermed2", make_chain().lower, 3), server)
    assert "'CN=Lower' in row 'intermed2' (seq 3) has the name of the issuer" in text


def test_repairs_are_said(chain: Chain) -> None:
    *others, server = rows_of(chain)
    mangled = server.certificate.replace("\n", "%0A")
    (warning,) = keystore_from_rows([*others, replace(server, certificate=mangled)]).warnings
    assert warning.startswith("the certificate in row 'CPVMCertificate' had %2B and the like")


def test_the_place_of_a_missing_issuer(chain: Chain) -> None:
    rows = rows_of(chain)
    (found,) = read_row(rows[2]).certificates
    assert upload_first(rows)(found).endswith("id=2")
    (found,) = read_row(rows[0]).certificates
    assert upload_first(rows)(found).endswith("id=1")


def test_keys_are_not_shown_and_names_are_safe(chain: Chain) -> None:
    assert "PRIVATE" not in repr(server_row(chain.server))
    assert KeystoreRow(name="a\x1b", certificate="").source == "row 'a?'"


def test_any_text_gives_the_documented_error() -> None:
    one: Issued = issue("x")
    assert fault(KeystoreRow(name="CPVMCertificate", certificate="\ud800", key="\ud800"))
    assert fault(replace(server_row(one), key="\ud800"))
