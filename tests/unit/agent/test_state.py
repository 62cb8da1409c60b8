from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.agent.hosts import HostList
from consoleproxy.agent.state import AgentState, StateFile


@pytest.mark.parametrize("state", [AgentState(), AgentState(5, HostList.parse("a,b@static"))])
def test_what_is_saved_is_what_is_loaded(tmp_path: Path, state: AgentState) -> None:
    file = StateFile(tmp_path / "agent.json")
    file.save(AgentState(1))
    file.save(state)
    assert file.load() == state
    assert [path.name for path in tmp_path.iterdir()] == ["agent.json"]


def test_the_first_run(tmp_path: Path) -> None:
    assert StateFile(tmp_path / "agent.json").load() == AgentState()


@given(
    st.binary(max_size=40)
    | st.sampled_from(
        [b"[]", b'{"hostId": true, "servers": ""}', b'{"hostId": 1, "servers": "a b"}', b"[" * 9999]
    )
)
def test_a_damaged_file_is_a_first_run(content: bytes) -> None:
    class Damaged(type(Path())):  # type: ignore[misc]
        def read_text(self, encoding: str) -> str:
            return content.decode(encoding)

    assert StateFile(Damaged("agent.json")).load() == AgentState()


def test_a_disk_that_is_full_is_told(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        StateFile(tmp_path / "missing" / "agent.json").save(AgentState())
