"""Certificates and ports that change are changed in every worker."""

import os
import signal
import socket
import ssl
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.integration.fixtures.cloud import Machine
from tests.integration.fixtures.pki import Pki
from tests.integration.fixtures.qemu import Qemu
from tests.integration.fixtures.served import Served, opened, running_served, types
from tests.integration.fixtures.viewer import Viewer
from tests.integration.test_renewal import install, serial_of
from tests.waiting import free_port, wait_for


@pytest.fixture
def guest(qemu_factory: Callable[..., Qemu]) -> Qemu:
    return qemu_factory()


@pytest.fixture
def machines(guest: Qemu) -> list[Machine]:
    """Machines of different names, whose screen is the same: consoles need not share one."""
    return [Machine(f"vm-{number}", str(uuid.uuid4()), guest.port) for number in range(4)]


def _tls(folder: Path) -> dict[str, Any]:
    return {"ssl_enabled": True, "url_domain": "localhost", "keystore_path": str(folder)}


def _trusting(pki: Pki) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(pki.root))


def _greeting(served: Served, port: int, pki: Pki) -> tuple[int, int]:
    """Shake hands; return the worker that did, and its certificate's serial number."""
    with (
        socket.create_connection(("127.0.0.1", port), 10) as plain,
        _trusting(pki).wrap_socket(plain, server_hostname="localhost") as sock,
    ):
        der = sock.getpeercert(binary_form=True)
        assert der is not None
        return served.carrier(sock), serial_of(ssl.DER_cert_to_PEM_cert(der).encode())


def test_a_renewed_certificate_reaches_every_worker_and_sessions_go_on(
    tmp_path: Path, pki: Pki, guest: Qemu, machines: list[Machine]
) -> None:
    folder = tmp_path / "certs"
    old = install(pki, pki.server, folder)
    with running_served(tmp_path, machines, **_tls(folder)) as served, ExitStack() as stack:
        viewers = []
        for machine in machines[:2]:
            viewer = Viewer(served.console(machine), tls=_trusting(pki))
            viewers.append(stack.enter_context(viewer))
            viewer.log_in()
        assert {served.carrier(viewer.sock) for viewer in viewers} == set(served.workers())
        before = dict(_greeting(served, served.port, pki) for _ in range(2))
        assert before == dict.fromkeys(served.workers(), old)
        new = install(pki, pki.renewed, folder)
        wait_for(
            lambda: (
                dict(_greeting(served, served.port, pki) for _ in range(2))
                == dict.fromkeys(served.workers(), new)
            ),
            "the new certificate at both workers",
        )
        types(guest, *viewers)
        with Viewer(served.console(machines[2]), tls=_trusting(pki)) as later:
            later.log_in()
        # One that is made now has it as well.
        os.kill(served.workers()[0], signal.SIGKILL)
        wait_for(lambda: served.metric("workers_replaced_total") == 1, "the worker's end")
        wait_for(lambda: served.metric("workers") == 2, "another worker")
        after = dict(_greeting(served, served.port, pki) for _ in range(6))
        assert after[served.workers()[-1]] == new


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def test_where_the_port_changes_both_are_served_until_the_old_sessions_end(
    tmp_path: Path, pki: Pki, guest: Qemu, machines: list[Machine]
) -> None:
    folder, new_port = tmp_path / "certs", free_port()
    install(pki, pki.server, folder)
    program = ("-m", "tests.integration.fixtures.moving", str(new_port), str(folder))
    with (
        running_served(tmp_path, machines, program=program) as served,
        opened(served, machines[:2]) as viewers,
    ):
        assert {served.carrier(viewer.sock) for viewer in viewers} == set(served.workers())
        late = served.console(machines[2])
        assert served.process.stdin is not None
        served.process.stdin.close()
        wait_for(lambda: served.console(machines[3]).startswith("https://"), "URLs to follow")
        with (
            Viewer(late) as one,
            Viewer(served.console(machines[3]), tls=_trusting(pki)) as other,
        ):
            one.log_in()
            other.log_in()
            assert served.carrier(one.sock) != served.carrier(other.sock)
            types(guest, *viewers, one, other)
            one.close()
        wait_for(lambda: served.metric("sessions") == 2, "one session at each worker")
        assert len({_greeting(served, new_port, pki) for _ in range(2)}) == 2
        viewers[0].close()
        wait_for(lambda: served.metric("sessions") == 1, "all but one session to end")
        assert _listens(served.port), "the last one is another worker's"
        viewers[1].close()
        wait_for(lambda: not _listens(served.port), "the old port to be closed")
        assert _listens(new_port)
