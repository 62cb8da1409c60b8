import pytest
from hypothesis import given

from consoleproxy.agent.payload import Entry, entries_of
from consoleproxy.agent.requests import (
    AllowConsoleAccess,
    CheckHealth,
    CheckLoad,
    Maintain,
    ManagementServers,
    MigrateConnection,
    Ready,
    Request,
    SetupCertificate,
    SetupKeyStore,
    SetupServers,
    Shutdown,
    StartConsoleProxy,
    Unreadable,
    Unsupported,
    request_of,
)
from tests.unit.agent.test_payload import ENTRIES

API = "com.cloud.agent.api."
TWO = ManagementServers(
    hosts=("10.1.1.1", "10.1.1.2"),
    avoided=("10.1.1.3",),
    algorithm="roundrobin",
    check_seconds=60,
)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ('"com.cloud.agent.api.CheckHealthCommand":{}', CheckHealth()),
        ('"com.cloud.agent.api.MaintainCommand":{}', Maintain()),
        (
            '"com.cloud.agent.api.ReadyCommand":{"dcId":1,"hostId":5,"hostUuid":"3f1e",'
            '"hostName":"v-2-VM","msHostList":["10.1.1.1"],"avoidMsHostList":[],'
            '"lbAlgorithm":"static","lbCheckInterval":0,"arch":"x86_64"}',
            Ready(
                refusal="",
                host_id=5,
                servers=ManagementServers(hosts=("10.1.1.1",), avoided=(), algorithm="static"),
            ),
        ),
        (
            '"com.cloud.agent.api.ReadyCommand":{"_details":"no such zone"}',
            Ready(refusal="no such zone", host_id=0, servers=ManagementServers()),
        ),
        (
            '"com.cloud.agent.api.proxy.AllowConsoleAccessCommand":{"sessionUuid":"sess-uuid"}',
            AllowConsoleAccess("sess-uuid"),
        ),
        (
            '"com.cloud.agent.api.proxy.CheckConsoleProxyLoadCommand":{"proxyVmId":2,'
            '"proxyVmName":"v-2-VM","proxyManagementIp":"10.1.1.9","proxyCmdPort":8001}',
            CheckLoad(proxy_vm_id=2, proxy_vm_name="v-2-VM", interval=0),
        ),
        (
            '"com.cloud.agent.api.proxy.WatchConsoleProxyLoadCommand":{"proxyVmId":2,'
            '"proxyVmName":"v-2-VM","proxyManagementIp":"10.1.1.9","proxyCmdPort":8001,'
            '"interval":10}',
            CheckLoad(proxy_vm_id=2, proxy_vm_name="v-2-VM", interval=10),
        ),
        (
            '"org.apache.cloudstack.ca.SetupKeyStoreCommand":{"validityDays":365,'
            '"keystorePassword":"0123456789abcdef","handleByAgent":true,"accessDetails":{}}',
            SetupKeyStore(365),
        ),
        (
            '"org.apache.cloudstack.ca.SetupCertificateCommand":{"certificate":"c",'
            '"privateKey":"k","caCertificates":"a","handleByAgent":true}',
            SetupCertificate(certificate="c", private_key="k", authorities="a"),
        ),
        (
            '"org.apache.cloudstack.agent.lb.SetupMSListCommand":{"msList":["10.1.1.1","10.1.1.2"],'
            '"avoidMsList":["10.1.1.3"],"lbAlgorithm":"roundrobin","lbCheckInterval":60}',
            SetupServers(TWO),
        ),
        (
            '"com.cloud.agent.api.MigrateAgentConnectionCommand":{"msList":["10.1.1.1","10.1.1.2"],'
            '"avoidMsList":["10.1.1.3"],"lbAlgorithm":"roundrobin","lbCheckInterval":60}',
            MigrateConnection(TWO),
        ),
        (
            '"com.cloud.agent.api.ShutdownCommand":{"reason":"deleteHost","removeHost":true}',
            Shutdown("deleteHost", True),
        ),
        ('"java.lang.Runtime":{"exec":"reboot"}', Unsupported("java.lang.Runtime")),
        # CloudStack sends these to hypervisors' hosts, which log in to the system VM.
        *(
            (f'"{name}":{{"filesToRetrieveList":["[IPTABLES]"]}}', Unsupported(name))
            for name in (
                "org.apache.cloudstack.diagnostics.PrepareFilesCommand",
                "org.apache.cloudstack.diagnostics.DiagnosticsCommand",
            )
        ),
    ],
)
def test_vocabulary(text: str, meant: Request) -> None:
    (entry,) = entries_of(f"[{{{text}}}]".encode())
    assert request_of(entry) == meant


