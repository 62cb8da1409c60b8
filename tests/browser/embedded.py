"""A console in a portal's page."""

from dataclasses import dataclass
from typing import Any

from selenium.webdriver import Chrome

from tests.browser.portal import Portal
from tests.integration.fixtures.cloud import Cloud, Machine
from tests.integration.fixtures.qemu import Qemu
from tests.waiting import wait_for

_ELEMENT_PAGE = """<!doctype html><html lang="en"><title>Portal</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src {proxy};
frame-src {proxy}; require-trusted-types-for 'script'; trusted-types 'none'">
<script type="module" src="{proxy}/resource/noVNC/console-viewer.js"></script>
<input id="field"><console-viewer {attributes}></console-viewer></html>"""
# Commands by hand, as a portal without the element gives them.
BARE_PAGE = """<!doctype html><html lang="en"><title>Portal</title>
<iframe id="console" src="{url}" width="800" height="600"></iframe>
<script>
  const heard = [];
  const frame = document.getElementById("console");
  const say = (type, more) =>
    frame.contentWindow.postMessage({{ consoleproxy: 1, type, ...more }}, "{proxy}");
  addEventListener("message", ({{ data, origin }}) => {{
    heard.push([origin, data]);
    if (data.type === "ready") say("hello");
  }});
</script>"""
_COMMAND = """
const [name, given, done] = arguments;
const viewer = document.querySelector("console-viewer");
viewer[name](...given).then(
  (value) => done(value ?? "done"),
  (error) => done(error.fault ?? String(error)),
);
"""


@dataclass(frozen=True, slots=True)
class Embedded:
    """A browser, a portal, and a cloud whose consoles the portal may show in its pages."""

    driver: Chrome
    portal: Portal
    cloud: Cloud
    machine: Machine

    @property
    def proxy(self) -> str:
        """Return the proxy's origin."""
        return f"http://127.0.0.1:{self.cloud.proxy.port}"

    @property
    def link(self) -> str:
        """Return a new link to the machine's console."""
        return self.cloud.console(self.machine)

    def open(self, attributes: str, origin: str = "") -> None:
        """Show a page with a console in it that has these attributes, by default at the portal."""
        self.portal.pages["/element.html"] = _ELEMENT_PAGE.format(
            proxy=self.proxy, attributes=attributes.replace("&", "&amp;")
        )
        self.driver.get(f"{origin or self.portal.origin}/element.html")

    def state(self) -> Any:
        """Return the element's state."""
        return self.driver.execute_script("return document.querySelector('console-viewer').state")

    def reached(self, state: str) -> None:
        """Wait for a state of the element."""
        wait_for(lambda: self.state()["state"] == state, f"the console to be {state}")

    def command(self, name: str, *given: object) -> Any:
        """Call a method of the element, and return its value or fault."""
        return self.driver.execute_async_script(_COMMAND, name, given)


def keys_of(guest: Qemu) -> str:
    """Return the keys that a guest got."""
    return "".join(chr(int(key[:2], 16)) for key in guest.keys())
