from typing import Any

import pytest

from consoleproxy.management.inventory.place import Place, read_place
from consoleproxy.management.inventory.table import TableReader

TUNNEL = {"tunnel_url": "https://xen1/console?uuid=1", "tunnel_session": "OpaqueRef:1"}
TICKET = "wss://esx1/ticket/7f0e"


@pytest.mark.parametrize(
    ("table", "place"),
    [
        ({"address": "192.168.122.10:5901"}, Place("192.168.122.10", 5901)),
        ({"host": "kvm1.example.org", "port": 5902}, Place("kvm1.example.org", 5902)),
        ({"address": "[2001:db8::10]:5900"}, Place("2001:db8::10", 5900)),
        ({"host": "2001:db8::10", "port": 5900}, Place("2001:db8::10", 5900)),
        ({"host": "2001:0db8:0::10", "port": 5900}, Place("2001:db8::10", 5900)),
        ({"address": "unix:/run/vm.sock"}, Place("unix:/run/vm.sock", 0)),
        (TUNNEL, Place("xen1", -1, TUNNEL["tunnel_url"], TUNNEL["tunnel_session"])),
        ({"websocket_url": TICKET}, Place("esx1", 443, websocket_url=TICKET)),
        (
            {"websocket_url": "ws://[::1]:5700/"},
            Place("::1", 5700, websocket_url="ws://[::1]:5700/"),
        ),
    ],
)
def test_every_way(table: dict[str, Any], place: Place) -> None:
    reader = TableReader(table, "vm 1")
    assert read_place(reader) == place
    assert reader.problems == []


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ({}, "no way to the screen is given"),
        ({"address": ""}, "address must be a text"),
        ({"address": "192.168.1.1"}, "not host:port"),
        ({"address": "2001:db8::10:5900"}, "not host:port"),
        ({"address": "[2001:db8::zz]:5900"}, "neither a host name nor an address"),
        ({"address": "a b:5900"}, "neither a host name nor an address"),
        ({"address": "h:0"}, "from 1 to 65535"),
        ({"address": "h:65536"}, "from 1 to 65535"),
        ({"address": "h:x"}, "from 1 to 65535"),
        ({"host": "h"}, "from 1 to 65535"),
        ({"host": "h", "port": "5900"}, "from 1 to 65535"),
        ({"host": "h", "port": True}, "from 1 to 65535"),
        ({"port": 5900}, "host must be a text"),
        ({"address": "unix:run/vm.sock"}, "not the absolute path"),
        ({"address": "unix:/run/../vm.sock"}, "not the absolute path"),
        ({"tunnel_url": "https://xen1/console"}, "tunnel_session must be a text"),
        ({"tunnel_session": "OpaqueRef:1"}, "tunnel_url must be a text"),
        ({**TUNNEL, "tunnel_url": "ssh://xen1/"}, "does not begin with https://"),
        ({**TUNNEL, "tunnel_session": "a;b"}, "no cookie may have"),
        ({"websocket_url": "https://esx1/ticket/7f0e"}, "does not begin with wss://"),
        ({"websocket_url": 7}, "websocket_url must be a text"),
        (
            {"address": "h:5900", "port": 5900},
            "address and port are given together: keep one way to the screen",
        ),
        (
            {**TUNNEL, "websocket_url": TICKET},
            "tunnel_url and tunnel_session and websocket_url are given together",
        ),
    ],
)
def test_one_fault_and_no_place(table: dict[str, Any], expected: str) -> None:
    reader = TableReader(table, "vm 1")
    read_place(reader)
    (problem,) = reader.problems
    assert problem.startswith("vm 1: ")
    assert expected in problem
    assert "7f0e" not in problem


def test_no_repr_shows_a_secret() -> None:
    place = Place("h", -1, "https://h/", "a session", "a ticket")
    assert "a session" not in repr(place)
    assert "a ticket" not in repr(place)
