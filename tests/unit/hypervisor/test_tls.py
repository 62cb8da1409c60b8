"""TLS as a hypervisor's client, against a real server: each fault has its own name."""

import asyncio
import os
import shutil
import socket
import ssl
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from consoleproxy import errors
from consoleproxy.errors import HypervisorTlsFailed, SettingsInvalid
from consoleproxy.hypervisor.tls import HypervisorTls, Secrecy, TlsFiles, Verify, tls_fault
from consoleproxy.wire import Wire
from tests.integration.fixtures.pki import Pair, Pki
from tests.unit.hypervisor.tls_server import anonymous_context, context_of, serving


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return Pki(tmp_path_factory.mktemp("pki"))


def _greet(sock: socket.socket) -> None:
    sock.sendall(b"RFB 003.008\n")
    sock.recv(1)


def _serving(context: ssl.SSLContext | Pair) -> AbstractContextManager[int]:
    return serving(_greet, context)


def _greeting(
    tls: HypervisorTls, port: int, host: str = "127.0.0.1", *, anonymous: bool = False
) -> bytes:
    async def story() -> bytes:
        wire = Wire(socket.create_connection(("127.0.0.1", port), 10))
        try:
            await tls.start(wire, host, anonymous=anonymous)
            return await wire.receive()
        except ssl.SSLError as error:
            raise tls_fault(error) from error
        finally:
            wire.close()

    return asyncio.run(story())


def _files(pki: Pki, client: Pair | None = None) -> TlsFiles:
    if client is None:
        return TlsFiles(ca=str(pki.root))
    return TlsFiles(str(pki.root), str(client.certificate), str(client.key))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", ""])
def test_name_or_address_of_the_certificate(pki: Pki, host: str) -> None:
    with _serving(pki.server) as port:
        assert _greeting(HypervisorTls(_files(pki), Verify.FULL), port, host) == b"RFB 003.008\n"


@pytest.mark.parametrize(
    ("which", "fault"),
    [
        (lambda pki: pki.foreign, errors.HypervisorCertificateUnknown),
        (lambda pki: pki.expired, errors.HypervisorCertificateExpired),
        (lambda pki: pki.elsewhere, errors.HypervisorCertificateWrongName),
    ],
)
def test_each_fault_has_its_name(
    pki: Pki, which: Callable[[Pki], Pair], fault: type[HypervisorTlsFailed]
) -> None:
    with _serving(which(pki)) as port, pytest.raises(fault) as caught:
        _greeting(HypervisorTls(_files(pki), Verify.FULL), port)
    assert type(caught.value) is fault


@pytest.mark.parametrize("host", ["127.0.0.1", ""])
def test_without_an_authority_in_common_nothing_is_trusted(pki: Pki, host: str) -> None:
    with (
        _serving(pki.server) as port,
        pytest.raises(errors.HypervisorCertificateUnknown),
    ):
        _greeting(HypervisorTls(TlsFiles(), Verify.FULL), port, host)


@pytest.mark.parametrize(
    ("verify", "anonymous", "secrecy"),
    [
        (Verify.FULL, False, Secrecy("TLSv1.3", checked=True)),
        (Verify.CA, False, Secrecy("TLSv1.3", checked=True)),
        (Verify.OFF, False, Secrecy("TLSv1.3")),
        (Verify.FULL, True, Secrecy("TLSv1.2")),
    ],
)
def test_what_it_is_worth_is_told(
    pki: Pki, verify: Verify, anonymous: bool, secrecy: Secrecy
) -> None:
    async def story(port: int) -> Secrecy:
        wire = Wire(socket.create_connection(("127.0.0.1", port), 10))
        try:
            tls = HypervisorTls(_files(pki), verify)
            return await tls.start(wire, "127.0.0.1", anonymous=anonymous)
        finally:
            wire.close()

    with _serving(anonymous_context() if anonymous else pki.server) as port:
        assert asyncio.run(story(port)) == secrecy


