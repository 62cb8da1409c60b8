"""Domains of a real libvirtd, with real QEMU guests: their consoles, and what changes meanwhile."""

import logging
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import libvirt
import pytest

from consoleproxy.management.inventory.libvirt.states import state_name
from consoleproxy.management.inventory.machines import VirtualMachine
from tests.integration.fixtures.cloud import Cloud, Machine, running_cloud
from tests.integration.fixtures.libvirt import Guest, Libvirtd
from tests.integration.fixtures.pki import Pki
from tests.integration.fixtures.processes import alive, children
from tests.integration.fixtures.viewer import Viewer
from tests.waiting import free_port, wait_for

_PASSWORD = "secret12"
_OWNER = (
    "<consoleproxy:owner xmlns:consoleproxy='urn:consoleproxy:owner' "
    "account='ada' domain='ROOT/acme'/>"
)


@pytest.fixture
def libvirtd_factory(echo_image: Path) -> Iterator[Callable[..., Libvirtd]]:
    """Starts libvirtd; takes the arguments of ``Libvirtd`` but the image."""
    daemons: list[Libvirtd] = []

    def start(pki: Pki | None = None) -> Libvirtd:
        daemons.append(Libvirtd(echo_image, pki))
        return daemons[-1]

    yield start
    for daemon in daemons:
        daemon.remove()


@pytest.fixture
def daemon(libvirtd_factory: Callable[..., Libvirtd]) -> Libvirtd:
    return libvirtd_factory()


def _found(cloud: Cloud, guest: Guest) -> VirtualMachine | None:
    return cloud.management.issuer.inventory.find(guest.uuid)


def _known(cloud: Cloud, guest: Guest) -> VirtualMachine:
    machine = _found(cloud, guest)
    assert machine is not None
    return machine


def _machine(cloud: Cloud, guest: Guest) -> Machine:
    known = _known(cloud, guest)
    return Machine(known.name, guest.uuid, known.port)


def _refusal(cloud: Cloud, guest: Guest) -> str:
    answer = cloud.api.createConsoleEndpoint(virtualmachineid=guest.uuid)["consoleendpoint"]
    assert not answer["success"]
    return str(answer["details"])


def _types(viewer: Viewer, daemon: Libvirtd, guest: Guest) -> None:
    wait_for(lambda: daemon.booted(guest), "it to boot")
    before = daemon.keys(guest)
    viewer.press(ord("x"))
    wait_for(lambda: daemon.keys(guest) == before + 1, "the key")


def test_a_running_domain_has_a_console(tmp_path: Path, daemon: Libvirtd) -> None:
    guest = Guest(title="Büro & Web".replace("&", "&amp;"), metadata=_OWNER)
    daemon.define(guest)
    with running_cloud(tmp_path, [], manage_libvirt=daemon.uri) as cloud:
        machine = _known(cloud, guest)
        assert machine == VirtualMachine(
            uuid=guest.uuid,
            name="Büro & Web",
            host="127.0.0.1",
            port=machine.port,
            password=_PASSWORD,
            instance_name=guest.name,
            account="ada",
            domain="ROOT/acme",
        )
        with Viewer(cloud.console(_machine(cloud, guest))) as viewer:
            assert viewer.log_in().name == "Büro & Web"
            _types(viewer, daemon, guest)
            viewer.close()


def test_a_domain_that_is_off_is_said_to_be(tmp_path: Path, daemon: Libvirtd) -> None:
    guest = Guest()
    daemon.define(guest, start=False)
    with running_cloud(tmp_path, [], manage_libvirt=daemon.uri) as cloud:
        assert _refusal(cloud, guest).endswith("must be running to connect console; it is Stopped")
        with daemon.connected() as connection:
            connection.lookupByUUIDString(guest.uuid).create()
        wait_for(lambda: _known(cloud, guest).state == "Running", "it to run")
        with Viewer(cloud.console(_machine(cloud, guest))) as viewer:
            viewer.log_in()


def test_domains_come_change_and_go(tmp_path: Path, daemon: Libvirtd) -> None:
    guest = Guest()
    with running_cloud(tmp_path, [], manage_libvirt=daemon.uri) as cloud:
        assert _found(cloud, guest) is None
        daemon.define(guest)
        wait_for(lambda: _found(cloud, guest), "it to be found")
        wait_for(lambda: _known(cloud, guest).port > 0, "its port")
        with daemon.connected() as connection:
            domain = connection.lookupByUUIDString(guest.uuid)
            domain.setMetadata(
                libvirt.VIR_DOMAIN_METADATA_ELEMENT,
                "<owner account='bob'/>",
                "consoleproxy",
                "urn:consoleproxy:owner",
                libvirt.VIR_DOMAIN_AFFECT_LIVE,
            )
            wait_for(lambda: _known(cloud, guest).account == "bob", "its owner")
            domain.suspend()
            assert _known(cloud, guest).state == "Running"
            domain.updateDeviceFlags(
                "<graphics type='vnc' autoport='yes' listen='127.0.0.1' passwd='another1'/>"
            )
            # There is no event for it.
            wait_for(lambda: _known(cloud, guest).password == "another1", "its password")
            domain.resume()
            with Viewer(cloud.console(_machine(cloud, guest))) as viewer:
                viewer.log_in()
            domain.destroy()
            wait_for(lambda: _known(cloud, guest).state == "Stopping", "it to stop")
            domain.undefine()
        wait_for(lambda: _found(cloud, guest) is None, "it to be gone")


