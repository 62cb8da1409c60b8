import json

import pytest

from consoleproxy.management.channel.authentication import (
    AuthenticationAnswer,
    AuthenticationRequest,
    Whereabouts,
)

REQUEST = AuthenticationRequest(
    proxy="cpvm-1",
    host="192.168.122.10",
    port=5901,
    vm_uuid="vm",
    password="the password",
    ticket="the ticket",
    session_uuid="session",
    client_address="203.0.113.7",
    reconnecting=False,
)
WHEREABOUTS = Whereabouts(
    host="192.168.122.11",
    port=5902,
    tunnel_url="https://xen/console?ref=OpaqueRef:1",
    tunnel_session="the session",
    websocket_url="wss://esx/the ticket",
    username="root",
    instance_name="i-2-3-VM",
)
ANSWERS = [
    AuthenticationAnswer(whereabouts=WHEREABOUTS),
    AuthenticationAnswer(whereabouts=Whereabouts(host="h", port=-1)),
    AuthenticationAnswer(reason="because"),
    AuthenticationAnswer(reason="the VM is Stopped", running=False),
]


def test_request_survives_the_journey() -> None:
    assert AuthenticationRequest.from_json(REQUEST.to_json().encode()) == REQUEST


@pytest.mark.parametrize("answer", ANSWERS)
def test_answer_survives_the_journey(answer: AuthenticationAnswer) -> None:
    assert AuthenticationAnswer.from_json(answer.to_json().encode()) == answer
    assert answer.allowed is (answer.whereabouts is not None)


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        '{"allowed": 1}',
        '{"allowed": true}',
        '{"allowed": false}',
        '{"allowed": false, "reason": "r", "running": "no"}',
        '{"allowed": true, "host": "h", "port": "5901"}',
    ],
)
def test_what_is_no_answer(text: str) -> None:
    with pytest.raises(ValueError, match="is not"):
        AuthenticationAnswer.from_json(text.encode())


def test_no_answer_without_whereabouts_allows() -> None:
    document = json.loads(AuthenticationAnswer(whereabouts=WHEREABOUTS).to_json())
    del document["instanceName"]
    with pytest.raises(ValueError, match="instanceName"):
        AuthenticationAnswer.from_json(json.dumps(document).encode())


def test_secrets_stay_out_of_repr() -> None:
    assert "the password" not in repr(REQUEST)
    assert "the ticket" not in repr(REQUEST)
    assert "the ticket" not in repr(WHEREABOUTS)
    assert "the session" not in repr(WHEREABOUTS)
