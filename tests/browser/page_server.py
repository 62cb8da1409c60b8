"""The viewer's page from a server that has no consoles, as a load balancer may split the two."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from consoleproxy.front.entrance import Entrance
from consoleproxy.front.source import Outside
from consoleproxy.front.viewer import Viewer, load_viewer


@contextmanager
def page_server() -> Iterator[int]:
    """Serve the viewer's files on the port that is yielded, and nothing else."""
    viewer = load_viewer()

    class Handler(_Page):
        built = viewer

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = False
        thread = threading.Thread(target=server.serve_forever, name="page server")
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


class _Page(BaseHTTPRequestHandler):
    # A browser opens connections ahead, on which nothing may come.
    timeout = 1
    built: Viewer

    def do_GET(self) -> None:
        name = self.path.partition("?")[0].rpartition("/")[2]
        file = self.built.files.get(name)
        if file is None:
            self.send_error(404)
            return
        body = file.bodies[""]
        self.send_response(200)
        self.send_header("Content-Type", file.type)
        self.send_header("Content-Length", str(len(body)))
        outside = Outside("http", self.headers["Host"])
        for header, value in self.built.policy.headers(outside, Entrance()).items():
            self.send_header(header, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """A test's output has no room for it."""
