from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.errors import ViewerProtocolError
from consoleproxy.rfb.reader import REASON_LIMIT, Read, Reader
from tests.unit.rfb.conversation import every_cut, reason

T = TypeVar("T")


def make_reader(data: bytes = b"") -> Reader:
    reader = Reader(ViewerProtocolError, unread_limit=8)
    reader.feed(data)
    return reader


def finish(read: Read[T], *, eof: bool = False) -> T:
    """Run a read that has all it needs, or whose stream ends."""
    try:
        next(read)
        assert eof, "the read wants more"
        read.throw(EOFError)
    except StopIteration as end:
        value: T = end.value
        return value
    raise AssertionError("the read wants more")


def test_numbers_are_big_endian_and_follow_each_other() -> None:
    reader = make_reader(b"\x07\x00\x01\x02\x03rest")
    assert finish(reader.u8()) == 7
    assert finish(reader.u32()) == 0x010203
    assert reader.take_all() == b"rest"
    assert reader.take_all() == b""


def test_exact_waits_for_the_last_byte() -> None:
    for pieces in every_cut(b"abcd"):
        reader = make_reader()
        read = reader.exact(4)
        for piece in pieces[:-1]:
            reader.feed(piece)
            next(read)
        reader.feed(pieces[-1])
        assert finish(read) == b"abcd"


def test_nothing_is_read_from_nothing() -> None:
    assert finish(make_reader().exact(0)) == b""


def test_skipped_bytes_are_dropped_as_they_come() -> None:
    for pieces in every_cut(b"abcd"):
        reader = make_reader()
        read = reader.skip(4)
        for piece in pieces[:-1]:
            reader.feed(piece)
            next(read)
            assert reader.unread == 0
        reader.feed(pieces[-1] + b"rest")
        finish(read)
        assert reader.unread == 4
        assert reader.take_all() == b"rest"


def test_nothing_is_skipped_of_nothing() -> None:
    reader = make_reader(b"rest")
    finish(reader.skip(0))
    assert reader.take_all() == b"rest"


def test_end_of_the_stream_comes_out_of_a_read() -> None:
    read = make_reader(b"a").exact(2)
    next(read)
    with pytest.raises(EOFError):
        read.throw(EOFError)


def test_unread_bytes_have_a_limit() -> None:
    reader = make_reader(b"12345678")
    reader.check_limit()
    reader.feed(b"9")
    with pytest.raises(ViewerProtocolError, match="9 bytes"):
        reader.check_limit()


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"Authentication failed", "Authentication failed"),
        (b"Authentication failed\0", "Authentication failed"),
        (b"two\r\nlines\t\x1b[31mred", "two lines [31mred"),
        ("zu viele \u202eVersuche: \u00fc\u2028x".encode(), "zu viele Versuche: \u00fc x"),
        (b"latin \xfc", "latin \ufffd"),
        (b"", "no reason given"),
        (b"\0\0", "no reason given"),
    ],
)
def test_reason_is_fit_for_a_log_line(raw: bytes, text: str) -> None:
    assert finish(make_reader(reason(raw)).reason()) == text


def test_reason_that_is_cut_off_is_what_came_of_it() -> None:
    whole = reason(b"Too many")
    for length, text in [(0, ""), (3, ""), (4, ""), (7, "Too"), (11, "Too man")]:
        read = make_reader(whole[:length]).reason()
        assert finish(read, eof=True) == (text or "no reason given")


def test_longest_reason_is_read_and_a_longer_one_described() -> None:
    longest = b"x" * REASON_LIMIT
    assert finish(make_reader(reason(longest)).reason()) == longest.decode()
    assert "4097 bytes" in finish(make_reader((REASON_LIMIT + 1).to_bytes(4, "big")).reason())


@given(st.binary(max_size=200))
def test_no_reason_breaks_a_log_line(raw: bytes) -> None:
    text = finish(make_reader(reason(raw)).reason())
    assert text and text.isprintable()
