"""A long list, a page at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlencode

_Entry = TypeVar("_Entry")

PAGE_ROWS = 50
# Later pages of any list that is searched for here are of no use to anybody.
_LAST_PAGE = 1_000_000


def page_number(text: str) -> int:
    """Return the page that the query asks for; 1 for what is no page."""
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        return 1
    return min(max(1, int(text)), _LAST_PAGE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pager:
    """Where in a list we are.

    Args:
        path: of the list.
        number: of the page that was asked for, from 1 on.
        count: entries of the whole list.
        query: what the list is filtered by.
    """

    path: str
    number: int
    count: int
    query: Mapping[str, str] = field(default_factory=dict)

    @property
    def last(self) -> int:
        """The last page's number, at least 1."""
        return max(1, -(-self.count // PAGE_ROWS))

    @property
    def start(self) -> int:
        """How many entries are before this page."""
        return (self.number - 1) * PAGE_ROWS

    @property
    def before(self) -> str:
        """Address of the page before this one; empty on the first."""
        return self._address(min(self.number - 1, self.last)) if self.number > 1 else ""

    @property
    def after(self) -> str:
        """Address of the next page; empty on the last."""
        return self._address(self.number + 1) if self.number < self.last else ""

    def part(self, entries: Sequence[_Entry]) -> Sequence[_Entry]:
        """Return those of this page."""
        return entries[self.start : self.start + PAGE_ROWS]

    def _address(self, number: int) -> str:
        query = {name: value for name, value in self.query.items() if value}
        if number > 1:
            query["page"] = str(number)
        return f"{self.path}?{urlencode(query)}" if query else self.path
