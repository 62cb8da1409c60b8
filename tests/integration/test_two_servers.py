"""Two management servers, processes of their own, on one MariaDB: each thing happens once."""

import dataclasses
import os
import secrets
import signal
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from consoleproxy.endpoint.cloudstack import EncryptionKeys
from consoleproxy.endpoint.codec import TokenCodec
from consoleproxy.endpoint.model import ConsoleEndpoint
from consoleproxy.endpoint.query import parse_console_query
from consoleproxy.management.channel.authentication import AuthenticationRequest
from consoleproxy.management.channel.documents import LoadReport
from consoleproxy.management.channel.news import Watch
from tests.integration.fixtures.cloud import Machine
from tests.integration.fixtures.managed import Managed, running_managed
from tests.integration.fixtures.mariadb import MariaDb, session_server
from tests.integration.fixtures.qemu import Qemu
from tests.integration.fixtures.served import Served, types
from tests.integration.fixtures.viewer import Viewer
from tests.integration.test_management_api import PROXY
from tests.waiting import free_port, wait_for

_CALLERS = 8
_ROOM = 6
# Within a second, but on a busy machine; without any news a watch takes six.
_SOON = 3.0
PROXIES = [dataclasses.replace(PROXY, name=f"cpvm-{n}", session_max=_ROOM) for n in range(3)]


@pytest.fixture(scope="session")
def mariadb(request: pytest.FixtureRequest) -> MariaDb:
    return session_server(request)


@pytest.fixture
def machines() -> list[Machine]:
    return [Machine(f"vm-{n}", str(uuid.uuid4()), 5900, host="192.0.2.1") for n in range(24)]


@pytest.fixture
def two(tmp_path: Path, mariadb: MariaDb, machines: list[Machine]) -> Iterator[list[Managed]]:
    with running_managed(tmp_path, machines, mariadb.make_database()) as servers:
        yield servers


def register_all(two: list[Managed]) -> TokenCodec:
    for server, proxy in zip(cycle(two), PROXIES, strict=False):
        answer = server.post("/cpvm/register", proxy.to_json())
    return TokenCodec(EncryptionKeys.parse(answer["encryptorPassword"]), None)


def link(server: Managed, machine: Machine, codec: TokenCodec) -> ConsoleEndpoint | None:
    """What is in the token of a new link; ``None`` where there was no capacity."""
    api = server.api
    nonce = secrets.token_hex(8)
    answer = api.createConsoleEndpoint(virtualmachineid=machine.uuid, nonce=nonce)[
        "consoleendpoint"
    ]
    if not answer["success"]:
        assert "no console proxy has capacity" in answer["details"]
        return None
    return codec.decode(parse_console_query(urlsplit(answer["url"]).query).token)


def use(server: Managed, endpoint: ConsoleEndpoint, proxy: str) -> bool:
    request = AuthenticationRequest(
        proxy=proxy,
        host=endpoint.host,
        port=endpoint.port,
        vm_uuid=endpoint.vm_uuid,
        password=endpoint.password,
        ticket=endpoint.ticket,
        session_uuid=endpoint.session_uuid,
        client_address="203.0.113.7",
        reconnecting=False,
    )
    return server.post("/cpvm/authenticate", request.to_json())["allowed"] is True


def orders(server: Managed, proxy: str) -> frozenset[str]:
    """What a proxy that knows nothing is told to end."""
    body = Watch(proxy=proxy, keystore_version="older").to_json()
    return frozenset(server.post("/cpvm/watch", body)["endSessions"])


def test_links_fill_each_proxy_and_are_used_once(
    two: list[Managed], machines: list[Machine]
) -> None:
    codec = register_all(two)
    with ThreadPoolExecutor(_CALLERS) as pool:
        links = list(pool.map(link, cycle(two), machines, cycle([codec])))
        given = [one for one in links if one is not None]
        assert len(given) == _ROOM * len(PROXIES)
        books = two[0].api.listConsoleSessions()["consolesession"]
        assert Counter(row["hostname"] for row in books) == {one.name: _ROOM for one in PROXIES}
        hosts = {row["id"]: row["hostname"] for row in books}
        tries = [(server, one) for one in given for server in (*two, *two)]
        used = list(pool.map(lambda one: use(one[0], one[1], hosts[one[1].session_uuid]), tries))
    winners = Counter(
        one.session_uuid for (_, one), allowed in zip(tries, used, strict=True) if allowed
    )
    assert winners == {one.session_uuid: 1 for one in given}


def test_an_order_and_the_use_of_a_link_at_the_same_moment(
    two: list[Managed], machines: list[Machine]
) -> None:
    codec = register_all(two)
    given = [link(two[0], machine, codec) for machine in machines[: _ROOM * len(PROXIES)]]
    books = two[0].api.listConsoleSessions()["consolesession"]
    hosts = {row["id"]: row["hostname"] for row in books}

    def end(endpoint: ConsoleEndpoint) -> bool:
        return two[1].api.endConsoleSession(id=endpoint.session_uuid)["success"] is True

    allowed, ended = {}, {}
    with ThreadPoolExecutor(_CALLERS) as pool:
        for one in given:
            assert one is not None
            host = hosts[one.session_uuid]
            allowed[one.session_uuid] = pool.submit(use, two[0], one, host)
            ended[one.session_uuid] = pool.submit(end, one)
    assert all(answer.result() for answer in ended.values())
    told = frozenset[str]().union(*(orders(two[0], proxy.name) for proxy in PROXIES))
    # Who got in is to be ended; who did not was too late.
    assert told == {session for session, answer in allowed.items() if answer.result()}
    rows = two[1].api.listConsoleSessions(endreason="operator").get("consolesession", [])
    assert {row["id"] for row in rows} == set(hosts) - told


