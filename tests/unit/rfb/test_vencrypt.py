import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.errors import (
    HypervisorClientCertificateRefused,
    HypervisorClosed,
    HypervisorEncryptionMissing,
    HypervisorLoginFailed,
    HypervisorNotRfb,
    HypervisorRefused,
    HypervisorSecurityUnsupported,
    HypervisorTlsFailed,
)
from consoleproxy.rfb.client import ClientLogin
from consoleproxy.rfb.messages import StartTls
from consoleproxy.rfb.policy import DEFAULT_ORDER, Encryption, SecurityKind
from consoleproxy.rfb.vencrypt import SUB_TYPES
from tests.unit.rfb.conversation import (
    BELL,
    CHALLENGE,
    FAILED,
    OK,
    PLAIN,
    RESPONSE,
    SERVER_INIT,
    SERVER_INIT_BYTES,
    USERNAME,
    V37,
    V38,
    cut_at,
    every_cut,
    make_login,
    reason,
    say,
    say_around_tls,
    u32,
)

K = SecurityKind
CHOSEN = b"\x13\0\2"
SHARED = b"\1"
ANY_KIND = tuple(SecurityKind)
NUMBERS = {kind: number for number, kind in SUB_TYPES.items()}
STARTED = b"\1"


def offer(*numbers: int, version: bytes = b"\0\2", ack: bytes = b"\0") -> bytes:
    """VeNCrypt's version, its yes to ours, and the sub-types."""
    return version + ack + bytes([len(numbers)]) + u32(*numbers)


def spoken(kind: SecurityKind) -> tuple[bytes, bytes]:
    """What the server and we say for the kind, when it is agreed upon and TLS, if any, is up."""
    if kind.needs_username:
        return b"", PLAIN
    return (CHALLENGE, RESPONSE) if kind.needs_password else (b"", b"")


def login_for(kind: SecurityKind) -> ClientLogin:
    return make_login(username=USERNAME, order=(kind,))


@pytest.mark.parametrize("kind", [kind for kind in SecurityKind if kind.encrypted])
@pytest.mark.parametrize("version", [V37, V38])
def test_login_inside_tls_however_the_stream_is_cut(kind: SecurityKind, version: bytes) -> None:
    heard, answered = spoken(kind)
    outside = version + b"\2\2\x13" + offer(999, NUMBERS[kind]) + STARTED
    inside = heard + OK + SERVER_INIT_BYTES + BELL * 7
    expected = version + CHOSEN + u32(NUMBERS[kind]) + answered + SHARED
    cuts = [(pieces, [inside]) for pieces in every_cut(outside)]
    cuts += [([outside], pieces) for pieces in every_cut(inside)]
    for before, behind in cuts:
        login = login_for(kind)
        assert say_around_tls(login, before, behind) == expected
        assert login.result == SERVER_INIT
        assert (login.security, login.step) == (f"VeNCrypt {kind}", "done")
        assert login.trailing_data() == BELL * 7
        login.receive_eof()


@pytest.mark.parametrize("kind", [K.PLAIN, K.VNC_AUTH, K.NONE])
def test_login_without_tls_however_the_stream_is_cut(kind: SecurityKind) -> None:
    heard, answered = spoken(kind)
    said = V38 + b"\1\x13" + offer(NUMBERS[kind]) + heard + OK + SERVER_INIT_BYTES + BELL
    for pieces in every_cut(said):
        login = login_for(kind)
        assert say(login, pieces) == V38 + CHOSEN + u32(NUMBERS[kind]) + answered + SHARED
        assert login.start_tls is None
        assert login.security == f"VeNCrypt {kind}"
        assert login.trailing_data() == BELL


def test_result_before_3_8_is_left_out_for_none_alone() -> None:
    login = make_login()
    say(login, [V37 + b"\1\x13" + offer(1) + SERVER_INIT_BYTES])
    assert login.result == SERVER_INIT


