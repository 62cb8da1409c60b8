"""Settings are declared once, and completely; the last class of the chain has them all."""

from consoleproxy.settings import Settings, declared_settings


def test_names_and_environment_variables_are_unique() -> None:
    settings = [declared.setting for declared in declared_settings()]
    assert len({setting.name for setting in settings}) == len(settings)
    assert len({setting.environment for setting in settings}) == len(settings)


def test_each_setting_has_help_and_a_default_of_its_type() -> None:
    for declared in declared_settings():
        assert declared.setting.help.endswith("."), declared
        assert isinstance(declared.default, declared.type), declared


def test_numbers_of_time_say_their_unit() -> None:
    for declared in declared_settings():
        if declared.setting.name.endswith((".interval", ".timeout", ".window")):
            first = declared.setting.name.partition(".")[0]
            # CloudStack's own units.
            unit = {"console": "hours", "api": "s"}.get(first, "ms")
            assert declared.setting.unit == unit, declared


def test_what_opens_other_things_is_never_printed() -> None:
    secret = {declared.field for declared in declared_settings() if declared.setting.secret}
    assert {
        "management_secret",
        "manage_page_key",
        "manage_database",
        "manage_encryption_key",
        "capacity_webhook",
        "keystore_password",
    } == secret


def test_the_management_server_is_on_this_machine() -> None:
    settings = Settings()
    assert settings.manage_address == "127.0.0.1"
    assert settings.management_url.endswith(str(settings.manage_port))
