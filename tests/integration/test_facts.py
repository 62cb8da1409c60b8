"""What a viewer that asks is told of its session, and what it may measure beside its stream."""

import dataclasses
import json
import os
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from consoleproxy.frames import Opcode
from consoleproxy.rfb.client import ClientLogin
from consoleproxy.rfb.policy import Credentials
from tests.integration.fixtures.cloud import Machine, running_cloud
from tests.integration.fixtures.pki import Pki
from tests.integration.fixtures.qemu import Encrypted, Qemu
from tests.integration.fixtures.served import running_served
from tests.integration.fixtures.standalone import Standalone
from tests.integration.fixtures.viewer import Viewer
from tests.waiting import wait_for
from tests.wsclient import client_frame

_PASSWORD = "secret12"
_ASKS = "&rfb=3.8&resume=1&facts=1"

Guests = Callable[..., Qemu]


def _told(viewer: Viewer) -> dict[str, Any]:
    opcode, payload = viewer.frames.read()
    assert opcode == Opcode.TEXT
    word, _, facts = payload.decode("ascii").partition(" ")
    assert word == "facts"
    document: dict[str, Any] = json.loads(facts)
    return document


def _say(viewer: Viewer, word: bytes) -> None:
    viewer.sock.sendall(client_frame(word, Opcode.TEXT, mask=os.urandom(4)))


def _pass(seconds: float) -> None:
    until = time.monotonic() + seconds
    wait_for(lambda: time.monotonic() >= until, "some time to pass")


def _machine(guest: Qemu) -> Machine:
    return Machine("web-1", str(uuid.uuid4()), guest.port, _PASSWORD, instance_name="i-2-3-VM")


@pytest.fixture
def guest(qemu_factory: Guests) -> Qemu:
    return qemu_factory(password=_PASSWORD, arguments=("-name", "i-2-3-VM"))


def test_of_a_way_in_the_clear(tmp_path: Path, guest: Qemu) -> None:
    machine = _machine(guest)
    with (
        running_cloud(tmp_path, [machine]) as cloud,
        Viewer(cloud.console(machine), says=_ASKS) as viewer,
    ):
        viewer.log_in()
        told = _told(viewer)
        (session,) = cloud.proxy.registry
        # Whole seconds; a busy machine takes one, perhaps.
        assert told.pop("age") in range(20)
        assert told == {
            "session": session.uuid,
            "browser": "",
            "guest": "",
            "checked": False,
            "local": False,
            "keyboard": "",
        }
        viewer.press(ord("x"))
        _say(viewer, b"echo 42")
        assert viewer.frames.read() == (Opcode.TEXT, b"echo 42")
        viewer.ask_for_screen(720, 400)
        viewer.read_screen(720 * 400 * 4)


@pytest.mark.parametrize(
    ("anonymous", "guest_leg", "checked"), [(False, "TLSv1.3", True), (True, "TLSv1.2", False)]
)
def test_of_tls_to_the_screen(
    proxy_factory: Callable[..., Standalone],
    qemu_factory: Guests,
    pki: Pki,
    anonymous: bool,
    guest_leg: str,
    checked: bool,
) -> None:
    guest = qemu_factory(tls=Encrypted(pki.qemu_folder(pki.server), anonymous=anonymous))
    proxy = proxy_factory(
        hypervisor_tls_ca_file=str(pki.root), hypervisor_security_types="X509None, TLSNone"
    )
    session = str(uuid.uuid4())
    way = {"host": guest.host, "port": guest.port, "locale": "jp"}
    page = proxy.page(session_uuid=session, **way)
    with Viewer(page, says=_ASKS) as viewer:
        viewer.log_in()
        told = _told(viewer)
        assert told["session"] == session
        assert (told["guest"], told["checked"], told["local"]) == (guest_leg, checked, False)
        assert told["keyboard"] == "jp"


