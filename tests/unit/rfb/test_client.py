import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.errors import (
    HypervisorClosed,
    HypervisorLoginFailed,
    HypervisorNotRfb,
    HypervisorRefused,
    HypervisorSecurityUnsupported,
    HypervisorTlsFailed,
    HypervisorTurnedAway,
)
from consoleproxy.rfb.client import ClientLogin
from consoleproxy.rfb.policy import Credentials, Encryption, SecurityKind, SecurityPolicy
from tests.unit.rfb.conversation import (
    BELL,
    CHALLENGE,
    FAILED,
    OK,
    PASSWORD,
    RESPONSE,
    SERVER_INIT,
    SERVER_INIT_BYTES,
    TOO_MANY,
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

NONE_33, VNC_33 = b"\0\0\0\1", b"\0\0\0\2"
SHARED = b"\1"

# What a server says before ServerInit, what we answer, and how it is called.
LOGINS = [
    pytest.param(V33 + NONE_33, V33, "3.3", "None", id="3.3 None"),
    pytest.param(
        V33 + VNC_33 + CHALLENGE + OK, V33 + RESPONSE, "3.3", "VNC Authentication", id="3.3 VNC"
    ),
    pytest.param(V37 + b"\1\1", V37 + b"\1", "3.7", "None", id="3.7 None"),
    pytest.param(
        V37 + b"\1\2" + CHALLENGE + OK,
        V37 + b"\2" + RESPONSE,
        "3.7",
        "VNC Authentication",
        id="3.7 VNC",
    ),
    pytest.param(V38 + b"\1\1" + OK, V38 + b"\1", "3.8", "None", id="3.8 None"),
    pytest.param(
        V38 + b"\1\2" + CHALLENGE + OK,
        V38 + b"\2" + RESPONSE,
        "3.8",
        "VNC Authentication",
        id="3.8 VNC",
    ),
    pytest.param(
        b"RFB 003.889\n" + b"\5\x1e\x21\x24\1\2" + CHALLENGE + OK,
        V38 + b"\2" + RESPONSE,
        "3.8",
        "VNC Authentication",
        id="Apple's number, types unknown here",
    ),
    pytest.param(b"RFB 003.006\n" + NONE_33, V33, "3.3", "None", id="UltraVNC's number"),
]


@pytest.mark.parametrize(("said", "answered", "version", "security"), LOGINS)
def test_login_however_the_stream_is_cut(
    said: bytes, answered: bytes, version: str, security: str
) -> None:
    trailing = BELL * 7
    for pieces in every_cut(said + SERVER_INIT_BYTES + trailing):
        login = make_login()
        assert say(login, pieces) == answered + SHARED
        assert login.result == SERVER_INIT
        assert (login.version, login.security, login.step) == (version, security, "done")
        assert login.trailing_data() == trailing
        assert login.trailing_data() == b""
        login.receive_eof()


@given(st.lists(st.integers(0, 120)), st.binary(max_size=40))
def test_any_chunks_and_any_trailing_bytes(points: list[int], trailing: bytes) -> None:
    said = V38 + b"\2\1\2" + CHALLENGE + OK + SERVER_INIT_BYTES + trailing
    login = make_login()
    assert say(login, cut_at(said, points)) == V38 + b"\2" + RESPONSE + SHARED
    assert login.result == SERVER_INIT
    assert login.trailing_data() == trailing


def test_each_step_waits_for_the_server() -> None:
    login = make_login()
    assert (login.step, login.version, login.security) == ("version", "", "")
    assert say(login, []) == b""
    assert say(login, [V38]) == V38
    assert (login.step, login.version, login.security) == ("security", "3.8", "")
    assert say(login, [b"\1\2"]) == b"\2"
    assert (login.step, login.security) == ("authentication", "VNC Authentication")
    assert say(login, [CHALLENGE]) == RESPONSE
    assert login.step == "result"
    assert say(login, [OK]) == SHARED
    assert login.step == "init"
    assert say(login, [SERVER_INIT_BYTES[:-1]]) == b""
    assert login.trailing_data() == b""
    assert login.result is None
    assert say(login, [SERVER_INIT_BYTES[-1:]]) == b""
    assert login.result == SERVER_INIT


def test_trailing_bytes_have_a_limit() -> None:
    login = make_login("")
    login.receive_data(V38 + b"\1\1" + OK + SERVER_INIT_BYTES + BELL * 262144)
    with pytest.raises(HypervisorNotRfb, match="262145 bytes"):
        login.receive_data(BELL)


@pytest.mark.parametrize("said", [V38 + b"\0", V37 + b"\0", V33 + b"\0\0\0\0"])
@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"Too many security failures", "Too many security failures"),
        (b"Too many security failures\0", "Too many security failures"),
        (b"", "no reason given"),
    ],
)
def test_server_that_wants_no_viewer_says_why(said: bytes, raw: bytes, text: str) -> None:
    for pieces in every_cut(said + reason(raw)):
        with pytest.raises(HypervisorRefused, match=f"{text}$") as refusal:
            say(make_login(), pieces)
        assert type(refusal.value) is HypervisorTurnedAway


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (V38 + b"\1\2" + CHALLENGE + FAILED + reason(b"Wrong\0"), "Wrong"),
        (V38 + b"\1\2" + CHALLENGE + FAILED + reason(b"Authentication failed\0"), "failed"),
        (V38 + b"\1\2" + CHALLENGE + FAILED + reason(b"password expired"), "password expired"),
        (V38 + b"\1\2" + CHALLENGE + TOO_MANY + reason(b"Wait"), "Wait"),
        (V38 + b"\1\2" + CHALLENGE + FAILED + reason(b""), "no reason given"),
        (V38 + b"\1\2" + CHALLENGE + FAILED + b"\xff\xff\xff\xff", "4294967295 bytes, .*"),
        (V37 + b"\1\2" + CHALLENGE + FAILED, "no reason given"),
        (V37 + b"\1\2" + CHALLENGE + TOO_MANY, "too many attempts"),
        (V33 + VNC_33 + CHALLENGE + FAILED, "no reason given"),
        (V33 + VNC_33 + CHALLENGE + TOO_MANY, "too many attempts"),
        (V33 + VNC_33 + CHALLENGE + b"\0\0\1\0", "no reason given"),
    ],
)
def test_refused_password(said: bytes, text: str) -> None:
    for pieces in every_cut(said):
        login = make_login()
        with pytest.raises(HypervisorLoginFailed, match=f"{text}$") as refusal:
            say(login, pieces)
        assert PASSWORD[:8] not in str(refusal.value)
        assert login.step == "result"


