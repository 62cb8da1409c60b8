import pytest
from hypothesis import given
from hypothesis.strategies import integers, text

from consoleproxy.management.pages.paging import PAGE_ROWS, Pager, page_number


@pytest.mark.parametrize(
    ("given_text", "number"),
    [("", 1), ("1", 1), ("7", 7), ("0", 1), ("-1", 1), ("x", 1), ("٣", 1), ("9" * 30, 1)],
)
def test_page_number(given_text: str, number: int) -> None:
    assert page_number(given_text) == number


@given(text())
def test_any_text_gives_a_page(anything: str) -> None:
    assert 1 <= page_number(anything) <= 1_000_000


def test_addresses() -> None:
    query = {"q": "a&b", "state": ""}
    first = Pager(path="/machines", number=1, count=2 * PAGE_ROWS + 1, query=query)
    assert (first.before, first.after, first.last) == ("", "/machines?q=a%26b&page=2", 3)
    second = Pager(path="/machines", number=2, count=2 * PAGE_ROWS + 1)
    assert (second.before, second.after) == ("/machines", "/machines?page=3")
    assert Pager(path="/machines", number=3, count=2 * PAGE_ROWS + 1).after == ""


def test_page_behind_the_end_leads_back() -> None:
    pager = Pager(path="/machines", number=99, count=PAGE_ROWS + 1)
    assert (pager.before, pager.after) == ("/machines?page=2", "")
    assert pager.part(range(PAGE_ROWS + 1)) == range(0)
    assert Pager(path="/machines", number=9, count=0).before == "/machines"


@given(integers(0, 1000))
def test_pages_have_each_entry_once(count: int) -> None:
    entries = range(count)
    last = Pager(path="/", number=1, count=count).last
    pages = [Pager(path="/", number=n, count=count).part(entries) for n in range(1, last + 1)]
    assert [entry for page in pages for entry in page] == list(entries)
