import pytest

from consoleproxy.errors import ManagementRequestRefused
from consoleproxy.management.call import Call, api_date
from tests.unit.management.world import START


def call(**parameters: str) -> Call:
    return Call("admin", "127.0.0.1", {"command": "anyCommand", **parameters})


def test_parameters_by_type() -> None:
    given = call(name=" web01 ", page="007", flag="True", empty="")
    assert (given.text("name"), given.text("other")) == ("web01", "")
    assert given.required("name") == "web01"
    assert (given.number("page", 1), given.number("size", 500)) == (7, 500)
    assert (given.flag("flag"), given.flag("other")) == (True, None)


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "x", "²", "1" * 10])
def test_numbers_that_are_none(value: str) -> None:
    with pytest.raises(ManagementRequestRefused, match="page must be a whole number"):
        call(page=value).number("page", 1)


def test_faults_name_the_parameter() -> None:
    with pytest.raises(ManagementRequestRefused, match="anyCommand due to missing parameter name"):
        call(name=" ").required("name")
    with pytest.raises(ManagementRequestRefused, match="flag must be true or false"):
        call(flag="1").flag("flag")


def test_values_stay_out_of_repr() -> None:
    assert "the key" not in repr(call(privatekey="the key"))


def test_dates_are_cloudstacks() -> None:
    assert api_date(START) == "2026-01-01T00:00:00+0000"
