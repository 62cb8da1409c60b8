import json

import pytest

from consoleproxy.agent import statements
from consoleproxy.agent.identity import Identity, Interface
from consoleproxy.agent.payload import Entry, entries_of, payload_of
from consoleproxy.agent.statements import Authentication, Pinged, Started, Verdict
from consoleproxy.errors import AgentLinkBroken

API = "com.cloud.agent.api."
IDENTITY = Identity(
    zone="1",
    pod="1",
    guid="Proxy.2",
    name="v-2-VM",
    proxy_vm_id=2,
    version="4.20.1.0",
    public=Interface(address="203.0.113.9"),
    private=Interface(address="10.1.1.9", mac="1e:00:aa:00:00:01", netmask="255.255.255.0"),
    architecture="x86_64",
)


def said(entry: Entry) -> dict[str, dict[str, object]]:
    (found,) = json.loads(payload_of([entry]))
    assert isinstance(found, dict)
    return found


def answer(text: str) -> Entry:
    (found,) = entries_of(text.encode())
    return found


def test_startup() -> None:
    entry = statements.startup(IDENTITY, 0, "10.1.1.1,10.1.1.2@static", transferred=False)
    fields = said(entry)[API + "StartupProxyCommand"]
    assert fields == {
        "proxyPort": 80,
        "proxyVmId": 2,
        "type": "ConsoleProxy",
        "dataCenter": "1",
        "pod": "1",
        "guid": "Proxy.2-ConsoleProxyResource",
        "name": "v-2-VM",
        "version": "4.20.1.0",
        "iqn": "NoIqn",
        "publicIpAddress": "203.0.113.9",
        "privateIpAddress": "10.1.1.9",
        "privateMacAddress": "1e:00:aa:00:00:01",
        "privateNetmask": "255.255.255.0",
        "storageIpAddress": "10.1.1.9",
        "storageMacAddress": "1e:00:aa:00:00:01",
        "storageNetmask": "255.255.255.0",
        "resourceName": "ConsoleProxyResource",
        "msHostList": "10.1.1.1,10.1.1.2@static",
        "connectionTransferred": False,
        "arch": "x86_64",
        "contextMap": {},
        "wait": 0,
        "bypassHostMaintenance": False,
    }
    again = statements.startup(IDENTITY, 5, "a", transferred=True)
    assert (again.number("id"), again.flag("connectionTransferred")) == (5, True)


def test_the_answer_to_startup() -> None:
    text = (
        '[{"com.cloud.agent.api.StartupAnswer":{"hostId":0,"hostName":"","hostUuid":"",'
        '"pingInterval":30,"result":true}}]'
    )
    assert Started.of(answer(text)) == Started("", 0, 30)
    refused = answer('[{"com.cloud.agent.api.StartupAnswer":{"result":false,"details":"no"}}]')
    assert Started.of(refused) == Started("no", 0, 60)
    plain = Entry(API + "Answer", {"result": True})
    assert Started.of(plain).refusal == "no reason given"


@pytest.mark.parametrize(("said", "used"), [(0, 1), (-5, 1), (10**9, 3600)])
def test_pings_at_a_sensible_pace(said: int, used: int) -> None:
    entry = Entry(API + "StartupAnswer", {"result": True, "pingInterval": said})
    assert Started.of(entry).ping_seconds == used


def test_ping() -> None:
    fields = said(statements.ping(5))[API + "PingCommand"]
    assert (fields["hostType"], fields["hostId"], fields["outOfBand"]) == ("ConsoleProxy", 5, False)
    text = (
        '[{"com.cloud.agent.api.PingAnswer":{"_command":{"hostId":5},"sendStartup":true,'
        '"avoidMsList":["10.1.1.1"],"reconcileCommands":[],"result":true}}]'
    )
    assert Pinged.of(answer(text)) == Pinged(True, ("10.1.1.1",))
    assert Pinged.of(Entry(API + "PingAnswer", {"result": True})) == Pinged(False, None)


def test_load_report() -> None:
    document = '{"connections":[],"removedSessions":[]}'
    fields = said(statements.load(2, document))[API + "ConsoleProxyLoadReportCommand"]
    assert (fields["_proxyVmId"], fields["_loadInfo"]) == (2, document)


def test_authentication() -> None:
    question = Authentication(
        host="10.1.1.20",
        port="5901",
        vm_uuid="6c3e6e7e",
        password="vncpass",
        ticket="dGlja2V0PQ==",
        session_uuid="sess-uuid",
        client_address="198.51.100.7",
        reauthenticating=False,
    )
    fields = said(statements.authentication(question))[API + "ConsoleAccessAuthenticationCommand"]
    assert {name: fields[name] for name in fields if name not in ("contextMap", "wait")} == {
        "_host": "10.1.1.20",
        "_port": "5901",
        "_vmId": "6c3e6e7e",
        "_sid": "vncpass",
        "_ticket": "dGlja2V0PQ==",
        "sessionUuid": "sess-uuid",
        "clientAddress": "198.51.100.7",
        "_isReauthenticating": False,
        "bypassHostMaintenance": False,
    }
    assert "vncpass" not in repr(question)
    assert "dGlja2V0" not in repr(question)


@pytest.mark.parametrize(
    ("name", "fields", "allowed"),
    [
        ("ConsoleAccessAuthenticationAnswer", {"_success": True, "result": True}, True),
        ("ConsoleAccessAuthenticationAnswer", {"_success": False, "result": True}, False),
        ("ConsoleAccessAuthenticationAnswer", {"result": True}, False),
        ("ConsoleAccessAuthenticationAnswer", {"_success": True}, False),
        ("Answer", {"_success": True, "result": True}, False),
        ("AgentControlAnswer", {"result": True}, False),
    ],
)
def test_only_a_clear_yes_is_one(name: str, fields: dict[str, object], allowed: bool) -> None:
    assert Verdict.of(Entry(API + name, fields)).allowed is allowed


def test_where_the_screen_is_by_now() -> None:
    entry = Entry(
        API + "ConsoleAccessAuthenticationAnswer",
        {
            "_success": True,
            "result": True,
            "_host": "10.1.1.21",
            "_port": 5902,
            "_tunnelUrl": "https://10.1.1.3/console",
            "_tunnelSession": "OpaqueRef:s3cret",
        },
    )
    verdict = Verdict.of(entry)
    assert (verdict.host, verdict.port) == ("10.1.1.21", 5902)
    assert verdict.tunnel_url == "https://10.1.1.3/console"
    assert "s3cret" not in repr(verdict)
    with pytest.raises(AgentLinkBroken):
        Verdict.of(Entry(entry.name, {"_success": "true"}))


def test_farewell() -> None:
    assert said(statements.farewell())[API + "ShutdownCommand"]["reason"] == "sig.kill"


@pytest.mark.parametrize("port", [-1, 0, 65536, 2**62])
def test_a_port_that_is_none_means_the_port_of_before(port: int) -> None:
    name = API + "ConsoleAccessAuthenticationAnswer"
    verdict = Verdict.of(Entry(name, {"_success": True, "result": True, "_port": port}))
    assert (verdict.allowed, verdict.port) == (True, 0)


def test_a_token_without_a_session_is_asked_about_without_one() -> None:
    question = Authentication(
        host="h",
        port="1",
        vm_uuid="v",
        password="p",
        ticket="t",
        session_uuid="",
        client_address="a",
        reauthenticating=False,
    )
    assert "sessionUuid" not in statements.authentication(question).fields
