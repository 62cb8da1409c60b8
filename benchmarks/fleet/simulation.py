"""A day that passes, and its samples."""

from benchmarks.fleet.books import Books
from benchmarks.fleet.operations import Operations
from benchmarks.fleet.proxies import Life
from benchmarks.fleet.users import Users
from benchmarks.fleet.world import World
from consoleproxy.management.fleet.capacity import Rules, capacity_of

SAMPLE_SECONDS = 300.0


class Simulation:
    """One day of one fleet; ``world.agenda`` lets it pass."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._operations = Operations(world, lambda session: self._users.come_back(session))
        self._users = Users(world, self._operations.note_report)
        self._operations.begin()
        self._users.begin()
        world.agenda.at(SAMPLE_SECONDS, self._sample)

    def change_books(self, books: Books) -> None:
        """Ask other books from now on, and deliver every report to them."""
        self.world.books = books
        self._operations.note_all_reports()

    def _sample(self) -> None:
        world = self.world
        loads = [len(proxy.sessions) for proxy in world.proxies if proxy.life is Life.SERVING]
        fleet = world.books.candidates()
        scenario = world.scenario
        rules = Rules(scenario.standby, scenario.room, launch_max=scenario.proxies * 2)
        capacity = capacity_of(fleet, rules)
        world.measures.sample(world.agenda.now, loads, capacity)
        world.agenda.after(SAMPLE_SECONDS, self._sample)