def test_server_that_takes_none_back() -> None:
    with pytest.raises(HypervisorClosed, match=r"None: Busy$"):
        say(make_login(""), [V38 + b"\1\1" + FAILED + reason(b"Busy\0")])


def test_no_password_for_a_server_that_asks_for_one() -> None:
    for said in (V38 + b"\1\2", V37 + b"\2\x1e\2", V33 + VNC_33):
        login = make_login("")
        with pytest.raises(HypervisorLoginFailed, match="token carries none"):
            say(login, [said])
        assert login.step == "security"


@pytest.mark.parametrize(
    "said", [V38 + b"\2\x12\x11", V37 + b"\1\5", V33 + b"\0\0\0\x10", V33 + b"\0\0\0\x13"]
)
def test_server_without_a_type_that_we_know(said: bytes) -> None:
    # Before 3.7 there is neither Tight nor VeNCrypt.
    with pytest.raises(
        HypervisorSecurityUnsupported, match=r"offers only (18, 17|5|Tight|VeNCrypt), and"
    ):
        say(make_login(), [said])


@pytest.mark.parametrize("banner", [b"SSH-2.0-OpenSSH_9.6\r\n", b"HTTP/1.1 400 Bad", b"RFB 4.1\n"])
def test_server_of_another_protocol_is_known_before_it_ends(banner: bytes) -> None:
    for pieces in every_cut(banner):
        with pytest.raises(HypervisorNotRfb, match="not an RFB version"):
            say(make_login(), pieces)


