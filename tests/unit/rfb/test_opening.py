"""What a viewer says with its websocket's request: taken whole, or not at all."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.rfb.messages import ServerInit
from consoleproxy.rfb.opening import Opening, find_opening

_SCREEN = ServerInit(720, 400, bytes(16), "web-1")


def _said(setup: bytes) -> str:
    return "opening." + base64.urlsafe_b64encode(setup).rstrip(b"=").decode()


@given(st.binary(min_size=1, max_size=1024))
def test_an_opening_is_a_login_a_setup_and_a_demand_for_the_whole_screen(setup: bytes) -> None:
    opening = find_opening(f"{_said(setup)}, binary")
    assert opening.subprotocol == _said(setup)
    assert opening.login == b"RFB 003.008\n\x01\x01"
    assert opening.to_guest(_SCREEN) == setup + bytes.fromhex("03 00 0000 0000 02d0 0190")


@pytest.mark.parametrize(
    "offered",
    [
        "",
        "binary",
        "opening.",
        "opening.=",
        "opening.A",
        "opening.AAé",
        "opening.AA AA",
        "opening",
        "Opening.AAAA",
        _said(bytes(1025)),
    ],
)
def test_what_cannot_be_read_is_not_taken(offered: str) -> None:
    opening = find_opening(offered)
    assert opening == Opening()
    assert (opening.subprotocol, opening.login, opening.to_guest(_SCREEN)) == ("", b"", b"")


def test_one_that_can_be_read_is_found_among_others() -> None:
    assert find_opening(f"binary,opening.?, {_said(b'setup')} ,base64").setup == b"setup"


@given(st.text())
def test_no_offer_is_an_error(offered: str) -> None:
    opening = find_opening(offered)
    assert bool(opening.subprotocol) == bool(opening.setup) == bool(opening.login)
