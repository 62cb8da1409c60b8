import logging
from pathlib import Path

import pytest

from tests.unit.management.world import WEB, World, in_world

NAME = "consoleproxy.extra.security.validation.enabled"


def test_list(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        async def listed(**wanted: str) -> set[str]:
            answer = await world.call("listConfigurations", **wanted)
            return {entry["name"] for entry in answer.get("configuration", [])}

        everything = await world.call("listConfigurations")
        assert everything["count"] == len(everything["configuration"]) == len(await listed())
        (entry,) = (await world.call("listConfigurations", name="consoleproxy.session.max"))[
            "configuration"
        ]
        assert (entry["value"], entry["defaultvalue"], entry["type"]) == ("20", "50", "Number")
        assert entry["isdynamic"] is True
        assert await listed(keyword="URL.domain") == {"consoleproxy.url.domain"}
        assert await listed(group="fleet", keyword="assignment") == {
            "consoleproxy.assignment.order"
        }
        assert await listed(category="advanced", keyword="show") == {"novnc.console.show.dot"}
        assert await listed(group="nothing") == set()
        page = await world.call("listConfigurations", page="2", pagesize="3")
        assert page["count"] == everything["count"]
        assert page["configuration"] == everything["configuration"][3:6]

    in_world(tmp_path, scenario, session_max=20)


def test_a_change_counts_at_once_and_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario(world: World) -> None:
        await world.register()
        assert (await world.console(virtualmachineid=WEB.uuid))["success"]
        answer = await world.call("updateConfiguration", name=NAME, value="True")
        assert answer["configuration"]["value"] == "true"
        assert not (await world.console(virtualmachineid=WEB.uuid))["success"]
        answer = await world.call("resetConfiguration", name=NAME)
        assert answer["configuration"]["value"] == "false"
        assert (await world.console(virtualmachineid=WEB.uuid))["success"]

    caplog.set_level(logging.INFO)
    in_world(tmp_path, scenario)
    changes = [line for line in caplog.messages if line.startswith("setting ")]
    assert changes == [
        f"setting {NAME} is true now, set by admin at 127.0.0.1",
        f"setting {NAME} is as each process has it again, reset by admin at 127.0.0.1",
    ]


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("consoleproxy.session.max", "many", "must be a whole number (sessions)"),
        ("consoleproxy.session.max", "0", "must be at least 1 (sessions)"),
        ("consoleproxy.session.max", "", "must be a whole number (sessions)"),
        ("consoleproxy.port", "65536", "must be at most 65535"),
        ("consoleproxy.session.policy", "both", "must be one of replace, share, refuse"),
        (NAME, "2", "must be true or false"),
        ("consoleproxy.url.domain", "https://a", "is not a host name"),
        ("consoleproxy.hypervisor.allowed", "everywhere", "everywhere"),
        ("consoleproxy.hypervisor.allowed", "1" * 5000, "at most 4096 letters"),
        ("consoleproxy.nonsense", "1", "there is no setting"),
        ("security.hash.key", "1", "there is no setting"),
        ("consoleproxy.manage.database", "x", "CONSOLEPROXY_MANAGE_DATABASE"),
        ("consoleproxy.management.secret", "x", "it is a secret"),
        ("consoleproxy.public.address", "x", "CONSOLEPROXY_PUBLIC_ADDRESS"),
        ("consoleproxy.service.offering", "x", "does nothing here"),
    ],
)
def test_what_cannot_be_set_is_refused_with_what_to_do(
    tmp_path: Path, name: str, value: str, reason: str
) -> None:
    async def scenario(world: World) -> None:
        answer = await world.call("updateConfiguration", name=name, value=value)
        assert answer["errorcode"] == 431
        assert name in answer["errortext"]
        assert reason in answer["errortext"]

    in_world(tmp_path, scenario)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"value": "1"}, "missing parameter name"),
        ({"name": "consoleproxy.session.max"}, "missing parameter value"),
        ({"name": "consoleproxy.session.max", "value": "1", "zoneid": "1"}, "zoneid"),
    ],
)
def test_parameters_that_are_missing_or_too_many(
    tmp_path: Path, given: dict[str, str], reason: str
) -> None:
    async def scenario(world: World) -> None:
        answer = await world.call("updateConfiguration", **given)
        assert answer["errorcode"] == 431
        assert reason in answer["errortext"]

    in_world(tmp_path, scenario)


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        everything = await world.call("listConfigurations")
        assert "s3cret" not in str(everything)
        shown = {entry["name"]: entry["value"] for entry in everything["configuration"]}
        assert shown["consoleproxy.capacity.webhook"] == "***"
        assert shown["consoleproxy.keystore.password"] == ""

    in_world(tmp_path, scenario, capacity_webhook="http://h/s3cret", manage_database="s3cret.db")


def test_a_secret_is_taken_and_neither_shown_nor_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    name = "consoleproxy.capacity.webhook"

    async def scenario(world: World) -> None:
        refused = await world.call("updateConfiguration", name=name, value="s3cret")
        assert refused["errorcode"] == 431
        assert "must be a URL" in refused["errortext"]
        taken = await world.call("updateConfiguration", name=name, value="http://h/s3cret")
        assert taken["configuration"]["value"] == "***"
        assert world.server.issuer.live.now.capacity_webhook == "http://h/s3cret"
        reset = await world.call("resetConfiguration", name=name)
        assert reset["configuration"]["value"] == ""
        assert "s3cret" not in str([refused, taken, reset])

    caplog.set_level(logging.INFO)
    in_world(tmp_path, scenario)
    assert f"setting {name} is *** now" in caplog.text
    assert "s3cret" not in caplog.text
