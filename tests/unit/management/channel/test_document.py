import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.management.channel.document import Document

_SCALARS = st.none() | st.booleans() | st.integers() | st.text()
_ANY = _SCALARS | st.lists(_SCALARS) | st.dictionaries(st.text(), _SCALARS)


@given(
    st.text(),
    st.integers(),
    st.booleans(),
    st.lists(st.text()),
    st.dictionaries(st.text(), st.text()),
)
def test_fields_come_back_by_type(
    text: str, number: int, flag: bool, texts: list[str], by_name: dict[str, str]
) -> None:
    written = {"a": text, "b": number, "c": flag, "d": texts, "e": by_name}
    document = Document(json.dumps(written))
    assert document.text("a") == text
    assert document.number("b") == number
    assert document.flag("c") is flag
    assert document.texts("d") == tuple(texts)
    assert document.texts_by_name("e") == by_name


@given(_ANY)
def test_a_field_is_of_one_type_only(value: object) -> None:
    document = Document(json.dumps({"field": value}))
    for kind, read in (
        (str, document.text),
        (bool, document.flag),
        (list, document.array),
    ):
        if isinstance(value, kind):
            assert read("field") == value
        else:
            with pytest.raises(ValueError, match="field is not"):
                read("field")


@pytest.mark.parametrize("value", [[1], [None], {"a": 1}, 1, None])
def test_texts_are_texts(value: object) -> None:
    document = Document(json.dumps({"field": value}))
    for read in (document.texts, document.texts_by_name):
        with pytest.raises(ValueError, match="field is not"):
            read("field")


def test_a_missing_field() -> None:
    document = Document("{}")
    assert document.texts("field") == ()
    assert document.texts_by_name("field") == {}
    for read in (document.text, document.number, document.flag):
        with pytest.raises(ValueError, match="field is not"):
            read("field")


@given(st.binary() | _ANY.map(lambda value: json.dumps(value).encode()))
def test_anything_is_read_or_refused(text: bytes) -> None:
    try:
        Document(text)
    except ValueError:
        return


@pytest.mark.parametrize("text", [b"\xff\xfe{}", b"[]", b"[" * 100_000, b""])
def test_what_is_no_object(text: bytes) -> None:
    with pytest.raises(ValueError):
        Document(text)
