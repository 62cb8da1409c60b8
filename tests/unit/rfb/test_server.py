from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.errors import HypervisorRefused, ViewerProtocolError
from consoleproxy.rfb.server import ServerLogin
from tests.unit.rfb.conversation import (
    BELL,
    FAILED,
    OK,
    SERVER_INIT,
    SERVER_INIT_BYTES,
    V33,
    V37,
    V38,
    Pair,
    cut_at,
    every_cut,
    make_login,
    reason,
    say,
)

SHARED, ALONE = b"\1", b"\0"
OFFER, OFFER_33 = b"\1\1", b"\0\0\0\1"
CHOICE = b"\1"
SENTENCE = "This console link was already used. Öffnen Sie sie neu."
REASON = reason(SENTENCE.encode())

LOGINS = [
    pytest.param(V33, OFFER_33, "3.3", id="3.3"),
    pytest.param(b"RFB 003.005\n", OFFER_33, "3.3", id="3.5"),
    pytest.param(V37 + CHOICE, OFFER, "3.7", id="3.7"),
    pytest.param(V38 + CHOICE, OFFER + OK, "3.8", id="3.8"),
    pytest.param(b"RFB 003.889\n" + CHOICE, OFFER + OK, "3.8", id="3.889"),
]


@pytest.mark.parametrize(("said", "answered", "version"), LOGINS)
def test_login_however_cut_and_whenever_accepted(
    said: bytes, answered: bytes, version: str
) -> None:
    trailing = BELL * 7
    for pieces in every_cut(said + SHARED + trailing):
        for moment in range(len(pieces) + 1):
            login = ServerLogin()
            sent = say(login, pieces[:moment])
            login.accept(SERVER_INIT)
            sent += say(login, pieces[moment:])
            assert sent == V38 + answered + SERVER_INIT_BYTES
            assert login.done
            assert (login.shared, login.version, login.step) == (True, version, "done")
            assert login.trailing_data() == trailing
            assert login.trailing_data() == b""


@given(st.lists(st.integers(0, 60)), st.binary(max_size=40), st.integers(0, 255))
def test_any_chunks_any_flag_and_any_trailing_bytes(
    points: list[int], trailing: bytes, flag: int
) -> None:
    login = ServerLogin()
    login.accept(SERVER_INIT)
    pieces = cut_at(V38 + CHOICE + bytes([flag]) + trailing, points)
    assert say(login, pieces) == V38 + OFFER + OK + SERVER_INIT_BYTES
    assert login.shared is (flag != 0)
    assert login.trailing_data() == trailing


def test_each_step_of_3_8_waits_for_its_side() -> None:
    login = ServerLogin()
    assert (login.step, login.version, login.shared) == ("version", "", None)
    assert login.data_to_send() == V38
    assert say(login, [V38]) == OFFER
    assert (login.step, login.version) == ("choice", "3.8")
    assert say(login, [CHOICE]) == b""
    assert login.step == "result"
    login.accept(SERVER_INIT)
    assert login.data_to_send() == OK
    assert (login.step, login.done) == ("init", False)
    assert say(login, [ALONE]) == SERVER_INIT_BYTES
    assert (login.shared, login.done) == (False, True)


@pytest.mark.parametrize(("version", "offer"), [(V33, OFFER_33), (V37, OFFER)])
def test_older_versions_are_offered_nothing_before_the_outcome(
    version: bytes, offer: bytes
) -> None:
    login = ServerLogin()
    assert say(login, [version]) == V38
    assert login.step == "security"
    login.accept(SERVER_INIT)
    assert login.data_to_send() == offer


def test_what_the_browser_sends_ahead_waits_for_the_outcome() -> None:
    for version in (V33, V37 + CHOICE, V38 + CHOICE):
        login = ServerLogin()
        say(login, [version + SHARED + BELL])
        assert login.trailing_data() == b""
        assert login.shared is None
        login.accept(SERVER_INIT)
        assert login.data_to_send().endswith(SERVER_INIT_BYTES)
        assert login.trailing_data() == BELL


def test_first_screen_counts() -> None:
    login = ServerLogin()
    login.accept(SERVER_INIT)
    login.accept(SERVER_INIT.with_name("other"))
    assert say(login, [V33 + SHARED]).endswith(SERVER_INIT_BYTES)


