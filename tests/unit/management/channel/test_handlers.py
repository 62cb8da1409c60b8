import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest

from consoleproxy.management.certificates import Certificates
from consoleproxy.management.channel.documents import LoadAnswer, LoadReport, Registration
from consoleproxy.management.channel.hand_over import HandedKeystore, keystore_request
from consoleproxy.management.storage.sealing import Sealer
from consoleproxy.management.storage.sealing_keys import new_key
from tests.unit.management.world import (
    PROXY,
    SEALER,
    SECRET,
    World,
    chain_of,
    in_world,
    made_keystore,
    pem_of,
    running_world,
)

EMPTY_REPORT = LoadReport.to_json("cpvm-1", '{"connections": [], "removedSessions": ["a", "b"]}')


@pytest.mark.parametrize(
    "path", ["/cpvm/register", "/cpvm/authenticate", "/cpvm/load", "/cpvm/keystore", "/cpvm/watch"]
)
def test_shared_secret_is_needed(tmp_path: Path, path: str) -> None:
    async def scenario() -> None:
        async with running_world(tmp_path) as world:
            assert (await world.fetch(path, body="{}")).code == 401
            assert (await world.channel(path, "{}", secret="wrong")).code == 401
            assert (await world.channel(path, "{}", secret="")).code == 401
            await world.register()
            assert (await world.call("listSystemVms"))["count"] == 1

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "path", ["/cpvm/register", "/cpvm/authenticate", "/cpvm/load", "/cpvm/keystore", "/cpvm/watch"]
)
def test_unreadable_bodies(tmp_path: Path, path: str) -> None:
    async def scenario() -> None:
        async with running_world(tmp_path) as world:
            response = await world.channel(path, "[]")
            assert response.code == 400
            assert json.loads(response.body) == {"error": "not a JSON object"}

    asyncio.run(scenario())


def test_registration_hands_keys_and_rules_over(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with running_world(tmp_path, source_ip_check=True, extra_required=True) as world:
            response = await world.channel("/cpvm/register", PROXY.to_json())
            registration = Registration.from_json(response.body)
            assert registration.source_ip_check
            assert registration.extra_required
            keys = json.loads(registration.encryption_keys)
            assert set(keys) == {"base64EncodedKeyBytes", "base64EncodedIvBytes"}
        async with running_world(tmp_path) as world:
            again = await world.channel("/cpvm/register", PROXY.to_json())
            assert json.loads(Registration.from_json(again.body).encryption_keys) == keys

    asyncio.run(scenario())


def test_the_second_of_a_name_is_refused(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def scenario(world: World) -> None:
        await world.register(replace(PROXY, instance="first"))
        second = replace(PROXY, instance="second", port=9999)
        response = await world.channel("/cpvm/register", second.to_json())
        assert (response.code, "consoleproxy.name" in response.reason) == (409, True)
        assert "consoleproxy.name" in json.loads(response.body)["error"]

    in_world(tmp_path, scenario)
    assert "another one of this name runs elsewhere" in caplog.text


def test_load_report_of_a_stranger(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with running_world(tmp_path) as world:
            assert (await world.channel("/cpvm/load", EMPTY_REPORT)).code == 409

    asyncio.run(scenario())


def test_load_report_is_acknowledged_as_often_as_it_comes(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with running_world(tmp_path) as world:
            await world.register()
            for _ in range(2):
                response = await world.channel("/cpvm/load", EMPTY_REPORT)
                assert LoadAnswer.from_json(response.body) == LoadAnswer(("a", "b"))

    asyncio.run(scenario())


def test_get_is_not_answered(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with running_world(tmp_path) as world:
            assert (await world.fetch("/cpvm/load")).code == 401

    asyncio.run(scenario())


def test_keystore_under_another_key(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    keystore, renewed = made_keystore(), made_keystore()

    async def scenario() -> None:
        async with running_world(tmp_path) as world:
            issuer = world.server.issuer
            certificates = Certificates(issuer.database, SEALER, issuer.live, world.clock)
            key = keystore.key_pem().decode()
            await certificates.upload_all(pem_of(keystore.certificate), key, chain_of(keystore))
            response = await world.channel("/cpvm/keystore", keystore_request("cpvm-1"))
            handed = HandedKeystore.from_json(response.body, SECRET)
            assert handed.pem == keystore.pem()
            foreign = replace(certificates, sealer=Sealer.of(new_key()))
            key = renewed.key_pem().decode()
            await foreign.upload_all(pem_of(renewed.certificate), key, chain_of(renewed))
            response = await world.channel("/cpvm/keystore", keystore_request("cpvm-1"))
            assert response.code == 503
            assert "cannot be read" in json.loads(response.body)["error"]

    asyncio.run(scenario())
    assert "no keystore for cpvm-1: the private key in the database cannot be read" in caplog.text
