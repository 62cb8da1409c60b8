import asyncio
from ipaddress import ip_address
from pathlib import Path

import pytest

from consoleproxy.agent.answers import Repeated
from consoleproxy.agent.certificates import AgentCertificates
from consoleproxy.agent.duties import Duties, Orders
from consoleproxy.agent.payload import Entry
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
)
from consoleproxy.errors import AgentLinkBroken, KeystoreInvalid

SERVERS = ManagementServers(hosts=("a",), algorithm="static")
START = StartConsoleProxy(
    keystore=b"", keystore_password="s3cret", encryption_keys="s3cret", source_ip_check=None
)


class Proxy:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.told: list[object] = []
        self.fault: Exception | None = None

    async def start(self, order: StartConsoleProxy) -> None:
        self.told.append(order)
        if self.fault is not None:
            raise self.fault

    def load(self) -> str:
        return '{"connections":[]}'

    async def hear(self, word: object) -> None:
        self.told.append(word)


def performed(folder: Path, proxy: Proxy, request: Request) -> Entry:
    certificates = AgentCertificates(folder, "v-2-VM", [ip_address("10.1.1.9")])
    orders = Orders(
        allow=proxy.told.append,
        ready=proxy.hear,
        servers=proxy.hear,
        migrate=proxy.hear,
        leave=proxy.hear,
    )
    answer = asyncio.run(Duties(proxy, certificates, orders).perform(request))
    return answer.first if isinstance(answer, Repeated) else answer


def _ready(refusal: str = "") -> Ready:
    return Ready(refusal=refusal, host_id=5, servers=SERVERS)


@pytest.mark.parametrize(
    ("request_", "name", "told"),
    [
        (START, "Answer", [START]),
        (_ready(), "ReadyAnswer", [_ready()]),
        (AllowConsoleAccess("uuid"), "Answer", ["uuid"]),
        (CheckHealth(), "CheckHealthAnswer", []),
        (SetupServers(SERVERS), "SetupMSListAnswer", [SERVERS]),
        (MigrateConnection(SERVERS), "MigrateAgentConnectionAnswer", [SERVERS]),
        (Shutdown("deleteHost", True), "Answer", [Shutdown("deleteHost", True)]),
        (Maintain(), "MaintainAnswer", []),
        (
            CheckLoad(proxy_vm_id=2, proxy_vm_name="v-2-VM", interval=0),
            "ConsoleProxyLoadAnswer",
            [],
        ),
        (SetupKeyStore(365), "SetupKeystoreAnswer", []),
    ],
)
def test_what_is_done_and_answered(
    tmp_path: Path, request_: Request, name: str, told: list[object]
) -> None:
    proxy = Proxy()
    answer = performed(tmp_path, proxy, request_)
    assert answer.name.rpartition(".")[2] == name
    assert answer.flag("result")
    assert proxy.told == told


def test_a_watch_gets_one_load_after_the_other(tmp_path: Path) -> None:
    certificates = AgentCertificates(tmp_path, "v-2-VM", [])
    proxy = Proxy()
    orders = Orders(
        allow=proxy.told.append,
        ready=proxy.hear,
        servers=proxy.hear,
        migrate=proxy.hear,
        leave=proxy.hear,
    )
    watch = CheckLoad(proxy_vm_id=2, proxy_vm_name="v-2-VM", interval=10)
    answer = asyncio.run(Duties(proxy, certificates, orders).perform(watch))
    assert isinstance(answer, Repeated)
    assert (answer.first.name.rpartition(".")[2], answer.interval) == ("Answer", 10)
    assert answer.then().text("details") == proxy.load()
    assert answer.then().number("proxyVmId") == 2


def test_what_is_not_known(tmp_path: Path) -> None:
    answer = performed(tmp_path, Proxy(), Unsupported("java.lang.Runtime"))
    assert answer.name.endswith(".UnsupportedAnswer")
    assert not answer.flag("result")


@pytest.mark.parametrize("fault", [KeystoreInvalid("no key in it"), OSError("port is taken")])
def test_a_failure_is_answered(tmp_path: Path, fault: Exception) -> None:
    proxy = Proxy()
    proxy.fault = fault
    answer = performed(tmp_path, proxy, START)
    assert (answer.flag("result"), answer.text("details")) == (False, str(fault))


def test_what_nobody_has_thought_of_is_answered_without_its_text(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    proxy = Proxy()
    proxy.fault = KeyError("s3cret")
    answer = performed(tmp_path, proxy, START)
    assert not answer.flag("result")
    assert "s3cret" not in str(answer.fields)
    assert "StartConsoleProxy failed" in caplog.text


@pytest.mark.parametrize(
    ("request_", "name"),
    [
        (AllowConsoleAccess(""), "Answer"),
        (AllowConsoleAccess("x" * 101), "Answer"),
        (Unreadable("sessionUuid is of another type", certificate=False), "Answer"),
        (Unreadable("certificate is of another type", certificate=True), "SetupCertificateAnswer"),
    ],
)
def test_what_cannot_be_done_is_answered(tmp_path: Path, request_: Request, name: str) -> None:
    proxy = Proxy()
    answer = performed(tmp_path, proxy, request_)
    assert (answer.name.rpartition(".")[2], answer.flag("result")) == (name, False)
    assert proxy.told == []


def test_a_key_that_cannot_be_made_gets_the_answer_that_the_server_casts_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_: AgentCertificates) -> str:
        raise OSError("no randomness")

    monkeypatch.setattr(AgentCertificates, "request", fail)
    answer = performed(tmp_path, Proxy(), SetupKeyStore(365))
    assert answer.name.endswith(".SetupKeystoreAnswer")
    assert not answer.flag("result")


def test_a_certificate_that_is_none_gets_the_answer_that_the_server_casts_to(
    tmp_path: Path,
) -> None:
    answer = performed(
        tmp_path, Proxy(), SetupCertificate(certificate="", private_key="", authorities="")
    )
    assert answer.name.endswith(".SetupCertificateAnswer")
    assert not answer.flag("result")


def test_a_refusal_ends_the_link(tmp_path: Path) -> None:
    with pytest.raises(AgentLinkBroken, match="no such zone"):
        performed(tmp_path, Proxy(), _ready("no such zone"))
