from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from consoleproxy.errors import KeystoreInvalid
from consoleproxy.keystore.rows import KeystoreRow, keystore_from_rows
from consoleproxy.keystore.upload import UploadOutcome, check_upload
from tests.unit.keystore.authority import DOMAIN, NOW, Chain, issue, make_chain, with_old_digest
from tests.unit.keystore.rows import chain_row, chain_rows, rows_of, server_row

_CHAINS = [make_chain(), make_chain()]


def upload_all(
    rows: list[KeystoreRow], before: tuple[KeystoreRow, ...] = ()
) -> list[UploadOutcome]:
    outcomes = []
    for row in rows:
        outcomes.append(check_upload(before, row, NOW, DOMAIN))
        before = outcomes[-1].rows_after
    return outcomes


def fault(before: list[KeystoreRow], row: KeystoreRow, url_domain: str = "") -> str:
    with pytest.raises(KeystoreInvalid) as info:
        check_upload(before, row, NOW, url_domain)
    return str(info.value)


def test_a_chain_from_the_root_to_the_server_s(chain: Chain) -> None:
    *first, last = upload_all(rows_of(chain))
    assert all(outcome.keystore is None for outcome in first)
    for outcome in first:
        (note,) = outcome.warnings
        assert note.startswith("not served yet: there is no row CPVMCertificate")
    assert last.rows_after == tuple(rows_of(chain))
    assert last.keystore is not None
    assert last.keystore.certificate == chain.server.certificate
    assert last.warnings == last.repairs == ()


def test_a_chain_row_before_its_issuer_says_what_is_missing(chain: Chain) -> None:
    outcome = check_upload([], chain_rows(chain)[1], NOW)
    assert outcome.warnings[1:] == (
        "the issuer of 'CN=Upper', 'CN=Root', is not there yet: upload it first, with a name and"
        " without private key, id=1",
    )


def test_a_server_certificate_alone_that_is_self_signed() -> None:
    alone = issue("alone", hosts=[DOMAIN])
    outcome = check_upload([], server_row(alone), NOW, DOMAIN)
    assert outcome.keystore is not None
    assert "is self-signed" in outcome.warnings[0]


def test_renewal_under_the_same_names_serves_all_the_while(chain: Chain) -> None:
    """The guide's way: the new root, the new intermediates, then the new server certificate."""
    renewed = make_chain()
    before = tuple(rows_of(chain))
    *first, last = upload_all(rows_of(renewed), before)
    for number, outcome in enumerate(first, 1):
        assert outcome.keystore is not None
        assert outcome.keystore.chain_pem() == keystore_from_rows(before).chain_pem()
        assert outcome.keystore.roots == (chain.root.certificate,)
        assert len(outcome.rows_after) == 4 + number
        assert "is still needed, and kept as" in outcome.warnings[0]
        assert "it waits for the server certificate" in outcome.warnings[1]
        assert not any("stale" in text for text in outcome.warnings)
    assert [row.name for row in first[-1].rows_after[4:]] == [
        "root1 (replaced)",
        "intermed1 (replaced)",
        "intermed2 (replaced)",
    ]
    assert last.rows_after == tuple(rows_of(renewed))
    assert last.keystore is not None
    assert last.keystore.chain_pem() == keystore_from_rows(rows_of(renewed)).chain_pem()
    assert last.warnings == ()


def test_a_chain_row_renewed_with_the_same_key_is_served_at_once(chain: Chain) -> None:
    later = issue(
        "Lower", chain.upper, key=chain.lower.key, ca=True, not_after=NOW + timedelta(days=900)
    )
    outcome = check_upload(rows_of(chain), chain_row("intermed2", later, 3), NOW)
    assert outcome.keystore is not None
    assert outcome.keystore.intermediates[0] == later.certificate
    assert [row.name for row in outcome.rows_after] == [row.name for row in rows_of(chain)]
    assert outcome.warnings == ()


def test_a_row_of_a_long_name_is_kept_under_one_that_fits(chain: Chain) -> None:
    _, upper, lower, server = rows_of(chain)
    root = chain_row("r" * 64, chain.root, 1)
    outcome = check_upload(
        [root, upper, lower, server],
        replace(root, certificate=rows_of(make_chain())[0].certificate),
        NOW,
    )
    assert outcome.rows_after[-1].name == "r" * 53 + " (replaced)"


def test_a_chain_without_root_that_becomes_shorter_is_kept(chain: Chain) -> None:
    _, upper, lower, server = rows_of(chain)
    other = chain_row("intermed1", make_chain().upper, 2)
    outcome = check_upload([upper, lower, server], other, NOW)
    assert outcome.keystore is not None
    assert len(outcome.keystore.intermediates) == 2
    assert outcome.rows_after[-1].name == "intermed1 (replaced)"


def test_the_old_server_certificate_stays_when_the_new_is_refused(chain: Chain) -> None:
    before = rows_of(chain)
    alone = issue("new", chain.lower, hosts=["other.test"])
    text = fault(before, server_row(alone), DOMAIN)
    assert text.startswith("the certificate is for other.test and does not cover *.console.test")


def test_a_broken_table_is_mended_by_a_good_upload(chain: Chain) -> None:
    root, upper, _, server = rows_of(chain)
    broken = [root, upper, KeystoreRow(name="intermed2", certificate="x", seq=3), server]
    outcome = check_upload(broken, rows_of(chain)[2], NOW)
    assert outcome.keystore is not None
    still = check_upload(broken, chain_row("other", issue("Other", ca=True), 9), NOW)
    assert still.keystore is None
    assert still.warnings == (
        "not served yet: row 'intermed2' (seq 3) is not PEM: it has no -----BEGIN …----- line;"
        " give the files as the certificate authority sent them, and the private key",
    )


