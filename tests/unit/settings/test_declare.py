from consoleproxy.settings.declare import Setting, milliseconds, port, switch


def test_environment_variable_has_the_setting_s_name() -> None:
    assert Setting("consoleproxy.session.max", "").environment == "CONSOLEPROXY_SESSION_MAX"
    assert (
        Setting("novnc.console.sourceip.check.enabled", "").environment
        == "CONSOLEPROXY_NOVNC_CONSOLE_SOURCEIP_CHECK_ENABLED"
    )


def test_makers_give_fields_with_their_setting() -> None:
    window = milliseconds("consoleproxy.window", 30, "Help.", minimum=1, boot="window")
    assert window.default == 30  # type: ignore[attr-defined]
    declared = window.metadata["setting"]  # type: ignore[attr-defined]
    assert (declared.unit, declared.minimum, declared.boot_argument) == ("ms", 1, "window")
    limits = port("consoleproxy.port", 0, "Help.").metadata["setting"]  # type: ignore[attr-defined]
    assert (limits.minimum, limits.maximum) == (0, 65535)
    assert switch("consoleproxy.on", True, "Help.").default is True  # type: ignore[attr-defined]
