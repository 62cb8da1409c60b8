"""What a viewer is told of its session that only the proxy knows."""

import json
from dataclasses import dataclass

from consoleproxy.hypervisor.tls import Secrecy


@dataclass(frozen=True, slots=True)
class Facts:
    """Nothing in here is secret, and nothing tells where the screen is.

    Args:
        age: seconds since the session began.
        browser: TLS version between the browser, or a load balancer before us, and the proxy; ""
            in the clear.
        guest: how the way between the proxy and the screen is kept from others.
        keyboard: layout of the machine, as the cloud calls it, e.g. ``jp``; "" if it does not say.
    """

    session_uuid: str
    age: float
    browser: str
    guest: Secrecy
    keyboard: str

    def word(self) -> str:
        """Return the text frame's text: ``facts`` and a JSON object."""
        document = {
            "session": self.session_uuid,
            "age": max(0, int(self.age)),
            "browser": self.browser,
            "guest": self.guest.tls,
            "checked": self.guest.checked,
            "local": self.guest.local,
            "keyboard": self.keyboard,
        }
        return "facts " + json.dumps(document, separators=(",", ":"))
