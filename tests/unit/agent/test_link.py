import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.agent.link import FRAME_LIMIT_BYTES, Frame, FrameReader
from consoleproxy.errors import AgentLinkBroken

FRAMES = st.builds(Frame, st.binary(min_size=1, max_size=60), st.booleans())


def test_a_frame_as_it_is_on_the_wire() -> None:
    assert Frame(b"abc", following=False).to_bytes() == b"\x00\x00\x00\x03abc"
    assert Frame(b"abc", following=True).to_bytes() == b"\x00\x01\x00\x03abc"
    assert b"abc" not in repr(Frame(b"abc", following=True)).encode()


@given(st.lists(FRAMES), st.lists(st.integers(min_value=1, max_value=30)))
def test_frames_come_out_however_they_are_cut(frames: list[Frame], cuts: list[int]) -> None:
    stream = b"".join(frame.to_bytes() for frame in frames)
    reader = FrameReader()
    found: list[Frame] = []
    for cut in [*cuts, len(stream)]:
        found += reader.feed(stream[:cut])
        stream = stream[cut:]
    assert found == frames


@pytest.mark.parametrize("length", [1, FRAME_LIMIT_BYTES])
def test_the_longest_and_the_shortest(length: int) -> None:
    frame = Frame(bytes(length), following=False)
    assert list(FrameReader().feed(frame.to_bytes())) == [frame]


@pytest.mark.parametrize("length", [0, FRAME_LIMIT_BYTES + 1])
def test_no_other_is_made(length: int) -> None:
    with pytest.raises(ValueError, match="a frame of"):
        Frame(bytes(length), following=False).to_bytes()


@pytest.mark.parametrize(
    "header",
    [
        b"\x00\x00\x00\x00",
        b"\x00\x00\x46\x51",
        b"\x00\x00\xff\xff",
        b"\x00\x02\x00\x01",
        b"\x80\x00\x00\x01",
        # What a server sends outside of frames with TLS 1.3.
        b"\x17\x03\x03\x00",
    ],
)
def test_a_header_that_no_server_sends(header: bytes) -> None:
    with pytest.raises(AgentLinkBroken):
        list(FrameReader().feed(header))
