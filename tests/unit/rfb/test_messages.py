import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.errors import HypervisorNotRfb
from consoleproxy.rfb.messages import (
    NAME_LIMIT,
    ProtocolVersion,
    SecurityResult,
    ServerInit,
    reason_message,
)
from consoleproxy.rfb.reader import Read, Reader
from tests.unit.rfb.conversation import (
    FAILED,
    OK,
    PIXEL_FORMAT,
    SERVER_INIT,
    SERVER_INIT_BYTES,
    TOO_MANY,
    V33,
    V37,
    V38,
    reason,
)


def parse_version(data: bytes) -> ProtocolVersion:
    reader = Reader(HypervisorNotRfb, unread_limit=0)
    reader.feed(data)
    read: Read[ProtocolVersion] = ProtocolVersion.parse(reader)
    with pytest.raises(StopIteration) as end:
        next(read)
    assert isinstance(end.value.value, ProtocolVersion)
    return end.value.value


def parse_server_init(data: bytes) -> ServerInit:
    reader = Reader(HypervisorNotRfb, unread_limit=0)
    reader.feed(data)
    with pytest.raises(StopIteration) as end:
        next(ServerInit.parse(reader))
    assert isinstance(end.value.value, ServerInit)
    assert reader.take_all() == b""
    return end.value.value


def test_messages_of_the_versions() -> None:
    assert [version.message for version in ProtocolVersion] == [V33, V37, V38]
    assert [str(version) for version in ProtocolVersion] == ["3.3", "3.7", "3.8"]


@pytest.mark.parametrize(
    ("number", "spoken"),
    [
        ("003.003", "3.3"),
        ("003.005", "3.3"),
        ("003.006", "3.3"),
        ("003.007", "3.7"),
        ("003.008", "3.8"),
        ("003.889", "3.8"),
        ("004.000", "3.8"),
        ("004.001", "3.8"),
        ("005.000", "3.8"),
        # As integers, not as fractions.
        ("003.010", "3.8"),
        ("003.080", "3.8"),
        ("002.999", "3.3"),
        ("000.000", "3.3"),
    ],
)
def test_every_number_speaks_one_of_the_three(number: str, spoken: str) -> None:
    assert str(parse_version(f"RFB {number}\n".encode())) == spoken


@pytest.mark.parametrize(
    "banner",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 400 Bad Request\r\n",
        b"S",
        b"RFC",
        b"RFB 3.8\n",
        b"RFB 003,008\n",
        b"RFB 003.008\r",
        b"RFB 003.008 ",
        b"RFB 00\xb3.008\n",
        b"RFB -03.008\n",
        b"\0",
        b"\x16\x03\x01",
    ],
)
def test_other_banners_are_no_rfb_at_their_first_wrong_byte(banner: bytes) -> None:
    reader = Reader(HypervisorNotRfb, unread_limit=0)
    reader.feed(banner)
    with pytest.raises(HypervisorNotRfb) as refusal:
        next(ProtocolVersion.parse(reader))
    assert str(refusal.value).endswith(repr(banner[:24]))


def test_server_init_as_in_the_rfc() -> None:
    assert parse_server_init(SERVER_INIT_BYTES) == SERVER_INIT
    assert SERVER_INIT.serialize() == SERVER_INIT_BYTES


def test_name_that_is_not_utf_8_is_mended() -> None:
    data = SERVER_INIT_BYTES[:20] + reason(b"caf\xe9")
    assert parse_server_init(data).name == "caf\ufffd"


def test_longest_name_is_read_and_a_longer_one_refused() -> None:
    header = SERVER_INIT_BYTES[:20]
    assert parse_server_init(header + reason(b"n" * NAME_LIMIT)).name == "n" * NAME_LIMIT
    reader = Reader(HypervisorNotRfb, unread_limit=0)
    reader.feed(header + (NAME_LIMIT + 1).to_bytes(4, "big"))
    with pytest.raises(HypervisorNotRfb, match="65537"):
        next(ServerInit.parse(reader))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("web01", "web01"),
        ("Bürorechner 東京", "Bürorechner 東京"),
        ("n" * 2000, "n" * 1020),
        ("a" + "ü" * 2000, "a" + "ü" * 509),
        ("half \ud83d", "half ?"),
    ],
)
def test_display_name_replaces_the_guest_s(name: str, shown: str) -> None:
    renamed = SERVER_INIT.with_name(name)
    assert renamed.name == shown
    assert renamed.serialize() == SERVER_INIT_BYTES[:20] + reason(shown.encode())


@given(
    st.builds(
        ServerInit,
        st.integers(0, 65535),
        st.integers(0, 65535),
        st.just(PIXEL_FORMAT),
        st.text(st.characters(codec="utf-8")),
    )
)
def test_server_init_survives_the_wire(server_init: ServerInit) -> None:
    assert parse_server_init(server_init.serialize()) == server_init


def test_mended_name_still_fits() -> None:
    mended = ServerInit(1, 1, PIXEL_FORMAT, "\ufffd" * NAME_LIMIT)
    name = mended.serialize()[24:]
    assert len(name) == NAME_LIMIT // 3 * 3
    assert name.decode()


def test_failures() -> None:
    assert [result.message for result in SecurityResult] == [OK, FAILED, TOO_MANY]
    assert reason_message("Zu spät") == reason("Zu spät".encode())
    assert reason_message("x" * 5000) == reason(b"x" * 4096)