def test_a_missing_intermediate(chain: Chain) -> None:
    root, upper, lower, server = rows_of(chain)
    text = fault([root, upper], server)
    assert "'CN=Lower', which issued 'CN=server', is missing; upload it first" in text
    text = fault([root, lower], server)
    assert "'CN=Upper', which issued 'CN=Lower', is missing; upload it first" in text
    assert text.endswith("id=2")
    assert fault([upper, lower], server).endswith("id=1")


def test_a_root_that_browsers_know_may_be_left_out(chain: Chain) -> None:
    """The numbers of the rows then begin with the first intermediate."""
    _, upper, lower, server = rows_of(chain)
    outcome = check_upload([replace(upper, seq=1), replace(lower, seq=2)], server, NOW)
    assert outcome.keystore is not None
    assert outcome.warnings == ()
    bundle = (chain.server.pem + chain.lower.pem + chain.upper.pem).decode()
    assert check_upload([], replace(server, certificate=bundle), NOW).keystore is not None


def test_a_chain_row_that_is_there_already(chain: Chain) -> None:
    outcome = check_upload(rows_of(chain), chain_row("again", chain.root, 4), NOW)
    assert outcome.warnings == (
        "row 'again' (seq 4) holds the same certificate as row 'root1' (seq 1): remove it",
    )


def test_the_domain_suffix_is_covered_with_and_without_its_star(chain: Chain) -> None:
    before = chain_rows(chain)
    for suffix in (DOMAIN, "console.test", ""):
        assert check_upload(before, server_row(chain.server, suffix), NOW, DOMAIN).keystore
    text = fault(before, server_row(chain.server, "other.test"))
    assert "does not cover the domain suffix other.test" in text


def test_a_key_goes_with_the_server_s_name_only(chain: Chain) -> None:
    expected = "the row CPVMCertificate is that of the server certificate and its private key"
    assert fault([], replace(server_row(chain.server), name="x")).startswith(expected)
    assert fault([], replace(server_row(chain.server), key=None)).startswith(expected)


@pytest.mark.parametrize("days", [-1, 1])
def test_dates_of_a_chain_row_count_those_of_a_root_do_not(chain: Chain, days: int) -> None:
    start, end = NOW + timedelta(days=days), NOW + timedelta(days=days, hours=1)
    late = issue("Late", chain.root, ca=True, not_before=start, not_after=end)
    text = fault([], chain_row("x", late, 2))
    assert ("expired on" in text) == (days < 0)
    assert ("not valid before" in text) == (days > 0)
    root = issue("Root", ca=True, not_before=start, not_after=end)
    assert check_upload([], chain_row("x", root, 1), NOW).rows_after


def test_what_is_no_authority_is_no_chain_row(chain: Chain) -> None:
    text = fault([], chain_row("x", chain.server, 2))
    assert "'CN=server' in row 'x' (seq 2) is no authority's certificate" in text


def test_a_weak_intermediate(rsa_key: rsa.RSAPrivateKey) -> None:
    root = issue("Root", key=rsa_key, ca=True)
    weak = with_old_digest(issue("Weak", root, ca=True), 5)
    assert "'CN=Weak' is signed with SHA1" in fault([], chain_row("x", weak, 2))
    assert check_upload([], chain_row("x", with_old_digest(root, 5), 1), NOW)


def test_text_is_stored_clean_and_its_repairs_are_said(chain: Chain) -> None:
    root, upper, lower, server = rows_of(chain)
    sent = replace(
        server,
        certificate="\ufeff" + server.certificate.replace("\n", "\r\n") + "\r\n",
        key=f"  {server.key}",
    )
    outcome = check_upload([root, upper, lower], sent, NOW)
    assert outcome.rows_after[-1] == server
    assert outcome.repairs == (
        "the certificate in row 'CPVMCertificate' began with a byte order mark: removed",
        "the certificate in row 'CPVMCertificate' had Windows line ends: changed",
        "the private key in row 'CPVMCertificate' had blanks around it: removed",
    )
    assert outcome.warnings == ()


def test_warnings_of_the_server_certificate(chain: Chain) -> None:
    soon = issue("server", chain.lower, hosts=[DOMAIN], not_after=NOW + timedelta(days=20))
    (warning,) = check_upload(chain_rows(chain), server_row(soon), NOW).warnings
    assert "expires in 20 days" in warning


@settings(deadline=None)
@given(st.permutations([*rows_of(_CHAINS[0]), *rows_of(_CHAINS[1])]))
def test_in_any_order_what_is_served_is_whole_and_never_lost(rows: list[KeystoreRow]) -> None:
    wholes = {keystore_from_rows(rows_of(chain)).chain_pem() for chain in _CHAINS}
    before: tuple[KeystoreRow, ...] = ()
    served = False
    for row in rows:
        try:
            outcome = check_upload(before, row, NOW, DOMAIN)
        except KeystoreInvalid:
            assert row.is_server
            continue
        before = outcome.rows_after
        assert outcome.keystore is not None or not served
        if outcome.keystore is not None:
            served = True
            assert outcome.keystore.chain_pem() in wholes
            assert keystore_from_rows(before).chain_pem() == outcome.keystore.chain_pem()
        assert len({one.name for one in before}) == len(before)