def test_start_of_the_console_proxy() -> None:
    (entry,) = entries_of(
        b'[{"com.cloud.agent.api.proxy.StartConsoleProxyAgentHttpHandlerCommand":'
        b'{"keystoreBits":[-2,-19,-2,-19,0,0,0,2],'
        b'"keystorePassword":"c3RvcmVwYXNzd29yZDEyMw\\u003d\\u003d",'
        b'"encryptorPassword":"{\\"base64EncodedKeyBytes\\":\\"AA\\"}",'
        b'"isSourceIpCheckEnabled":false}}]'
    )
    start = request_of(entry)
    assert isinstance(start, StartConsoleProxy)
    assert start.keystore == bytes.fromhex("feedfeed00000002")
    assert start.keystore_password == "c3RvcmVwYXNzd29yZDEyMw=="
    assert start.encryption_keys == '{"base64EncodedKeyBytes":"AA"}'
    assert start.source_ip_check is False
    assert repr(start) == "StartConsoleProxy(source_ip_check=False)"
    without = request_of(Entry(entry.name, {}))
    assert isinstance(without, StartConsoleProxy)
    assert (without.keystore, without.source_ip_check) == (b"", None)


def test_keys_are_not_in_a_log() -> None:
    assert "s3cret" not in repr(
        SetupCertificate(certificate="c", private_key="s3cret", authorities="a")
    )


def test_fields_of_another_type_are_a_request_that_fails() -> None:
    entry = Entry(API + "proxy.AllowConsoleAccessCommand", {"sessionUuid": 5})
    assert request_of(entry) == Unreadable(
        f"{entry.name}: sessionUuid is of another type than it should be", certificate=False
    )
    name = "org.apache.cloudstack.ca.SetupCertificateCommand"
    found = request_of(Entry(name, {"certificate": 5}))
    assert isinstance(found, Unreadable)
    assert found.certificate


def test_a_refusal_without_a_word_is_one_all_the_same() -> None:
    ready = request_of(Entry(API + "ReadyCommand", {"_details": ""}))
    assert isinstance(ready, Ready)
    assert ready.refusal == "no reason given"


def test_no_server_writes_lines_into_the_log() -> None:
    said = "a\nCRITICAL b\x1b[2J"
    ready = request_of(Entry(API + "ReadyCommand", {"_details": said}))
    assert isinstance(ready, Ready)
    assert ready.refusal == "aCRITICAL b[2J"
    assert request_of(Entry(said, {})) == Unsupported("aCRITICAL b[2J")
    shutdown = request_of(Entry(API + "ShutdownCommand", {"reason": said}))
    assert shutdown == Shutdown("aCRITICAL b[2J", False)
    assert Entry("x", {"contextMap": {"logid": said}}).log_id == "aCRITICAL b[2J"
    assert Entry("x", {"contextMap": {"logid": 5}}).log_id == ""
    assert Entry("x", {"contextMap": 5}).log_id == ""


@given(ENTRIES)
def test_any_fields_under_any_name(entry: Entry) -> None:
    for name in ("ReadyCommand", "ShutdownCommand", "proxy.AllowConsoleAccessCommand", "x"):
        request_of(Entry(API + name, entry.fields))
