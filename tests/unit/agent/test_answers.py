import json

import pytest

from consoleproxy.agent import answers
from consoleproxy.agent.payload import Entry, payload_of

API = "com.cloud.agent.api."
TAIL: dict[str, object] = {"contextMap": {}, "wait": 0}


@pytest.mark.parametrize(
    ("entry", "name", "fields"),
    [
        (answers.done(), API + "Answer", {"result": True}),
        (
            answers.done(result=False, details="reason"),
            API + "Answer",
            {"result": False, "details": "reason"},
        ),
        (
            answers.unsupported("a.B"),
            API + "UnsupportedAnswer",
            {"result": False, "details": "Unsupported command issued: a.B"},
        ),
        (answers.ready(), API + "ReadyAnswer", {"result": True}),
        (
            answers.healthy(),
            API + "CheckHealthAnswer",
            {"result": True, "details": "resource is alive"},
        ),
        (
            answers.load(2, "v-2-VM", "{}"),
            API + "proxy.ConsoleProxyLoadAnswer",
            {"proxyVmId": 2, "proxyVmName": "v-2-VM", "result": True, "details": "{}"},
        ),
        (
            answers.certificate_request("pem"),
            "org.apache.cloudstack.ca.SetupKeystoreAnswer",
            {"csr": "pem", "result": True},
        ),
        (
            answers.certificate_taken(result=False, details="no"),
            "org.apache.cloudstack.ca.SetupCertificateAnswer",
            {"result": False, "details": "no"},
        ),
        (
            answers.servers_taken(),
            "org.apache.cloudstack.agent.lb.SetupMSListAnswer",
            {"result": True},
        ),
        (answers.migrating(), API + "MigrateAgentConnectionAnswer", {"result": True}),
        (answers.maintained(), API + "MaintainAnswer", {"willMigrate": True, "result": True}),
    ],
)
def test_answers_as_cloudstack_reads_them(
    entry: Entry, name: str, fields: dict[str, object]
) -> None:
    assert json.loads(payload_of([entry])) == [{name: {**fields, **TAIL}}]
