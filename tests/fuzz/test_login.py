"""Any bytes, in both directions: a login, or an error of ours, and never much memory.

A few seconds by default; ``make fuzz`` gives the same tests a long budget.
"""

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.errors import ConsoleRefused, HypervisorRefused, ViewerProtocolError
from consoleproxy.rfb.client import _TRAILING_LIMIT, ClientLogin
from consoleproxy.rfb.policy import (
    DEFAULT_ORDER,
    Credentials,
    Encryption,
    Link,
    SecurityKind,
    SecurityPolicy,
)
from consoleproxy.rfb.server import _AHEAD_LIMIT, ServerLogin
from tests.unit.rfb.conversation import (
    CHALLENGE,
    FAILED,
    OK,
    PASSWORD,
    SERVER_INIT,
    SERVER_INIT_BYTES,
    TOO_MANY,
    USERNAME,
    V33,
    V37,
    V38,
    cut_at,
    reason,
    u32,
)

# Version, choice, tunnel, authentication type, Plain or challenge's answer, ClientInit: no more.
_MOST_SENT_TO_A_HYPERVISOR = 100
_REASON = "Some reason."
_MOST_SENT_TO_A_BROWSER = 200

_VERSIONS = [V33, V37, V38, b"RFB 003.889\n", b"RFB 004.001\n", b"RFB 005.000\n", b"RFB 3.8\n"]
_CAPABILITIES = [b"\0\0\0\0TGHTNOTUNNEL", b"\0\0\0\1STDVNOAUTH__", b"\0\0\0\2STDVVNCAUTH_"]
_NO_TUNNEL, _NONE, _VNC = (u32(1) + capability for capability in _CAPABILITIES)
_VENCRYPT = [b"\2\x1e\x13", b"\0\2", b"\0"]
_NO_INTERACTIONS, _INTERACTION = bytes(8), b"\0\1\0\0\0\0\0\0" + _CAPABILITIES[0]

# Good conversations up to SecurityResult, in the pieces that they come in.
_CONVERSATIONS = [
    [V33, u32(1)],
    [V33, u32(2), CHALLENGE, OK],
    [V37, b"\1\1"],
    [V37, b"\2\1\2", CHALLENGE, OK],
    [V38, b"\1\1", OK],
    [V38, b"\3\x1e\1\2", CHALLENGE, OK],
    [V38, b"\1\x10", u32(0), u32(0), OK],
    [V38, b"\1\x10", _NO_TUNNEL, _VNC, CHALLENGE, OK],
    [V37, b"\1\x10", u32(0), _NONE],
    [V38, *_VENCRYPT, b"\3" + u32(999, 1, 2), CHALLENGE, OK],
    [V38, *_VENCRYPT, b"\1" + u32(1), OK],
    [V38, *_VENCRYPT, b"\2" + u32(263, 256), OK],
    [V38, *_VENCRYPT, b"\3" + u32(1, 260, 257), b"\1", OK],
    [V38, *_VENCRYPT, b"\2" + u32(261, 258), b"\1", CHALLENGE, OK],
    [V38, *_VENCRYPT, b"\2" + u32(262, 259), b"\1", OK],
]
_WORDS = [
    *{word for conversation in _CONVERSATIONS for word in conversation},
    *_VERSIONS,
    FAILED,
    TOO_MANY,
    SERVER_INIT_BYTES,
    SERVER_INIT_BYTES[:20],
    _NO_INTERACTIONS,
    _INTERACTION,
    reason(b"Too many security failures\0"),
    b"\xff\xff\xff\xff",
]
_WORDS.sort()
# Not empty: under -bb hypothesis stumbles over the hash of b"", which is that of 0.
_ANY = st.binary(min_size=1, max_size=40)


@st.composite
def _said(draw: st.DrawFn) -> list[bytes]:
    """A good conversation up to anywhere, then words in any order; some bytes may be others."""
    conversation = draw(st.sampled_from(_CONVERSATIONS))
    endings = st.sampled_from([[SERVER_INIT_BYTES], [SERVER_INIT_BYTES, _INTERACTION], []])
    pieces = conversation[: draw(st.integers(1, 12))] + draw(endings)
    pieces += draw(st.lists(st.one_of(st.sampled_from(_WORDS), _ANY), max_size=5))
    # All at once, which is too early where TLS is to be started, or each by itself.
    if draw(st.booleans()):
        pieces = [b"".join(pieces)]
    for index, position, byte in draw(
        st.lists(st.tuples(st.integers(0, 12), st.integers(0, 90), st.integers(0, 255)), max_size=2)
    ):
        piece = pieces[index % len(pieces)]
        pieces[index % len(pieces)] = piece[:position] + bytes([byte]) + piece[position + 1 :]
    return pieces


_SAID = _said()
_CUTS = st.lists(st.integers(0, 600), max_size=12)
_LOGINS = st.builds(
    ClientLogin,
    st.builds(Credentials, st.sampled_from([PASSWORD, ""]), st.sampled_from([USERNAME, ""])),
    st.builds(
        SecurityPolicy,
        st.one_of(
            st.just(tuple(SecurityKind)),
            st.just(DEFAULT_ORDER),
            st.lists(st.sampled_from(SecurityKind), unique=True, min_size=1).map(tuple),
        ),
        st.sampled_from([Encryption.PREFERRED, *Encryption]),
    ),
    st.builds(Link, st.booleans(), st.sampled_from([True, True, False])),
    st.one_of(st.just(()), st.sets(st.sampled_from([1, 2, 16, 19]), max_size=2)),
)


