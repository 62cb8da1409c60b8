import asyncio

import pytest
from tornado.httpclient import AsyncHTTPClient
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application, HTTPError

from consoleproxy.management.query_free import QueryFreeHandler


class Crash(QueryFreeHandler):
    def get(self) -> None:
        raise ZeroDivisionError


class Refusal(QueryFreeHandler):
    def get(self) -> None:
        raise HTTPError(400, "not said: %s", "hunter2")


@pytest.mark.parametrize("handler", [Crash, Refusal])
def test_a_crash_is_logged_without_the_query(
    caplog: pytest.LogCaptureFixture, handler: type[QueryFreeHandler]
) -> None:
    async def scenario() -> int:
        server = HTTPServer(Application([("/client/api", handler)], log_function=lambda _: None))
        listener, port = bind_unused_port()
        server.add_socket(listener)
        client = AsyncHTTPClient(force_instance=True)
        url = f"http://127.0.0.1:{port}/client/api?privatekey=hunter2"
        try:
            return (await client.fetch(url, raise_error=False)).code
        finally:
            client.close()
            server.stop()
            await server.close_all_connections()

    status = asyncio.run(scenario())
    assert "hunter2" not in caplog.text
    crashed = handler is Crash
    assert status == (500 if crashed else 400)
    assert ("GET /client/api failed" in caplog.text) == crashed
    assert ("ZeroDivisionError" in caplog.text) == crashed
