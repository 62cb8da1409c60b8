"""A webhook's receiver: a small HTTP server that keeps what it is told."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Receiver:
    """Answers with ``status``; with ``silent`` set, not before the end.

    Attributes:
        bodies: the documents that it got, in their order.
    """

    def __init__(self, port: int) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.authorizations: list[str | None] = []
        self.status = 204
        self.silent = False
        self.port = port
        self.ended = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/scale?key=s3cret"


@contextmanager
def receiving(port: int = 0) -> Iterator[Receiver]:
    """Listen until the end of the context."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            receiver.authorizations.append(self.headers["Authorization"])
            receiver.bodies.append(json.loads(self.rfile.read(length)))
            if receiver.silent:
                receiver.ended.wait(20)
                return
            self.send_response(receiver.status)
            self.send_header("Content-Length", "0")
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    receiver = Receiver(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()