def test_how_much_is_verified(pki: Pki) -> None:
    with _serving(pki.elsewhere) as port:
        assert _greeting(HypervisorTls(_files(pki), Verify.CA), port)
    with _serving(pki.foreign) as port:
        assert _greeting(HypervisorTls(_files(pki), Verify.OFF), port)
        with pytest.raises(errors.HypervisorCertificateUnknown):
            _greeting(HypervisorTls(_files(pki), Verify.CA), port)


def test_a_certificate_in_the_file_is_trusted_itself(pki: Pki) -> None:
    with _serving(pki.foreign) as port:
        pinned = TlsFiles(ca=str(pki.foreign.certificate))
        assert _greeting(HypervisorTls(pinned, Verify.FULL), port)


def test_a_certificate_of_ours_is_shown(pki: Pki) -> None:
    with _serving(context_of(pki.server, pki.root)) as port:
        assert _greeting(HypervisorTls(_files(pki, pki.client), Verify.FULL), port)


@pytest.mark.parametrize("client", [None, "foreign"])
def test_a_certificate_of_ours_that_is_missing_or_refused(pki: Pki, client: str | None) -> None:
    files = _files(pki, pki.foreign_client if client else None)
    with (
        _serving(context_of(pki.server, pki.root)) as port,
        pytest.raises(errors.HypervisorClientCertificateRefused, match=r"certificate\.file"),
    ):
        _greeting(HypervisorTls(files, Verify.FULL), port)


def test_anonymous_tls(pki: Pki) -> None:
    with _serving(anonymous_context()) as port:
        tls = HypervisorTls(_files(pki), Verify.FULL)
        assert _greeting(tls, port, anonymous=True) == b"RFB 003.008\n"
        with pytest.raises(HypervisorTlsFailed):
            _greeting(tls, port)


def test_who_speaks_no_tls_is_said() -> None:
    async def story() -> None:
        near, far = socket.socketpair()
        wire = Wire(near)
        with far:
            far.sendall(b"RFB 003.008\n")
            try:
                await HypervisorTls(TlsFiles(), Verify.FULL).start(wire, "")
            finally:
                wire.close()

    with pytest.raises(HypervisorTlsFailed, match="TLS handshake"):
        asyncio.run(story())


def test_exchanged_files_count_from_the_next_connection_on(pki: Pki, tmp_path: Path) -> None:
    bundle = tmp_path / "ca.pem"
    shutil.copy(pki.foreign_root, bundle)
    tls = HypervisorTls(TlsFiles(ca=str(bundle)), Verify.FULL)
    with _serving(pki.server) as port:
        with pytest.raises(errors.HypervisorCertificateUnknown):
            _greeting(tls, port)
        _exchange(bundle, pki.root.read_bytes())
        assert _greeting(tls, port)
        _exchange(bundle, b"not PEM")
        assert _greeting(tls, port)


def _exchange(file: Path, content: bytes) -> None:
    (file.parent / "new").write_bytes(content)
    os.replace(file.parent / "new", file)


def test_files_that_cannot_be_used_are_named_all_at_once(pki: Pki, tmp_path: Path) -> None:
    bad = tmp_path / "bad.pem"
    bad.write_text("not PEM")
    files = TlsFiles(str(tmp_path / "missing"), str(bad), str(pki.client.key))
    with pytest.raises(SettingsInvalid) as caught:
        HypervisorTls(files, Verify.FULL)
    assert len(caught.value.problems) == 2
    assert "tls.ca.file" in caught.value.problems[0]
    assert "tls.certificate.file" in caught.value.problems[1]


def test_a_key_without_certificate_or_of_another(pki: Pki) -> None:
    with pytest.raises(SettingsInvalid, match=r"without.*certificate\.file"):
        HypervisorTls(TlsFiles(key=str(pki.client.key)), Verify.FULL)
    other = TlsFiles("", str(pki.client.certificate), str(pki.server.key))
    with pytest.raises(SettingsInvalid, match="KEY_VALUES_MISMATCH"):
        HypervisorTls(other, Verify.FULL)
