"""Settings are declared once, and completely."""

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
            assert declared.setting.unit == "ms", declared


def test_cloudstacks_defaults() -> None:
    settings = Settings()
    assert settings.loadscan_interval == 5000
    assert settings.session_max == 50
    assert settings.session_timeout == 300_000
    assert not settings.ssl_enabled
    assert settings.session_policy == "replace"
