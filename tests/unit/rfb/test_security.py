import pytest

from consoleproxy.errors import HypervisorLoginFailed, HypervisorSecurityUnsupported
from consoleproxy.rfb.security import (
    NoAuthentication,
    Security,
    VncAuthentication,
    choose_security,
)

VNC = VncAuthentication("secret12")
NONE = NoAuthentication()


@pytest.mark.parametrize(
    ("offered", "password", "chosen"),
    [
        (b"\1", "", NONE),
        (b"\1", "secret12", NONE),
        (b"\2", "secret12", VNC),
        (b"\1\2", "secret12", VNC),
        (b"\2\1", "secret12", VNC),
        (b"\2\1", "", NONE),
        (b"\x13\x81\x10\2\5", "secret12", VNC),
        (b"\x13\x81\x10\1\5", "secret12", NONE),
        ((2,), "secret12", VNC),
    ],
)
def test_strongest_known_type_is_chosen(
    offered: bytes | tuple[int], password: str, chosen: Security
) -> None:
    assert choose_security(offered, password) == chosen


@pytest.mark.parametrize("offered", [b"\2", b"\x13\2", (2,)])
def test_password_that_is_not_there_is_named(offered: bytes | tuple[int]) -> None:
    with pytest.raises(HypervisorLoginFailed, match="token carries none"):
        choose_security(offered, "")


@pytest.mark.parametrize("offered", [b"\x13\x10", (4026531840,)])
def test_unknown_types_alone_are_named(offered: bytes | tuple[int]) -> None:
    with pytest.raises(HypervisorSecurityUnsupported, match=", ".join(map(str, offered))):
        choose_security(offered, "secret12")


def test_password_is_not_shown() -> None:
    assert "secret12" not in repr(VNC)
