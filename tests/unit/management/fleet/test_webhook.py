import asyncio
import base64

import pytest

from consoleproxy.management.fleet.capacity import Rules, capacity_of
from consoleproxy.management.fleet.webhook import Webhook
from tests.unit.management.receiver import receiving
from tests.waiting import free_port

CAPACITY = capacity_of([], Rules(10, 50, 10))


def deliver(url: str, seconds: float = 5.0) -> bool:
    async def scenario() -> bool:
        webhook = Webhook(url)
        try:
            return await webhook.deliver(CAPACITY, seconds)
        finally:
            webhook.close()

    return asyncio.run(scenario())


def test_delivery() -> None:
    with receiving() as receiver:
        assert deliver(receiver.url.replace("//", "//user:pass@"))
    (body,) = receiver.bodies
    assert (body["wantedProxies"], body["running"]) == (1, 0)
    assert receiver.authorizations == ["Basic " + base64.b64encode(b"user:pass").decode()]


@pytest.mark.parametrize("status", [302, 307, 404, 500])
def test_other_answers_are_logged(status: int, caplog: pytest.LogCaptureFixture) -> None:
    with receiving() as receiver:
        receiver.status = status
        assert not deliver(receiver.url)
    assert len(receiver.bodies) == 1
    (line,) = caplog.messages
    assert f"status {status}" in line
    assert f"http://127.0.0.1:{receiver.port}:" in line
    assert "s3cret" not in line


def test_a_receiver_that_does_not_answer(caplog: pytest.LogCaptureFixture) -> None:
    with receiving() as receiver:
        receiver.silent = True
        assert not deliver(receiver.url, 0.2)
    assert "no answer" in caplog.text


def test_nobody_listens(caplog: pytest.LogCaptureFixture) -> None:
    assert not deliver(f"http://user:s3cret@127.0.0.1:{free_port()}/s3cret")
    assert "Connection refused" in caplog.text
    assert "s3cret" not in caplog.text
