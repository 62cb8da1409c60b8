"""Token keys come from files, or all that is wrong with them is told."""

import base64
import dataclasses
from pathlib import Path
from typing import Any

import pytest

from consoleproxy.cli.token_keys import codec_of_files, jwt_keys_of
from consoleproxy.endpoint import cloudstack, jwt
from consoleproxy.errors import SettingsInvalid, TokenInvalid
from consoleproxy.settings import Settings
from tests.unit.endpoint.samples import ENDPOINT, JWT_KEYS, KEYS, SEALING_KEY, SECRET

_NOW = 1_767_225_600.0


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "keys").write_text(f"{KEYS.to_json()}\n")
    (tmp_path / "secret").write_text(SECRET)
    (tmp_path / "sealing").write_text(base64.b64encode(SEALING_KEY).decode())
    return Settings(
        token_key_file=str(tmp_path / "keys"),
        jwt_algorithm="HS256",
        jwt_key_file=str(tmp_path / "secret"),
        jwt_sealing_key_file=str(tmp_path / "sealing"),
    )


def test_tokens_of_both_kinds_are_opened(settings: Settings) -> None:
    codec = codec_of_files(settings)
    assert codec.decode(cloudstack.encode(ENDPOINT, KEYS)) == ENDPOINT
    opened = codec.decode(jwt.encode(ENDPOINT, JWT_KEYS, _NOW, 60))
    assert opened.session_uuid == ENDPOINT.session_uuid
    assert jwt_keys_of(settings) == JWT_KEYS


def test_without_settings_nothing_is_opened() -> None:
    assert jwt_keys_of(Settings()) is None
    codec = codec_of_files(Settings())
    for token in (cloudstack.encode(ENDPOINT, KEYS), jwt.encode(ENDPOINT, JWT_KEYS, _NOW, 60)):
        with pytest.raises(TokenInvalid):
            codec.decode(token)


def test_the_older_form_is_opened_where_it_may_be(settings: Settings) -> None:
    token = cloudstack.encode(ENDPOINT, KEYS, form="cbc")
    assert codec_of_files(settings).decode(token) == ENDPOINT
    with pytest.raises(TokenInvalid):
        codec_of_files(dataclasses.replace(settings, accept_cbc=False)).decode(token)


def test_the_audience_is_the_setting_s(settings: Settings) -> None:
    keys = jwt_keys_of(dataclasses.replace(settings, jwt_audience="another"))
    assert keys is not None
    assert keys.audience == "another"


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("token_key_file", "consoleproxy.token.key.file"),
        ("jwt_key_file", "consoleproxy.token.jwt.key.file"),
        ("jwt_sealing_key_file", "consoleproxy.token.jwt.sealing.key.file"),
    ],
)
def test_a_file_that_is_missing_is_named(
    settings: Settings, tmp_path: Path, field: str, name: str
) -> None:
    path = str(tmp_path / "missing")
    changed: dict[str, Any] = {field: path}
    with pytest.raises(SettingsInvalid) as caught:
        codec_of_files(dataclasses.replace(settings, **changed))
    assert caught.value.problems == (f"{name}: {path}: No such file or directory",)


def test_a_jwt_key_that_is_not_set_is_said_to_be_empty() -> None:
    with pytest.raises(SettingsInvalid, match=r"sealing\.key\.file: is empty: "):
        jwt_keys_of(Settings(jwt_algorithm="HS256"))


@pytest.mark.parametrize("field", ["token_key_file", "jwt_sealing_key_file"])
def test_a_file_without_a_key_is_refused(settings: Settings, tmp_path: Path, field: str) -> None:
    (tmp_path / "nonsense").write_text("nonsense")
    changed: dict[str, Any] = {field: str(tmp_path / "nonsense")}
    with pytest.raises(SettingsInvalid):
        codec_of_files(dataclasses.replace(settings, **changed))
