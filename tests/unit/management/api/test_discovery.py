from dataclasses import replace
from pathlib import Path

import pytest

from consoleproxy.management.accounts.caller import Role
from consoleproxy.settings import Settings
from tests.unit.management.world import World, in_world


@pytest.mark.parametrize(
    ("role", "has", "has_not"),
    [
        (Role.ADMIN, "updateConfiguration", "getUserKeys"),
        (Role.DOMAIN_ADMIN, "createAccount", "updateConfiguration"),
        (Role.USER, "createConsoleEndpoint", "createAccount"),
    ],
)
def test_commands_of_a_role(tmp_path: Path, role: Role, has: str, has_not: str) -> None:
    async def scenario(world: World) -> None:
        keys = await world.user("x", "ROOT" if role is Role.ADMIN else "ROOT/acme", role)
        answer = await world.call("listApis", keys)
        names = [api["name"] for api in answer["api"]]
        assert answer["count"] == len(names)
        assert (has in names, has_not in names) == (True, False)
        assert all(api["description"].endswith(".") for api in answer["api"])
        refused = await world.call("listApis", keys, name=has_not)
        assert refused["errorcode"] == 431
        (one,) = (await world.call("listApis", keys, name=has.upper()))["api"]
        assert one["name"] == has

    in_world(tmp_path, scenario)


def test_parameters_are_told(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        (api,) = (await world.call("listApis", name="deleteAccount"))["api"]
        assert api == {
            "name": "deleteAccount",
            "description": "Removes an account with its users, and ends its consoles and links.",
            "isasync": True,
            "related": "",
            "params": [
                {
                    "name": "id",
                    "description": "of the account",
                    "type": "uuid",
                    "length": 255,
                    "required": True,
                }
            ],
            "response": [],
        }

    in_world(tmp_path, scenario)


def test_limits_are_told(tmp_path: Path) -> None:
    settings = Settings(throttling_max=7, throttling_interval=3)

    async def limited(world: World) -> None:
        found = (await world.call("listCapabilities"))["capability"]
        assert (found["apilimitmax"], found["apilimitinterval"]) == (7, 3)

    async def unlimited(world: World) -> None:
        assert "apilimitmax" not in (await world.call("listCapabilities"))["capability"]

    in_world(tmp_path, limited, settings=settings)
    without = replace(settings, throttling_enabled=False)
    in_world(tmp_path, unlimited, settings=without)