@given(
    st.sampled_from(SecurityKind),
    st.lists(st.integers(0, 60)),
    st.lists(st.integers(0, 80)),
    st.binary(max_size=40),
)
def test_any_chunks(
    kind: SecurityKind, before: list[int], behind: list[int], trailing: bytes
) -> None:
    heard, answered = spoken(kind)
    outside = V38 + b"\1\x13" + offer(NUMBERS[kind])
    inside = heard + OK + SERVER_INIT_BYTES + trailing
    login = login_for(kind)
    if kind.encrypted:
        sent = say_around_tls(login, cut_at(outside + STARTED, before), cut_at(inside, behind))
    else:
        sent = say(login, cut_at(outside, before) + cut_at(inside, behind))
    assert sent == V38 + CHOSEN + u32(NUMBERS[kind]) + answered + SHARED
    assert login.trailing_data() == trailing


def test_tls_is_asked_for_by_kind() -> None:
    login = make_login()
    say(login, [V38 + b"\1\x13" + offer(261)])
    assert login.start_tls is None
    assert (login.step, login.security) == ("security", "VeNCrypt")
    say(login, [STARTED])
    assert login.start_tls == StartTls(anonymous=False)
    assert (login.step, login.security) == ("tls", "VeNCrypt")
    login.tls_started()
    assert (login.step, login.security) == ("authentication", "VeNCrypt X509Vnc")
    login = make_login(order=(K.TLS_NONE,))
    say(login, [V38 + b"\1\x13" + offer(257) + STARTED])
    assert login.start_tls == StartTls(anonymous=True)


def test_tls_that_was_not_asked_for_changes_nothing() -> None:
    login = make_login()
    login.tls_started()
    assert say(login, [V38 + b"\1\2"]) == V38 + b"\2"


def test_all_sub_types_are_read_whatever_their_order() -> None:
    # What TigerVNC offers: plain ones among those inside TLS.
    said = V38 + b"\3\x13\2\1" + offer(258, 263, 2, 1, 256, 262, 261)
    assert say(make_login(), [said]) == V38 + CHOSEN + u32(261)
    assert say(make_login(username=USERNAME), [said]) == V38 + CHOSEN + u32(262)
    login = make_login(order=(K.TLS_VNC, *DEFAULT_ORDER))
    assert say(login, [said]) == V38 + CHOSEN + u32(258)


@pytest.mark.parametrize("version", [b"\0\2", b"\0\3", b"\1\0", b"\xff\xff"])
def test_newer_versions_are_answered_with_ours(version: bytes) -> None:
    said = V38 + b"\1\x13" + offer(261, version=version)
    assert say(make_login(), [said]) == V38 + CHOSEN + u32(261)


@pytest.mark.parametrize(
    ("said", "error", "cause"),
    [
        (b"\0\1", HypervisorSecurityUnsupported, r"VeNCrypt 0\.1, and 0\.2 is needed"),
        (b"\0\0", HypervisorSecurityUnsupported, r"VeNCrypt 0\.0"),
        (offer(261, ack=b"\xff"), HypervisorSecurityUnsupported, r"VeNCrypt 0\.2 and refuses"),
        (offer(), HypervisorSecurityUnsupported, "only nothing inside VeNCrypt"),
        (offer(258, 263), HypervisorSecurityUnsupported, "only TLSVnc, 263 inside VeNCrypt"),
        (offer(262), HypervisorLoginFailed, "user name"),
        (offer(261) + b"\0", HypervisorTlsFailed, "X509Vnc, but does not start TLS"),
        (offer(261) + b"\2", HypervisorTlsFailed, "X509Vnc, but does not start TLS"),
    ],
)
def test_negotiation_that_fails(said: bytes, error: type[HypervisorRefused], cause: str) -> None:
    for pieces in every_cut(V38 + b"\1\x13" + said):
        with pytest.raises(error, match=cause) as refusal:
            say(make_login(), pieces)
        assert type(refusal.value) is error


