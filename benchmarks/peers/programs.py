"""Peers that are programs of others: websockify and HAProxy."""

import os
import shutil
import sys
from pathlib import Path

from benchmarks.peers.base import Proxy

# Debian's users do not look there for programs.
_PATH = os.environ.get("PATH", os.defpath) + ":/usr/sbin"

_HAPROXY = """\
global
    nbthread 1
    maxconn 9000
defaults
    mode tcp
    timeout connect 5s
    timeout client 1h
    timeout server 1h
listen bench
    bind 127.0.0.1:{port}{tls}
    server guest 127.0.0.1:{guest_port}
"""


class Websockify(Proxy):
    """websockify as it is installed, with numpy: no token, no RFB, a process a connection."""

    name = "websockify"
    # Its select() takes no descriptor above 1023, and the parent keeps two of each child.
    most_sessions = 500

    def command(self) -> list[str]:
        program = Path(sys.executable).with_name("websockify")
        tls = []
        if self.certificate is not None:
            tls = [f"--cert={self.certificate.certificate}", f"--key={self.certificate.key}"]
            tls.append("--ssl-only")
        return [str(program), *tls, f"127.0.0.1:{self.port}", f"127.0.0.1:{self.guest_port}"]


class Haproxy(Proxy):
    """HAProxy in TCP mode with one thread: no websocket, no token, no RFB."""

    name = "haproxy"
    raw = True

    @classmethod
    def missing(cls) -> str | None:
        return None if shutil.which("haproxy", path=_PATH) else "haproxy is not installed"

    def command(self) -> list[str]:
        tls = f" ssl crt {self.certificate.both}" if self.certificate is not None else ""
        configuration = self.folder / "haproxy.cfg"
        configuration.write_text(
            _HAPROXY.format(port=self.port, tls=tls, guest_port=self.guest_port), encoding="utf-8"
        )
        program = shutil.which("haproxy", path=_PATH) or "haproxy"
        return [program, "-db", "-f", str(configuration)]