def say_then_refuse(said: list[bytes], *, accept: bool = False) -> tuple[ServerLogin, bytes]:
    """Return a login that was refused after these bytes, and what it sent for that."""
    login = ServerLogin()
    if accept:
        login.accept(SERVER_INIT)
    say(login, said)
    login.refuse(SENTENCE)
    return login, login.data_to_send()


# Refused after (bytes said, accepted before): what is sent at once.
REFUSALS = [
    pytest.param(V33, False, b"\0\0\0\0" + REASON, id="3.3 before the offer"),
    pytest.param(V33 + SHARED, False, b"\0\0\0\0" + REASON, id="3.3 written ahead"),
    pytest.param(V33, True, b"", id="3.3 after the offer"),
    pytest.param(V37, False, b"\0" + REASON, id="3.7 before the offer"),
    pytest.param(V37 + CHOICE, False, b"\0" + REASON, id="3.7 written ahead"),
    pytest.param(V37, True, b"", id="3.7 after the offer"),
    pytest.param(V37 + CHOICE, True, b"", id="3.7 after the choice"),
    pytest.param(V38, False, FAILED + REASON, id="3.8 after the offer"),
    pytest.param(V38, True, FAILED + REASON, id="3.8 after the offer, accepted before"),
    pytest.param(V38 + CHOICE, False, FAILED + REASON, id="3.8 after the choice"),
    pytest.param(V38 + CHOICE + SHARED, False, FAILED + REASON, id="3.8 written ahead"),
    pytest.param(V38 + CHOICE, True, b"", id="3.8 after the result"),
]


@pytest.mark.parametrize(("said", "accept", "sent"), REFUSALS)
def test_refusal_in_every_state(said: bytes, accept: bool, sent: bytes) -> None:
    for pieces in every_cut(said):
        login, answer = say_then_refuse(pieces, accept=accept)
        assert answer == sent
        assert login.done
        after_the_end(login)


@pytest.mark.parametrize(
    ("version", "sent"),
    [(V33, b"\0\0\0\0" + REASON), (V37, b"\0" + REASON), (V38, b"\0" + REASON)],
)
@pytest.mark.parametrize("accept", [False, True])
def test_refusal_before_the_version_waits_for_it(version: bytes, sent: bytes, accept: bool) -> None:
    for pieces in every_cut(version):
        login, answer = say_then_refuse(pieces[:-1], accept=accept)
        assert answer == b""
        assert not login.done
        assert say(login, pieces[-1:]) == sent
        assert login.done
        after_the_end(login)


def after_the_end(login: ServerLogin) -> None:
    """Nothing that either side does changes the outcome."""
    login.refuse("another reason")
    login.accept(SERVER_INIT)
    assert say(login, [b"\xff" * 70000] * 3) == b""
    assert login.trailing_data() == b""
    assert login.done


def test_refusal_after_server_init_leaves_the_stream_alone() -> None:
    login, answer = say_then_refuse([V38 + CHOICE + SHARED + BELL], accept=True)
    assert answer == b""
    assert login.trailing_data() == BELL


def test_refused_browser_s_bytes_are_not_judged() -> None:
    login, _ = say_then_refuse([])
    assert say(login, [V38 + b"\xff" * 70000]) == b"\0" + REASON
    assert login.done


def test_first_refusal_counts() -> None:
    login, _ = say_then_refuse([])
    login.refuse("another reason")
    assert say(login, [V38]) == b"\0" + REASON


@pytest.mark.parametrize(
    "said", [V38 + b"\2", V38 + b"\0", V37 + b"\2", b"GET / HTTP/1.1", b"RFB 3.8\n"]
)
def test_browser_that_breaks_rfb(said: bytes) -> None:
    for pieces in every_cut(said):
        login = ServerLogin()
        login.accept(SERVER_INIT)
        with pytest.raises(ViewerProtocolError):
            say(login, pieces)
        login.data_to_send()
        after_the_end(login)


def test_wrong_choice_sent_ahead_comes_out_of_accept() -> None:
    login = ServerLogin()
    login.receive_data(V37 + b"\5")
    with pytest.raises(ViewerProtocolError, match="security type 5"):
        login.accept(SERVER_INIT)


@pytest.mark.parametrize("start", [V33, V37, V38 + CHOICE])
def test_bytes_sent_ahead_have_a_limit(start: bytes) -> None:
    login = ServerLogin()
    login.receive_data(start + b"\1" * 65536)
    with pytest.raises(ViewerProtocolError, match="65537 bytes"):
        login.receive_data(b"\1")


