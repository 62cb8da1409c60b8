import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.errors import ManagementRequestRefused
from consoleproxy.management.api.query import read_parameters


def test_names_in_any_letter_case() -> None:
    assert read_parameters("Command=listX&apiKey=K&a.b[0]=%C3%BC+%2B&empty=") == {
        "command": "listX",
        "apikey": "K",
        "a.b[0]": "ü +",
        "empty": "",
    }


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("command=a&Command=b", "parameter command was sent twice"),
        ("command=%ff", "must be UTF-8"),
        ("&".join(f"p{n}=" for n in range(300)), "at most 200"),
        ("command=a&b%26expires=1", "name of a parameter"),
        ("b%3Dc=1", "name of a parameter"),
        ("=1", "name of a parameter"),
        (f"{'x' * 65}=1", "name of a parameter"),
        ("%C3%BC=1", "name of a parameter"),
        ("a=b%00c", "parameter a holds a zero byte"),
    ],
)
def test_parameters_that_cannot_be_meant(query: str, text: str) -> None:
    with pytest.raises(ManagementRequestRefused, match=text) as caught:
        read_parameters(query)
    assert caught.value.status == 431


@given(st.text() | st.binary().map(lambda data: data.decode("latin-1")))
def test_any_query_is_read_or_refused(query: str) -> None:
    try:
        parameters = read_parameters(query)
    except ManagementRequestRefused as refusal:
        assert refusal.status == 431
    else:
        assert all(name == name.lower() and "&" not in name for name in parameters)
