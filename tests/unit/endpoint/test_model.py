from dataclasses import fields, replace
from typing import Any

from consoleproxy.endpoint.policy import AccessRequest
from consoleproxy.endpoint.query import ConsoleQuery
from tests.unit.endpoint.samples import ENDPOINT, JWT_KEYS, KEYS, SECRET

_SECRET = "not to be seen"
_SECRET_FIELDS = (
    "password",
    "tunnel_session",
    "websocket_url",
    "hyperv_password",
    "ticket",
    "extra",
)


def test_no_repr_shows_a_secret() -> None:
    secrets: dict[str, Any] = dict.fromkeys(_SECRET_FIELDS, _SECRET)
    endpoint = replace(ENDPOINT, **secrets)
    assert _SECRET not in repr(endpoint)
    assert "web01" in repr(endpoint)
    assert {entry.name for entry in fields(endpoint) if not entry.repr} == set(_SECRET_FIELDS)
    assert _SECRET not in repr(ConsoleQuery(_SECRET, _SECRET))
    assert _SECRET not in repr(AccessRequest(_SECRET, "192.0.2.1"))


def test_no_repr_shows_a_key() -> None:
    assert repr(KEYS) == "EncryptionKeys()"
    assert SECRET not in repr(JWT_KEYS)
    assert "sealing_key" not in repr(JWT_KEYS)
