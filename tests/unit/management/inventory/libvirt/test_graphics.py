"""Odd and plain ``<graphics>``: a screen that can be dialled, or why not."""

import string
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.hypervisor.target import choose_target
from consoleproxy.management.inventory.libvirt.graphics import Screen, screen_of
from tests.unit.management.inventory.libvirt.domains import NOW


def _screen(graphics: str, host: str = "") -> Screen:
    return screen_of(ElementTree.fromstring(f"<devices>{graphics}</devices>"), host, NOW)


@pytest.mark.parametrize(
    ("graphics", "host", "place"),
    [
        ("<graphics type='vnc' port='5901' listen='192.0.2.9'/>", "", ("192.0.2.9", 5901)),
        ("<graphics type='vnc' port='5901' listen='0.0.0.0'/>", "", ("127.0.0.1", 5901)),
        ("<graphics type='vnc' port='5901' listen='0.0.0.0'/>", "kvm1", ("kvm1", 5901)),
        ("<graphics type='vnc' port='5901' listen='::'/>", "kvm1", ("kvm1", 5901)),
        ("<graphics type='vnc' port='5901'/>", "2001:db8::9", ("2001:db8::9", 5901)),
        ("<graphics type='vnc' port='5901' listen='127.0.0.1'/>", "", ("127.0.0.1", 5901)),
        ("<graphics type='vnc' port='5901' listen='::1'/>", "", ("::1", 5901)),
        ("<graphics type='vnc' port='5901' listen='kvm1-vnc'/>", "kvm1", ("kvm1-vnc", 5901)),
        (
            "<graphics type='vnc' port='5901' listen='192.0.2.1'>"
            "<listen type='address' address='192.0.2.2'/></graphics>",
            "kvm1",
            ("192.0.2.2", 5901),
        ),
        (
            "<graphics type='vnc' port='5901'>"
            "<listen type='network' network='default' address='192.168.122.1'/></graphics>",
            "kvm1",
            ("192.168.122.1", 5901),
        ),
        (
            "<graphics type='vnc' port='5901'><listen type='network' network='n'/></graphics>",
            "kvm1",
            ("kvm1", 5901),
        ),
        ("<graphics type='vnc' socket='/run/vnc'/>", "", ("unix:/run/vnc", 0)),
        (
            "<graphics type='vnc'><listen type='socket' socket='/run/vnc'/></graphics>",
            "",
            ("unix:/run/vnc", 0),
        ),
        (
            "<graphics type='vnc' port='5901' websocket='5701' listen='192.0.2.9'/>",
            "",
            ("192.0.2.9", 5901),
        ),
        (
            "<graphics type='spice' port='5900'/><graphics type='vnc' port='5901'/>",
            "kvm1",
            ("kvm1", 5901),
        ),
        (
            "<graphics type='vnc' port='-1'/><graphics type='vnc' port='5902'/>",
            "kvm1",
            ("kvm1", 5902),
        ),
    ],
)
def test_screen_is_where_the_domain_says(graphics: str, host: str, place: tuple[str, int]) -> None:
    screen = _screen(graphics, host)
    assert (screen.host, screen.port, screen.missing) == (*place, "")


@pytest.mark.parametrize(
    ("graphics", "host", "missing"),
    [
        ("", "", "it has no graphics, and no VNC"),
        ("<graphics type='spice' port='5900'/>", "", "it has spice, and no VNC"),
        ("<graphics/>", "", "it has no graphics, and no VNC"),
        ("<graphics type='vnc' port='-1' autoport='yes'/>", "", "its VNC server has no port"),
        ("<graphics type='vnc'/>", "", "its VNC server has no port"),
        ("<graphics type='vnc' port='65536'/>", "", "its VNC server has no port"),
        ("<graphics type='vnc' port='٣'/>", "", "its VNC server has no port"),
        (
            "<graphics type='vnc' port='5901'><listen type='none'/></graphics>",
            "",
            "its VNC server has no port",
        ),
        (
            "<graphics type='vnc' port='5901' listen='127.0.0.1'/>",
            "kvm1",
            "its VNC server listens on the loopback address of its host, where no other machine "
            "gets to: set vnc_listen in the host's qemu.conf, or listen in the domain",
        ),
        (
            "<graphics type='vnc' socket='/run/vnc'/>",
            "kvm1",
            "its VNC server is on a unix socket of another machine",
        ),
        (
            "<graphics type='vnc' port='5901' passwd='x' passwdValidTo='2026-11-21T11:59:59'/>",
            "",
            "its VNC password was valid until 2026-11-21T11:59:59 UTC",
        ),
    ],
)
def test_no_way_to_a_screen_is_said(graphics: str, host: str, missing: str) -> None:
    assert _screen(graphics, host) == Screen(missing=missing)


def test_a_socket_without_a_path_is_no_place() -> None:
    screen = _screen("<graphics type='vnc'><listen type='socket'/></graphics>")
    assert screen.host == ""
    assert "unix socket" in screen.missing


@pytest.mark.parametrize("valid_to", ["2026-11-21T12:00:01", "", "soon"])
def test_a_password_counts_until_its_end(valid_to: str) -> None:
    screen = _screen(f"<graphics type='vnc' port='1' passwd='x' passwdValidTo='{valid_to}'/>")
    assert (screen.password, screen.missing) == ("x", "")


def test_a_password_is_not_in_a_log() -> None:
    assert "s3cret" not in repr(_screen("<graphics type='vnc' port='1' passwd='s3cret'/>"))


_TEXT = st.sampled_from(["", "-1", "0", "5901", "65536", "192.0.2.1", "::", "/run/a", "none"])
_TEXTS = _TEXT | st.text(string.printable, max_size=8)
_LISTEN = st.fixed_dictionaries(
    {"type": st.sampled_from(["address", "network", "socket", "none", ""]) | _TEXTS},
    optional={"address": _TEXTS, "socket": _TEXTS, "network": _TEXTS},
)
_GRAPHICS = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["vnc", "spice", "sdl"]) | _TEXTS,
        "port": _TEXTS,
        "listen": _TEXTS,
        "socket": _TEXTS,
        "passwd": _TEXTS,
        "passwdValidTo": _TEXTS | st.datetimes().map(str),
    },
)


@given(
    st.lists(st.tuples(_GRAPHICS, st.lists(_LISTEN, max_size=3)), max_size=3),
    st.sampled_from(["", "kvm1", "2001:db8::9"]),
)
def test_any_graphics_are_a_place_that_can_be_dialled_or_a_reason(
    graphics: list[tuple[dict[str, str], list[dict[str, str]]]], host: str
) -> None:
    elements = []
    for attributes, listens in graphics:
        element = ElementTree.Element("graphics", attributes)
        for listen in listens:
            ElementTree.SubElement(element, "listen", listen)
        elements.append(element)
    screen = screen_of(elements, host, NOW)
    if screen.missing:
        assert (screen.host, screen.port, screen.password) == ("", 0, "")
    else:
        choose_target(
            host=screen.host,
            port=screen.port,
            tunnel_url="",
            tunnel_session="",
            websocket_url="",
            hyperv_host="",
        )
