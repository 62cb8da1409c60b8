import json
from typing import Any

import pytest
from hypothesis import given

from consoleproxy.endpoint.document import (
    read_document,
    to_document,
    to_endpoint,
    write_document,
)
from consoleproxy.endpoint.model import ConsoleEndpoint
from tests.unit.endpoint.samples import endpoints

NAMES: dict[str, Any] = {"sessionUuid": "s", "clientTag": "vm"}


def each(name: str, *values: object) -> list[tuple[str, object]]:
    return [(name, value) for value in values]


@given(endpoints)
def test_what_is_written_can_be_read(endpoint: ConsoleEndpoint) -> None:
    assert to_endpoint(read_document(write_document(to_document(endpoint)))) == endpoint


def test_written_as_gson_does() -> None:
    endpoint = ConsoleEndpoint(session_uuid="s", vm_uuid="vm", display_name="<ü> & 'a=b' \"\\")
    assert write_document(to_document(endpoint)).decode("utf-8") == (
        '{"clientHostPort":0,"clientTag":"vm",'
        '"clientDisplayName":"\\u003cü\\u003e \\u0026 \\u0027a\\u003db\\u0027 \\"\\\\",'
        '"sessionUuid":"s","sessionRequiresNewViewer":false}'
    )


def test_absent_null_and_unknown_fields() -> None:
    document = {**NAMES, "clientHostPort": None, "ticket": None, "clientIp": ["x"]}
    assert to_endpoint(document) == ConsoleEndpoint(session_uuid="s", vm_uuid="vm")
    blank = {**NAMES, "extraSecurityToken": "  "}
    assert to_endpoint(blank).extra == ""


@pytest.mark.parametrize("port", [-1, -9, 0, 65535])
def test_ports_stay_what_the_ticket_was_made_over(port: int) -> None:
    endpoint = to_endpoint({**NAMES, "clientHostPort": port})
    assert endpoint.port == port
    assert to_document(endpoint)["clientHostPort"] == port


@pytest.mark.parametrize("host", ["unix:/run/a b.sock", "unix:/run/\u00e9", "unix:/" + "a" * 107])
def test_sockets(host: str) -> None:
    fitting = "unix:/run/libvirt/qemu/domain-1-i-2-3-VM/vnc.sock"
    assert to_endpoint({**NAMES, "clientHostAddress": fitting}).host == fitting
    for name in ("clientHostAddress", "hypervHost", "sourceIP"):
        with pytest.raises(ValueError, match=f"^{name} is "):
            to_endpoint({**NAMES, name: host})
    for name in ("hypervHost", "sourceIP"):
        with pytest.raises(ValueError, match=f"^{name} is "):
            to_endpoint({**NAMES, name: fitting})


def test_the_instance_name_is_none_of_cloudstack_s_fields() -> None:
    endpoint = ConsoleEndpoint(session_uuid="s", vm_uuid="vm", instance_name="i-2-3-VM")
    assert "i-2-3-VM" not in to_document(endpoint).values()
    assert to_endpoint({**NAMES, "instanceName": "i-2-3-VM", "instance_name": "x"}) == (
        ConsoleEndpoint(session_uuid="s", vm_uuid="vm")
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *each("clientHostPort", -2, 65536, 10**30, 5901.0, "5901", True, []),
        *each("sessionUuid", "", None, "a b", "a\n", "u" * 201, 7),
        *each("clientTag", "", None, "é", "a/b", {}),
        *each("clientHostAddress", "a b", "a\x00", "h" * 256, "a/b", 1),
        ("hypervHost", "a;b"),
        ("sourceIP", "1.2.3.4, 5.6.7.8"),
        ("clientHostPassword", 12345678),
        ("clientDisplayName", "\ud800"),
        ("sessionRequiresNewViewer", "true"),
        ("sessionRequiresNewViewer", 1),
    ],
)
def test_a_field_that_cannot_be_is_named_without_its_value(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=f"^{name} is ") as caught:
        to_endpoint({**NAMES, name: value})
    assert "12345678" not in str(caught.value)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b'"x"',
        b"{} {}",
        b"{",
        b'{"a":1,"a":2}',
        b'{"a":{"b":1,"b":1}}',
        b'{"a":"\xff"}',
        b'\xef\xbb\xbf{"a":1}',
        json.dumps({"a": 1}).encode("utf-16"),
        b'{"a":' + b"[" * 200_000,
        b'{"a":' + b"9" * 5000 + b"}",
    ],
)
def test_what_is_not_one_json_object(data: bytes) -> None:
    with pytest.raises(ValueError):
        read_document(data)
