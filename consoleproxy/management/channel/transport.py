"""A CPVM's way to the management server: HTTP with the shared secret, and what can go wrong."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest, HTTPResponse

from consoleproxy.errors import ManagementUnavailable

# What CloudStack's CPVM waits for its authentication call.
_TIME_LIMIT_SECONDS = 10.0
_ANSWER_LIMIT_BYTES = 1024 * 1024
_REQUESTS_AT_ONCE = 100

_Answer = TypeVar("_Answer")


class Transport:
    """Sends requests, each for ten seconds at most; made on a running event loop.

    Args:
        url: ``consoleproxy.management.url``.
        secret: ``consoleproxy.management.secret``.
    """

    def __init__(self, url: str, secret: str) -> None:
        self._url = url.rstrip("/")
        self._secret = secret
        # An instance of its own: the shared one could not be closed.
        self._http = AsyncHTTPClient(
            force_instance=True,
            max_clients=_REQUESTS_AT_ONCE,
            max_body_size=_ANSWER_LIMIT_BYTES,
        )

    def close(self) -> None:
        """Let go of all connections; requests under way fail."""
        self._http.close()

    async def ask(self, path: str, body: str, read: Callable[[bytes], _Answer]) -> _Answer:
        """Send a request and return what ``read`` makes of its answer.

        Raises:
            ManagementUnavailable: there is no answer, or none that makes sense.
        """
        return understood(await self.send(path, body), read)

    async def send(self, path: str, body: str) -> HTTPResponse:
        """Send a request and return its answer, whatever its status.

        Raises:
            ManagementUnavailable: there is none.
        """
        request = HTTPRequest(
            self._url + path,
            method="POST",
            headers={
                "Authorization": f"Bearer {self._secret}",
                "Content-Type": "application/json",
            },
            body=body,
            connect_timeout=_TIME_LIMIT_SECONDS,
            request_timeout=_TIME_LIMIT_SECONDS,
            follow_redirects=False,
        )
        try:
            answer = self._http.fetch(request, raise_error=False)
            try:
                return await asyncio.shield(answer)
            except asyncio.CancelledError:
                # Tornado would log what becomes of it as an error, when the connection is closed.
                answer.add_done_callback(_nobody_waits)
                raise
        except (HTTPClientError, OSError, ValueError) as error:
            raise ManagementUnavailable(f"{self._url}{path}: {error}") from error


def understood(response: HTTPResponse, read: Callable[[bytes], _Answer]) -> _Answer:
    """Return what ``read`` makes of an answer.

    Raises:
        ManagementUnavailable: it is a refusal, or makes no sense.
    """
    url = response.request.url
    if response.code == 401:
        raise ManagementUnavailable(
            f"{url} does not accept the shared secret: consoleproxy.management.secret must be the "
            "same here and there"
        )
    if response.code != 200:
        raise ManagementUnavailable(f"{url} answered {response.code} {response.reason}")
    try:
        return read(response.body)
    except ValueError as error:
        raise ManagementUnavailable(
            f"{url} answered something else than a management server: {error}"
        ) from error


def _nobody_waits(answer: Awaitable[HTTPResponse]) -> None:
    """Take note of how a request ended that was given up."""
    if isinstance(answer, asyncio.Future) and not answer.cancelled():
        answer.exception()
