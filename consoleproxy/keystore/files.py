"""``consoleproxy.keystore.path`` as a source of keystores that may change."""

from dataclasses import dataclass, field
from pathlib import Path

from consoleproxy.keystore.model import Keystore
from consoleproxy.keystore.pem import keystore_files, load_keystore


@dataclass(frozen=True, slots=True)
class KeystoreFiles:
    """A folder of PEM files, or one file of any form.

    Args:
        path: need not exist.
        password: of a Java or PKCS#12 file.
    """

    path: Path
    password: str = field(default="", repr=False)

    def stamp(self) -> tuple[tuple[str, int, int, int], ...]:
        """Return what differs when a file was added, removed or written anew; empty for none."""
        try:
            files = sorted(self.path.iterdir()) if self.path.is_dir() else [self.path]
            return tuple(
                (file.name, status.st_mtime_ns, status.st_size, status.st_ino)
                for file in files
                for status in [file.stat()]
            )
        except OSError:
            return ()

    def load(self) -> Keystore | None:
        """Return the keystore; ``None`` where there is no file.

        Raises:
            KeystoreInvalid: what is wrong and what to do.
        """
        if not self.path.exists() or (self.path.is_dir() and not keystore_files(self.path)):
            return None
        return load_keystore([self.path], self.password)