def test_name_without_end() -> None:
    said = V38 + b"\1\1" + OK + SERVER_INIT_BYTES[:20] + b"\x7f\xff\xff\xff"
    with pytest.raises(HypervisorNotRfb, match="desktop name"):
        say(make_login(), [said])


@pytest.mark.parametrize(
    ("said", "error", "cause"),
    [
        (b"", HypervisorClosed, "without a word"),
        (b"RFB 003", HypervisorClosed, "step version"),
        (V38, HypervisorClosed, "step security"),
        (V38 + b"\2\1", HypervisorClosed, "step security"),
        (V38 + b"\1\2" + CHALLENGE[:5], HypervisorClosed, "step authentication"),
        (V38 + b"\1\1", HypervisorClosed, "instead of a result of None"),
        (V38 + b"\1\2" + CHALLENGE, HypervisorLoginFailed, "instead of a result"),
        (V37 + b"\1\2" + CHALLENGE + b"\0", HypervisorLoginFailed, "instead of a result"),
        (V33 + VNC_33 + CHALLENGE, HypervisorLoginFailed, "instead of a result"),
        (V38 + b"\1\2" + CHALLENGE + FAILED, HypervisorLoginFailed, "no reason given"),
        (V38 + b"\1\2" + CHALLENGE + FAILED + reason(b"Wrong")[:-1], HypervisorLoginFailed, "Wron"),
        (V38 + b"\0", HypervisorTurnedAway, "no reason given"),
        (V38 + b"\0" + reason(b"Too many")[:-5], HypervisorTurnedAway, "Too"),
        (V33 + NONE_33, HypervisorClosed, "step init"),
        (V38 + b"\1\1" + OK + SERVER_INIT_BYTES[:-1], HypervisorClosed, "step init"),
    ],
)
def test_end_of_the_stream(said: bytes, error: type[HypervisorRefused], cause: str) -> None:
    login = make_login()
    say(login, [said])
    with pytest.raises(error, match=cause) as refusal:
        login.receive_eof()
    assert type(refusal.value) is error
    assert login.result is None


STARTS = [
    b"",
    V33,
    V33 + VNC_33 + CHALLENGE,
    V37,
    V37 + b"\1\1",
    V38,
    V38 + b"\1\1",
    V38 + b"\1\1" + OK,
    V38 + b"\1\2" + CHALLENGE,
    V38 + b"\1\2" + CHALLENGE + FAILED,
]


@given(
    st.sampled_from(STARTS),
    st.binary(max_size=300),
    st.lists(st.integers(0, 400)),
    st.sampled_from(["", PASSWORD]),
)
def test_any_bytes_end_in_a_login_or_a_refusal(
    start: bytes, data: bytes, points: list[int], password: str
) -> None:
    login = make_login(password)
    try:
        sent = say(login, cut_at(start + data, points))
        assert len(sent) <= len(V38) + 1 + len(RESPONSE) + len(SHARED)
        if login.result is None:
            with pytest.raises(HypervisorRefused):
                login.receive_eof()
        else:
            login.receive_eof()
    except HypervisorRefused as refusal:
        assert str(refusal).isprintable()
        assert len(str(refusal)) < 4500


@pytest.mark.parametrize("start", STARTS)
def test_flood_is_not_kept(start: bytes) -> None:
    for filler in (b"\0", b"\1", b"\2", b"\xff"):
        login = make_login()
        with pytest.raises(HypervisorRefused):
            say(login, [start] + [filler * 65536] * 6)


