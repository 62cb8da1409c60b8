"""A proxy without a management server: tokens alone decide."""

import asyncio
import dataclasses
import datetime
import os
import uuid
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from consoleproxy import errors
from consoleproxy.cli.cpvm import running_cpvm
from consoleproxy.endpoint import cloudstack, jwt
from consoleproxy.endpoint.cloudstack import EncryptionKeys
from consoleproxy.endpoint.jwt_keys import JwtKeys
from consoleproxy.endpoint.model import ConsoleEndpoint
from consoleproxy.errors import ConsoleRefused
from consoleproxy.settings import Settings
from tests.integration.fixtures.qemu import Qemu
from tests.integration.fixtures.standalone import running_proxy
from tests.integration.fixtures.viewer import Refusal, Viewer
from tests.waiting import free_port

_PASSWORD = "secret12"
_SECRET = "0123456789abcdef" * 2
_SEALING_KEY = bytes(range(32))
_KEYS = EncryptionKeys(bytes(16), bytes(range(16)))
_JWT = JwtKeys(algorithm="HS256", key=_SECRET, sealing_key=_SEALING_KEY, audience="consoleproxy")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "secret").write_text(_SECRET)
    (tmp_path / "sealing").write_text(b64encode(_SEALING_KEY).decode())
    (tmp_path / "keys").write_text(_KEYS.to_json())
    return Settings(
        listen_address="127.0.0.1",
        port=free_port(),
        admin_port=free_port(),
        management_url="",
        hypervisor_allowed="127.0.0.0/8",
        token_key_file=str(tmp_path / "keys"),
        jwt_algorithm="HS256",
        jwt_key_file=str(tmp_path / "secret"),
        jwt_sealing_key_file=str(tmp_path / "sealing"),
    )


@pytest.fixture
def endpoint(qemu_factory: Callable[..., Qemu]) -> ConsoleEndpoint:
    guest = qemu_factory(password=_PASSWORD)
    return ConsoleEndpoint(
        session_uuid=str(uuid.uuid4()),
        vm_uuid="vm-1",
        display_name="web-1",
        host="127.0.0.1",
        port=guest.port,
        password=_PASSWORD,
        extra=os.urandom(8).hex(),
    )


def _url(settings: Settings, token: str, extra: str) -> str:
    return f"http://127.0.0.1:{settings.port}/?token={token}&extra={extra}"


def _now() -> float:
    return datetime.datetime.now(datetime.UTC).timestamp()


def _refusal(settings: Settings, endpoint: ConsoleEndpoint, token: str) -> Refusal:
    with Viewer(_url(settings, token, endpoint.extra)) as viewer:
        return viewer.refused()


@pytest.mark.parametrize("form", ["gcm", "cbc", "jwt"])
def test_each_form_of_token_opens_one_console(
    settings: Settings, endpoint: ConsoleEndpoint, form: str
) -> None:
    if form == "jwt":
        token = jwt.encode(endpoint, _JWT, _now(), 60)
    else:
        token = cloudstack.encode(endpoint, _KEYS, form="cbc" if form == "cbc" else "gcm")
    assert _PASSWORD not in token
    with running_proxy(settings):
        with Viewer(_url(settings, token, endpoint.extra)) as viewer:
            assert viewer.log_in().name == "web-1"
            viewer.close()
        assert _refusal(settings, endpoint, token).reason == errors.SessionUsed.sentence


@pytest.mark.parametrize(
    ("made_before", "expected"),
    [(120.0, errors.TokenExpired), (-600.0, errors.TokenNotYetValid)],
)
def test_a_token_has_its_time(
    settings: Settings,
    endpoint: ConsoleEndpoint,
    made_before: float,
    expected: type[ConsoleRefused],
) -> None:
    token = jwt.encode(endpoint, _JWT, _now() - made_before, 60)
    with running_proxy(settings):
        refusal = _refusal(settings, endpoint, token)
    assert refusal == Refusal(expected.sentence, expected.close_code, expected.sentence)


def test_the_older_form_can_be_refused(settings: Settings, endpoint: ConsoleEndpoint) -> None:
    token = cloudstack.encode(endpoint, _KEYS, form="cbc")
    with running_proxy(dataclasses.replace(settings, accept_cbc=False)):
        assert _refusal(settings, endpoint, token).code == 4400


def test_without_any_key_it_does_not_start(settings: Settings) -> None:
    with pytest.raises(errors.SettingsInvalid, match="nothing can open tokens"):
        asyncio.run(_start(dataclasses.replace(settings, token_key_file="", jwt_algorithm="")))


@pytest.mark.parametrize(
    ("address", "reached_by"), [("::", ["127.0.0.1", "[::1]"]), ("::1", ["[::1]"])]
)
def test_it_listens_where_it_is_told(
    settings: Settings, address: str, reached_by: list[str]
) -> None:
    with running_proxy(dataclasses.replace(settings, listen_address=address)):
        for host in reached_by:
            answer = requests.get(f"http://{host}:{settings.port}/healthz", timeout=10)
            assert answer.text == "ok\n"


async def _start(settings: Settings) -> None:
    async with running_cpvm(settings):
        """It must not come this far."""
