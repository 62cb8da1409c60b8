"""Where the scale signal goes: a POST to a URL of the operator's."""

import logging
from urllib.parse import urlsplit

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest

from consoleproxy.management.fleet.capacity import Capacity

_log = logging.getLogger(__name__)

_ANSWER_LIMIT_BYTES = 64 * 1024


class Webhook:
    """Tells a URL how many CPVMs are wanted.

    It may hold a password or a token, so the log has its scheme, host and port only.

    Args:
        url: ``consoleproxy.capacity.webhook``, one that ``check_webhook`` found right.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        parts = urlsplit(url)
        self._shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        self._http = AsyncHTTPClient(force_instance=True, max_body_size=_ANSWER_LIMIT_BYTES)

    async def deliver(self, capacity: Capacity, seconds: float) -> bool:
        """Return whether the receiver took it (2xx); what failed is in the log.

        Args:
            seconds: how long it may take.
        """
        request = HTTPRequest(
            self.url,
            method="POST",
            headers={"Content-Type": "application/json"},
            body=capacity.to_json(),
            connect_timeout=seconds,
            request_timeout=seconds,
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
