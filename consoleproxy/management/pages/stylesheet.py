"""``/style.css``: for everybody, as the login page needs it, too."""

from consoleproxy.management.pages.assets import STYLE
from consoleproxy.management.pages.handler import PageHandler


class Stylesheet(PageHandler):
    """The one style of all pages."""

    async def prepare(self) -> None:
        self.host_refused()

    def get(self) -> None:
        self.set_header("Content-Type", "text/css; charset=UTF-8")
        self.set_header("Cache-Control", "public, max-age=31536000, immutable")
        self.finish(STYLE)
