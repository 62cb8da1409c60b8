"""An agent's connection to a management server: names, addresses, and who it is."""

import asyncio
import socket
import ssl
from pathlib import Path
from typing import Any

import pytest

from consoleproxy.agent.certificates import AgentCertificates
from consoleproxy.agent.connection import Connection
from consoleproxy.cli.agent import boot_of
from consoleproxy.cli.agent_proxy import port_rule
from consoleproxy.errors import AgentLinkBroken
from consoleproxy.settings import Settings
from tests.integration.fixtures.cloudstack.authority import AgentFiles, Authority
from tests.waiting import free_port

_LOOPBACKS = ("127.0.0.3", "127.0.0.2", "127.0.0.1")


def _connected(
    address: str, host: str, port: int, files: AgentFiles, context: ssl.SSLContext | None
) -> None:
    """Connect to ``host`` while a server with this TLS, or that hangs up, is at ``address``."""

    served: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.append(writer)
        if context:
            await reader.read()
        writer.close()

    async def story() -> None:
        trust = AgentCertificates(files.key.parent, "v-2-VM", []).trust()
        server = await asyncio.start_server(serve, address, port, ssl=context)
        try:
            connection = await Connection.open(host, port, trust)
            await connection.close()
        finally:
            server.close()
            await server.wait_closed()
            # What is left to the collector is a warning.
            for writer in served:
                writer.transport.abort()
            closing = (writer.wait_closed() for writer in served)
            await asyncio.gather(*closing, return_exceptions=True)

    asyncio.run(story())


def test_ipv6(agent_files: AgentFiles, cloudstack_authority: Authority) -> None:
    _connected("::1", "::1", free_port(), agent_files, cloudstack_authority.context())


def test_a_name_s_addresses_are_tried_one_after_the_other(
    agent_files: AgentFiles,
    cloudstack_authority: Authority,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = socket.getaddrinfo

    def several(host: Any, port: Any, *more: Any, **named: Any) -> list[Any]:
        if host != "ms.cloud.test":
            return real(host, port, *more, **named)
        return [one for address in _LOOPBACKS for one in real(address, port, *more, **named)]

    monkeypatch.setattr(socket, "getaddrinfo", several)
    context = cloudstack_authority.context()
    _connected("127.0.0.1", "ms.cloud.test", free_port(), agent_files, context)


def test_a_server_that_hangs_up_is_told_with_what_it_may_be(agent_files: AgentFiles) -> None:
    with pytest.raises((AgentLinkBroken, ConnectionResetError), match=r"maintenance|reset"):
        _connected("127.0.0.1", "127.0.0.1", free_port(), agent_files, None)


def test_another_cloud_s_server(agent_files: AgentFiles, tmp_path: Path) -> None:
    stranger = Authority(tmp_path, "stranger").context()
    stranger.verify_mode = ssl.CERT_NONE
    with pytest.raises(AgentLinkBroken, match="neither the cloud's CA nor signed by it"):
        _connected("127.0.0.1", "127.0.0.1", free_port(), agent_files, stranger)


@pytest.mark.parametrize("host", ["a..b", "x" * 64])
def test_what_is_no_name(agent_files: AgentFiles, host: str) -> None:
    with pytest.raises(OSError):
        _connected("127.0.0.1", host, free_port(), agent_files, None)


@pytest.mark.parametrize(
    ("told", "plain", "tls"),
    [
        ("", 8080, 8080),
        ("vncport=8080", 8080, 8443),
        ("vncport=8443", 8080, 8443),
        ("vncport=9000", 9000, 9000),
    ],
)
def test_where_consoles_are(tmp_path: Path, told: str, plain: int, tls: int) -> None:
    kernel = tmp_path / "cmdline"
    kernel.write_text(
        f"host=a zone=1 pod=1 guid=Proxy.2 name=v-2-VM proxy_vm=2 eth1ip=127.0.0.1 {told}"
    )
    rule = port_rule(Settings(), boot_of(kernel, tmp_path))
    assert rule.ports(tls=False) == (plain, 80)
    assert rule.ports(tls=True) == (tls, 443)
