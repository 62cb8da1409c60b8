"""What the parts of a simulation share."""

from dataclasses import dataclass, field

from benchmarks.fleet.agenda import Agenda
from benchmarks.fleet.books import Books
from benchmarks.fleet.measures import Measures
from benchmarks.fleet.proxies import Proxy
from benchmarks.fleet.scenario import Scenario
from benchmarks.fleet.troubles import phases


@dataclass(slots=True)
class World:
    """One fleet, its books, and what is noted.

    Args:
        every_report: also deliver reports that change nothing; a real database lives on them.
    """

    scenario: Scenario
    books: Books
    measures: Measures
    every_report: bool = False
    agenda: Agenda = field(default_factory=Agenda)
    proxies: list[Proxy] = field(init=False)

    def __post_init__(self) -> None:
        self.proxies = [Proxy(number, phase) for number, phase in enumerate(phases(self.scenario))]
