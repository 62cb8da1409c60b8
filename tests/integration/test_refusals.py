"""Every bad input ends with a reason that a person can read, by RFB and by the close frame."""

import contextlib
import secrets
import socket
import ssl
import struct
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from consoleproxy import errors
from consoleproxy.errors import ConsoleRefused
from consoleproxy.keystore.development import make_development_pki
from tests.integration.fixtures.cloud import Cloud, Machine, running_cloud
from tests.integration.fixtures.faulty import faulty_hypervisor
from tests.integration.fixtures.qemu import Qemu
from tests.integration.fixtures.viewer import Refusal, Viewer
from tests.waiting import wait_for

_PASSWORD = "secret12"


@pytest.fixture
def machine(qemu_factory: Callable[..., Qemu]) -> Machine:
    return Machine("web-1", str(uuid.uuid4()), qemu_factory(password=_PASSWORD).port, _PASSWORD)


@pytest.fixture
def cloud(tmp_path: Path, machine: Machine) -> Iterator[Cloud]:
    with running_cloud(tmp_path, [machine]) as running:
        yield running


def _refused(url: str, **more: str) -> Refusal:
    with Viewer(url, **more) as viewer:  # type: ignore[arg-type]
        return viewer.refused()


def _assert_told(refusal: Refusal, expected: type[ConsoleRefused]) -> None:
    assert refusal == Refusal(expected.sentence, expected.close_code, expected.sentence)


def _token(url: str) -> str:
    return url.partition("token=")[2].partition("&")[0]


def test_no_token(cloud: Cloud) -> None:
    _assert_told(_refused(f"http://127.0.0.1:{cloud.proxy.port}/"), errors.TokenMissing)


