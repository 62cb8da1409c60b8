"""A portal of another origin, whose pages have consoles in them: that of ``deploy/portal.html``."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_EXAMPLE = Path(__file__).parents[2] / "deploy" / "portal.html"
_EXAMPLE_PROXY = "http://127.0.0.1:8080"


@dataclass(frozen=True, slots=True)
class Portal:
    """A running portal.

    Args:
        port: on which it listens.
        pages: what it serves, by path; a test may add some.
    """

    port: int
    pages: dict[str, str] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        """By its address; by its name it is ``other_origin``."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def other_origin(self) -> str:
        """Another site's, which is served the same."""
        return f"http://portal.console.example.test:{self.port}"

    def example(self, proxy: str) -> str:
        """Return the address of the example, for a proxy such as ``http://127.0.0.1:8080``."""
        page = _EXAMPLE.read_text(encoding="utf-8")
        assert page.count(f'src="{_EXAMPLE_PROXY}/') == 1
        self.pages["/portal.html"] = page.replace(f'src="{_EXAMPLE_PROXY}/', f'src="{proxy}/')
        return f"{self.origin}/portal.html"


@contextmanager
def running_portal() -> Iterator[Portal]:
    """Serve a portal's pages on a free port."""
    pages: dict[str, str] = {}

    class Handler(BaseHTTPRequestHandler):
        # A browser opens connections ahead, on which nothing may come.
        timeout = 1

        def do_GET(self) -> None:
            page = pages.get(self.path.partition("?")[0])
            if page is None:
                self.send_error(404)
                return
            body = page.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """A test's output has no room for it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = False
        thread = threading.Thread(target=server.serve_forever, name="portal")
        thread.start()
        try:
            yield Portal(server.server_port, pages)
        finally:
            server.shutdown()
            thread.join()
