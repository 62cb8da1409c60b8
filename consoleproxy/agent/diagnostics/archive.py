"""The archive: a gzipped tar file that only its owner may read."""

import io
import os
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from consoleproxy.agent.diagnostics.parts import LONGEST_PART, Part, shortened
from consoleproxy.agent.masking import masked, without
from consoleproxy.errors import ConsoleProxyError

# A file of its own in the archive: what was collected, and what could not be.
MANIFEST = "manifest.txt"
_LONGEST_FAILURE = 500


@dataclass(frozen=True, slots=True)
class Collected:
    """One part as it went into the archive; ``failure`` is why it did not."""

    name: str
    size: int = 0
    failure: str = ""

    def __str__(self) -> str:
        return f"{self.name}: {self.failure or f'{self.size} bytes'}"


def write_archive(
    path: Path, folder: str, parts: Iterable[Part], secrets: Iterable[str]
) -> tuple[Collected, ...]:
    """Write it, and return what is in it.

    Args:
        folder: in which all of it is.
        secrets: values that are masked wherever they stand.

    Raises:
        OSError: the file is there already, or cannot be written.
    """
    secrets = frozenset(secrets)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with (
            os.fdopen(descriptor, "wb") as file,
            tarfile.open(fileobj=file, mode="w:gz") as archive,
        ):
            collected = tuple(_add(archive, folder, part, secrets) for part in parts)
            manifest = "".join(f"{one}\n" for one in collected)
            _add_text(archive, f"{folder}/{MANIFEST}", manifest)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return collected


def _add(archive: tarfile.TarFile, folder: str, part: Part, secrets: frozenset[str]) -> Collected:
    try:
        text = part.read()
    except (OSError, ConsoleProxyError, ValueError) as error:
        failure = " ".join(masked(str(error), secrets).split())
        return Collected(part.name, failure=failure[:_LONGEST_FAILURE] or type(error).__name__)
    if len(text) > LONGEST_PART:
        text = shortened(text[-LONGEST_PART:], len(text) - LONGEST_PART)
    text = (without if part.listed else masked)(text, secrets)
    size = _add_text(archive, f"{folder}/{part.name}", text)
    return Collected(part.name, size)


def _add_text(archive: tarfile.TarFile, name: str, text: str) -> int:
    content = text.encode("utf-8", "replace")
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o600
    archive.addfile(entry, io.BytesIO(content))
    return len(content)
