import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from consoleproxy.management.accounts.caller import Role
from consoleproxy.management.api.signature import sign
from consoleproxy.settings import Settings
from tests.unit.management.world import WEB, running_world

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def answered(
    folder: Path, query: str = "", body: str | None = None, **headers: str
) -> tuple[int, dict[str, Any]]:
    async def scenario() -> tuple[int, dict[str, Any]]:
        async with running_world(folder) as world:
            path = f"/client/api?{query}" if query else "/client/api"
            response = await world.fetch(path, body=body, headers=headers)
            assert response.headers["Content-Type"] == "application/json; charset=UTF-8"
            assert "Server" not in response.headers
            return response.code, json.loads(response.body)

    return asyncio.run(scenario())


def test_get_and_post_give_the_same(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with running_world(tmp_path) as world:
            query = world.signed("listVirtualMachines", keyword="WEB")
            got = await world.fetch(f"/client/api?{query}")
            posted = await world.fetch("/client/api", body=query, headers=FORM)
            mixed = await world.fetch(
                f"/client/api?{query.partition('&')[0]}",
                body=query.partition("&")[2],
                headers=FORM,
            )
            assert got.code == 200
            assert got.body == posted.body == mixed.body
            assert WEB.uuid in got.body.decode()

    asyncio.run(scenario())


def test_names_of_parameters_and_commands_in_any_case(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with running_world(tmp_path) as world:
            account = world.server.account
            parameters = {"APIKEY": account.api_key, "Command": "LISTvirtualmachines"}
            signature = sign(parameters, account.secret_key)
            query = "&".join(f"{name}={value}" for name, value in parameters.items())
            response = await world.fetch(
                f"/client/api?{query}&Signature={signature.replace('+', '%2B')}"
            )
            assert list(json.loads(response.body)) == ["listvirtualmachinesresponse"]

    asyncio.run(scenario())


def test_bad_signature_and_unknown_key_read_the_same(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with running_world(tmp_path) as world:
            key = world.server.account.api_key
            answers = [
                await world.fetch(f"/client/api?command=listVirtualMachines&{rest}")
                for rest in ("", "apiKey=nobody&signature=x", f"apiKey={key}&signature=x")
            ]
            assert {answer.code for answer in answers} == {401}
            assert len({answer.body for answer in answers}) == 1
            assert json.loads(answers[0].body) == {
                "listvirtualmachinesresponse": {
                    "uuidList": [],
                    "errorcode": 401,
                    "cserrorcode": 9999,
                    "errortext": "unable to verify user credentials and/or request signature",
                }
            }

    asyncio.run(scenario())


def test_signed_but_unknown_command(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with running_world(tmp_path) as world:
            response = await world.fetch(f"/client/api?{world.signed('deployVirtualMachine')}")
            assert response.code == 432
            assert json.loads(response.body)["errorresponse"]["errorcode"] == 432

    asyncio.run(scenario())


def test_xml_is_refused(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with running_world(tmp_path) as world:
            query = world.signed("listVirtualMachines", response="xml")
            response = await world.fetch(f"/client/api?{query}")
            assert response.code == 431
            assert "response=json" in response.body.decode()

    asyncio.run(scenario())


def test_parameters_that_cannot_be_meant(tmp_path: Path) -> None:
    status, document = answered(tmp_path, "command=a&Command=b")
    assert status == 431
    assert "sent twice" in document["errorresponse"]["errortext"]


@pytest.mark.parametrize(
    ("role", "allowed"), [(Role.ADMIN, True), (Role.DOMAIN_ADMIN, False), (Role.USER, False)]
)
def test_commands_are_for_their_roles(tmp_path: Path, role: Role, allowed: bool) -> None:
    async def scenario() -> None:
        async with running_world(tmp_path) as world:
            keys = await world.user("web", "ROOT/acme" if role != "Admin" else "ROOT", role)
            answer = await world.call("listConfigurations", keys)
            unknown = await world.fetch(f"/client/api?{world.signed('nonsense', keys)}")
            if allowed:
                assert answer["count"] > 10
            else:
                assert answer["errorcode"] == 432
                text = json.loads(unknown.body)["errorresponse"]["errortext"]
                assert answer["errortext"] == text

    asyncio.run(scenario())


def test_too_many_requests_are_told_when_to_come_again(tmp_path: Path) -> None:
    async def scenario() -> None:
        settings = Settings(throttling_max=1, throttling_interval=600)
        async with running_world(tmp_path, settings=settings) as world:
            await world.call("listVirtualMachines")
            query = world.signed("listVirtualMachines")
            response = await world.fetch(f"/client/api?{query}")
            error = json.loads(response.body)["listvirtualmachinesresponse"]
            assert (response.code, error["errorcode"], error["cserrorcode"]) == (429, 429, 9999)
            assert response.headers["Retry-After"] == "600"

    asyncio.run(scenario())


def test_body_that_is_no_form(tmp_path: Path) -> None:
    status, document = answered(tmp_path, body="{}", **{"Content-Type": "application/json"})
    assert status == 431
    assert "form" in document["errorresponse"]["errortext"]


def test_other_methods(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with running_world(tmp_path) as world:
            response = await world.http.fetch(
                f"{world.url}/client/api", method="DELETE", raise_error=False
            )
            assert response.code == 405
            assert json.loads(response.body)["errorresponse"]["errorcode"] == 405

    asyncio.run(scenario())
