import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.settings import Declared, declared_settings
from consoleproxy.settings.declare import LARGEST
from consoleproxy.settings.values import checked_value, read_value

BY_NAME = {declared.setting.name: declared for declared in declared_settings()}
ANY = st.sampled_from(declared_settings())


@st.composite
def values_of(draw: st.DrawFn, declared: Declared) -> str | int | bool:
    """A value that the setting can have."""
    setting = declared.setting
    if declared.type is bool:
        return draw(st.booleans())
    if declared.type is int:
        return draw(st.integers(setting.minimum, setting.maximum))
    return draw(st.sampled_from(setting.choices) if setting.choices else st.text())


@given(st.data(), ANY)
def test_what_is_written_is_read_again(data: st.DataObject, declared: Declared) -> None:
    value = data.draw(values_of(declared))
    again = read_value(declared, declared.written(value))
    assert (again, type(again)) == (value, declared.type)
    assert read_value(declared, value) == value


@given(ANY, st.text())
def test_any_text_is_a_value_or_told_why_not(declared: Declared, text: str) -> None:
    try:
        value = checked_value(declared, text)
    except ValueError as error:
        assert str(error)
    else:
        assert type(value) is declared.type
        assert checked_value(declared, declared.written(value)) == value


@pytest.mark.parametrize("declared", declared_settings(), ids=lambda one: str(one.field))
def test_default_is_a_value(declared: Declared) -> None:
    assert checked_value(declared, declared.written(declared.default)) == declared.default


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("consoleproxy.session.max", "", r"whole number \(sessions\)"),
        ("consoleproxy.session.max", 1.5, "whole number"),
        ("consoleproxy.session.max", True, "whole number"),
        ("consoleproxy.session.max", str(LARGEST + 1), f"at most {LARGEST}"),
        ("consoleproxy.sslEnabled", "", "true or false"),
        ("consoleproxy.sslEnabled", 1, "true or false"),
        ("consoleproxy.session.policy", "Replace", "one of replace, share, refuse"),
        ("consoleproxy.url.domain", 1, "a text"),
    ],
)
def test_other_values_are_told_what_they_must_be(name: str, value: object, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_value(BY_NAME[name], value)


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("consoleproxy.url.domain", "*.", "is not a host name"),
        ("consoleproxy.hypervisor.allowed", "10.0.0.0/8 nowhere", "'nowhere'"),
        ("consoleproxy.hypervisor.security.types", "Rot13", "'Rot13' is none of"),
        ("consoleproxy.capacity.webhook", "s3cret", "must be a URL"),
    ],
)
def test_texts_are_tried(name: str, text: str, reason: str) -> None:
    assert read_value(BY_NAME[name], text) == text
    with pytest.raises(ValueError, match=reason):
        checked_value(BY_NAME[name], text)
