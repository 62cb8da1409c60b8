"""Precedence of sources, and mistakes that are all told at once."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.errors import SettingsInvalid
from consoleproxy.sources import resolve_settings


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_precedence_from_command_line_down_to_default(tmp_path: Path) -> None:
    config = _write(
        tmp_path / "c.toml",
        "[consoleproxy.session]\nmax = 3\ntimeout = 4000\nreconnection.window = 1\n"
        '[consoleproxy]\nname = "file"\n',
    )
    resolved = resolve_settings(
        command_line=["consoleproxy.session.max=1"],
        environment={
            "CONSOLEPROXY_SESSION_MAX": "2",
            "CONSOLEPROXY_SESSION_TIMEOUT": "2000",
            "CONSOLEPROXY_NOVNC_CONSOLE_SOURCEIP_CHECK_ENABLED": "true",
        },
        config_file=config,
        boot_arguments="type=consoleproxy name=v-2-VM session_reconnection_window=77",
    )
    settings = resolved.settings
    assert settings.session_max == 1
    assert settings.session_timeout == 2000
    assert settings.name == "file"
    assert settings.session_reconnection_window == 1
    assert settings.source_ip_check is True
    assert settings.loadscan_interval == 5000
    assert resolved.sources["session_max"] == "command line"
    assert resolved.sources["session_timeout"] == "environment"
    assert resolved.sources["name"] == f"file {config}"
    assert resolved.sources["loadscan_interval"] == "default"


def test_boot_arguments_come_before_defaults() -> None:
    resolved = resolve_settings(environment={}, boot_arguments="name=v-2-VM host=10.1.1.2 x")
    assert resolved.settings.name == "v-2-VM"
    assert resolved.sources["name"] == "boot arguments"


def test_all_mistakes_are_told_together(tmp_path: Path) -> None:
    config = _write(tmp_path / "c.toml", "consoleproxy.sesion.max = 5\n")
    with pytest.raises(SettingsInvalid) as raised:
        resolve_settings(
            command_line=["consoleproxy.session.policy=both", "oops"],
            environment={"CONSOLEPROXY_SESSION_MAX": "many", "CONSOLEPROXY_SSLENABLED": "2"},
            config_file=config,
        )
    text = "\n".join(raised.value.problems)
    assert "consoleproxy.sesion.max" in text
    assert "must be one of replace, share, refuse" in text
    assert "write --set name=value" in text
    assert "must be a whole number (sessions)" in text
    assert "must be true or false" in text


def test_a_file_that_is_not_there_or_not_toml(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match="cannot be read"):
        resolve_settings(environment={}, config_file=tmp_path / "none.toml")
    with pytest.raises(SettingsInvalid, match="is not TOML"):
        resolve_settings(environment={}, config_file=_write(tmp_path / "c.toml", "a = = 1"))


def test_numbers_have_bounds() -> None:
    for text in ("consoleproxy.session.timeout=1", "consoleproxy.port=65536"):
        with pytest.raises(SettingsInvalid, match="must be at"):
            resolve_settings(command_line=[text], environment={})


def test_secrets_are_not_printed() -> None:
    resolved = resolve_settings(
        command_line=["consoleproxy.management.secret=hush"], environment={}
    )
    text = "\n".join(resolved.lines())
    assert "hush" not in text
    assert "consoleproxy.management.secret = ***  (command line)" in text
    assert "consoleproxy.session.max = 50  (default)" in text


def test_what_a_system_vm_was_told_counts_as_its_boot_arguments() -> None:
    resolved = resolve_settings(
        command_line=["consoleproxy.session.max=1"],
        environment={},
        told={"consoleproxy.session.max": "2", "consoleproxy.public.address": "203.0.113.9"},
    )
    assert resolved.settings.session_max == 1
    assert resolved.settings.public_address == "203.0.113.9"
    assert resolved.sources["public_address"] == "boot arguments"


@given(st.text())
def test_any_boot_arguments_are_survived(text: str) -> None:
    try:
        resolve_settings(environment={}, boot_arguments=text)
    except SettingsInvalid as invalid:
        assert invalid.problems