def test_bytes_behind_the_login_have_a_limit() -> None:
    login = ServerLogin()
    login.accept(SERVER_INIT)
    login.receive_data(V38 + CHOICE + SHARED)
    login.receive_data(BELL * 65536)
    with pytest.raises(ViewerProtocolError):
        login.receive_data(BELL)


ACTIONS: list[Callable[[ServerLogin], None]] = [
    lambda login: login.accept(SERVER_INIT),
    lambda login: login.refuse(SENTENCE),
    lambda login: None,
]


@given(
    st.sampled_from([b"", V33, V37, V37 + CHOICE, V38, V38 + CHOICE]),
    st.binary(max_size=100),
    st.lists(st.integers(0, 120), max_size=10),
    st.lists(st.sampled_from(ACTIONS), min_size=12, max_size=12),
)
def test_any_bytes_and_any_outcome(
    start: bytes, data: bytes, points: list[int], actions: list[Callable[[ServerLogin], None]]
) -> None:
    login = ServerLogin()
    sent = b""
    try:
        for piece, act in zip(cut_at(start + data, points), actions, strict=False):
            act(login)
            sent += say(login, [piece])
    except ViewerProtocolError as refusal:
        assert str(refusal).isprintable()
        assert login.done
    assert len(sent) <= len(V38 + OFFER + OK + REASON + SERVER_INIT_BYTES)


@pytest.mark.parametrize(("version", "spoken"), [(V33, "3.3"), (V37, "3.7"), (V38, "3.8")])
def test_our_client_logs_in_to_our_server(version: bytes, spoken: str) -> None:
    for seed in range(30):
        pair = Pair(version, seed)
        if seed % 2:
            pair.run()
        pair.server.accept(SERVER_INIT.with_name("Büro"))
        pair.run()
        assert pair.client.result == SERVER_INIT.with_name("Büro")
        assert (pair.client.version, pair.server.version) == (spoken, spoken)
        assert pair.client.security == "None"
        assert pair.server.done
        assert pair.server.shared is True
        pair.write_ahead(b"keys")
        pair.run()
        assert pair.server.trailing_data() == b"keys"


@pytest.mark.parametrize("version", [V33, V37, V38])
def test_our_client_hears_our_server_s_reason(version: bytes) -> None:
    for seed in range(30):
        pair = Pair(version, seed)
        if seed % 2:
            pair.run()
        pair.server.refuse(SENTENCE)
        with pytest.raises(HypervisorRefused, match=SENTENCE):
            pair.run()


ANSWERS = V38 + CHOICE + SHARED
OFFERED_AHEAD = V38 + OFFER
LET_IN = OK + SERVER_INIT_BYTES


