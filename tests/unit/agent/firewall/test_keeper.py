import asyncio
from collections.abc import Callable, Sequence

import pytest

from consoleproxy.agent.firewall.keeper import Keeper
from consoleproxy.agent.firewall.opening import Opening
from consoleproxy.errors import ProgramFailed

CONSOLE = Opening("eth2", (443, 8443))


class Noted:
    """A firewall that notes what it is told; a mock, for a fault cannot be had otherwise."""

    def __init__(self) -> None:
        self.told: list[tuple[Opening, ...] | str] = []
        self.fault = ""

    def open(self, openings: Sequence[Opening]) -> None:
        self._note(tuple(openings))

    def close(self) -> None:
        self._note("closed")

    def _note(self, what: tuple[Opening, ...] | str) -> None:
        self.told.append(what)
        if self.fault:
            raise ProgramFailed(self.fault)


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        # The firewall is told in a thread.
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.001)


def _story(firewall: Noted, again: float, ports: list[Opening], until: int) -> None:
    async def run() -> None:
        keeper = Keeper(firewall, lambda: ports, again)
        task = asyncio.get_running_loop().create_task(keeper.run())
        await _until(lambda: len(firewall.told) >= 1)
        ports.append(CONSOLE)
        keeper.changed()
        await _until(lambda: len(firewall.told) >= until)
        task.cancel()
        await asyncio.wait({task})
        assert task.cancelled()

    asyncio.run(run())


def test_closed_before_open_between_closed_after() -> None:
    firewall = Noted()
    _story(firewall, 60, [], until=2)
    assert firewall.told == ["closed", (CONSOLE,), "closed"]


def test_all_of_it_is_set_again() -> None:
    firewall = Noted()
    _story(firewall, 0.01, [], until=6)
    assert firewall.told.count((CONSOLE,)) > 1
    assert firewall.told[-1] == "closed"


def test_a_failure_is_told_once_and_tried_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    firewall = Noted()
    firewall.fault = "nft is not installed"
    _story(firewall, 0.01, [], until=5)
    before, while_it_runs, afterwards = (record.getMessage() for record in caplog.records)
    for text in (before, while_it_runs, afterwards):
        assert "could not be changed: nft is not installed; that needs CAP_NET_ADMIN" in text
    assert while_it_runs.endswith("open yourself: eth2 port 443, 8443")
    assert before == afterwards
    assert before.endswith("may still be open")
