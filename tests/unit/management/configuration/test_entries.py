import pytest

from consoleproxy.management.configuration.entries import entries, range_of, why_not_here
from consoleproxy.settings import Effect, Settings, declared_settings
from consoleproxy.settings.elsewhere import FOREIGN

# Every console setting of CloudStack's, with its own name.
CLOUDSTACKS = {
    *("consoleproxy.sslEnabled", "consoleproxy.url.domain", "consoleproxy.session.max"),
    *("consoleproxy.session.timeout", "consoleproxy.session.reconnection.window"),
    *("consoleproxy.capacity.standby", "consoleproxy.capacityscan.interval"),
    *("consoleproxy.loadscan.interval", "consoleproxy.launch.max", "consoleproxy.restart"),
    *("consoleproxy.cmd.port", "consoleproxy.disable.rpfilter", "consoleproxy.service.offering"),
    *("consoleproxy.management.state", "consoleproxy.management.state.last"),
    *("consoleproxy.extra.security.validation.enabled", "consoleproxy.port"),
    *("consoleproxy.static.publicIp", "consoleproxy.static.port", "consoleproxy.url.port"),
    *("novnc.console.default", "novnc.console.sourceip.check.enabled", "novnc.console.show.dot"),
    *("console.session.cleanup.retention.hours", "console.session.cleanup.interval"),
    "console.proxy.vm.userdata",
}
SHOWN = {entry.name: entry for entry in entries(Settings(ssl_enabled=True, session_max=7))}


def test_every_setting_is_there_once() -> None:
    names = [entry.name for entry in entries(Settings())]
    assert len(set(names)) == len(names)
    assert {declared.setting.name for declared in declared_settings()} <= set(names)
    assert set(names) >= CLOUDSTACKS


def test_they_are_shown_as_cloudstack_writes_them() -> None:
    ssl = SHOWN["consoleproxy.sslEnabled"]
    assert (ssl.value, ssl.default, ssl.type, ssl.dynamic) == ("true", "false", "Boolean", False)
    maximum = SHOWN["consoleproxy.session.max"]
    assert (maximum.value, maximum.default, maximum.type) == ("7", "50", "Number")
    assert maximum.dynamic
    policy = SHOWN["consoleproxy.session.policy"].answer()
    assert (policy["type"], policy["options"]) == ("Select", "replace,share,refuse")
    domain = SHOWN["consoleproxy.url.domain"].answer()
    assert (domain["type"], domain["scope"]) == ("String", "Global")
    assert "options" not in domain


def test_the_description_says_the_range_and_when_a_change_counts() -> None:
    assert SHOWN["consoleproxy.session.max"].description == (
        "Sessions on one proxy. At least 1 (sessions). A change counts at once."
    )
    port = SHOWN["consoleproxy.port"].description
    assert port.endswith("0 to 65535. A change counts for a proxy when it is started anew.")
    assert "CONSOLEPROXY_NAME" in SHOWN["consoleproxy.name"].description
    assert SHOWN["consoleproxy.restart"].description.startswith("Does nothing here: ")


@pytest.mark.parametrize("foreign", FOREIGN, ids=lambda foreign: str(foreign.name))
def test_what_has_no_effect_has_no_value(foreign: object) -> None:
    entry = SHOWN[getattr(foreign, "name", "")]
    assert (entry.value, entry.dynamic) == ("", False)


def test_secrets_are_not_shown() -> None:
    secret = [one for one in declared_settings() if one.setting.secret]
    settings = Settings(**dict.fromkeys((one.field for one in secret), "s3cret"))  # type: ignore[arg-type]
    shown = list(entries(settings))
    assert "s3cret" not in repr(shown)
    assert [entry.value for entry in shown].count("***") == len(secret)


def test_each_says_what_becomes_of_a_change() -> None:
    for declared in declared_settings():
        setting = declared.setting
        assert range_of(setting) == "" or range_of(setting).endswith(".")
        assert setting.environment in why_not_here(setting)
        if setting.effect is Effect.LOCAL:
            assert setting.environment in SHOWN[setting.name].description