def test_an_open_console_follows_its_domain_to_another_port(
    tmp_path: Path, daemon: Libvirtd
) -> None:
    guest = Guest()
    daemon.define(guest)
    with running_cloud(tmp_path, [], manage_libvirt=daemon.uri) as cloud:
        machine = _machine(cloud, guest)
        with Viewer(cloud.console(machine), says="&rfb=3.8&resume=1") as viewer:
            viewer.log_in()
            with daemon.connected() as connection:
                domain = connection.lookupByUUIDString(guest.uuid)
                domain.destroy()
                # Another guest takes the old port, and shows its screen there.
                daemon.define(Guest(name="i-9-9-VM"))
                domain.create()
            viewer.begin_anew()
            assert viewer.log_in().name == guest.name
            (session,) = cloud.proxy.registry
            assert session.number == 1
            assert session.port == _known(cloud, guest).port != machine.port
            _types(viewer, daemon, guest)
            viewer.close()


def test_an_open_console_follows_its_domain_to_another_host(
    tmp_path: Path, libvirtd_factory: Callable[..., Libvirtd]
) -> None:
    source, destination = libvirtd_factory(), libvirtd_factory()
    guest = Guest()
    source.define(guest)
    uris = f"{source.uri},{destination.uri}"
    with running_cloud(tmp_path, [], manage_libvirt=uris) as cloud:
        machine = _machine(cloud, guest)
        with Viewer(cloud.console(machine), says="&rfb=3.8&resume=1") as viewer:
            viewer.log_in()
            source.migrate(guest, destination)
            viewer.begin_anew()
            assert viewer.log_in().name == guest.name
            assert cloud.sessions() == 1
            assert _known(cloud, guest).port != machine.port
            viewer.close()


def test_over_tls(tmp_path: Path, libvirtd_factory: Callable[..., Libvirtd], pki: Pki) -> None:
    daemon = libvirtd_factory(pki)
    guest = Guest()
    daemon.define(guest)
    with running_cloud(tmp_path, [], manage_libvirt=daemon.tls_uri) as cloud:
        with Viewer(cloud.console(_machine(cloud, guest))) as viewer:
            viewer.log_in()
            _types(viewer, daemon, guest)


def test_a_screen_on_a_unix_socket(tmp_path: Path, daemon: Libvirtd) -> None:
    guest = Guest(graphics="type='vnc'><listen type='socket'/></graphics>")
    daemon.define(guest)
    settings = {"manage_libvirt": daemon.uri, "hypervisor_allowed": f"unix:{daemon.folder}/"}
    with running_cloud(tmp_path, [], **settings) as cloud:
        assert _known(cloud, guest).host.startswith("unix:/")
        with Viewer(cloud.console(_machine(cloud, guest))) as viewer:
            viewer.log_in()
            _types(viewer, daemon, guest)


def test_without_vnc_the_reason_is_said(tmp_path: Path, daemon: Libvirtd) -> None:
    guest = Guest(graphics="type='vnc'><listen type='none'/></graphics>")
    daemon.define(guest)
    with running_cloud(tmp_path, [], manage_libvirt=daemon.uri) as cloud:
        assert _refusal(cloud, guest).endswith("has no console: its VNC server has no port")


def test_the_file_completes_libvirt(tmp_path: Path, daemon: Libvirtd) -> None:
    guest, listed = Guest(), Guest(name="i-9-9-VM")
    daemon.define(guest)
    daemon.define(listed, start=False)
    file = tmp_path / "vms.toml"
    elsewhere = Machine("elsewhere", listed.uuid, 5901, host="192.0.2.9")
    file.write_text(
        f'[[vm]]\nuuid = "{guest.uuid}"\nname = "web"\naccount = "ada"\n{elsewhere.toml()}'
    )
    with running_cloud(tmp_path, [elsewhere], manage_libvirt=daemon.uri) as cloud:
        cloud_file = tmp_path / "inventory.toml"
        file.replace(cloud_file)
        wait_for(lambda: _known(cloud, guest).account == "ada", "the file to be read")
        assert _known(cloud, guest).name == "web"
        assert _known(cloud, guest).password == _PASSWORD
        assert _known(cloud, listed).host == "192.0.2.9"


