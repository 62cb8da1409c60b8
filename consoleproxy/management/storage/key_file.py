"""Files with the keys that secrets at rest are sealed under: read, made, and given another key."""

import os
import stat
import tempfile
from pathlib import Path

from consoleproxy.errors import SettingsInvalid
from consoleproxy.management.storage.sealing_keys import REMEDY, SealingKey, parse_keys


def read_key_file(path: Path, where: str) -> tuple[SealingKey, ...]:
    """Read a key file, a key on each line.

    Args:
        where: what the file is called in faults, e.g. a setting and its value.

    Raises:
        SettingsInvalid: it is missing, others may read it, or it holds something else.
    """
    try:
        with path.open(encoding="utf-8") as file:
            if _may_others(os.fstat(file.fileno())):
                raise SettingsInvalid(
                    [f"{where} may be read or written by other users: chmod 600 {path}"]
                )
            return parse_keys(file.read(), where)
    except OSError as error:
        raise SettingsInvalid([f"{where} cannot be read ({error.strerror}): {REMEDY}"]) from error
    except UnicodeDecodeError:
        raise SettingsInvalid([f"{where} is not text: {REMEDY}"]) from None


def _may_others(status: os.stat_result) -> bool:
    # root's file, as Kubernetes and packages have it, is read by its group alone: this service.
    of_root = status.st_uid == 0 != os.geteuid()
    return bool(stat.S_IMODE(status.st_mode) & (0o037 if of_root else 0o077))


def create_key_file(path: Path, key: SealingKey) -> None:
    """Write a new file that its owner alone may read.

    Raises:
        SettingsInvalid: there is one, or it cannot be written.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise SettingsInvalid(
            [f"{path} is there already, and secrets may need it: name another, or give --add"]
        ) from None
    except OSError as error:
        raise SettingsInvalid([f"{path} cannot be written: {error.strerror}"]) from error
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(f"{key.line()}\n")
        file.flush()
        os.fsync(file.fileno())


def add_key(path: Path, key: SealingKey) -> None:
    """Write another key before those of a file.

    Raises:
        SettingsInvalid: it is no key file, or cannot be written.
    """
    read_key_file(path, str(path))
    replace_text(path, f"{key.line()}\n{path.read_text(encoding='utf-8')}")


def replace_text(path: Path, text: str) -> None:
    """Let a file have another text: at once, and with the owner and mode that it has.

    Raises:
        SettingsInvalid: it cannot be written; it is as it was.
    """
    target = path.resolve()
    try:
        status = target.stat()
        with tempfile.NamedTemporaryFile(
            "w",
            encoding="utf-8",
            newline="",
            dir=target.parent,
            prefix=f".{target.name}.",
            delete=False,
        ) as file:
            try:
                os.fchown(file.fileno(), status.st_uid, status.st_gid)
                os.fchmod(file.fileno(), stat.S_IMODE(status.st_mode))
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
                os.replace(file.name, target)
            except BaseException:
                os.unlink(file.name)
                raise
    except OSError as error:
        raise SettingsInvalid([f"{path} cannot be written: {error.strerror}"]) from error