class TestAhead:
    """The browser was said to speak 3.8."""

    def test_each_message_is_sent_as_soon_as_there_is_one(self) -> None:
        login = ServerLogin(ahead=True)
        assert login.data_to_send() == OFFERED_AHEAD
        assert (login.step, login.done) == ("version", False)
        login.accept(SERVER_INIT)
        assert login.data_to_send() == LET_IN
        assert (login.step, login.done, login.shared) == ("version", False, None)
        for answer, step in ((V38, "choice"), (CHOICE, "init"), (SHARED + BELL, "done")):
            assert say(login, [answer]) == b""
            assert login.step == step
        assert (login.done, login.shared, login.version) == (True, True, "3.8")
        assert login.trailing_data() == BELL

    @pytest.mark.parametrize("version", [V38, b"RFB 003.889\n", b"RFB 005.000\n"])
    @pytest.mark.parametrize("send_first", [False, True])
    def test_login_however_cut_and_whenever_accepted(
        self, version: bytes, send_first: bool
    ) -> None:
        for pieces in every_cut(version + CHOICE + SHARED + BELL):
            for moment in range(len(pieces) + 1):
                login = ServerLogin(ahead=True)
                sent = login.data_to_send() if send_first else b""
                for piece in pieces[:moment]:
                    login.receive_data(piece)
                assert not login.done
                login.accept(SERVER_INIT)
                for piece in pieces[moment:]:
                    login.receive_data(piece)
                sent += login.data_to_send()
                assert sent == OFFERED_AHEAD + LET_IN
                assert login.done
                assert login.trailing_data() == BELL

    @pytest.mark.parametrize("accepted_before", [False, True])
    @pytest.mark.parametrize(
        ("said", "answered", "version"),
        [(V33, OFFER_33, "3.3"), (V37 + CHOICE, OFFER, "3.7")],
    )
    def test_another_version_that_comes_first_is_served(
        self, said: bytes, answered: bytes, version: str, accepted_before: bool
    ) -> None:
        for pieces in every_cut(said + SHARED + BELL):
            login = ServerLogin(ahead=True)
            if accepted_before:
                login.accept(SERVER_INIT)
            for piece in pieces:
                login.receive_data(piece)
            login.accept(SERVER_INIT)
            assert login.data_to_send() == V38 + answered + SERVER_INIT_BYTES
            assert (login.version, login.done) == (version, True)
            assert login.trailing_data() == BELL

    @pytest.mark.parametrize("said", [V33, V37, b"RFB 003.005\n"])
    def test_another_version_that_comes_too_late_is_refused(self, said: bytes) -> None:
        for accepted in (False, True):
            login = ServerLogin(ahead=True)
            if accepted:
                login.accept(SERVER_INIT)
            login.data_to_send()
            with pytest.raises(
                ViewerProtocolError, match=r"speaks 3\.[37] and was said to .* 3\.8"
            ):
                login.receive_data(said + CHOICE + SHARED)
            after_the_end(login)

    @pytest.mark.parametrize("said", [V38 + b"\2", b"GET / HTTP/1.1\r\n"])
    def test_answers_are_checked(self, said: bytes) -> None:
        for pieces in every_cut(said):
            login = ServerLogin(ahead=True)
            login.accept(SERVER_INIT)
            login.data_to_send()
            with pytest.raises(ViewerProtocolError):
                say(login, pieces)
            after_the_end(login)

    def test_refusal_is_sent_at_once_where_the_offer_was(self) -> None:
        for length in range(len(ANSWERS) + 1):
            login = ServerLogin(ahead=True)
            sent = login.data_to_send()
            login.receive_data(ANSWERS[:length])
            login.refuse(SENTENCE)
            assert sent + login.data_to_send() == OFFERED_AHEAD + FAILED + REASON
            assert login.done
            after_the_end(login)

    def test_refusal_behind_an_answered_version_follows_the_offer(self) -> None:
        login = ServerLogin(ahead=True)
        login.receive_data(V38)
        login.refuse(SENTENCE)
        assert login.data_to_send() == OFFERED_AHEAD + FAILED + REASON
        after_the_end(login)

    @pytest.mark.parametrize(
        ("version", "sent"),
        [(V33, b"\0\0\0\0" + REASON), (V37, b"\0" + REASON), (V38, b"\0" + REASON)],
    )
    @pytest.mark.parametrize("accepted", [False, True])
    def test_refusal_before_anything_was_sent_waits_for_the_version(
        self, version: bytes, sent: bytes, accepted: bool
    ) -> None:
        login = ServerLogin(ahead=True)
        if accepted:
            login.accept(SERVER_INIT)
        login.refuse(SENTENCE)
        assert not login.done
        assert login.data_to_send() == V38
        assert say(login, [version]) == sent
        assert login.done
        after_the_end(login)

    def test_there_is_no_word_behind_the_result(self) -> None:
        for length in range(len(ANSWERS)):
            login = ServerLogin(ahead=True)
            login.data_to_send()
            login.accept(SERVER_INIT)
            login.receive_data(ANSWERS[:length])
            login.refuse(SENTENCE)
            assert login.data_to_send() == LET_IN
            assert login.done
            after_the_end(login)

    def test_refusal_behind_the_login_leaves_the_stream_alone(self) -> None:
        login = ServerLogin(ahead=True)
        login.accept(SERVER_INIT)
        login.receive_data(ANSWERS + BELL)
        login.refuse(SENTENCE)
        assert login.data_to_send() == OFFERED_AHEAD + LET_IN
        assert login.trailing_data() == BELL

    def test_our_client_logs_in(self) -> None:
        for cut in range(1, 40):
            server, client = ServerLogin(ahead=True), make_login("")
            server.accept(SERVER_INIT)
            data = server.data_to_send()
            server.receive_data(say(client, [data[:cut], data[cut:]]))
            assert client.result == SERVER_INIT
            assert server.done