def test_reports_and_orders_of_many_proxies_at_both_servers(
    two: list[Managed], machines: list[Machine]
) -> None:
    """Nothing waits for each other for good, and the books are right in the end."""
    codec = register_all(two)
    given = [link(two[0], machine, codec) for machine in machines[: _ROOM * len(PROXIES)]]
    books = two[0].api.listConsoleSessions()["consolesession"]
    hosts = {row["id"]: row["hostname"] for row in books}
    for one in given:
        assert one is not None
        assert use(two[0], one, hosts[one.session_uuid])
    open_at = {
        proxy.name: [session for session, host in hosts.items() if host == proxy.name]
        for proxy in PROXIES
    }

    def report(server: Managed, proxy: str, left: int) -> None:
        live, removed = open_at[proxy][:left], open_at[proxy][left:]
        connections = "".join(f'{{"sessionUuid": "{one}"}},' for one in live).rstrip(",")
        quoted = ", ".join(f'"{one}"' for one in removed)
        document = f'{{"connections": [{connections}], "removedSessions": [{quoted}]}}'
        reasons = dict.fromkeys(removed, "viewer-left")
        server.post("/cpvm/load", LoadReport.to_json(proxy, document, reasons))

    def story(proxy: str) -> None:
        for left, server in zip(range(_ROOM, -1, -1), cycle(two), strict=False):
            report(server, proxy, left)

    with ThreadPoolExecutor(_CALLERS) as pool:
        stories = [pool.submit(story, proxy.name) for proxy in PROXIES]
        for machine, server in zip(machines, cycle(two), strict=False):
            pool.submit(link, server, machine, codec)
        for told in stories:
            told.result()
    rows = two[1].api.listConsoleSessions(endreason="viewer-left")["consolesession"]
    assert {row["id"] for row in rows} == set(hosts)
    assert two[0].api.listConsoleSessions(activeonly="true") == {}
    for server in two:
        assert "Traceback" not in server.log()
        assert "database cannot be used" not in server.log()


def test_a_watch_at_one_server_hears_of_orders_at_the_other(two: list[Managed]) -> None:
    register_all(two)
    with ThreadPoolExecutor(_CALLERS) as pool:
        watching = [
            pool.submit(two[0].post, "/cpvm/watch", Watch(proxy=proxy.name).to_json())
            for proxy in PROXIES
        ]
        two[1].api.prepareHostForMaintenance(id=PROXIES[0].name)
        began = time.monotonic()
        assert watching[0].result()["maintenance"] is True
        assert time.monotonic() - began < _SOON
        two[1].api.updateConfiguration(name="consoleproxy.session.timeout", value="60000")
        began = time.monotonic()
        for one in watching[1:]:
            assert one.result()["settings"] == {"consoleproxy.session.timeout": "60000"}
        assert time.monotonic() - began < _SOON


@contextmanager
def served_by(server: Managed, folder: Path) -> Iterator[Served]:
    """A CPVM that knows one of the servers."""
    settings = dataclasses.replace(
        server.settings,
        name="v-1-VM",
        workers=2,
        listen_address="127.0.0.1",
        port=free_port(),
        admin_port=free_port(),
        loadscan_interval=500,
        hypervisor_allowed="127.0.0.0/8",
    )
    served = Served(settings, server.api, folder)
    try:
        served.wait_until_ready(2)
        yield served
    finally:
        served.stop()
        served.api = None


def test_a_proxy_of_one_server_obeys_the_other(
    tmp_path: Path, mariadb: MariaDb, qemu_factory: Callable[..., Qemu]
) -> None:
    guest = qemu_factory()
    machines = [Machine(f"vm-{n}", str(uuid.uuid4()), guest.port) for n in range(2)]
    with (
        running_managed(tmp_path, machines, mariadb.make_database()) as (near, far),
        served_by(near, tmp_path) as served,
        Viewer(served.console(machines[0])) as first,
        Viewer(served.console(machines[1])) as second,
    ):
        first.log_in()
        second.log_in()
        (session,) = far.api.listConsoleSessions(virtualmachineid=machines[0].uuid)[
            "consolesession"
        ]
        far.api.endConsoleSession(id=session["id"])
        ordered = time.monotonic()
        assert first.closed()[0] == 4410
        assert time.monotonic() - ordered < _SOON
        wait_for(lambda: served.reported() == 1, "one session in the report")
        # Both look for silent ones.
        os.kill(served.process.pid, signal.SIGSTOP)
        try:
            wait_for(lambda: served.open_in_books() == 0, "its session to be over in the books")
        finally:
            os.kill(served.process.pid, signal.SIGCONT)
        wait_for(lambda: served.open_in_books() == 1, "its session to be open again")
        types(guest, second)
        for server in (near, far):
            assert "Traceback" not in server.log()