def test_wrapper_that_led_nowhere_can_be_avoided() -> None:
    said = V38 + b"\3\x13\x1e\2" + b"\0\2\0\1" + u32(258)
    login = make_login()
    with pytest.raises(HypervisorSecurityUnsupported, match="TLSVnc inside VeNCrypt"):
        say(login, [said])
    assert login.detour == {19}
    again = ClientLogin(Credentials(PASSWORD), avoid=login.detour)
    assert say(again, [V38 + b"\3\x13\x1e\2" + CHALLENGE]) == V38 + b"\2" + RESPONSE


@pytest.mark.parametrize(
    ("login", "offered"),
    [
        (make_login(), b"\1\x13"),
        (make_login(""), b"\2\x13\2"),
        # Nothing outside is encrypted.
        (make_login(encryption=Encryption.REQUIRED), b"\2\x13\2"),
    ],
)
def test_there_is_no_detour_where_nothing_else_may_be_used(
    login: ClientLogin, offered: bytes
) -> None:
    with pytest.raises(HypervisorRefused):
        say(login, [V38 + offered + b"\0\2\0\1" + u32(258)])
    assert login.detour == frozenset()


def test_there_is_no_detour_around_tls_that_fails() -> None:
    login = make_login()
    with pytest.raises(HypervisorTlsFailed):
        say(login, [V38 + b"\2\x13\2" + b"\0\2\0\1" + u32(261) + b"\0"])
    assert login.detour == frozenset()


def test_detours_add_up() -> None:
    login = ClientLogin(Credentials(PASSWORD), avoid={19})
    with pytest.raises(HypervisorNotRfb):
        say(login, [V38 + b"\2\x13\x10" + u32(1000)])
    assert login.detour == frozenset()
    policy = SecurityPolicy((SecurityKind.VNC_AUTH,))
    login = ClientLogin(Credentials(PASSWORD), policy)
    with pytest.raises(HypervisorSecurityUnsupported):
        say(login, [V38 + b"\2\x13\x10" + b"\0\2\0\1" + u32(1)])
    assert login.detour == {19}


@pytest.mark.parametrize(
    ("banner", "spoken"),
    [
        (b"RFB 003.005\n", V33),
        (b"RFB 003.889\n", V38),
        (b"RFB 004.000\n", V38),
        (b"RFB 004.001\n", V38),
        (b"RFB 005.000\n", V38),
        (b"RFB 003.010\n", V38),
    ],
)
def test_odd_versions_log_in(banner: bytes, spoken: bytes) -> None:
    types = NONE_33 if spoken == V33 else b"\1\1" + OK
    login = make_login()
    say(login, [banner + types + SERVER_INIT_BYTES + BELL])
    assert login.result == SERVER_INIT
    assert login.version == spoken[6:7].decode() + "." + spoken[10:11].decode()
    assert login.trailing_data() == BELL


GOOD = [
    V33 + VNC_33 + CHALLENGE + OK + SERVER_INIT_BYTES,
    V37 + b"\1\2" + CHALLENGE + OK + SERVER_INIT_BYTES,
    V38 + b"\3\x1e\1\2" + CHALLENGE + OK + SERVER_INIT_BYTES,
    V38 + b"\1\x13\0\2\0\1" + u32(2) + CHALLENGE + OK + SERVER_INIT_BYTES,
    V38 + b"\1\x10" + u32(0, 0) + OK + SERVER_INIT_BYTES + bytes(8),
]


@given(
    st.sampled_from(GOOD),
    st.lists(st.tuples(st.integers(0, 120), st.integers(0, 255)), min_size=1, max_size=4),
    st.lists(st.integers(0, 120)),
)
def test_mutated_conversations_end_in_a_login_or_a_refusal(
    said: bytes, mutations: list[tuple[int, int]], points: list[int]
) -> None:
    data = bytearray(said)
    for position, byte in mutations:
        data[position % len(data)] = byte
    login = make_login()
    try:
        say(login, cut_at(bytes(data), points))
        login.receive_eof()
        assert login.result is not None
    except HypervisorRefused as refusal:
        assert str(refusal).isprintable()
        assert PASSWORD not in str(refusal)
