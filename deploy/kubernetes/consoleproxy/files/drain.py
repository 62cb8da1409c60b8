"""Run before a proxy is ended: no new consoles, and some time for those that are open.

Usage: drain.py SECONDS
"""

import json
import sys
import time
from http.client import HTTPConnection

# Where the admin listener is; it is for this machine only.
ADMIN = ("127.0.0.1", 8001)
LOOK_SECONDS = 2.0


def main(seconds: float) -> None:
    """Return once no console is open, or the time is over."""
    end = time.monotonic() + seconds
    ask("POST", "/drain")
    while time.monotonic() < end:
        if not json.loads(ask("GET", "/sessions")):
            return
        time.sleep(LOOK_SECONDS)


def ask(method: str, path: str) -> bytes:
    """Return the admin listener's answer."""
    connection = HTTPConnection(*ADMIN, timeout=5)
    connection.request(method, path)
    return connection.getresponse().read()


if __name__ == "__main__":
    main(float(sys.argv[1]))