class Driver:
    """What carries a login's bytes, TLS being started whenever it asks for it."""

    def __init__(self, login: ClientLogin) -> None:
        self.login = login
        self.sent = 0

    def run(self, pieces: list[bytes]) -> None:
        """Pass the pieces, then the end of the stream, and check what became of the login."""
        try:
            for piece in pieces:
                self.login.receive_data(piece)
                self._check()
            self.login.receive_eof()
            assert self.login.result is not None
            assert self.login.step == "done"
        except HypervisorRefused as refusal:
            check_told(refusal)
            assert self.login.result is None or "bytes ahead of" in str(refusal)
        self._check()

    def _check(self) -> None:
        assert self.login._reader.unread <= _TRAILING_LIMIT
        self.sent += len(self.login.data_to_send())
        if self.login.start_tls is not None:
            self.login.tls_started()
            self.sent += len(self.login.data_to_send())
        assert self.sent <= _MOST_SENT_TO_A_HYPERVISOR


def check_told(refusal: ConsoleRefused) -> None:
    """The cause is fit for a log line, and has no secret in it."""
    assert str(refusal).isprintable()
    assert len(str(refusal)) < 4500
    assert PASSWORD not in str(refusal)


@given(_LOGINS, _SAID, _CUTS)
def test_anything_that_a_hypervisor_says(
    login: ClientLogin, said: list[bytes], points: list[int]
) -> None:
    Driver(login).run([part for piece in said for part in cut_at(piece, points)])


_CHOSEN = [b"", b"\1\1", b"\1\2", b"\1\x10", b"\1\x13", b"\1\x13\0\2\0"]


@given(st.sampled_from(_CHOSEN), st.binary(min_size=1, max_size=400), _CUTS)
def test_anything_at_all_behind_an_offer(offer: bytes, said: bytes, points: list[int]) -> None:
    login = ClientLogin(Credentials(PASSWORD, USERNAME), SecurityPolicy(tuple(SecurityKind)))
    Driver(login).run([V38, offer, *cut_at(said, points)])


@given(
    st.sampled_from([kind for kind in SecurityKind if kind.encrypted]),
    st.sampled_from([V37, V38]),
    st.lists(st.one_of(st.sampled_from(_WORDS), _ANY), max_size=8),
    _CUTS,
)
def test_anything_inside_tls(
    kind: SecurityKind, version: bytes, said: list[bytes], points: list[int]
) -> None:
    login = ClientLogin(Credentials(PASSWORD, USERNAME), SecurityPolicy((kind,)))
    sub_types = u32(*range(256, 263))
    login.receive_data(version + b"\1\x13\0\2\0\7" + sub_types + b"\1")
    assert login.start_tls is not None
    driver = Driver(login)
    driver._check()
    driver.run(cut_at(b"".join(said), points))


@given(_LOGINS, _SAID, st.sampled_from(_WORDS), st.integers(1, 40))
def test_flood_of_a_hypervisor_is_not_kept(
    login: ClientLogin, said: list[bytes], word: bytes, count: int
) -> None:
    chunk = (word * (32768 // len(word) + 1))[:32768]
    Driver(login).run([*said, *[chunk] * count])


_ACTIONS: list[Callable[[ServerLogin], None]] = [
    lambda login: login.accept(SERVER_INIT),
    lambda login: login.refuse(_REASON),
    lambda login: None,
    lambda login: None,
]
_BROWSER_WORDS = [*_VERSIONS, b"\1", b"\0", b"\2", b"\1\1", b"\5" * 8, b"\xff" * 40000]


def run_server(
    login: ServerLogin,
    pieces: list[bytes],
    actions: list[Callable[[ServerLogin], None]],
    sends: list[bool],
) -> None:
    """Pass the pieces, with what else may happen between them, and check what became of it."""
    sent = b""
    try:
        for index, piece in enumerate(pieces):
            if sends[index % len(sends)]:
                sent += login.data_to_send()
            actions[index % len(actions)](login)
            login.receive_data(piece)
            assert login._reader.unread <= _AHEAD_LIMIT
    except ViewerProtocolError as refusal:
        check_told(refusal)
        assert login.done
        assert login.trailing_data() == b"" or login.shared is not None
    sent += login.data_to_send()
    assert login._reader.unread <= _AHEAD_LIMIT
    assert V38.startswith(sent[:12])
    assert len(sent) <= _MOST_SENT_TO_A_BROWSER
    login.refuse(_REASON)
    login.accept(SERVER_INIT)
    assert len(login.data_to_send()) <= _MOST_SENT_TO_A_BROWSER


@given(
    st.booleans(),
    st.lists(st.one_of(st.sampled_from(_BROWSER_WORDS), _ANY), max_size=8),
    _CUTS,
    st.lists(st.sampled_from(_ACTIONS), min_size=1, max_size=8),
    st.lists(st.booleans(), min_size=1, max_size=8),
)
def test_anything_that_a_browser_says(
    ahead: bool,
    said: list[bytes],
    points: list[int],
    actions: list[Callable[[ServerLogin], None]],
    sends: list[bool],
) -> None:
    run_server(ServerLogin(ahead), cut_at(b"".join(said), points), actions, sends)
