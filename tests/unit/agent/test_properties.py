import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.agent.properties import read_properties

LETTERS = st.characters(codec="utf-8", exclude_categories=["Cc", "Zs", "Zl", "Zp"])
NAMES = st.text(LETTERS, min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", {}),
        ("# a comment\n! another\n\n   \n", {}),
        ("host=10.1.1.1,10.1.1.2@static", {"host": "10.1.1.1,10.1.1.2@static"}),
        ("port = 8250\r\nzone: 1\rpod 2", {"port": "8250", "zone": "1", "pod": "2"}),
        ("a=b=c", {"a": "b=c"}),
        ("a=1\na=2", {"a": "2"}),
        ("empty=\nalone", {"empty": "", "alone": ""}),
        ("a=one \\\n   two", {"a": "one two"}),
        ("a=b\\\\\nc=d", {"a": "b\\", "c": "d"}),
        ("a=\\t\\u00e9\\:x", {"a": "\té:x"}),
        ("with\\ blank=x", {"with blank": "x"}),
        ("a=b \\", {"a": "b "}),
        ("a=x\\\n# no comment", {"a": "x# no comment"}),
        ("a=b  ", {"a": "b  "}),
        ("guid=Proxy.2\nproxy_vm=2\n", {"guid": "Proxy.2", "proxy_vm": "2"}),
    ],
)
def test_what_java_reads(text: str, found: dict[str, str]) -> None:
    assert read_properties(text) == found


def _escaped(text: str) -> str:
    return "".join(f"\\{letter}" if letter in "\\=:#! " else letter for letter in text)


@given(st.dictionaries(NAMES, st.text(LETTERS, max_size=12), max_size=5))
def test_what_was_written_is_read(values: dict[str, str]) -> None:
    text = "".join(f"{_escaped(name)}={_escaped(value)}\n" for name, value in values.items())
    assert read_properties(text) == values


@given(st.text(max_size=80))
def test_any_text(text: str) -> None:
    assert all(isinstance(value, str) for value in read_properties(text).values())