def test_when_libvirtd_dies_consoles_open_and_all_goes_on_when_it_is_back(
    tmp_path: Path, daemon: Libvirtd, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    guest, second = Guest(), Guest(name="i-9-9-VM")
    daemon.define(guest)

    def said(text: str) -> int:
        return sum(text in record.getMessage() for record in caplog.records)

    with running_cloud(tmp_path, [], manage_libvirt=daemon.uri) as cloud:
        daemon.kill()
        wait_for(lambda: said("cannot be asked"), "the loss to be seen")
        with Viewer(cloud.console(_machine(cloud, guest))) as viewer:
            viewer.log_in()
            daemon.start()
            wait_for(lambda: said("has 1 machine") == 2, "it to be back")
            daemon.define(second)
            wait_for(lambda: _found(cloud, second), "the second guest")
            _types(viewer, daemon, guest)
    assert said("cannot be asked") <= 3, "each cause once"


def test_a_libvirtd_that_hangs_holds_nobody_up(tmp_path: Path, daemon: Libvirtd) -> None:
    guest = Guest()
    daemon.define(guest)
    with daemon.frozen():
        began = time.monotonic()
        with running_cloud(tmp_path, [], manage_libvirt=daemon.uri) as cloud:
            assert _found(cloud, guest) is None
            assert cloud.api.listVirtualMachines() == {}
            inventory = cloud.management.issuer.inventory
            assert inventory.unanswered == ("qemu+unix:///session",)
            began_to_stop = time.monotonic()
            assert began_to_stop - began < 8.0
        assert time.monotonic() - began_to_stop < 8.0


def test_one_that_hangs_later_is_left_at_once(tmp_path: Path, daemon: Libvirtd) -> None:
    guest = Guest()
    daemon.define(guest)
    with running_cloud(tmp_path, [], manage_libvirt=daemon.uri) as cloud, daemon.frozen():
        with Viewer(cloud.console(_machine(cloud, guest))) as viewer:
            viewer.log_in()
        began = time.monotonic()
    assert time.monotonic() - began < 8.0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_the_program_takes_its_observers_along(
    tmp_path: Path, daemon: Libvirtd, number: signal.Signals
) -> None:
    port = free_port()
    program = subprocess.Popen(
        [
            *(sys.executable, "-m", "consoleproxy", "manage"),
            *("--set", "consoleproxy.manage.inventory="),
            *("--set", f"consoleproxy.manage.libvirt={daemon.uri}"),
            *("--set", f"consoleproxy.manage.database={tmp_path / 'consoleproxy.db'}"),
            *("--set", "consoleproxy.management.secret=shared"),
            *("--set", f"consoleproxy.manage.port={port}"),
        ],
        stderr=subprocess.DEVNULL,
    )
    try:

        def listens() -> bool:
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0

        wait_for(listens, "the program to listen")
        (observer,) = children(program.pid)
        program.send_signal(number)
        assert program.wait(10) == (0 if number is not signal.SIGKILL else -number)
        wait_for(lambda: not alive(observer), "its observer to end")
    finally:
        program.kill()
        program.wait()


def test_a_password_that_is_over_is_said_to_be(tmp_path: Path, daemon: Libvirtd) -> None:
    graphics = "type='vnc' autoport='yes' passwd='secret12' passwdValidTo='2020-01-01T00:00:00'/>"
    guest = Guest(graphics=graphics)
    daemon.define(guest)
    with running_cloud(tmp_path, [], manage_libvirt=daemon.uri) as cloud:
        assert "password was valid until 2020-01-01T00:00:00 UTC" in _refusal(cloud, guest)


def test_states_are_libvirt_s() -> None:
    names = {
        (libvirt.VIR_DOMAIN_RUNNING, 1): "Running",
        (libvirt.VIR_DOMAIN_BLOCKED, 0): "Running",
        (libvirt.VIR_DOMAIN_PMSUSPENDED, 0): "Running",
        (libvirt.VIR_DOMAIN_SHUTDOWN, 0): "Stopping",
        (libvirt.VIR_DOMAIN_SHUTOFF, 0): "Stopped",
        (libvirt.VIR_DOMAIN_CRASHED, 0): "Error",
        (libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_PAUSED_USER): "Running",
        (libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_PAUSED_MIGRATION): "Migrating",
        (libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_PAUSED_POSTCOPY): "Migrating",
        (libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_PAUSED_SAVE): "Stopping",
        (libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_PAUSED_SHUTTING_DOWN): "Stopping",
        (libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_PAUSED_STARTING_UP): "Starting",
    }
    assert {numbers: state_name(*numbers) for numbers in names} == names
