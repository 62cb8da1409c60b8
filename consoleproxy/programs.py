"""Programs of the system, run for a moment: by name and arguments, never through a shell."""

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from consoleproxy.errors import ProgramFailed

# Where Debian has what an administrator runs; the environment's own PATH does not count.
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_SECONDS = 10.0
_LONGEST_CAUSE = 300


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended, and what it wrote."""

    status: int
    output: str
    errors: str


def is_installed(name: str) -> bool:
    """Say whether there is such a program."""
    return shutil.which(name, path=_PATH) is not None


def run_program(words: Sequence[str], text: str = "", seconds: float = _SECONDS) -> str:
    """Run a program and return what it wrote; blocks.

    Args:
        words: its name, and its arguments as they are.
        text: its standard input.

    Raises:
        ProgramFailed: it is not installed, took too long, or ended with another status than 0.
    """
    ended = try_program(words, text, seconds)
    if ended.status:
        raise ProgramFailed(f"{words[0]} ended with status {ended.status}{_cause(ended.errors)}")
    return ended.output


def try_program(words: Sequence[str], text: str = "", seconds: float = _SECONDS) -> Ended:
    """Run a program, whatever its status; blocks.

    Raises:
        ProgramFailed: it is not installed, or took too long.
    """
    found = shutil.which(words[0], path=_PATH)
    if found is None:
        raise ProgramFailed(f"{words[0]} is not installed")
    try:
        done = subprocess.run(  # noqa: S603 - callers check what is not their own
            [found, *words[1:]],
            input=text.encode(),
            capture_output=True,
            timeout=seconds,
            env={"PATH": _PATH, "LC_ALL": "C.UTF-8"},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ProgramFailed(f"{words[0]} did not end within {seconds:g} s") from None
    except OSError as error:
        raise ProgramFailed(f"{words[0]} cannot be run: {error.strerror}") from None
    return Ended(
        done.returncode,
        done.stdout.decode("utf-8", "replace"),
        done.stderr.decode("utf-8", "replace"),
    )


def _cause(errors: str) -> str:
    lines = errors.strip().splitlines()
    if not lines:
        return ""
    line = "".join(letter for letter in lines[0] if letter.isprintable())
    return f": {line[:_LONGEST_CAUSE]}"
