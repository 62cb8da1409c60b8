import pytest

from consoleproxy.errors import ManagementRequestRefused
from consoleproxy.management.api.parameters import (
    Parameter,
    check_parameters,
    date,
    flag,
    identifier,
    number,
)

TAKES = (
    identifier("id", "which one", required=True),
    Parameter("name", "its name", length=8),
    number("page", "which page"),
    flag("listall", "all of them"),
    date("startdate", "from then on"),
)


def test_what_is_taken() -> None:
    check_parameters("listThings", TAKES, {"id": "1", "name": "12345678", "page": "x"})
    common = dict.fromkeys(("command", "apikey", "signature", "expires", "nonce", "_"), "x" * 999)
    check_parameters("listThings", TAKES, {"id": "1", **common})


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"id": "1", "nmae": "x"}, "'nmae'; it takes id, listall, name, page, startdate"),
        ({"id": "1", "x" * 999: "x"}, "unknown parameter 'x{64}'"),
        ({"id": "1", "name": "123456789"}, "name: it must not have more than 8 characters"),
        ({"id": "1", "page": "1" * 256}, "more than 255 characters"),
        ({}, "command listThings due to missing parameter id"),
        ({"id": " "}, "missing parameter id"),
    ],
)
def test_what_is_not(given: dict[str, str], text: str) -> None:
    with pytest.raises(ManagementRequestRefused, match=text) as caught:
        check_parameters("listThings", TAKES, given)
    assert (caught.value.status, caught.value.cs_code) == (431, 9999)


def test_as_discovery_shows_them() -> None:
    assert TAKES[0].answer() == {
        "name": "id",
        "description": "which one",
        "type": "uuid",
        "length": 255,
        "required": True,
    }
