import pytest

from consoleproxy.errors import ProgramFailed
from consoleproxy.programs import is_installed, run_program, try_program


def test_input_and_output() -> None:
    assert run_program(["cat"], "täxt") == "täxt"


def test_arguments_are_not_a_shells() -> None:
    assert run_program(["echo", "$HOME;id", "$(id)"]) == "$HOME;id $(id)\n"


def test_the_environment_is_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "hush")
    monkeypatch.setenv("PATH", "/nowhere")
    assert "SECRET" not in run_program(["env"])


def test_another_status() -> None:
    with pytest.raises(ProgramFailed, match=r"^cat ended with status 1: .*No such file"):
        run_program(["cat", "/nowhere/at/all"])
    assert try_program(["false"]).status == 1


def test_what_is_installed() -> None:
    assert is_installed("cat")
    assert not is_installed("no-such-program")


def test_no_such_program() -> None:
    with pytest.raises(ProgramFailed, match=r"^no-such-program is not installed$"):
        run_program(["no-such-program"])


def test_a_program_that_does_not_end() -> None:
    with pytest.raises(ProgramFailed, match=r"^sleep did not end within 0\.05 s$"):
        run_program(["sleep", "60"], seconds=0.05)
