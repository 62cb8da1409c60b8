import pytest

from consoleproxy.errors import HypervisorNotRfb
from consoleproxy.rfb.policy import Credentials, SecurityKind
from consoleproxy.rfb.reader import Reader
from consoleproxy.rfb.security import authenticate
from tests.unit.rfb.conversation import CHALLENGE, PASSWORD, PLAIN, RESPONSE, USERNAME, every_cut

K = SecurityKind


def answers(kind: SecurityKind, credentials: Credentials, pieces: list[bytes]) -> bytes:
    """Return what a kind sends when it has heard all pieces, and no less."""
    reader = Reader(HypervisorNotRfb, unread_limit=0)
    sent = bytearray()
    conversation = authenticate(kind, credentials, reader, sent.extend)
    for piece in pieces:
        assert next(conversation) is None
        assert not sent
        reader.feed(piece)
    with pytest.raises(StopIteration):
        next(conversation)
    assert reader.unread == 0
    return bytes(sent)


@pytest.mark.parametrize("kind", [K.NONE, K.TLS_NONE, K.X509_NONE])
def test_none_says_nothing(kind: SecurityKind) -> None:
    assert answers(kind, Credentials(PASSWORD, USERNAME), []) == b""


@pytest.mark.parametrize("kind", [K.VNC_AUTH, K.TLS_VNC, K.X509_VNC])
def test_challenge_is_answered(kind: SecurityKind) -> None:
    for pieces in every_cut(CHALLENGE):
        assert answers(kind, Credentials(PASSWORD), pieces) == RESPONSE


@pytest.mark.parametrize("kind", [K.PLAIN, K.TLS_PLAIN, K.X509_PLAIN])
def test_name_and_password_are_sent_as_they_are(kind: SecurityKind) -> None:
    assert answers(kind, Credentials(PASSWORD, USERNAME), []) == PLAIN


def test_they_are_sent_in_utf_8_and_counted_in_bytes() -> None:
    sent = answers(K.PLAIN, Credentials("pä\ud800", "ü"), [])
    assert sent == bytes.fromhex("00000002 00000004") + "üpä?".encode()
