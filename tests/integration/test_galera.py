"""Two management servers, each at its own node of Galera, and both write."""

import secrets
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path

import pytest

from consoleproxy.settings import Settings
from tests.integration.fixtures.cloud import Machine
from tests.integration.fixtures.galera import Galera
from tests.integration.fixtures.managed import Managed
from tests.integration.test_two_servers import PROXIES, link, register_all, use
from tests.waiting import free_port, wait_for

_CALLERS = 8


@pytest.fixture
def galera() -> Iterator[Galera]:
    nodes = Galera()
    yield nodes
    nodes.remove()


@pytest.fixture
def machines() -> list[Machine]:
    return [Machine(f"vm-{n}", str(uuid.uuid4()), 5900, host="192.0.2.1") for n in range(24)]


@pytest.fixture
def two(tmp_path: Path, galera: Galera, machines: list[Machine]) -> Iterator[list[Managed]]:
    inventory = tmp_path / "inventory.toml"
    inventory.write_text("\n".join(machine.toml() for machine in machines), encoding="utf-8")
    secret = secrets.token_hex(16)
    with ExitStack() as stack:
        servers = []
        # One after the other, as docs/SCALING.md says: the first one makes the tables.
        for database in galera.databases():
            settings = Settings(
                manage_database=database,
                manage_inventory=str(inventory),
                management_secret=secret,
                manage_port=free_port(),
            )
            server = Managed(settings, tmp_path)
            stack.callback(server.stop)
            server.wait_until_ready()
            servers.append(server)
        yield servers


def test_no_proxy_is_overfull_and_each_link_is_used_once(
    galera: Galera, two: list[Managed], machines: list[Machine]
) -> None:
    codec = register_all(two)
    for server in two:
        wait_for(lambda one=server: len(known(one)) == len(PROXIES), "the proxies")  # type: ignore[misc]
    with ThreadPoolExecutor(_CALLERS) as pool:
        links = list(pool.map(link, cycle(two), machines, cycle([codec])))
        given = [one for one in links if one is not None]
        rooms = {proxy.name: proxy.session_max for proxy in PROXIES}
        assert len(given) == sum(rooms.values())
        # What one node has committed, the other one has a moment later.
        for server in two:
            wait_for(lambda one=server: len(books_of(one)) == len(given), "all at both")  # type: ignore[misc]
        books = books_of(two[0])
        assert Counter(row["hostname"] for row in books) == rooms
        hosts = {row["id"]: row["hostname"] for row in books}
        tries = [(server, one) for one in given for server in (*two, *two)]
        used = list(pool.map(lambda one: use(one[0], one[1], hosts[one[1].session_uuid]), tries))
    winners = Counter(
        one.session_uuid for (_, one), allowed in zip(tries, used, strict=True) if allowed
    )
    assert winners == {one.session_uuid: 1 for one in given}
    assert galera.conflicts() > 0, "nobody got in anybody's way"
    for server in two:
        assert "Traceback" not in server.log()
        assert "database cannot be used" not in server.log()


def books_of(server: Managed) -> list[dict[str, str]]:
    found: list[dict[str, str]] = server.api.listConsoleSessions().get("consolesession", [])
    return found


def known(server: Managed) -> list[object]:
    found: list[object] = server.api.listSystemVms().get("systemvm", [])
    return found
