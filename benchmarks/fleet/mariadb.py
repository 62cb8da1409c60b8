"""A MariaDB server for a run, with the durability that Debian ships: each commit is on the disk."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import URL, NullPool, create_engine

_START_SECONDS = 30.0
_STOP_SECONDS = 30.0
_PATH = os.environ.get("PATH", os.defpath) + ":/usr/sbin"
# It does not run as root unless it is told to.
_AS = ("--user=root",) if os.geteuid() == 0 else ()


class MariaDb:
    """The server, for as long as the context is open."""

    def __enter__(self) -> Self:
        # The path of a socket has at most 107 bytes.
        self._folder = Path(tempfile.mkdtemp(prefix="bench-mariadb-"))
        self._data, self._socket = self._folder / "data", self._folder / "socket"
        subprocess.run(
            [
                *(_program("mariadb-install-db"), "--no-defaults", f"--datadir={self._data}"),
                *("--auth-root-authentication-method=normal", "--skip-test-db"),
                *("--skip-name-resolve", *_AS),
            ],
            check=True,
            capture_output=True,
        )
        self._port = _free_port()
        self._process = subprocess.Popen(
            [
                *(_program("mariadbd"), "--no-defaults", f"--datadir={self._data}", *_AS),
                *(f"--socket={self._socket}", f"--pid-file={self._folder / 'pid'}"),
                *("--bind-address=127.0.0.1", f"--port={self._port}", "--skip-name-resolve"),
                *("--skip-log-bin", "--innodb-buffer-pool-size=256M"),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            self._wait()
            self._execute("CREATE USER bench@'127.0.0.1' IDENTIFIED BY 'bench'")
            self._execute("GRANT ALL ON *.* TO bench@'127.0.0.1'")
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.wait(_STOP_SECONDS)
        shutil.rmtree(self._folder)

    def make_database(self, name: str) -> str:
        """Make a database, and return its ``consoleproxy.manage.database``."""
        self._execute(f"CREATE DATABASE {name}")
        return f"mysql+pymysql://bench:bench@127.0.0.1:{self._port}/{name}"

    def _execute(self, statement: str) -> None:
        url = URL.create("mysql+pymysql", "root", query={"unix_socket": str(self._socket)})
        with create_engine(url, poolclass=NullPool).begin() as db:
            db.exec_driver_sql(statement)

    def _wait(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            with socket.socket(socket.AF_UNIX) as probe:
                if probe.connect_ex(str(self._socket)) == 0:
                    return
            time.sleep(0.05)
        raise RuntimeError("MariaDB does not start")


def missing() -> str | None:
    """Return why there is no MariaDB here, or ``None``."""
    absent = [name for name in ("mariadbd", "mariadb-install-db") if not _found(name)]
    return f"{' and '.join(absent)} not installed" if absent else None


def _found(name: str) -> str | None:
    return shutil.which(name, path=_PATH)


def _program(name: str) -> str:
    path = _found(name)
    if path is None:
        raise RuntimeError(f"{name} is not installed")
    return path


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
