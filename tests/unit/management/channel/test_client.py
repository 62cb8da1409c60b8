import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from consoleproxy.endpoint.cloudstack import EncryptionKeys
from consoleproxy.endpoint.codec import TokenCodec
from consoleproxy.endpoint.model import ConsoleEndpoint
from consoleproxy.errors import AuthenticationRefused, ManagementUnavailable
from consoleproxy.keystore.model import Keystore
from consoleproxy.management.certificates import Certificates
from consoleproxy.management.channel.client import ManagementClient
from consoleproxy.management.channel.documents import Registration
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
        assert await client.report(json.dumps({"connections": connections})) == frozenset()
        (session,) = (await world.call("listConsoleSessions", activeonly="true"))["consolesession"]
        assert session["clientaddress"] == "203.0.113.7"
        (proxy,) = (await world.call("listSystemVms"))["systemvm"]
        assert proxy["activeviewersessions"] == 1
        ended = json.dumps({"connections": [], "removedSessions": [endpoint.session_uuid]})
        assert await client.report(ended) == {endpoint.session_uuid}
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
            client = ManagementClient(old.url, SECRET, PROXY.name, registrations.append)
            await client.register(PROXY)
            port = old.server.port
        async with running_world(tmp_path / "two", port=port) as world:
            assert await client.report('{"connections": []}') == frozenset()
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
        certificates = Certificates(world.server.issuer.database, SEALER, "", world.clock)
        key = keystore.key_pem().decode()
        await certificates.upload_all(pem_of(keystore.certificate), key, chain_of(keystore))

    async def main() -> None:
        async with running_world(tmp_path) as world:
            client = ManagementClient(
                world.url, SECRET, PROXY.name, keystore_changed=versions.append
            )
            await client.register(PROXY)
            assert await client.keystore() == b""
            assert versions == []
            await upload(world, first)
            for _ in range(2):
                await client.report('{"connections": []}')
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
            await client.report('{"connections": []}')

    with_client(tmp_path, scenario)


def test_wrong_secret_names_the_setting(tmp_path: Path) -> None:
    async def main() -> None:
        async with running_world(tmp_path) as world, client_to(world.url, "wrong") as client:
            with pytest.raises(ManagementUnavailable, match=r"consoleproxy\.management\.secret"):
                await client.authenticate(ENDPOINT, "203.0.113.7")

    asyncio.run(main())


def test_nobody_there() -> None:
    async def main() -> None:
        async with client_to("http://127.0.0.1:1") as client:
            with pytest.raises(ManagementUnavailable, match="/cpvm/register"):
                await client.register(replace(PROXY))

    asyncio.run(main())


@asynccontextmanager
async def speaking(answer: bytes) -> AsyncIterator[str]:
    """The URL of a server that answers every connection with these bytes."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>",
        b'HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n{"allowed": "no"}',
        b"HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n",
    ],
)
def test_servers_that_are_something_else(answer: bytes) -> None:
    async def main() -> None:
        async with speaking(answer) as url, client_to(url) as client:
            with pytest.raises(ManagementUnavailable):
                await client.authenticate(ENDPOINT, "203.0.113.7")

    asyncio.run(main())


def test_address_that_is_no_url() -> None:
    async def main() -> None:
        async with client_to("management.example.org:8088") as client:
            with pytest.raises(ManagementUnavailable):
                await client.register(PROXY)

    asyncio.run(main())
