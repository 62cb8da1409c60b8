from dataclasses import replace

import pytest

from consoleproxy.management.assignment import choose_proxy, is_alive
from consoleproxy.management.proxy_records import ProxyRecord
from consoleproxy.management.session_records import ConsoleSession
from tests.unit.management.world import PROXY, START, WEB


def proxy(name: str, active: int = 0, age: float = 0.0) -> ProxyRecord:
    return ProxyRecord(replace(PROXY, name=name), active, START - age)


def session(proxy: str, *, live: bool = False) -> ConsoleSession:
    return ConsoleSession(
        "uuid", START, "admin", WEB.uuid, proxy, "", acquired=START if live else None
    )


FREE, OTHER, FULL = proxy("a"), proxy("b"), proxy("c", active=2)
GONE = proxy("d", age=15.1)


@pytest.mark.parametrize(("age", "alive"), [(0, True), (15, True), (15.1, False)])
def test_three_load_intervals_of_silence(age: float, alive: bool) -> None:
    assert is_alive(proxy("a", age=age), START) is alive


@pytest.mark.parametrize(
    ("proxies", "previous", "expected"),
    [
        ([FREE, OTHER], None, FREE),
        ([FREE, OTHER], session("b"), OTHER),
        ([FREE, OTHER], session("unknown"), FREE),
        ([FULL, OTHER], None, OTHER),
        ([FREE, FULL], session("c"), FREE),
        ([FREE, FULL], session("c", live=True), FULL),
        ([FREE, GONE], session("d", live=True), FREE),
        ([GONE], None, None),
        ([FULL], None, None),
        ([], None, None),
    ],
)
def test_choice(
    proxies: list[ProxyRecord], previous: ConsoleSession | None, expected: ProxyRecord | None
) -> None:
    assert choose_proxy(proxies, previous, START) == expected
