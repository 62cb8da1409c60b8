"""The embedded management server satisfies CloudStack's own clients and its CPVMs."""

import asyncio
import datetime
import json
import secrets
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from cs import CloudStack, CloudStackApiException

from consoleproxy.endpoint.cloudstack import EncryptionKeys
from consoleproxy.endpoint.codec import TokenCodec
from consoleproxy.endpoint.model import ConsoleEndpoint
from consoleproxy.endpoint.query import parse_console_query
from consoleproxy.management.app import ManagementServer
from consoleproxy.management.channel.authentication import AuthenticationRequest
from consoleproxy.management.channel.documents import (
    LoadReport,
    ProxyDescription,
    Registration,
)
from consoleproxy.management.config import ManagementConfig
from consoleproxy.management.inventory.file import load_inventory
from tests.integration.fixtures.mariadb import MariaDb, session_server

SECRET = "shared secret"
VM = "d59c31a5-e4c8-454f-a9ff-432bc8910fcb"
STOPPED_VM = "11111111-2222-4333-8444-555555555555"
INVENTORY = f"""
[[vm]]
name = "web01"
uuid = "{VM}"
address = "[2001:db8::10]:5901"
password = "vnc password"

[[vm]]
name = "db01"
uuid = "{STOPPED_VM}"
address = "192.168.122.11:5902"
state = "Stopped"
"""
PROXY = ProxyDescription(
    name="cpvm-1",
    address="127.0.0.1",
    host="127.0.0.1",
    port=8080,
    tls=False,
    session_max=50,
    load_interval=60.0,
)


class Management:
    """A management server in a thread of its own, as blocking clients see it."""

    def __init__(self, server: ManagementServer) -> None:
        self.server = server
        self.url = f"http://127.0.0.1:{server.port}"
        self.codec = TokenCodec(None, None)

    def client(self, **changes: Any) -> CloudStack:
        account = self.server.account
        arguments = {"key": account.api_key, "secret": account.secret_key, **changes}
        return CloudStack(f"{self.url}/client/api", **arguments)

    def post(self, path: str, body: str) -> dict[str, Any]:
        response = requests.post(
            self.url + path, data=body, headers={"Authorization": f"Bearer {SECRET}"}, timeout=5
        )
        assert response.status_code == 200, response.text
        document: dict[str, Any] = response.json()
        return document

    def register(self) -> None:
        answer = self.post("/cpvm/register", PROXY.to_json())
        registration = Registration.from_json(json.dumps(answer).encode())
        self.codec = TokenCodec(EncryptionKeys.parse(registration.encryption_keys), None)

    def endpoint(self, **parameters: str) -> ConsoleEndpoint:
        """What the CPVM reads from the URL of a new console."""
        nonce = secrets.token_hex(8)
        answer = self.client().createConsoleEndpoint(virtualmachineid=VM, nonce=nonce, **parameters)
        query = parse_console_query(urlsplit(answer["consoleendpoint"]["url"]).query)
        return self.codec.decode(query.token)

    def authenticate(self, endpoint: ConsoleEndpoint) -> bool:
        request = AuthenticationRequest(
            proxy=PROXY.name,
            host=endpoint.host,
            port=endpoint.port,
            vm_uuid=endpoint.vm_uuid,
            password=endpoint.password,
            ticket=endpoint.ticket,
            session_uuid=endpoint.session_uuid,
            client_address="203.0.113.7",
            reconnecting=False,
        )
        return self.post("/cpvm/authenticate", request.to_json())["allowed"] is True

    def report(self, live: list[str], removed: list[str]) -> list[str]:
        connections = [{"id": n, "sessionUuid": uuid} for n, uuid in enumerate(live)]
        document = json.dumps({"connections": connections, "removedSessions": removed})
        answer = self.post("/cpvm/load", LoadReport.to_json(PROXY.name, document))
        acknowledged: list[str] = answer["acknowledged"]
        return acknowledged


