"""Where the scale signal goes: a POST to a URL of the operator's."""

import logging
from urllib.parse import urlsplit

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest

from consoleproxy.management.fleet.capacity import Capacity

_log = logging.getLogger(__name__)

_ANSWER_LIMIT_BYTES = 64 * 1024


def webhook_problem(url: str) -> str | None:
    """Return what is wrong with ``consoleproxy.capacity.webhook``, without showing it.

    Empty is no webhook, and right.
    """
    if not url:
        return None
    wrong = (
        "consoleproxy.capacity.webhook must be a URL such as https://host/path, "
        "or empty for no webhook"
    )
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        return wrong
    printable = url.isascii() and url.isprintable() and " " not in url
    return None if usable and printable and not parts.fragment else wrong


class Webhook:
    """Tells a URL how many CPVMs are wanted.

    It may hold a password or a token, so the log has its scheme, host and port only.

    Args:
        url: ``consoleproxy.capacity.webhook``, one that ``webhook_problem`` found right.
        seconds: how long one delivery may take.
    """

    def __init__(self, url: str, seconds: float) -> None:
        self._url = url
        self._seconds = seconds
        parts = urlsplit(url)
        self._shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        self._http = AsyncHTTPClient(force_instance=True, max_body_size=_ANSWER_LIMIT_BYTES)

    async def deliver(self, capacity: Capacity) -> bool:
        """Return whether the receiver took it (2xx); what failed is in the log."""
        request = HTTPRequest(
            self._url,
            method="POST",
            headers={"Content-Type": "application/json"},
            body=capacity.to_json(),
            connect_timeout=self._seconds,
            request_timeout=self._seconds,
            follow_redirects=False,
        )
        try:
            await self._http.fetch(request)
        except HTTPClientError as error:
            # Its text may quote the receiver; the code says enough. 599 is Tornado's own.
            cause = "no answer" if error.code == 599 else f"status {error.code}"
        except (OSError, ValueError) as error:
            cause = f"{type(error).__name__}: {getattr(error, 'strerror', None) or 'failed'}"
        else:
            return True
        _log.error("capacity webhook %s: %s; the next scan tries again", self._shown, cause)
        return False

    def close(self) -> None:
        """Let go of the connections; a delivery under way fails."""
        self._http.close()
