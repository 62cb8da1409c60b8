"""No removed session is lost, and none is named beside others once it may have arrived."""

import asyncio
import json

from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.agent.delivery import Delivery
from consoleproxy.endpoint.cloudstack import UNNAMED
from consoleproxy.errors import ManagementUnavailable


class Server:
    """Strikes sessions out as CloudStack does: at one that it does not have, it stops, and says no.

    ``fates`` tells for each report whether it arrives, and whether its answer does.
    """

    def __init__(self, fates: list[tuple[bool, bool]]) -> None:
        self.fates = iter(fates)
        self.known = {"a", "b", "c", "d"}
        self.reports = 0

    async def take(self, document: str) -> bool:
        arrives, answered = next(self.fates, (True, True))
        self.reports += 1
        taken = True
        if arrives:
            status = json.loads(document)
            assert status["connections"] == []
            for uuid in status["removedSessions"]:
                if uuid not in self.known:
                    taken = False
                    break
                self.known.remove(uuid)
        if not (arrives and answered):
            raise ManagementUnavailable("lost")
        return taken


def report(*removed: str) -> str:
    return json.dumps({"connections": [], "removedSessions": removed})


def test_a_report_as_it_comes() -> None:
    server = Server([])
    delivered = asyncio.run(Delivery(server.take).report(report("a", "b")))
    assert delivered == {"a", "b"}
    assert (server.known, server.reports) == ({"c", "d"}, 1)


def test_what_the_server_does_not_have_is_nobody_else_s_loss() -> None:
    server = Server([])
    server.known -= {"a"}
    delivery = Delivery(server.take)
    assert asyncio.run(delivery.report(report("a", "b", "c"))) == {"b", "c"}
    assert server.known == {"d"}
    assert asyncio.run(delivery.report(report("a"))) == set()
    assert asyncio.run(delivery.report(report("a"))) == {"a"}
    assert asyncio.run(delivery.report(report("d"))) == {"d"}


def test_one_that_came_back_is_not_told_a_second_time() -> None:
    server = Server([])
    delivery = Delivery(server.take)
    assert asyncio.run(delivery.report(report("a"))) == {"a"}
    assert asyncio.run(delivery.report(report("a", "b"))) == {"a", "b"}
    assert (server.known, server.reports) == ({"c", "d"}, 2)


def test_what_the_proxy_has_named_is_not_told() -> None:
    server = Server([])
    named = UNNAMED + "1"
    assert asyncio.run(Delivery(server.take).report(report(named, "a"))) == {named, "a"}
    assert server.known == {"b", "c", "d"}


@given(
    st.lists(st.tuples(st.booleans(), st.booleans()), max_size=6),
    st.lists(st.sets(st.sampled_from("abcd"), max_size=3), max_size=5),
)
def test_whatever_gets_lost(fates: list[tuple[bool, bool]], ends: list[set[str]]) -> None:
    server = Server(fates)
    delivery = Delivery(server.take)
    waiting: set[str] = set()
    ended: set[str] = set()

    async def tell() -> None:
        nonlocal waiting
        try:
            waiting -= await delivery.report(report(*sorted(waiting)))
        except ManagementUnavailable:
            pass

    async def story() -> None:
        for more in [*ends, *[set[str]()] * 8]:
            waiting.update(more - ended)
            ended.update(more)
            await tell()

    asyncio.run(story())
    assert waiting == set()
    assert server.known == {"a", "b", "c", "d"} - ended
