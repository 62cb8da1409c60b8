import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.errors import (
    HypervisorClosed,
    HypervisorEncryptionMissing,
    HypervisorLoginFailed,
    HypervisorNotRfb,
    HypervisorRefused,
    HypervisorSecurityUnsupported,
)
from consoleproxy.rfb.policy import Encryption, SecurityKind
from tests.unit.rfb.conversation import (
    BELL,
    CHALLENGE,
    FAILED,
    OK,
    RESPONSE,
    SERVER_INIT,
    SERVER_INIT_BYTES,
    V33,
    V37,
    V38,
    cut_at,
    every_cut,
    make_login,
    reason,
    say,
    u32,
)

SHARED = b"\1"
NO_TUNNEL = b"\0\0\0\0TGHTNOTUNNEL"
TLS_TUNNEL = b"\0\0\0\1TGHTSSLTUNEL"
NONE = b"\0\0\0\1STDVNOAUTH__"
VNC = b"\0\0\0\2STDVVNCAUTH_"
VENCRYPT = b"\0\0\0\x13VENCVENCRYPT"
UNIX_LOGIN = b"\0\0\0\x81TGHTULGNAUTH"
MESSAGE = b"\0\0\0\x82TGHTFTS_LSDT"
INTERACTIONS = bytes.fromhex("0001 0002 0003 0000") + MESSAGE * 6
NO_INTERACTIONS = bytes(8)


def listed(*capabilities: bytes) -> bytes:
    return u32(len(capabilities)) + b"".join(capabilities)


# What a server says behind the choice of Tight, what we answer, and which kind it is.
LOGINS = [
    pytest.param(listed() + listed() + OK, b"", "None", id="no authentication type"),
    pytest.param(listed() + listed(NONE) + OK, u32(1), "None", id="None"),
    pytest.param(
        listed() + listed(UNIX_LOGIN, VENCRYPT, VNC) + CHALLENGE + OK,
        u32(2) + RESPONSE,
        "VncAuth",
        id="VncAuth behind others",
    ),
    pytest.param(
        listed(TLS_TUNNEL, NO_TUNNEL) + listed(NONE, VNC) + CHALLENGE + OK,
        u32(0, 2) + RESPONSE,
        "VncAuth",
        id="tunnels",
    ),
    pytest.param(listed(NO_TUNNEL) + listed() + OK, u32(0), "None", id="tunnel alone"),
]


@pytest.mark.parametrize(("said", "answered", "kind"), LOGINS)
@pytest.mark.parametrize("interactions", [INTERACTIONS, NO_INTERACTIONS])
def test_login_however_the_stream_is_cut(
    said: bytes, answered: bytes, kind: str, interactions: bytes
) -> None:
    data = V38 + b"\2\x1e\x10" + said + SERVER_INIT_BYTES + interactions + BELL * 7
    for pieces in every_cut(data):
        login = make_login()
        assert say(login, pieces) == V38 + b"\x10" + answered + SHARED
        assert login.result == SERVER_INIT
        assert (login.security, login.step) == (f"Tight {kind}", "done")
        assert login.trailing_data() == BELL * 7
        login.receive_eof()


@given(st.lists(st.integers(0, 300)), st.integers(0, 5), st.binary(max_size=40))
def test_any_chunks(points: list[int], count: int, trailing: bytes) -> None:
    interactions = b"\0" + bytes([count]) + bytes(6) + MESSAGE * count
    data = V38 + b"\1\x10" + listed() + listed() + OK + SERVER_INIT_BYTES + interactions + trailing
    login = make_login("")
    assert say(login, cut_at(data, points)) == V38 + b"\x10" + SHARED
    assert login.trailing_data() == trailing


def test_interactions_are_not_kept() -> None:
    login = make_login()
    say(login, [V38 + b"\1\x10" + listed() + listed() + OK + SERVER_INIT_BYTES])
    assert login.result is None
    login.receive_data(b"\xff\xff" * 3 + b"\0\0")
    for _ in range(3):
        login.receive_data(bytes(16 * 65535))
    assert login.result == SERVER_INIT
    assert login.trailing_data() == b""


def test_servers_of_3_7_send_no_result_for_none() -> None:
    for types, answered in ((listed(), b""), (listed(NONE), u32(1))):
        login = make_login()
        data = V37 + b"\1\x10" + listed() + types + SERVER_INIT_BYTES + NO_INTERACTIONS + BELL
        assert say(login, [data]) == V37 + b"\x10" + answered + SHARED
        assert login.trailing_data() == BELL


@pytest.mark.parametrize(
    ("said", "error", "cause"),
    [
        (listed(TLS_TUNNEL), HypervisorSecurityUnsupported, "only inside a tunnel"),
        (
            listed() + listed(UNIX_LOGIN, VENCRYPT),
            HypervisorSecurityUnsupported,
            "only 129, VeNCrypt inside Tight",
        ),
        (u32(257), HypervisorNotRfb, "257 capabilities"),
        (listed() + u32(2**32 - 1), HypervisorNotRfb, "4294967295 capabilities"),
        (
            listed() + listed(VNC) + CHALLENGE + FAILED + reason(b"Too many security failures"),
            HypervisorLoginFailed,
            "refused Tight VncAuth: Too many security failures$",
        ),
    ],
)
def test_login_that_fails(said: bytes, error: type[HypervisorRefused], cause: str) -> None:
    for pieces in every_cut(V38 + b"\1\x10" + said):
        with pytest.raises(error, match=cause):
            say(make_login(), pieces)


def test_no_authentication_where_the_operator_demands_it() -> None:
    login = make_login(order=(SecurityKind.VNC_AUTH,))
    with pytest.raises(HypervisorSecurityUnsupported, match=r"None inside Tight, and .* VncAuth$"):
        say(login, [V38 + b"\1\x10" + listed() + listed()])


def test_password_that_is_not_there() -> None:
    with pytest.raises(HypervisorLoginFailed, match="a password"):
        say(make_login(""), [V38 + b"\1\x10" + listed() + listed(VNC)])


def test_tight_is_no_encryption() -> None:
    login = make_login(encryption=Encryption.REQUIRED)
    with pytest.raises(HypervisorEncryptionMissing, match="None, Tight"):
        say(login, [V38 + b"\2\1\x10"])


def test_there_is_no_tight_in_3_3() -> None:
    with pytest.raises(HypervisorSecurityUnsupported):
        say(make_login(), [V33 + u32(16)])


def test_end_inside_interactions() -> None:
    login = make_login()
    say(login, [V38 + b"\1\x10" + listed() + listed() + OK + SERVER_INIT_BYTES + INTERACTIONS[:-1]])
    with pytest.raises(HypervisorClosed, match="in the step init"):
        login.receive_eof()