def test_of_a_socket_on_the_proxy_s_own_machine(
    proxy_factory: Callable[..., Standalone], qemu_factory: Guests
) -> None:
    guest = qemu_factory(unix=True)
    proxy = proxy_factory(
        hypervisor_allowed=f"unix:{Path(guest.host.removeprefix('unix:')).parent}/"
    )
    with Viewer(proxy.page(host=guest.host, port=0), says=_ASKS) as viewer:
        viewer.log_in()
        assert _told(viewer)["local"] is True


def test_who_does_not_ask_is_told_nothing_and_may_say_nothing(tmp_path: Path, guest: Qemu) -> None:
    machine = _machine(guest)
    with (
        running_cloud(tmp_path, [machine]) as cloud,
        Viewer(cloud.console(machine), says="&rfb=3.8&resume=1") as viewer,
    ):
        viewer.log_in()
        viewer.ask_for_screen(720, 400)
        viewer.read_screen(720 * 400 * 4)
        _say(viewer, b"echo 42")
        assert viewer.closed()[0] == 1003


def test_again_when_the_screen_was_found_again(
    tmp_path: Path, guest: Qemu, qemu_factory: Guests
) -> None:
    machine = _machine(guest)
    with (
        running_cloud(tmp_path, [machine]) as cloud,
        Viewer(cloud.console(machine), says=_ASKS) as viewer,
    ):
        viewer.log_in()
        first = _told(viewer)
        moved = qemu_factory(password=_PASSWORD, arguments=("-name", "i-2-3-VM"))
        cloud.rewrite(dataclasses.replace(machine, port=moved.port))
        guest.stop()
        assert viewer.frames.read() == (Opcode.TEXT, b"")
        # As one does that has not heard yet that its screen is lost.
        _say(viewer, b"echo 1")
        _say(viewer, b"")
        viewer.login = ClientLogin(Credentials(""))
        while (frame := viewer.frames.read()) != (Opcode.TEXT, b"echo 1"):
            viewer.login.receive_data(frame[1])
            viewer.send(viewer.login.data_to_send())
        viewer.log_in()
        again = _told(viewer)
        assert again | {"age": 0} == first | {"age": 0}
        viewer.ask_for_screen(720, 400)
        viewer.read_screen(720 * 400 * 4)


def test_a_viewer_that_only_measures_is_idle(tmp_path: Path, guest: Qemu) -> None:
    machine = _machine(guest)
    with (
        running_cloud(tmp_path, [machine], session_timeout=2000) as cloud,
        Viewer(cloud.console(machine), says=_ASKS) as viewer,
    ):
        viewer.log_in()
        _told(viewer)
        number = 0
        while True:
            number += 1
            _say(viewer, b"echo %d" % number)
            opcode, payload = viewer.frames.read()
            if opcode == Opcode.CLOSE:
                break
            assert (opcode, payload) == (Opcode.TEXT, b"echo %d" % number)
            _pass(0.11)
        assert int.from_bytes(payload[:2]) == 4408


def test_its_age_goes_on_when_it_comes_back(tmp_path: Path, guest: Qemu) -> None:
    machine = _machine(guest)
    with running_served(tmp_path, [machine]) as served:
        url = served.console(machine)
        with Viewer(url, says=_ASKS) as viewer:
            viewer.log_in()
            told = _told(viewer)
            _pass(1.1)
        # Its worker has to see that it is gone.
        wait_for(lambda: served.metric("sessions") == 0, "the session to end")
        with Viewer(url, says=_ASKS) as back:
            back.log_in()
            again = _told(back)
        assert again["session"] == told["session"]
        assert again["age"] >= 1


def test_at_whichever_worker(tmp_path: Path, guest: Qemu) -> None:
    machine = _machine(guest)
    with (
        running_served(tmp_path, [machine]) as served,
        Viewer(served.console(machine), says=_ASKS) as viewer,
    ):
        viewer.log_in()
        told = _told(viewer)
        (row,) = served.sessions()
        assert told["session"] == row["uuid"]
        _say(viewer, b"echo 42")
        assert viewer.frames.read() == (Opcode.TEXT, b"echo 42")