@pytest.mark.parametrize(
    "damage",
    [
        lambda token: "garbage",
        lambda token: "%00%ff" * 20,
        lambda token: token[: len(token) // 2],
        lambda token: token[:-5],
        lambda token: ("A" if token[0] != "A" else "B") + token[1:],
        lambda token: token[:100] + ("x" if token[100] != "x" else "y") + token[101:],
        lambda token: token * 40,
        lambda token: "x.y.z",
    ],
    ids=["garbage", "bytes", "half", "short", "first", "flipped", "oversized", "jwt"],
)
def test_damaged_token(cloud: Cloud, machine: Machine, damage: Callable[[str], str]) -> None:
    url = cloud.console(machine)
    damaged = url.replace(_token(url), damage(_token(url)))
    _assert_told(_refused(damaged), errors.TokenInvalid)


def test_token_of_another_cloud(cloud: Cloud, machine: Machine, tmp_path: Path) -> None:
    other_folder = tmp_path / "other"
    other_folder.mkdir()
    with running_cloud(other_folder, [machine]) as other:
        url = other.console(machine)
    ours = url.replace(f":{other.proxy.port}/", f":{cloud.proxy.port}/")
    _assert_told(_refused(ours), errors.TokenInvalid)


def test_tampered_extra_does_not_burn_the_token(cloud: Cloud, machine: Machine) -> None:
    url = cloud.console(machine, extra="s3cret")
    _assert_told(_refused(url.replace("extra=s3cret", "extra=s3creT")), errors.ExtraMismatch)
    _assert_told(_refused(url.replace("&extra=s3cret", "")), errors.ExtraMismatch)
    with Viewer(url) as viewer:
        viewer.log_in()


def test_extra_is_required_where_validation_is_enabled(
    tmp_path: Path, qemu_factory: Callable[..., Qemu]
) -> None:
    machine = Machine("web-1", str(uuid.uuid4()), qemu_factory().port)
    with running_cloud(tmp_path, [machine], extra_required=True) as cloud:
        answer = cloud.api.createConsoleEndpoint(
            virtualmachineid=machine.uuid, nonce=secrets.token_hex(8)
        )
        assert answer["consoleendpoint"]["success"] is False
        with Viewer(cloud.console(machine, extra="given")) as viewer:
            viewer.log_in()


def test_other_source_address(tmp_path: Path, machine: Machine) -> None:
    with running_cloud(tmp_path, [machine], source_ip_check=True) as cloud:
        url = cloud.console(machine)
        _assert_told(_refused(url, source="127.0.0.2"), errors.SourceAddressMismatch)
        with Viewer(url) as viewer:
            viewer.log_in()


def test_used_twice(cloud: Cloud, machine: Machine) -> None:
    url = cloud.console(machine)
    with Viewer(url) as viewer:
        viewer.log_in()
        _assert_told(_refused(url), errors.SessionUsed)
        viewer.close()
    wait_for(lambda: cloud.sessions() == 0, "the session to end")
    _assert_told(_refused(url), errors.SessionUsed)


def test_refused_by_the_management_server(cloud: Cloud, machine: Machine) -> None:
    url = cloud.console(machine)
    wrong_ticket = cloud.run(lambda: _with_old_ticket(cloud, url))
    refusal = _refused(url.replace(_token(url), wrong_ticket))
    _assert_told(refusal, errors.AuthenticationRefused)


async def _with_old_ticket(cloud: Cloud, url: str) -> str:
    codec = cloud.management.issuer.codec
    endpoint = codec.decode(_token(url))
    import dataclasses

    return codec.encode(dataclasses.replace(endpoint, ticket="b2xk"))


def test_wrong_password(tmp_path: Path, machine: Machine) -> None:
    wrong = Machine("web-1", machine.uuid, machine.port, "another1")
    with running_cloud(tmp_path, [wrong]) as cloud:
        _assert_told(_refused(cloud.console(wrong)), errors.HypervisorLoginFailed)


@pytest.mark.parametrize(
    ("says", "then_close", "expected"),
    [
        (b"", False, errors.HypervisorSilent),
        (b"", True, errors.HypervisorClosed),
        (b"SSH-2.0-OpenSSH_9.2\r\n", False, errors.HypervisorNotRfb),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", True, errors.HypervisorNotRfb),
        (b"RFB 003.008\n", True, errors.HypervisorClosed),
        (b"RFB 003.008\n", False, errors.HypervisorSilent),
        (b"RFB 003.008\n\x01\x63", False, errors.HypervisorSecurityUnsupported),
        (b"RFB 003.008\n\x01\x02" + bytes(10), True, errors.HypervisorClosed),
    ],
)
def test_hypervisor_that_misbehaves(
    tmp_path: Path, says: bytes, then_close: bool, expected: type[ConsoleRefused]
) -> None:
    with faulty_hypervisor(says, then_close=then_close) as port:
        machine = Machine("web-1", str(uuid.uuid4()), port, _PASSWORD)
        # Who waits for silence waits as long; who does not must not see any on a busy machine.
        limit = 1000 if expected is errors.HypervisorSilent else 15_000
        with running_cloud(tmp_path, [machine], login_timeout=limit) as cloud:
            _assert_told(_refused(cloud.console(machine)), expected)
            wait_for(lambda: cloud.sessions() == 0, "the session to end")


def test_hypervisor_that_refuses_the_connection(tmp_path: Path, unused_port: int) -> None:
    machine = Machine("web-1", str(uuid.uuid4()), unused_port)
    with running_cloud(tmp_path, [machine]) as cloud:
        _assert_told(_refused(cloud.console(machine)), errors.HypervisorUnreachable)


def test_browser_that_never_sends_its_version(tmp_path: Path, machine: Machine) -> None:
    with running_cloud(tmp_path, [machine], login_timeout=1500) as cloud:
        url = cloud.console(machine)
        with Viewer(url) as viewer:
            assert viewer.closed() == (4408, errors.ViewerSilent.sentence)
        wait_for(lambda: cloud.sessions() == 0, "the session to end")
        with Viewer(url) as reloaded:
            reloaded.log_in()


def test_browser_that_does_not_speak_rfb(cloud: Cloud, machine: Machine) -> None:
    with Viewer(cloud.console(machine)) as viewer:
        viewer.send(b"GET / HTTP/1.1\r\n\r\n")
        assert viewer.closed() == (1002, errors.ViewerProtocolError.sentence)


def test_proxy_that_is_full(tmp_path: Path, qemu_factory: Callable[..., Qemu]) -> None:
    machine = Machine("web-1", str(uuid.uuid4()), qemu_factory().port)
    with running_cloud(tmp_path, [machine], session_max=1, session_policy="share") as cloud:
        with Viewer(cloud.console(machine)) as viewer:
            viewer.log_in()
            # The cloud gives links to a proxy that is full for machines that it has.
            _assert_told(_refused(cloud.console(machine)), errors.ProxyFull)
            ready = requests.get(f"http://127.0.0.1:{cloud.proxy.port}/readyz", timeout=10)
            assert (ready.status_code, "full" in ready.text) == (503, True)


def test_get_without_upgrade(cloud: Cloud) -> None:
    answer = requests.get(f"http://127.0.0.1:{cloud.proxy.port}/websockify?token=x", timeout=10)
    assert answer.status_code == 426
    assert "reverse proxy" in answer.text


@pytest.mark.parametrize("path", ["/", "/x", "/resource/", "/resource/noVNC/", "/resource/../x"])
def test_wrong_path(cloud: Cloud, path: str) -> None:
    answer = requests.get(f"http://127.0.0.1:{cloud.proxy.port}{path}", timeout=10)
    assert answer.status_code == 404
    assert "Server" not in answer.headers
    assert "cloud's page" in answer.text


def test_oversized_request(cloud: Cloud) -> None:
    url = f"http://127.0.0.1:{cloud.proxy.port}/healthz?{'x' * 30_000}"
    assert requests.get(url, timeout=10).status_code == 414
    with socket.create_connection(("127.0.0.1", cloud.proxy.port), 10) as large:
        large.sendall(b"POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n")
        assert large.recv(1000).startswith(b"HTTP/1.1 400 ")
    with socket.create_connection(("127.0.0.1", cloud.proxy.port), 10) as endless:
        # It is closed before all was read.
        with contextlib.suppress(ConnectionError):
            endless.sendall(b"GET / HTTP/1.1\r\nX: " + b"x" * 80_000)
            assert endless.recv(1000) == b""


def test_plain_http_to_the_tls_port(tmp_path: Path, machine: Machine) -> None:
    certs = tmp_path / "certs"
    _make_certificates(certs)
    with (
        running_cloud(
            tmp_path,
            [machine],
            ssl_enabled=True,
            url_domain="*.console.example.test",
            keystore_path=str(certs),
        ) as cloud,
        socket.create_connection(("127.0.0.1", cloud.proxy.port), 10) as plain,
    ):
        plain.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = b"".join(iter(lambda: plain.recv(4096), b""))
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert b"Use https://" in answer


def test_a_console_over_wss(tmp_path: Path, machine: Machine) -> None:
    certs = tmp_path / "certs"
    _make_certificates(certs)
    with running_cloud(
        tmp_path,
        [machine],
        ssl_enabled=True,
        url_domain="*.console.example.test",
        keystore_path=str(certs),
    ) as cloud:
        url = cloud.console(machine)
        assert url.startswith(f"https://127-0-0-1.console.example.test:{cloud.proxy.port}/")
        trusting = ssl.create_default_context(cafile=str(certs / "root.pem"))
        with Viewer(url, tls=trusting) as viewer:
            assert viewer.log_in().name == "web-1"
            viewer.press(0x61)
            viewer.ask_for_screen(100, 100)
            assert struct.unpack(">B", viewer.read_screen(1000)[:1]) == (0,)


def _make_certificates(folder: Path) -> None:
    import datetime

    make_development_pki("console.example.test", folder, datetime.datetime.now(datetime.UTC))
