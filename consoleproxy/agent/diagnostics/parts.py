"""What is collected: CloudStack's default list for a console proxy, and what this program adds."""

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from consoleproxy.agent.masking import MASK, is_secret
from consoleproxy.agent.properties import read_properties
from consoleproxy.agent.told import AGENT_FILE, PROXY_FILE
from consoleproxy.programs import run_program

# Of each part, so much of its end.
LONGEST_PART = 2 * 1024 * 1024
_JOURNAL_LINES = "5000"
_RELEASE = Path("/etc/cloudstack-release")
# What a system VM's proxy logs to, and what this program may be sent to.
LOGS = (Path("/var/log/cloud.log"), Path("/var/log/consoleproxy.log"))

_COMMANDS = (
    ("iptables.txt", ("iptables-save",)),
    ("ip6tables.txt", ("ip6tables-save",)),
    ("nftables.txt", ("nft", "list", "ruleset")),
    ("ipaddr.txt", ("ip", "address")),
    ("iprule.txt", ("ip", "rule")),
    ("iproute.txt", ("ip", "-4", "route", "show", "table", "all")),
    ("ip6route.txt", ("ip", "-6", "route", "show", "table", "all")),
    (
        "journal.txt",
        ("journalctl", "--quiet", "--no-pager", "--lines", _JOURNAL_LINES, "--unit=consoleproxy*"),
    ),
)


@dataclass(frozen=True, slots=True)
class Part:
    """One file of the archive.

    Args:
        read: returns its text; raises OSError or ConsoleProxyError where there is none.
        listed: it is a list of this program's, which masks what is secret by its name.
    """

    name: str
    read: Callable[[], str]
    listed: bool = False


def parts_of_system(folder: Path, logs: Sequence[Path] = LOGS) -> Iterator[Part]:
    """Yield what the system has.

    Args:
        folder: of the properties files.
    """
    for name, words in _COMMANDS:
        yield Part(name, partial(run_program, words))
    yield Part("cloudstack-release", partial(end_of, _RELEASE))
    for name in (AGENT_FILE, PROXY_FILE):
        yield Part(name, partial(_properties, folder / name), listed=True)
    for log in logs:
        yield Part(f"logs/{log.name}", partial(end_of, log))


def end_of(path: Path, longest: int = LONGEST_PART) -> str:
    """Return a file's text; of a long one whole lines of its end, and a line that says so.

    Raises:
        OSError: it cannot be read, or is no file.
    """
    # A pipe would be waited for.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(f"{path} is no file")
        left_out = max(0, status.st_size - longest)
        file.seek(left_out)
        text = file.read(longest).decode("utf-8", "replace")
    return shortened(text, left_out) if left_out else text


def shortened(text: str, left_out: int) -> str:
    """Return the text from its second line on: the first may be half a secret."""
    _, newline, lines = text.partition("\n")
    return f"[the first {left_out} bytes, and the rest of their line, are left out]\n" + (
        lines if newline else ""
    )


def _properties(path: Path) -> str:
    """Return a properties file as it is understood; comments may hold what once counted."""
    values = read_properties(end_of(path))
    return "".join(
        f"{name}={MASK if value and is_secret(name) else value}\n" for name, value in values.items()
    )
