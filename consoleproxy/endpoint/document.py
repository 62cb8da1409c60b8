"""The JSON document inside a token: the fields of CloudStack's ``ConsoleProxyClientParam``."""

import json
import re
from collections.abc import Mapping

from consoleproxy.endpoint.model import ConsoleEndpoint

MAX_TOKEN_LENGTH = 16 * 1024

SECRET_FIELDS = frozenset(
    {
        "clientHostPassword",
        "clientTunnelSession",
        "websocketUrl",
        "password",
        "ticket",
        "extraSecurityToken",
    }
)

_NO_PORT = (-1, -9)  # XenServer's and Hyper-V's, from CloudStack; tickets are made over them
_IDENTIFIER = re.compile(r"[A-Za-z0-9._:-]{1,200}")
_ADDRESS = re.compile(r"[A-Za-z0-9._:%\[\]-]{0,255}")
# unix(7): a socket's path has 107 bytes or fewer.
_ADDRESS_OR_SOCKET = re.compile(rf"{_ADDRESS.pattern}|unix:/[!-~]{{1,106}}")

# Gson's HTML-safe form, which CloudStack writes; a JSON reader undoes it.
_HTML_SAFE = str.maketrans({character: f"\\u{ord(character):04x}" for character in "<>&='"})


def to_document(endpoint: ConsoleEndpoint) -> dict[str, str | int | bool]:
    """Return the fields that CloudStack would write: no empty text, every number and boolean.

    Its times and its instance name stay out: CloudStack's document has none.
    """
    document: dict[str, str | int | bool] = {
        "clientHostAddress": endpoint.host,
        "clientHostPort": endpoint.port,
        "clientHostPassword": endpoint.password,
        "clientTag": endpoint.vm_uuid,
        "clientDisplayName": endpoint.display_name,
        "ticket": endpoint.ticket,
        "locale": endpoint.locale,
        "clientTunnelUrl": endpoint.tunnel_url,
        "clientTunnelSession": endpoint.tunnel_session,
        "hypervHost": endpoint.hyperv_host,
        "username": endpoint.username,
        "password": endpoint.hyperv_password,
        "websocketUrl": endpoint.websocket_url,
        "sourceIP": endpoint.source_ip,
        "sessionUuid": endpoint.session_uuid,
        "extraSecurityToken": endpoint.extra,
        "sessionRequiresNewViewer": endpoint.requires_new_viewer,
    }
    return {name: value for name, value in document.items() if value != ""}


def write_document(document: Mapping[str, str | int | bool]) -> bytes:
    """Return the JSON text as Gson writes it."""
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False)
    return text.translate(_HTML_SAFE).encode("utf-8")


def read_document(data: bytes) -> dict[str, object]:
    """Return the object that a JSON text holds.

    Raises:
        ValueError: not UTF-8, not JSON, not an object, or a name twice.
    """
    try:
        document = json.loads(data.decode("utf-8"), object_pairs_hook=_object)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(document, dict):
        raise ValueError("not a JSON object")
    return document


def to_endpoint(document: Mapping[str, object]) -> ConsoleEndpoint:
    """Return the endpoint that a document describes; unknown fields are ignored.

    Raises:
        ValueError: a field has the wrong type or an impossible value; names it, without the value.
    """
    extra = text_of(document, "extraSecurityToken")
    return ConsoleEndpoint(
        session_uuid=_matching(document, "sessionUuid", _IDENTIFIER),
        vm_uuid=_matching(document, "clientTag", _IDENTIFIER),
        display_name=text_of(document, "clientDisplayName"),
        host=_matching(document, "clientHostAddress", _ADDRESS_OR_SOCKET),
        port=_port(document, "clientHostPort"),
        password=text_of(document, "clientHostPassword"),
        tunnel_url=text_of(document, "clientTunnelUrl"),
        tunnel_session=text_of(document, "clientTunnelSession"),
        websocket_url=text_of(document, "websocketUrl"),
        hyperv_host=_matching(document, "hypervHost", _ADDRESS),
        username=text_of(document, "username"),
        hyperv_password=text_of(document, "password"),
        ticket=text_of(document, "ticket"),
        locale=text_of(document, "locale"),
        source_ip=_matching(document, "sourceIP", _ADDRESS),
        extra=extra if extra.strip() else "",
        requires_new_viewer=_boolean(document, "sessionRequiresNewViewer"),
    )


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    document = dict(pairs)
    if len(document) < len(pairs):
        raise ValueError("a name stands twice in an object")
    return document


def text_of(document: Mapping[str, object], name: str) -> str:
    """Return a field's text; empty if the field is absent or null.

    Raises:
        ValueError: it is something else, or has surrogates.
    """
    value = document.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or any("\ud800" <= character <= "\udfff" for character in value):
        raise ValueError(f"{name} is not a text")
    return value


def _matching(document: Mapping[str, object], name: str, pattern: re.Pattern[str]) -> str:
    value = text_of(document, name)
    if not pattern.fullmatch(value):
        raise ValueError(f"{name} is missing, too long, or has characters that do not belong there")
    return value


def _port(document: Mapping[str, object], name: str) -> int:
    value = document.get(name)
    if value is None:
        return 0
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{name} is not a whole number")
    if value not in _NO_PORT and not 0 <= value <= 65535:
        raise ValueError(f"{name} is not a port")
    return value


def _boolean(document: Mapping[str, object], name: str) -> bool:
    value = document.get(name)
    if value is None:
        return False
    if not isinstance(value, bool):
        raise ValueError(f"{name} is not true or false")
    return value
