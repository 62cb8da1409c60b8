from pathlib import Path

import pytest

from consoleproxy.agent.rp_filter import turn_off


def test_all_interfaces(tmp_path: Path) -> None:
    for name, value in (("all", "1"), ("eth2", "2"), ("lo", "0")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "rp_filter").write_text(f"{value}\n")
        (tmp_path / name / "forwarding").write_text("1\n")
    turn_off(tmp_path)
    values = {path.parent.name: path.read_text().strip() for path in tmp_path.glob("*/rp_filter")}
    assert values == {"all": "0", "eth2": "0", "lo": "0"}
    assert (tmp_path / "all/forwarding").read_text() == "1\n"


def test_a_failure_is_told(tmp_path: Path) -> None:
    (tmp_path / "all").mkdir()
    (tmp_path / "all/rp_filter").mkdir()
    with pytest.raises(OSError, match="directory"):
        turn_off(tmp_path)
