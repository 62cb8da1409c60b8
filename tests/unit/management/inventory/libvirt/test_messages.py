import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.management.inventory.libvirt.messages import (
    Alive,
    Complete,
    Lost,
    Message,
    Note,
    decode,
    encode,
)
from consoleproxy.management.inventory.machines import VirtualMachine

_MACHINES = st.builds(
    VirtualMachine, uuid=st.text(), name=st.text(), host=st.text(), port=st.integers()
)
_MESSAGES: st.SearchStrategy[Message] = st.one_of(
    _MACHINES,
    st.builds(Complete),
    st.builds(Alive),
    st.builds(Note, st.text()),
    st.builds(Lost, st.text()),
)


@given(_MESSAGES)
def test_a_message_is_one_line(message: Message) -> None:
    line = encode(message)
    assert line.index(b"\n") == len(line) - 1
    assert decode(line) == message


@pytest.mark.parametrize(
    "line", [b"", b"x", b"1", b"[]", b'["Nobody", {}]', b'["Note", {}]', b'["Alive", {"x": 1}]']
)
def test_other_lines_are_refused(line: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        decode(line)