@contextmanager
def running(config: ManagementConfig) -> Iterator[Management]:
    """Run the server on an event loop in a thread, until the end of the context."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="management server")
    thread.start()

    async def started() -> ManagementServer:
        server = ManagementServer(config)
        await server.start()
        return server

    try:
        server = asyncio.run_coroutine_threadsafe(started(), loop).result(30)
        try:
            yield Management(server)
        finally:
            asyncio.run_coroutine_threadsafe(server.stop(), loop).result(10)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def config_in(folder: Path, database: str) -> ManagementConfig:
    (folder / "inventory.toml").write_text(INVENTORY)
    return ManagementConfig(
        inventory=load_inventory(folder / "inventory.toml"),
        secret=SECRET,
        database=database,
        port=0,
    )


@pytest.fixture(scope="session")
def mariadb(request: pytest.FixtureRequest) -> MariaDb:
    return session_server(request)


@pytest.fixture(params=["SQLite", "MariaDB"])
def database(request: pytest.FixtureRequest, mariadb: MariaDb, tmp_path: Path) -> str:
    """A ``consoleproxy.manage.database`` of either kind, without anything in it."""
    return mariadb.make_database() if request.param == "MariaDB" else str(tmp_path / "test.db")


@pytest.fixture
def management(tmp_path: Path, database: str) -> Iterator[Management]:
    with running(config_in(tmp_path, database)) as management:
        management.register()
        yield management


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("expiration", [600, 900])
@pytest.mark.parametrize("extra", ["", "s3cret", "a~b*c d[1]+&=%ü"])
def test_cs_creates_console_endpoints(
    management: Management, method: str, expiration: int, extra: str
) -> None:
    client = management.client(method=method, expiration=expiration)
    parameters = {"token": extra} if extra else {}
    answer = client.createConsoleEndpoint(virtualmachineid=VM, **parameters)["consoleendpoint"]
    assert answer["success"] is True
    websocket = answer["websocket"]
    assert (websocket["host"], websocket["port"], websocket["path"]) == (
        "127.0.0.1",
        "8080",
        "websockify",
    )
    assert websocket.get("extra", "") == extra
    url = urlsplit(answer["url"])
    assert (url.scheme, url.netloc, url.path) == (
        "http",
        "127.0.0.1:8080",
        "/resource/noVNC/vnc.html",
    )
    query = parse_console_query(url.query)
    assert query.token == websocket["token"]
    endpoint = management.codec.decode(query.token)
    assert (endpoint.host, endpoint.port, endpoint.password) == (
        "2001:db8::10",
        5901,
        "vnc password",
    )
    assert (endpoint.vm_uuid, endpoint.display_name, endpoint.extra) == (VM, "web01", extra)
    assert endpoint.source_ip == "127.0.0.1"


def test_requests_that_never_expire_hand_out_no_console(management: Management) -> None:
    client = management.client(expiration=-1)
    assert client.listVirtualMachines()["count"] == 2
    with pytest.raises(CloudStackApiException, match="expires"):
        client.createConsoleEndpoint(virtualmachineid=VM)


def test_the_same_request_again(management: Management) -> None:
    client, given = management.client(), {"virtualmachineid": VM, "nonce": "n"}
    given["expires"] = "2099-01-01T00:00:00+0000"
    with pytest.raises(CloudStackApiException, match="too far ahead"):
        client.createConsoleEndpoint(**given)
    moment = datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=10)
    given["expires"] = moment.strftime("%Y-%m-%dT%H:%M:%S+0000")
    client.createConsoleEndpoint(**given)
    with pytest.raises(CloudStackApiException, match="received before"):
        client.createConsoleEndpoint(**given)
    client.createConsoleEndpoint(**{**given, "nonce": "another"})


def test_refusal_is_an_answer_with_details(management: Management) -> None:
    answer = management.client().createConsoleEndpoint(virtualmachineid=STOPPED_VM)
    assert answer["consoleendpoint"]["success"] is False
    assert "db01 must be running" in answer["consoleendpoint"]["details"]


@pytest.mark.parametrize("wrong", [{"secret": "wrong"}, {"key": "nobody"}])
def test_bad_signature(management: Management, wrong: dict[str, str]) -> None:
    with pytest.raises(CloudStackApiException) as caught:
        management.client(**wrong).listVirtualMachines()
    assert caught.value.error["errorcode"] == 401
    assert (
        caught.value.error["errortext"]
        == "unable to verify user credentials and/or request signature"
    )


def test_expired_request(management: Management) -> None:
    with pytest.raises(CloudStackApiException) as caught:
        management.client().listVirtualMachines(expires="2020-01-01T00:00:00+0000")
    assert caught.value.error["errorcode"] == 401


def test_cs_lists_page_by_page(management: Management) -> None:
    machines = management.client().listVirtualMachines(fetch_list=True, pagesize="1")
    assert [machine["name"] for machine in machines] == ["web01", "db01"]
    assert management.client().listConsoleSessions(fetch_list=True) == []


def test_second_authentication_is_refused(management: Management) -> None:
    endpoint = management.endpoint()
    assert management.authenticate(endpoint)
    assert not management.authenticate(endpoint)


def test_of_concurrent_authentications_one_wins(management: Management) -> None:
    with ThreadPoolExecutor(8) as pool:
        for _ in range(5):
            endpoint = management.endpoint()
            answers = list(pool.map(management.authenticate, [endpoint] * 8))
            assert answers.count(True) == 1


def test_load_reports_are_taken_in(management: Management) -> None:
    client = management.client()
    first, second = management.endpoint().session_uuid, management.endpoint()
    assert management.authenticate(second)
    assert management.report([first, second.session_uuid], []) == []
    (proxy,) = client.listSystemVms()["systemvm"]
    assert (proxy["activeviewersessions"], proxy["agentstate"]) == (2, "Up")
    (session,) = client.listConsoleSessions(activeonly=True)["consolesession"]
    assert (session["id"], session["clientaddress"]) == (second.session_uuid, "203.0.113.7")

    for _ in range(2):
        acknowledged = management.report([], [second.session_uuid, "unknown"])
        assert acknowledged == [second.session_uuid, "unknown"]
    (proxy,) = client.listSystemVms()["systemvm"]
    assert proxy["activeviewersessions"] == 0
    assert client.listConsoleSessions(activeonly=True) == {}
    (session,) = client.listConsoleSessions(id=second.session_uuid)["consolesession"]
    assert "removed" in session


def test_all_of_it_survives_a_restart(tmp_path: Path, database: str) -> None:
    config = config_in(tmp_path, database)
    with running(config) as management:
        management.register()
        endpoint = management.endpoint(token="s3cret")
    with running(config) as management:
        assert management.authenticate(endpoint)
        management.register()
        assert management.codec.decode(management.codec.encode(endpoint)) == endpoint
        assert management.client().listConsoleSessions()["count"] == 1


def test_answers_while_the_database_is_away(tmp_path: Path) -> None:
    server = MariaDb()
    try:
        with running(config_in(tmp_path, server.make_database())) as management:
            management.register()
            server.stop()
            with pytest.raises(CloudStackApiException) as caught:
                management.client().listConsoleSessions()
            assert caught.value.error["errorcode"] == 530
            assert "database cannot be used" in caught.value.error["errortext"]
            page = requests.get(f"{management.url}/", timeout=5)
            assert page.status_code == 503
            assert "database cannot be used" in page.text
            headers = {"Authorization": f"Bearer {SECRET}"}
            body = LoadReport.to_json(PROXY.name, "{}")
            load = requests.post(
                f"{management.url}/cpvm/load", data=body, headers=headers, timeout=5
            )
            assert load.status_code == 503
            server.start()
            assert management.client().listConsoleSessions() == {}
    finally:
        server.remove()
