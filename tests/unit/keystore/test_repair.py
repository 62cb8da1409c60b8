import base64
import re
from collections.abc import Callable
from typing import TypeAlias
from urllib.parse import quote, quote_plus, unquote_to_bytes

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_der_private_key
from hypothesis import given, settings
from hypothesis import strategies as st

from consoleproxy.keystore.repair import Repair, Unrepairable, decode_body, mend_armour, tidied
from tests.unit.keystore.authority import Issued, issue

Change: TypeAlias = Callable[[str], str]

_BLOCK = re.compile(rb"-----BEGIN [A-Z ]+-----(.*)-----END [A-Z ]+-----", re.DOTALL)


def _with_pluses() -> Issued:
    """A certificate as most are: base64 of random bytes, so with + and / in it."""
    while True:
        one = issue("repaired", key=rsa.generate_private_key(public_exponent=65537, key_size=2048))
        if one.pem.count(b"+") > 2 and one.key_pem.count(b"+") > 2:
            return one


_GOOD = _with_pluses()


def _is_certificate(der: bytes) -> bool:
    try:
        x509.load_der_x509_certificate(der)
    except ValueError:
        return False
    return True


def _is_key(der: bytes) -> bool:
    try:
        load_der_private_key(der, None)
    except ValueError:
        return False
    return True


def der_of(text: bytes) -> bytes:
    return base64.b64decode(b"".join(text.splitlines()[1:-1]))


def repaired(text: str | bytes, *, key: bool = False) -> tuple[bytes, set[Repair]]:
    """What comes out of a whole text, and what was said about it."""
    mended = mend_armour(text.encode() if isinstance(text, str) else text)
    found = _BLOCK.search(mended.data)
    assert found is not None
    decoded = decode_body(found[1], _is_key if key else _is_certificate)
    return decoded.data, {*mended.repairs, *decoded.repairs}


def spaces_for_plus(text: str) -> str:
    return text.replace("+", " ")


CHANGES: dict[str, tuple[Change, set[Repair]]] = {
    "none": (lambda text: text, set()),
    "+ became a space": (spaces_for_plus, {Repair.PLUS}),
    "URL-encoded once more": (lambda text: quote(text, safe=""), {Repair.ESCAPES}),
    "form-encoded once more": (quote_plus, {Repair.ESCAPES}),
    "encoded twice": (lambda text: quote(quote_plus(text)), {Repair.ESCAPES}),
    "as encodeURI does": (lambda text: quote(text, safe="+/=-"), {Repair.ESCAPES}),
    "only + encoded": (lambda text: text.replace("+", "%2b"), {Repair.ESCAPES}),
    "only / encoded": (lambda text: text.replace("/", "%2F"), {Repair.ESCAPES}),
    "only line ends encoded": (lambda text: text.replace("\n", "%0A"), {Repair.ESCAPES}),
    "only blanks encoded": (lambda text: text.replace(" ", "%20"), {Repair.ESCAPES}),
    "a space became +": (lambda text: text.replace(" ", "+"), {Repair.ESCAPES, Repair.PLUS}),
    "one line": (lambda text: text.replace("\n", ""), {Repair.LINES}),
    "blanks for line ends": (lambda text: text.replace("\n", " "), {Repair.LINES}),
    "two blanks for line ends": (lambda text: text.replace("\n", "  "), {Repair.LINES}),
    r"\n written out": (lambda text: text.replace("\n", r"\n"), {Repair.BACKSLASHES}),
    "Windows line ends": (lambda text: text.replace("\n", "\r\n"), set()),
    "byte order mark": (lambda text: "\ufeff" + text, set()),
    "blanks around": (lambda text: f"  \n\t{text} \n ", set()),
    "indented": (lambda text: text.replace("\n", "\n    "), set()),
    "no final line end": (str.rstrip, set()),
}
# After blanks were written in another way, nothing shows any more that + stands for some.
_ALONE = {"a space became +"}


@pytest.mark.parametrize("which", CHANGES)
def test_each_change_is_undone_and_said(which: str) -> None:
    change, said = CHANGES[which]
    der, repairs = repaired(change(_GOOD.pem.decode()))
    assert der == _GOOD.certificate.public_bytes(Encoding.DER)
    assert repairs - {Repair.LINES} == said - {Repair.LINES}
    assert repairs >= said


