import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.errors import ManagementRequestRefused
from consoleproxy.management.accounts.caller import root_admin
from consoleproxy.management.api.call import Call, Page, api_date, listing
from tests.unit.management.world import START


def call(**parameters: str) -> Call:
    return Call(root_admin("admin"), "127.0.0.1", {"command": "anyCommand", **parameters})


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


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-01-01", START),
        ("2026-01-01 00:00:10", START + 10),
        ("2026-01-01T01:00:00+0100", START),
        ("2026-01-01T01:00:00 0100", START),
        ("", None),
    ],
)
def test_dates_as_cloudstack_takes_them(text: str, seconds: float | None) -> None:
    assert call(startdate=text).moment("startdate") == seconds


def test_an_end_without_a_time_is_the_end_of_its_day() -> None:
    day = 86_400
    end = call(enddate="2026-01-01").moment("enddate", whole_day=True)
    assert end == pytest.approx(START + day)
    exact = call(enddate="2026-01-01 00:00:00").moment("enddate", whole_day=True)
    assert exact == START


@given(st.text() | st.datetimes().map(str) | st.dates().map(str))
def test_any_date_is_read_or_refused(text: str) -> None:
    try:
        found = call(enddate=text).moment("enddate", whole_day=True)
    except ManagementRequestRefused as refusal:
        assert "enddate must be a date" in str(refusal)
    else:
        assert (found is None) == (not text.strip())


def test_a_page_begins_behind_the_ones_before() -> None:
    assert call().page() == Page(0, 500)
    assert call(page="3", pagesize="20").page() == Page(40, 20)


def test_an_empty_page_has_no_keys() -> None:
    assert listing("thing", 7, []) == {}
    assert listing("thing", 7, [{"id": 1}]) == {"count": 7, "thing": [{"id": 1}]}
