"""``cloud.crt``, ``cloud.key`` and ``cloud.ca.crt``: replaced together, or not at all.

Three files cannot be exchanged in one step. So the new ones are written into one file first, and
whoever reads the three finishes what a killed process has left undone.
"""

import json
import os
import tempfile
import threading
from dataclasses import asdict, dataclass, field
from pathlib import Path

_RENEWAL = "cloud.renewal"


@dataclass(frozen=True, slots=True)
class CertificatePems:
    """PEM texts of the three."""

    certificate: str
    key: str = field(repr=False)
    authorities: str


class CertificateFiles:
    """Args:
    folder: where they are, readable by their owner only.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # A renewal and the next connect may meet, each in a thread of its own.
        self._lock = threading.Lock()
        self.certificate = folder / "cloud.crt"
        self.key = folder / "cloud.key"
        self.authorities = folder / "cloud.ca.crt"

    def settle(self) -> None:
        """Finish a renewal that was begun; wait for one that is under way.

        Raises:
            OSError: the disk.
        """
        with self._lock:
            self._settle()

    def replace(self, pems: CertificatePems) -> None:
        """Write all three.

        Raises:
            OSError: the disk; either nothing has changed, or ``settle`` will finish it.
        """
        with self._lock:
            _write(self._folder / _RENEWAL, json.dumps(asdict(pems)))
            self._settle()

    def _settle(self) -> None:
        renewal = self._folder / _RENEWAL
        try:
            pems = CertificatePems(**json.loads(renewal.read_text(encoding="ascii")))
        except FileNotFoundError:
            return
        _write(self.key, pems.key)
        _write(self.certificate, pems.certificate)
        _write(self.authorities, pems.authorities)
        renewal.unlink()


def _write(path: Path, content: str) -> None:
    """Replace a file as a whole, readable by its owner only, and let it reach the disk."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