def test_encryption_that_is_demanded_and_missing() -> None:
    login = make_login(encryption=Encryption.REQUIRED)
    with pytest.raises(HypervisorEncryptionMissing, match="VncAuth, None inside VeNCrypt"):
        say(login, [V38 + b"\1\x13" + offer(2, 1)])


def test_bytes_that_tls_was_to_protect_are_refused() -> None:
    said = V38 + b"\1\x13" + offer(260) + STARTED
    for injected in (OK, OK + SERVER_INIT_BYTES):
        login = make_login()
        with pytest.raises(HypervisorNotRfb, match=f"{len(injected)} bytes ahead of TLS"):
            say(login, [said + injected])
        assert login.start_tls is None
        login = make_login()
        say(login, [said, b""])
        with pytest.raises(HypervisorNotRfb, match=f"{len(injected)} bytes ahead of TLS"):
            say(login, [injected])
        assert login.start_tls is None
        login.tls_started()
        assert (login.result, login.data_to_send()) == (None, b"")


@pytest.mark.parametrize("kind", [K.X509_PLAIN, K.X509_VNC, K.X509_NONE])
def test_end_right_behind_tls_may_be_about_our_certificate(kind: SecurityKind) -> None:
    login = login_for(kind)
    say_around_tls(login, [V38 + b"\1\x13" + offer(NUMBERS[kind]) + STARTED], [])
    with pytest.raises(
        HypervisorClientCertificateRefused,
        match=r"may want a client certificate \(consoleproxy\.hypervisor\.tls\.certificate\.file\)",
    ):
        login.receive_eof()


@pytest.mark.parametrize(
    ("kind", "inside", "error", "cause"),
    [
        # An anonymous server asks for no certificate.
        (K.TLS_NONE, b"", HypervisorClosed, "instead of a result of VeNCrypt TLSNone"),
        (K.TLS_VNC, b"", HypervisorClosed, "in the step authentication"),
        (K.X509_VNC, CHALLENGE[:1], HypervisorClosed, "in the step authentication"),
        (K.X509_VNC, CHALLENGE, HypervisorLoginFailed, "instead of a result of VeNCrypt X509Vnc"),
        (K.X509_NONE, OK[:1], HypervisorClosed, "instead of a result"),
        (K.X509_NONE, OK, HypervisorClosed, "in the step init"),
    ],
)
def test_end_inside_tls(
    kind: SecurityKind, inside: bytes, error: type[HypervisorRefused], cause: str
) -> None:
    login = login_for(kind)
    say_around_tls(login, [V38 + b"\1\x13" + offer(NUMBERS[kind]) + STARTED], [inside])
    with pytest.raises(error, match=cause) as refusal:
        login.receive_eof()
    assert type(refusal.value) is error


def test_end_before_tls() -> None:
    said = b"\1\x13" + offer(261) + STARTED
    for length in range(len(said) + 1):
        login = make_login()
        say(login, [V38 + said[:length]])
        step = "tls" if length == len(said) else "security"
        with pytest.raises(HypervisorClosed, match=f"in the step {step}"):
            login.receive_eof()


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (K.X509_NONE, HypervisorClosed),
        (K.X509_VNC, HypervisorLoginFailed),
        (K.X509_PLAIN, HypervisorLoginFailed),
        (K.PLAIN, HypervisorLoginFailed),
    ],
)
def test_server_s_reason_is_told(kind: SecurityKind, error: type[HypervisorRefused]) -> None:
    outside = V38 + b"\1\x13" + offer(NUMBERS[kind])
    inside = spoken(kind)[0] + FAILED + reason(b"password expired\0")
    with pytest.raises(error, match=f"refused VeNCrypt {kind}: password expired$") as refusal:
        if kind.encrypted:
            say_around_tls(login_for(kind), [outside + STARTED], [inside])
        else:
            say(login_for(kind), [outside + inside])
    assert type(refusal.value) is error
