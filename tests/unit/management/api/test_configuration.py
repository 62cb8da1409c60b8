from pathlib import Path

from consoleproxy.management.api.configuration import Configuration, shown_configurations
from consoleproxy.settings import Settings
from tests.unit.management.world import World, in_world

CONFIGURATIONS = (
    Configuration("consoleproxy.session.max", "20", "50", "Sessions on one proxy.", "Number"),
    Configuration("consoleproxy.url.domain", "", "", "Host of console URLs.", "String"),
)


def test_settings_are_shown_as_cloudstack_writes_them() -> None:
    shown = {entry.name: entry for entry in shown_configurations(Settings(ssl_enabled=True))}
    ssl = shown["consoleproxy.sslEnabled"]
    assert (ssl.value, ssl.default, ssl.type) == ("true", "false", "Boolean")
    maximum = shown["consoleproxy.session.max"]
    assert (maximum.value, maximum.type) == ("50", "Number")
    assert shown["consoleproxy.url.domain"].type == "String"


def test_secrets_are_left_out() -> None:
    settings = Settings(management_secret="the secret", manage_page_key="the secret")
    shown = shown_configurations(settings)
    assert all(isinstance(entry, Configuration) for entry in shown)
    assert "the secret" not in repr(shown)


def test_configurations(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        everything = await world.call("listConfigurations")
        assert everything["count"] == 2
        (entry,) = (await world.call("listConfigurations", name="consoleproxy.session.max"))[
            "configuration"
        ]
        assert (entry["value"], entry["defaultvalue"], entry["type"]) == ("20", "50", "Number")
        found = await world.call("listConfigurations", keyword="url")
        assert found["count"] == 1

    in_world(tmp_path, scenario, configurations=CONFIGURATIONS)
