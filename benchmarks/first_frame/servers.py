"""The two programs that are compared, each a process of its own behind TLS, and their guest."""

import subprocess
import sys
import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar, Self
from urllib.parse import quote

from consoleproxy.endpoint import cloudstack
from consoleproxy.endpoint.cloudstack import EncryptionKeys
from consoleproxy.endpoint.model import ConsoleEndpoint
from consoleproxy.guest.boot import BOOT_SECTOR
from consoleproxy.keystore.development import DevelopmentPki
from consoleproxy.names.console_url import console_url
from tests.integration.fixtures.qemu import Qemu
from tests.waiting import free_port, wait_for

DOMAIN = "console.example.test"
HOST = f"127-0-0-1.{DOMAIN}"


@contextmanager
def red_guest(folder: Path) -> Iterator[Qemu]:
    """Run a guest whose whole screen is red, so that any of its pixels shows that it is there."""
    image = folder / "boot.img"
    image.write_bytes(BOOT_SECTOR)
    guest = Qemu(image)
    try:
        guest.qmp("send-key", keys=[{"type": "qcode", "data": "f4"}])
        wait_for(guest.keys, "the guest to turn red")
        yield guest
    finally:
        guest.stop()


class Server(ABC):
    """A page with a viewer, and what carries it to the guest."""

    name: ClassVar[str]

    def __init__(self, folder: Path, pki: DevelopmentPki, guest_port: int) -> None:
        self.port = free_port()
        command = self._command(folder, pki, guest_port)
        with (folder / f"{type(self).__name__}.log").open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)

    def __enter__(self) -> Self:
        try:
            wait_for(self._listens, f"{self.name} to listen")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()

    @abstractmethod
    def _command(self, folder: Path, pki: DevelopmentPki, guest_port: int) -> list[str]:
        """Return the command line that starts it."""

    @abstractmethod
    def url(self, port: int) -> str:
        """Return the address of a console that was not open yet, as seen at another port."""

    def _listens(self) -> bool:
        wanted = f":{self.port:04X} 00000000:0000 0A"
        return wanted in Path("/proc/net/tcp").read_text(encoding="ascii")


class ConsoleProxy(Server):
    """This project, as it is deployed."""

    name = "consoleproxy"

    def _command(self, folder: Path, pki: DevelopmentPki, guest_port: int) -> list[str]:
        self._guest_port = guest_port
        self._keys = EncryptionKeys.generate()
        keys = folder / "token.keys"
        keys.write_text(self._keys.to_json(), encoding="utf-8")
        settings = {
            "consoleproxy.management.url": "",
            "consoleproxy.token.key.file": keys,
            "consoleproxy.listen.address": "127.0.0.1",
            "consoleproxy.port": self.port,
            "consoleproxy.cmd.port": free_port(),
            "consoleproxy.hypervisor.allowed": "127.0.0.1",
            "consoleproxy.sslEnabled": "true",
            "consoleproxy.url.domain": f"*.{DOMAIN}",
            "consoleproxy.keystore.path": pki.root.parent,
        }
        options = [
            text for name, value in settings.items() for text in ("--set", f"{name}={value}")
        ]
        return [sys.executable, "-m", "consoleproxy", "serve", *options]

    def url(self, port: int) -> str:
        endpoint = ConsoleEndpoint(
            session_uuid=str(uuid.uuid4()),
            vm_uuid=str(uuid.uuid4()),
            host="127.0.0.1",
            port=self._guest_port,
        )
        return console_url(HOST, port, True, cloudstack.encode(endpoint, self._keys), "")


class Websockify(Server):
    """noVNC's own page, and websockify for page and websocket, as noVNC's documents have it."""

    name = "noVNC + websockify"

    def __init__(self, folder: Path, pki: DevelopmentPki, guest_port: int, pages: Path) -> None:
        self._pages = pages
        super().__init__(folder, pki, guest_port)

    def _command(self, folder: Path, pki: DevelopmentPki, guest_port: int) -> list[str]:
        chain = folder / "chain.pem"
        chain.write_bytes(pki.certificate.read_bytes() + pki.intermediate.read_bytes())
        program = Path(sys.executable).with_name("websockify")
        return [
            *(str(program), "--web", str(self._pages)),
            *("--cert", str(chain), "--key", str(pki.private_key), "--ssl-only"),
            *(f"127.0.0.1:{self.port}", f"127.0.0.1:{guest_port}"),
        ]

    def url(self, port: int) -> str:
        path = quote(f"websockify?token={uuid.uuid4()}", safe="")
        return f"https://{HOST}:{port}/vnc.html?autoconnect=true&path={path}"
