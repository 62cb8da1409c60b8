"""The contestant whose program this is, as it is deployed: token, RFB login, relay."""

import sys
import uuid
from collections.abc import Sequence
from urllib.parse import quote

from benchmarks.peers.base import Proxy
from benchmarks.peers.certificate import HOST
from consoleproxy.endpoint import cloudstack
from consoleproxy.endpoint.cloudstack import EncryptionKeys
from consoleproxy.endpoint.model import ConsoleEndpoint
from tests.waiting import free_port

_SESSIONS = 10_000


class ConsoleProxy(Proxy):
    """consoleproxy with a worker a core, which is its default."""

    name = "consoleproxy"

    def command(self) -> list[str]:
        self._keys = EncryptionKeys.generate()
        keys = self.folder / "keys"
        keys.write_text(self._keys.to_json(), encoding="utf-8")
        settings = {
            "consoleproxy.management.url": "",
            "consoleproxy.token.key.file": keys,
            "consoleproxy.listen.address": "127.0.0.1",
            "consoleproxy.port": self.port,
            "consoleproxy.cmd.port": free_port(),
            "consoleproxy.hypervisor.allowed": "127.0.0.1",
            "consoleproxy.session.max": _SESSIONS,
        } | self.settings()
        if self.certificate is not None:
            settings |= {
                "consoleproxy.sslEnabled": "true",
                "consoleproxy.url.domain": HOST,
                "consoleproxy.keystore.path": self.certificate.folder,
            }
        options = [
            text for name, value in settings.items() for text in ("--set", f"{name}={value}")
        ]
        return [sys.executable, "-m", "consoleproxy", "serve", *options]

    def settings(self) -> dict[str, object]:
        """Return what is set beside what a run needs."""
        return {}

    def targets(self, count: int) -> Sequence[str]:
        return [self._target() for _ in range(count)]

    def _target(self) -> str:
        endpoint = ConsoleEndpoint(
            session_uuid=str(uuid.uuid4()),
            vm_uuid=str(uuid.uuid4()),
            host="127.0.0.1",
            port=self.guest_port,
        )
        token = cloudstack.encode(endpoint, self._keys)
        return f"/websockify?token={quote(token, safe='')}&rfb=3.8&resume=1"


class OneWorker(ConsoleProxy):
    """consoleproxy in a single process."""

    name = "consoleproxy-1"

    def settings(self) -> dict[str, object]:
        return {"consoleproxy.workers": 1}
