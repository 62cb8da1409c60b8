import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from consoleproxy.endpoint.cloudstack import EncryptionKeys
from consoleproxy.endpoint.codec import TokenCodec
from consoleproxy.endpoint.model import ConsoleEndpoint
from consoleproxy.errors import AuthenticationRefused, ManagementUnavailable
from consoleproxy.keystore.model import Keystore
from consoleproxy.management.certificates import Certificates
from consoleproxy.management.channel.client import Listener, ManagementClient
from consoleproxy.management.channel.documents import Registration
from consoleproxy.management.records.settings import forget_setting, store_setting
from consoleproxy.session.load import Load
from tests.unit.management.channel.test_bulletin import order, to_maintenance
from tests.unit.management.contracts import SESSION
from tests.unit.management.world import (
    PROXY,
    SEALER,
    SECRET,
    WEB,
    World,
    chain_of,
    made_keystore,
    pem_of,
    running_world,
)

EMPTY = Load(document='{"connections": []}')
ENDPOINT = ConsoleEndpoint(session_uuid="session", vm_uuid=WEB.uuid, password="the password")


@asynccontextmanager
async def client_to(url: str, secret: str = SECRET) -> AsyncIterator[ManagementClient]:
    client = ManagementClient(url, secret, PROXY.name)
    try:
        yield client
    finally:
        client.close()


def with_client(
    folder: Path, scenario: Callable[[World, ManagementClient], Awaitable[None]]
) -> None:
    async def main() -> None:
        async with running_world(folder) as world, client_to(world.url + "/") as client:
            await scenario(world, client)

    asyncio.run(main())


def test_session_from_registration_to_its_end(tmp_path: Path) -> None:
    async def scenario(world: World, client: ManagementClient) -> None:
        registration = await client.register(PROXY)
        codec = TokenCodec(EncryptionKeys.parse(registration.encryption_keys), None)
        console = await world.console(virtualmachineid=WEB.uuid)
        endpoint = codec.decode(console["websocket"]["token"])
        await client.authenticate(endpoint, "203.0.113.7")
        with pytest.raises(AuthenticationRefused, match="used before"):
            await client.authenticate(endpoint, "203.0.113.7")
        connections = [{"sessionUuid": endpoint.session_uuid}]
        assert (
            await client.report(Load(document=json.dumps({"connections": connections})))
            == frozenset()
        )
        (session,) = (await world.call("listConsoleSessions", activeonly="true"))["consolesession"]
        assert session["clientaddress"] == "203.0.113.7"
        (proxy,) = (await world.call("listSystemVms"))["systemvm"]
        assert proxy["activeviewersessions"] == 1
        ended = json.dumps({"connections": [], "removedSessions": [endpoint.session_uuid]})
        assert await client.report(Load(document=ended)) == {endpoint.session_uuid}
        assert await world.call("listConsoleSessions", activeonly="true") == {}
        await client.authenticate(endpoint, "203.0.113.7", reconnecting=True)

    with_client(tmp_path, scenario)


def test_refusal_says_why_and_holds_no_password(tmp_path: Path) -> None:
    async def scenario(world: World, client: ManagementClient) -> None:
        await client.register(PROXY)
        with pytest.raises(AuthenticationRefused, match="VNC password") as caught:
            await client.authenticate(ENDPOINT, "203.0.113.7")
        assert "the password" not in str(caught.value)

    with_client(tmp_path, scenario)


def test_forgotten_proxy_registers_anew(tmp_path: Path) -> None:
    registrations: list[Registration] = []

    async def main() -> None:
        async with running_world(tmp_path / "one") as old:
            client = ManagementClient(
                old.url, SECRET, PROXY.name, Listener(registered=registrations.append)
            )
            await client.register(PROXY)
            port = old.server.port
        async with running_world(tmp_path / "two", port=port) as world:
            assert await client.report(EMPTY) == frozenset()
            assert (await world.call("listSystemVms"))["count"] == 1
        client.close()

    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    asyncio.run(main())
    first, second = registrations
    assert first.encryption_keys != second.encryption_keys


def test_keystore_is_told_of_and_handed_over(tmp_path: Path) -> None:
    first, second = made_keystore(), made_keystore()
    versions: list[str] = []

    async def upload(world: World, keystore: Keystore) -> None:
        issuer = world.server.issuer
        certificates = Certificates(issuer.database, SEALER, issuer.live, world.clock)
        key = keystore.key_pem().decode()
        await certificates.upload_all(pem_of(keystore.certificate), key, chain_of(keystore))

    async def main() -> None:
        async with running_world(tmp_path) as world:
            client = ManagementClient(
                world.url, SECRET, PROXY.name, Listener(keystore_changed=versions.append)
            )
            await client.register(PROXY)
            assert await client.keystore() == b""
            assert versions == []
            await upload(world, first)
            for _ in range(2):
                await client.report(EMPTY)
            assert versions == [client.keystore_version]
            assert await client.keystore() == first.pem()
            await upload(world, second)
            await client.register(PROXY)
            await client.register(PROXY)
            assert len(set(versions)) == len(versions) == 2
            assert await client.keystore() == second.pem()
            client.close()

    asyncio.run(main())


def test_report_before_registration(tmp_path: Path) -> None:
    async def scenario(world: World, client: ManagementClient) -> None:
        with pytest.raises(ManagementUnavailable, match="409"):
            await client.report(EMPTY)

    with_client(tmp_path, scenario)


def test_news_are_heard_once_each(tmp_path: Path) -> None:
    async def main() -> None:
        heard: asyncio.Queue[object] = asyncio.Queue()
        listener = Listener(
            settings_changed=heard.put_nowait,
            maintenance_changed=heard.put_nowait,
            end_session=heard.put_nowait,
        )
        async with running_world(tmp_path) as world, asyncio.timeout(10):
            client = ManagementClient(world.url, SECRET, PROXY.name, listener)
            await client.register(PROXY)
            database = world.server.issuer.database
            watching = asyncio.get_running_loop().create_task(client.watch(), name="watch")
            await database.run(
                lambda db: store_setting(db, "consoleproxy.session.max", "5", SEALER)
            )
            assert await heard.get() == {"consoleproxy.session.max": "5"}
            await database.run(to_maintenance)
            assert await heard.get() is True
            await database.run(order)
            assert await heard.get() == SESSION.uuid
            await client.report(EMPTY)
            await database.run(lambda db: forget_setting(db, "consoleproxy.session.max"))
            assert await heard.get() == {}
            assert heard.empty()
            watching.cancel()
            await asyncio.wait({watching})
            client.close()

    asyncio.run(main())


def test_watch_outlives_a_server_that_is_away(tmp_path: Path) -> None:
    async def main() -> None:
        heard: asyncio.Queue[bool] = asyncio.Queue()
        async with running_world(tmp_path) as world:
            listener = Listener(maintenance_changed=heard.put_nowait)
            client = ManagementClient(world.url, SECRET, PROXY.name, listener)
            await client.register(PROXY)
            watching = asyncio.get_running_loop().create_task(client.watch(), name="watch")
            await asyncio.sleep(0.01)
            port = world.server.port
        async with running_world(tmp_path, port=port) as world, asyncio.timeout(10):
            await world.server.issuer.database.run(to_maintenance)
            assert await heard.get()
            watching.cancel()
            await asyncio.wait({watching})
        client.close()

    asyncio.run(main())