@pytest.mark.parametrize("width", [64, 76])
@pytest.mark.parametrize("gap", [" ", "  "])
def test_blanks_that_were_line_ends_are_told_from_those_that_were_plus(
    width: int, gap: str
) -> None:
    for good, key in ((_GOOD.pem, False), (_GOOD.key_pem, True)):
        der = der_of(good)
        header, *_, footer = good.decode().splitlines()
        body = base64.b64encode(der).decode()
        lines = [header, *(body[at : at + width] for at in range(0, len(body), width)), footer]
        mangled = gap.join(line.replace("+", " ") for line in lines)
        assert repaired(mangled, key=key) == (der, {Repair.PLUS, Repair.LINES})


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(sorted(set(CHANGES) - _ALONE)), max_size=3, unique=True),
    st.booleans(),
)
def test_any_mangling_is_repaired_to_the_same_bytes(names: list[str], key: bool) -> None:
    good = _GOOD.key_pem if key else _GOOD.pem
    text = good.decode()
    for name in names:
        text = CHANGES[name][0](text)
    der, _ = repaired(text, key=key)
    assert der == der_of(good)


@settings(deadline=None)
@given(
    place=st.floats(0, 1, exclude_max=True),
    change=st.sampled_from(["", " ", "  ", "+", "%", "%2B", "%41", "A", "\n", "=", "-", "\\n"]),
    cut=st.integers(0, 3),
    mangled=st.sampled_from(sorted(CHANGES)),
)
def test_damage_is_never_repaired_to_something_else(
    place: float, change: str, cut: int, mangled: str
) -> None:
    """What comes out is right, or it is what the text says as it stands.

    A space that was no + passes for one where all + became spaces: that is left to signatures.
    """
    pem = _GOOD.pem.decode()
    start = len("-----BEGIN CERTIFICATE-----\n") + int(place * (len(pem) - 60))
    damaged = pem[:start] + change + pem[start + cut :]
    try:
        der, repairs = repaired(CHANGES[mangled][0](damaged))
    except Unrepairable:
        return
    if Repair.PLUS in repairs and " " not in change:
        assert mangled in ("+ became a space", "a space became +")
        assert der == der_of(_GOOD.pem) or der == der_of(unquote_to_bytes(damaged))
    elif Repair.PLUS in repairs:
        assert mangled in ("+ became a space", "a space became +")


@pytest.mark.parametrize(
    ("body", "by_url"),
    [
        (b"", False),
        (b"!", False),
        (b"AAA", False),
        (b"AA AA", True),
        (b"AA%AA", True),
        (b"AA%2B", True),
    ],
)
def test_what_cannot_be_repaired(body: bytes, by_url: bool) -> None:
    if not body:
        assert decode_body(body, _is_certificate).data == b""
        return
    with pytest.raises(Unrepairable) as info:
        decode_body(body, _is_certificate)
    assert info.value.by_url == by_url


def test_a_plus_that_is_left_shows_that_blanks_are_none() -> None:
    text = _GOOD.pem.decode()
    first = text.index("+")
    with pytest.raises(Unrepairable):
        repaired(text[:first] + " " + text[first + 1 :])


def test_text_without_armour_is_left_as_it_is() -> None:
    for data in (b"", b"a%20b+c", b"\x00\xff%41", b"-----BEGIN%-----"):
        mended = mend_armour(data)
        assert (mended.data, mended.repairs) == (data, ())


def test_text_around_blocks_is_left_as_it_is() -> None:
    data = b"50%20 + x\n-----BEGIN A-----\nAA%2B\n-----END A-----\n"
    assert mend_armour(data).data == data


def test_what_is_tidied_is_said() -> None:
    pem = _GOOD.pem.decode()
    assert tidied(pem) == tidied(pem.strip()) == ()
    assert tidied(pem.replace("\n", "\r\n")) == (Repair.WINDOWS,)
    assert tidied("\ufeff" + pem) == (Repair.BOM,)
    assert tidied(f" {pem}") == tidied(f"{pem}  ") == (Repair.BLANKS,)


@given(st.binary(max_size=60))
def test_any_bytes_give_bytes_or_the_documented_error(data: bytes) -> None:
    mend_armour(data)
    try:
        decode_body(data, _is_certificate)
    except Unrepairable:
        pass


def test_a_plus_too_many_among_spaces_is_never_guessed_at() -> None:
    """Which space is the one too many cannot be told, but behind the last line, where none is."""
    pem = _GOOD.pem.decode()
    body, end = len("-----BEGIN CERTIFICATE-----\n"), pem.index("\n-----END")
    for at in range(body, end):
        with pytest.raises(Unrepairable):
            repaired(spaces_for_plus(pem[:at] + "+" + pem[at:]))
    behind = spaces_for_plus(f"{pem[:end]}\n+{pem[end:]}")
    assert repaired(behind)[0] == der_of(_GOOD.pem)
