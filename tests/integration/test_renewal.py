"""The console port's certificate changes while sessions are open."""

import os
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from consoleproxy.errors import ManagementUnavailable
from consoleproxy.front import ports, renewal
from consoleproxy.keystore.context import ServerTls, TlsPolicy
from consoleproxy.keystore.files import KeystoreFiles
from consoleproxy.management.channel.client import ManagementClient
from tests.integration.fixtures.cloud import Cloud, Machine, running_cloud
from tests.integration.fixtures.pki import Pair, Pki
from tests.integration.fixtures.qemu import Qemu
from tests.integration.fixtures.viewer import Viewer
from tests.waiting import free_port, wait_for

# It looks twice a second, and may come between the files of one renewal.
_SOON = 3.0


def install(pki: Pki, pair: Pair, folder: Path) -> int:
    """Let the folder hold this certificate, as a renewal does; return its serial number."""
    folder.mkdir(exist_ok=True)
    for source, name in ((pki.root, "root.pem"), (pair.certificate, "server.pem")):
        shutil.copy(source, folder / f"{name}.new")
        os.replace(folder / f"{name}.new", folder / name)
    shutil.copy(pair.key, folder / "key.new")
    os.replace(folder / "key.new", folder / "server.key")
    return serial_of(pair.certificate.read_bytes())


def serial_of(pem: bytes) -> int:
    """Return a certificate's serial number."""
    return x509.load_pem_x509_certificate(pem).serial_number


def served(port: int, limit: float = 10.0) -> int:
    """Return the serial number of the certificate that a new handshake gets."""
    return serial_of(ssl.get_server_certificate(("127.0.0.1", port), timeout=limit).encode())


def _server_tls(pki: Pki, folder: Path) -> ServerTls:
    install(pki, pki.server, folder)
    keystore = KeystoreFiles(folder, "").load()
    assert keystore is not None
    return ServerTls(keystore, TlsPolicy.MODERN)


def _trusting(pki: Pki) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(pki.root))


def _settings(folder: Path) -> dict[str, Any]:
    return {"ssl_enabled": True, "url_domain": "localhost", "keystore_path": str(folder)}


def test_new_handshakes_get_the_new_certificate_and_sessions_go_on(
    tmp_path: Path, pki: Pki, qemu_factory: Callable[..., Qemu]
) -> None:
    guest, folder = qemu_factory(), tmp_path / "certs"
    old = install(pki, pki.server, folder)
    machine = Machine("web-1", "d59c31a5-e4c8-454f-a9ff-432bc8910fcb", guest.port)
    with running_cloud(tmp_path, [machine], **_settings(folder)) as cloud:
        port = cloud.proxy.port
        assert served(port) == old
        with Viewer(cloud.console(machine), tls=_trusting(pki)) as viewer:
            viewer.log_in()
            new = install(pki, pki.renewed, folder)
            wait_for(lambda: served(port) == new, "the new certificate", limit=_SOON)
            viewer.press(ord("x"))
            wait_for(lambda: len(guest.keys()) == 1, "the key of the session that was open")
            with Viewer(cloud.console(machine), tls=_trusting(pki)) as other:
                other.log_in()


@pytest.mark.parametrize("fault", ["expired", "elsewhere", "key", "nonsense", "gone"])
def test_a_bad_certificate_is_refused_and_the_old_one_stays(
    tmp_path: Path, pki: Pki, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    folder = tmp_path / "certs"
    old = install(pki, pki.server, folder)
    machine = Machine("web-1", "d59c31a5-e4c8-454f-a9ff-432bc8910fcb", 1)
    with running_cloud(tmp_path, [machine], **_settings(folder)) as cloud:
        caplog.clear()
        if fault == "key":
            shutil.copy(pki.renewed.key, folder / "server.key")
        elif fault == "nonsense":
            (folder / "server.pem").write_text("nonsense")
        elif fault == "gone":
            for file in folder.iterdir():
                file.unlink()
        else:
            install(pki, getattr(pki, fault), folder)
        said = "stays" if fault == "gone" else "nothing changes"
        wait_for(lambda: said in caplog.text, "the fault to be logged")
        assert served(cloud.proxy.port) == old
        new = install(pki, pki.renewed, folder)
        wait_for(lambda: served(cloud.proxy.port) == new, "the good one after it")


def test_what_is_uploaded_to_the_management_server_is_served(
    tmp_path: Path, pki: Pki, qemu_factory: Callable[..., Qemu]
) -> None:
    """Chain first, then the server's, by a CloudStack client; from no TLS to TLS to a renewal."""
    guest = qemu_factory()
    machine = Machine("web-1", "d59c31a5-e4c8-454f-a9ff-432bc8910fcb", guest.port)
    settings = {**_settings(tmp_path / "none"), "session_policy": "share"}
    with running_cloud(tmp_path, [machine], **settings) as cloud:
        with Viewer(cloud.console(machine)) as plain:
            plain.log_in()
            _upload(cloud, certificate=pki.root.read_text(), name="root1", id=1)
            serial = _upload(
                cloud,
                certificate=pki.server.certificate.read_text(),
                privatekey=pki.server.key.read_text(),
            )
            port = cloud.proxy.port
            wait_for(lambda: _served_or_none(port) == serial, "TLS to begin", limit=5.0)
            plain.press(ord("x"))
            wait_for(lambda: len(guest.keys()) == 1, "the key of the session without TLS")
        wait_for(lambda: cloud.console(machine).startswith("https://"), "URLs to follow")
        with Viewer(cloud.console(machine), tls=_trusting(pki)) as viewer:
            viewer.log_in()
            renewed = _upload(
                cloud,
                certificate=pki.renewed.certificate.read_text(),
                privatekey=pki.renewed.key.read_text(),
            )
            wait_for(lambda: served(port) == renewed, "the renewed one", limit=_SOON)
            viewer.press(ord("x"))
            wait_for(lambda: len(guest.keys()) == 2, "the key of the session that was open")


def _upload(cloud: Cloud, **parameters: Any) -> int:
    cloud.api.uploadCustomCertificate(domainsuffix="localhost", fetch_result=True, **parameters)
    return serial_of(parameters["certificate"].encode())


def _served_or_none(port: int) -> int | None:
    try:
        # Without TLS, the port waits for the rest of a request.
        return served(port, 1.0)
    except OSError:
        return None


def test_sighup_reads_the_keystore_at_once(tmp_path: Path, pki: Pki) -> None:
    folder, keys = tmp_path / "certs", tmp_path / "keys"
    install(pki, pki.server, folder)
    keys.write_text(
        '{"base64EncodedKeyBytes":"AAECAwQFBgcICQoLDA0ODw",'
        '"base64EncodedIvBytes":"EBESExQVFhcYGRobHB0eHw"}'
    )
    port = free_port()
    settings = {
        "consoleproxy.management.url": "",
        "consoleproxy.token.key.file": keys,
        "consoleproxy.listen.address": "127.0.0.1",
        "consoleproxy.port": port,
        "consoleproxy.cmd.port": free_port(),
        "consoleproxy.sslEnabled": "true",
        "consoleproxy.url.domain": "localhost",
        "consoleproxy.keystore.path": folder,
    }
    options = [text for name, value in settings.items() for text in ("--set", f"{name}={value}")]
    process = subprocess.Popen(
        [sys.executable, "-m", "consoleproxy", "serve", *options], stderr=subprocess.DEVNULL
    )
    try:
        wait_for(lambda: _listens(port), "the proxy to listen")
        new = install(pki, pki.renewed, folder)
        process.send_signal(signal.SIGHUP)
        wait_for(lambda: served(port) == new, "the new certificate", limit=_SOON)
        assert process.poll() is None
    finally:
        process.terminate()
        assert process.wait(15) == 0


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def test_where_the_port_changes_both_listen_until_the_old_sessions_end(
    tmp_path: Path, pki: Pki, qemu_factory: Callable[..., Qemu], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ports, "_LINK_SECONDS", 0.0)
    guest = qemu_factory()
    machine = Machine("web-1", "d59c31a5-e4c8-454f-a9ff-432bc8910fcb", guest.port)
    tls = _server_tls(pki, tmp_path / "certs")
    with running_cloud(tmp_path, [machine], session_policy="share") as cloud:
        old_port, new_port = cloud.proxy.port, free_port()
        with Viewer(cloud.console(machine)) as viewer:
            viewer.log_in()
            late = cloud.console(machine)
            cloud.run(lambda: cloud.proxy.change_ports((new_port,), tls))
            assert cloud.console(machine).startswith(f"https://127.0.0.1:{new_port}/")
            with (
                Viewer(late) as one,
                Viewer(cloud.console(machine), tls=_trusting(pki)) as other,
            ):
                one.log_in()
                other.log_in()
            viewer.press(ord("x"))
            wait_for(lambda: len(guest.keys()) == 1, "the old session's key")
            assert _listens(old_port)
            viewer.close()
        wait_for(lambda: not _listens(old_port), "the old port to be closed")
        assert _listens(new_port)


def test_a_management_server_that_was_away_hears_of_the_change_later(
    tmp_path: Path, pki: Pki
) -> None:
    machine = Machine("web-1", "d59c31a5-e4c8-454f-a9ff-432bc8910fcb", 1)
    tls = _server_tls(pki, tmp_path / "certs")
    with running_cloud(tmp_path, [machine]) as cloud:
        cloud.run(cloud.management.stop)
        cloud.run(lambda: cloud.proxy.change_ports((cloud.proxy.port,), tls))
        assert served(cloud.proxy.port) == serial_of(pki.server.certificate.read_bytes())
        cloud.run(cloud.management.start)
        wait_for(lambda: _url(cloud, machine).startswith("https://"), "URLs to follow")


def _url(cloud: Cloud, machine: Machine) -> str:
    """Return the URL of a new console; empty while the proxy has not been heard again."""
    answer = cloud.api.createConsoleEndpoint(
        virtualmachineid=machine.uuid, nonce=secrets.token_hex(8)
    )
    return str(answer["consoleendpoint"].get("url", ""))


def test_an_upload_that_could_not_be_fetched_is_fetched_later(
    tmp_path: Path, pki: Pki, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renewal, "_RETRY_SECONDS", 0.2)
    machine = Machine("web-1", "d59c31a5-e4c8-454f-a9ff-432bc8910fcb", 1)
    asked: list[int] = []
    fetch = ManagementClient.keystore

    async def fails_at_first(client: ManagementClient) -> bytes:
        asked.append(1)
        if len(asked) == 1:
            raise ManagementUnavailable("away for a moment")
        return await fetch(client)

    monkeypatch.setattr(ManagementClient, "keystore", fails_at_first)
    with running_cloud(tmp_path, [machine], **_settings(tmp_path / "none")) as cloud:
        _upload(cloud, certificate=pki.root.read_text(), name="root1", id=1)
        serial = _upload(
            cloud,
            certificate=pki.server.certificate.read_text(),
            privatekey=pki.server.key.read_text(),
        )
        wait_for(lambda: len(asked) > 1, "it to be fetched again")
        wait_for(lambda: _served_or_none(cloud.proxy.port) == serial, "it to be served")


def test_a_port_that_is_taken_changes_nothing(tmp_path: Path, pki: Pki) -> None:
    machine = Machine("web-1", "d59c31a5-e4c8-454f-a9ff-432bc8910fcb", 1)
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        running_cloud(tmp_path, [machine]) as cloud,
    ):
        port = cloud.proxy.port
        with pytest.raises(OSError, match="in use"):
            cloud.run(lambda: cloud.proxy.change_ports((taken.getsockname()[1],), None))
        assert cloud.proxy.port == port
        assert _listens(port)
